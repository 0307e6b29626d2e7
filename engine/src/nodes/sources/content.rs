//! What a file holds and how its rows are read: text, CSV or JSON lines. Shared by the sources that read files, with
//! the parameters that say so.

mod csv;
mod decode;
mod file;
mod params;
mod whole;

use arrow::datatypes::SchemaRef;

use super::rows::{FieldParam, schema_of};
use crate::plan::LinkType;

pub(super) use decode::{Decoder, Rejected};
pub(super) use file::FileRows;
pub(in crate::nodes) use params::{DELIMITER, FormatChoice, HEADER, delimiter_of};
pub(super) use params::{FIELDS, FORMAT, MAX_LINE_BYTES, Reading};
pub(in crate::nodes) use whole::{Stamp, WholeFile, WholeRows};

/// How the bytes of a file become rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// What stands in a line.
    pub(super) format: Format,
    /// The declared columns; none for text.
    pub(super) fields: Vec<FieldParam>,
    /// Where a line is cut.
    pub(super) max_line_bytes: usize,
}

/// What stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// One value.
    Text,
    /// Values separated by a character, perhaps below a line with their names.
    Csv {
        /// Whether the first line holds the names.
        has_header: bool,
        /// What separates.
        delimiter: char,
    },
    /// A JSON object.
    JsonLines,
}

impl Content {
    /// The columns of its rows.
    pub(super) fn schema(&self) -> SchemaRef {
        match self.format {
            Format::Text => LinkType::lines().schema,
            Format::Csv { .. } | Format::JsonLines => schema_of(&self.fields),
        }
    }

    /// Whether the first line of a file names its columns.
    pub(super) fn has_header(&self) -> bool {
        match self.format {
            Format::Csv { has_header, .. } => has_header,
            Format::Text | Format::JsonLines => false,
        }
    }
}
