//! Rows as lines of CSV, in the dialect that is asked for and as the sources here read it back: null is nothing, or
//! the null text, without quotes; what would pass for null, and what holds the delimiter, the quote or a line break, is
//! put in quotes.

use std::io::{Error, ErrorKind, Write};

use arrow::array::Array;
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;

use crate::nodes::sinks::encode::Cells;
use crate::nodes::sources::content::CsvDialect;

/// Writes the names of the columns.
pub(super) fn header(schema: &Schema, dialect: &CsvDialect, out: &mut dyn Write) -> Result<(), Error> {
    let mut line = String::new();
    for (at, field) in schema.fields().iter().enumerate() {
        separate(at, dialect, &mut line);
        value(field.name(), field.name(), dialect, &mut line)?;
    }
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// Writes the rows.
pub(super) fn rows(rows: &RecordBatch, dialect: &CsvDialect, out: &mut dyn Write) -> Result<(), Error> {
    let cells = Cells::new(rows, "").map_err(Error::other)?;
    let schema = rows.schema();
    let (mut line, mut cell) = (String::new(), Vec::new());
    for row in 0..rows.num_rows() {
        line.clear();
        for (at, (column, field)) in rows.columns().iter().zip(schema.fields()).enumerate() {
            separate(at, dialect, &mut line);
            if column.is_null(row) {
                line.push_str(&dialect.null_text);
                continue;
            }
            cell.clear();
            cells.write(at, row, &mut cell).map_err(Error::other)?;
            value(&String::from_utf8_lossy(&cell), field.name(), dialect, &mut line)?;
        }
        if line.is_empty() {
            // An empty line is no row. Where there is no quote either, a blank one must do.
            line.extend(dialect.quote.into_iter().cycle().take(2));
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn separate(at: usize, dialect: &CsvDialect, line: &mut String) {
    if at > 0 {
        line.push(dialect.delimiter);
    }
}

/// Adds a value that is not null.
fn value(text: &str, column: &str, dialect: &CsvDialect, line: &mut String) -> Result<(), Error> {
    let breaks = |c: char| c == dialect.delimiter || c == '\n' || c == '\r';
    let Some(quote) = dialect.quote else {
        if text.contains(breaks) {
            let sentence = format!(
                "a value of the column `{column}` holds the delimiter or a line break; choose a quote, or another \
                 delimiter"
            );
            return Err(Error::new(ErrorKind::InvalidData, sentence));
        }
        line.push_str(text);
        return Ok(());
    };
    let passes_for_null = text.trim().is_empty() || text == dialect.null_text;
    if !passes_for_null && !text.contains(|c| breaks(c) || c == quote) {
        line.push_str(text);
        return Ok(());
    }
    line.push(quote);
    for c in text.chars() {
        if c == quote || Some(c) == dialect.escape {
            line.push(dialect.escape.unwrap_or(quote));
        }
        line.push(c);
    }
    line.push(quote);
    Ok(())
}
