//! Rows as bytes: text, CSV, JSON lines.

use std::io::{Error, Write};

use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use crate::nodes::sinks::encode::{json_lines, raw_lines};
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

    /// Writes the rows of all chunks; a CSV file has its header also without rows. Chunk by chunk through memory, so
    /// that an error of the disk is still the disk's own when it gets here.
    pub(super) fn write(self, chunks: &[Chunk], schema: &SchemaRef, mut out: impl Write) -> Result<(), Error> {
        out.write_all(&self.header(schema).map_err(Error::other)?)?;
        for chunk in chunks {
            out.write_all(&self.encode(&chunk.rows).map_err(Error::other)?)?;
        }
        Ok(())
    }

    fn header(self, schema: &SchemaRef) -> Result<Vec<u8>, ArrowError> {
        let mut bytes = Vec::new();
        if self == Self::Csv {
            let mut writer = WriterBuilder::new().with_header(true).build(&mut bytes);
            writer.write(&RecordBatch::new_empty(SchemaRef::clone(schema)))?;
        }
        Ok(bytes)
    }

    fn encode(self, rows: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
        let mut bytes = Vec::new();
        match self {
            Self::Text => raw_lines(rows, &mut bytes),
            Self::Csv => WriterBuilder::new().with_header(false).build(&mut bytes).write(rows)?,
            Self::JsonLines => json_lines(rows, &mut bytes)?,
        }
        Ok(bytes)
    }
}
