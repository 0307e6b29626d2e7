//! The types of parsed fields, how text becomes their values, and how values become columns.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::{DataType, Field};
use chrono::{NaiveDate, Utc};
use serde::Deserialize;

use crate::expr::shorten;
use crate::plan::LinkType;

/// A field's type, by Spark's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FieldType {
    String,
    Int,
    Bigint,
    Double,
    Boolean,
    Timestamp,
    Date,
}

/// A column to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedField {
    pub(super) name: String,
    pub(super) field_type: FieldType,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i32),
    Bigint(i64),
    Double(f64),
    Boolean(bool),
    /// Microseconds since the epoch.
    Timestamp(i64),
    /// Days since the epoch.
    Date(i32),
}

impl ParsedField {
    /// The column of links. Every field may be absent.
    pub(super) fn to_field(&self) -> Field {
        let data_type = match self.field_type {
            FieldType::String => LinkType::TEXT,
            FieldType::Int => DataType::Int32,
            FieldType::Bigint => DataType::Int64,
            FieldType::Double => DataType::Float64,
            FieldType::Boolean => DataType::Boolean,
            FieldType::Timestamp => LinkType::timestamp(),
            FieldType::Date => DataType::Date32,
        };
        Field::new(&self.name, data_type, true)
    }

    /// The value a text stands for. Blanks around all but strings do not matter.
    pub(super) fn read<'a>(&self, text: Cow<'a, str>) -> Result<Cell<'a>, String> {
        let trimmed = text.trim();
        let cell = match self.field_type {
            FieldType::String => return Ok(Cell::Text(text)),
            FieldType::Int => trimmed.parse().ok().map(Cell::Int),
            FieldType::Bigint => trimmed.parse().ok().map(Cell::Bigint),
            FieldType::Double => trimmed.parse().ok().map(Cell::Double),
            FieldType::Boolean => boolean(trimmed).map(Cell::Boolean),
            FieldType::Timestamp => timestamp(trimmed).map(Cell::Timestamp),
            FieldType::Date => date(trimmed).map(Cell::Date),
        };
        cell.ok_or_else(|| self.mismatch(&text))
    }

    /// Why a value that is there is refused.
    pub(super) fn mismatch(&self, value: &str) -> String {
        let wants = match self.field_type {
            FieldType::String => "a text",
            FieldType::Int => "an int (a whole number within 32 bits)",
            FieldType::Bigint => "a bigint (a whole number within 64 bits)",
            FieldType::Double => "a number",
            FieldType::Boolean => "true or false",
            FieldType::Timestamp => "a timestamp like 2026-01-31T10:00:00Z",
            FieldType::Date => "a date like 2026-01-31",
        };
        format!("field `{}`: `{}` is not {wants}", self.name, shorten(value))
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn timestamp(text: &str) -> Option<i64> {
    string_to_datetime(&Utc, text).ok().map(|time| time.timestamp_micros())
}

fn date(text: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// A column being filled.
pub(super) enum Column {
    Text(StringViewBuilder),
    Int(Int32Builder),
    Bigint(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Date(Date32Builder),
}

impl Column {
    pub(super) fn new(field_type: FieldType, rows: usize) -> Self {
        match field_type {
            FieldType::String => Self::Text(StringViewBuilder::with_capacity(rows)),
            FieldType::Int => Self::Int(Int32Builder::with_capacity(rows)),
            FieldType::Bigint => Self::Bigint(Int64Builder::with_capacity(rows)),
            FieldType::Double => Self::Double(Float64Builder::with_capacity(rows)),
            FieldType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            FieldType::Timestamp => {
                let builder = TimestampMicrosecondBuilder::with_capacity(rows);
                Self::Timestamp(builder.with_data_type(LinkType::timestamp()))
            }
            FieldType::Date => Self::Date(Date32Builder::with_capacity(rows)),
        }
    }

    /// Appends a cell; one of another type counts as null (formats give cells of the field's type only).
    pub(super) fn append(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Int(builder), Cell::Int(value)) => builder.append_value(*value),
            (Self::Bigint(builder), Cell::Bigint(value)) => builder.append_value(*value),
            (Self::Double(builder), Cell::Double(value)) => builder.append_value(*value),
            (Self::Boolean(builder), Cell::Boolean(value)) => builder.append_value(*value),
            (Self::Timestamp(builder), Cell::Timestamp(value)) => builder.append_value(*value),
            (Self::Date(builder), Cell::Date(value)) => builder.append_value(*value),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Int(builder), _) => builder.append_null(),
            (Self::Bigint(builder), _) => builder.append_null(),
            (Self::Double(builder), _) => builder.append_null(),
            (Self::Boolean(builder), _) => builder.append_null(),
            (Self::Timestamp(builder), _) => builder.append_null(),
            (Self::Date(builder), _) => builder.append_null(),
        }
    }

    pub(super) fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Int(mut builder) => Arc::new(builder.finish()),
            Self::Bigint(mut builder) => Arc::new(builder.finish()),
            Self::Double(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
            Self::Timestamp(mut builder) => Arc::new(builder.finish()),
            Self::Date(mut builder) => Arc::new(builder.finish()),
        }
    }
}
