//! Rows as lines of bytes, the same for every sink that writes them. Values look as in the CSV files of `sink.file`.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::plan::LinkType;

/// Each row as a JSON object; nulls are left out.
pub(super) fn json_lines(rows: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let mut writer = LineDelimitedWriter::new(out);
    writer.write(rows)?;
    writer.finish()
}

/// The first column, which is text, as it is. Null is an empty line: a row must not shift the rows behind it.
pub(super) fn raw_lines(rows: &RecordBatch, out: &mut Vec<u8>) {
    let Some(column) = rows.columns().first().and_then(|column| column.as_string_view_opt()) else { return };
    for line in column {
        out.extend_from_slice(line.unwrap_or_default().as_bytes());
        out.push(b'\n');
    }
}

/// Each row as one line of its values, separated by tabs. Null is empty. What would break the line or its values apart
/// becomes a blank.
pub(super) fn tabbed_lines(rows: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let cells = Cells::new(rows, "")?;
    let has_tabs = rows.num_columns() > 1;
    let breaks = |byte: u8| byte == b'\n' || byte == b'\r' || (has_tabs && byte == b'\t');
    for row in 0..rows.num_rows() {
        for column in 0..rows.num_columns() {
            if column > 0 {
                out.push(b'\t');
            }
            let start = out.len();
            cells.write(column, row, out)?;
            let written = out.get_mut(start..).unwrap_or_default();
            written.iter_mut().filter(|byte| breaks(**byte)).for_each(|byte| *byte = b' ');
        }
        out.push(b'\n');
    }
    Ok(())
}

/// The name a column gets beside one of the sink's own.
pub(super) fn beside(schema: &Schema, own: &[&str], name: &str) -> String {
    let is_taken = |name: &str| {
        own.iter().any(|own| own.eq_ignore_ascii_case(name))
            || schema.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name))
    };
    if !own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return name.to_owned();
    }
    let mut free = format!("{name}_right");
    while is_taken(&free) {
        free += "_right";
    }
    free
}

/// The values of rows as text.
pub(super) struct Cells<'a> {
    columns: Vec<Cell<'a>>,
}

enum Cell<'a> {
    /// Text needs no formatting.
    Text(&'a arrow::array::StringViewArray, &'a str),
    Other(ArrayFormatter<'a>),
}

impl<'a> Cells<'a> {
    /// Null is written as this word.
    pub(super) fn new(rows: &'a RecordBatch, null: &'a str) -> Result<Self, ArrowError> {
        let options = FormatOptions::default().with_null(null);
        let cell = |column: &'a arrow::array::ArrayRef| match column.as_string_view_opt() {
            Some(text) if *column.data_type() == LinkType::TEXT => Ok(Cell::Text(text, null)),
            Some(_) | None => ArrayFormatter::try_new(column.as_ref(), &options).map(Cell::Other),
        };
        Ok(Self { columns: rows.columns().iter().map(cell).collect::<Result<_, ArrowError>>()? })
    }

    /// Writes one value.
    pub(super) fn write(&self, column: usize, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        match self.columns.get(column) {
            Some(Cell::Text(text, null)) => {
                let value = if text.is_null(row) { null } else { text.value(row) };
                out.extend_from_slice(value.as_bytes());
            }
            Some(Cell::Other(formatter)) => {
                let value = formatter.value(row).try_to_string()?;
                out.extend_from_slice(value.as_bytes());
            }
            None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Date32Array, TimestampMicrosecondArray};

    use super::*;
    use crate::nodes::testing::{batch, int, lines, text};

    fn tabbed(rows: &RecordBatch) -> String {
        let mut bytes = Vec::new();
        tabbed_lines(rows, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_row_is_one_line_whatever_its_values() {
        assert_eq!(tabbed(&lines([Some("a\tb\nc"), None, Some("d")])), "a\tb c\n\nd\n");
        let rows = batch(vec![("w", text(["a\tb", "c\r\nd"])), ("n", int([Some(1), None]))]);
        assert_eq!(tabbed(&rows), "a b\t1\nc  d\t\n");
    }

    #[test]
    fn times_look_as_in_csv_files() {
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![1_767_225_600_000_000]).with_timezone("UTC"));
        let rows = batch(vec![("at", times), ("day", Arc::new(Date32Array::from(vec![10])))]);
        assert_eq!(tabbed(&rows), "2026-01-01T00:00:00Z\t1970-01-11\n");
    }

    #[test]
    fn a_column_beside_the_sinks_own_gets_a_free_name() {
        let rows = batch(vec![("Message", int([1])), ("message_right", int([1])), ("n", int([1]))]);
        let schema = rows.schema();
        assert_eq!(beside(&schema, &["message"], "Message"), "Message_right_right");
        assert_eq!(beside(&schema, &["message"], "n"), "n");
    }
}
