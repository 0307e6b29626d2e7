//! What a file holds and how its rows are read: text, CSV, JSON lines, Parquet or Arrow. Shared by the sources that
//! read files, with the parameters that say so.

mod arrow_file;
mod bounded;
mod columns;
mod csv;
mod decode;
mod file;
mod footer;
mod infer;
mod line_rows;
mod packing;
mod params;
mod parquet_file;
mod table_rows;
#[cfg(test)]
mod tests;
mod whole;

use arrow::datatypes::SchemaRef;

use super::rows::{FieldParam, schema_of};
use crate::plan::LinkType;

pub(in crate::nodes) use csv::{CsvDialect, CsvOptions};
pub(super) use decode::{Decoder, Rejected};
pub(super) use file::FileRows;
pub(super) use infer::fields_of;
pub(in crate::nodes) use infer::{InferredField, infer_fields};
pub(in crate::nodes) use packing::Packing;
pub(in crate::nodes) use params::{COMMENT, DELIMITER, ESCAPE, FormatChoice, HEADER, NULL_TEXT, QUOTE};
pub(super) use params::{FIELDS, FORMAT, LINE_FIELDS, LINE_FORMAT, MAX_LINE_BYTES, Reading};
pub(in crate::nodes) use whole::{MAX_ROW_BYTES, Stamp, WholeFile, WholeRows, bytes_of, too_large};

/// How the bytes of a file become rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// How rows stand in it.
    pub(super) format: Format,
    /// The declared columns; none for text.
    pub(super) fields: Vec<FieldParam>,
    /// Where a line is cut.
    pub(super) max_line_bytes: usize,
}

/// How rows stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    /// One value in each line.
    Text,
    /// Values separated by a character, perhaps below a line with their names.
    Csv(CsvDialect),
    /// A JSON object in each line.
    JsonLines,
    /// Columns, in Parquet's row groups.
    Parquet,
    /// Columns, in an Arrow IPC file (Feather 2).
    Arrow,
}

impl Content {
    /// The columns of its rows.
    pub(super) fn schema(&self) -> SchemaRef {
        match self.format {
            Format::Text => LinkType::lines().schema,
            Format::Csv(_) | Format::JsonLines | Format::Parquet | Format::Arrow => schema_of(&self.fields),
        }
    }

    /// Whether the first line of a file names its columns.
    pub(super) fn has_header(&self) -> bool {
        match &self.format {
            Format::Csv(dialect) => dialect.has_header,
            Format::Text | Format::JsonLines | Format::Parquet | Format::Arrow => false,
        }
    }
}
