//! Rows as bytes: text, CSV, JSON lines.

use std::io::{Error, Write};

use arrow::array::{Array, AsArray};
use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use crate::plan::{Chunk, LinkType};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// One text column, a line per row.
    Text,
    /// A header and values separated by commas.
    Csv,
    /// An object per line.
    JsonLines,
}

impl Format {
    /// Without the dot.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Why rows of this schema cannot be written so.
    pub(super) fn check(self, schema: &SchemaRef) -> Option<String> {
        match self {
            Self::JsonLines => None,
            Self::Csv => {
                let nested = schema.fields().iter().find(|field| field.data_type().is_nested())?;
                Some(format!(
                    "CSV has no place for the column `{}`, a list or structure; choose JSON lines or leave it out with \
                     a Map",
                    nested.name()
                ))
            }
            Self::Text => {
                let kinds: Vec<&DataType> = schema.fields().iter().map(|field| field.data_type()).collect();
                if kinds == [&LinkType::TEXT] {
                    return None;
                }
                let names: Vec<_> = schema.fields().iter().map(|field| format!("`{}`", field.name())).collect();
                Some(format!(
                    "text needs exactly one column of type string, but the input has {}; choose CSV or JSON lines, or \
                     keep one column with a Map",
                    names.join(", ")
                ))
            }
        }
    }

    /// Writes the rows of all chunks; a CSV file has its header also without rows.
    pub(super) fn write(self, chunks: &[Chunk], schema: &SchemaRef, mut out: impl Write) -> Result<(), Error> {
        match self {
            Self::Text => chunks.iter().try_for_each(|chunk| write_lines(&chunk.rows, &mut out)),
            Self::Csv => {
                let mut writer = WriterBuilder::new().with_header(true).build(&mut out);
                writer.write(&RecordBatch::new_empty(SchemaRef::clone(schema))).map_err(io_error)?;
                chunks.iter().try_for_each(|chunk| writer.write(&chunk.rows)).map_err(io_error)
            }
            Self::JsonLines => {
                let mut writer = LineDelimitedWriter::new(&mut out);
                chunks.iter().try_for_each(|chunk| writer.write(&chunk.rows)).map_err(io_error)?;
                writer.finish().map_err(io_error)
            }
        }
    }
}

/// Null is an empty line: a row must not shift the rows behind it.
fn write_lines(rows: &RecordBatch, out: &mut impl Write) -> Result<(), Error> {
    let Some(column) = rows.columns().first().and_then(|column| column.as_string_view_opt()) else {
        return Ok(());
    };
    for row in 0..column.len() {
        if column.is_valid(row) {
            out.write_all(column.value(row).as_bytes())?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// What went wrong below arrow: the disk's own error where it is one.
fn io_error(error: ArrowError) -> Error {
    if let ArrowError::IoError(_, error) = error { error } else { Error::other(error) }
}
