//! The `fields` parameter: names and types of columns, declared by a person because nothing is read while editing.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::Deserialize;

use crate::plan::LinkType;
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec};

/// One declared column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::nodes) struct FieldParam {
    /// The column's name.
    pub(in crate::nodes) name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub(in crate::nodes) kind: FieldType,
    /// Where the value is found, if not under the name.
    #[serde(default)]
    pub(in crate::nodes) path: Option<String>,
}

/// The types a person can declare, by Spark's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum FieldType {
    /// Text.
    String,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Bigint,
    /// A floating-point number of 64 bits.
    Double,
    /// True or false.
    Boolean,
    /// A point in time.
    Timestamp,
    /// A day.
    Date,
}

/// The parameter `name` of a field.
pub(in crate::nodes) const NAME: ParamSpec =
    ParamSpec::new("name", "Name", "The column's name. Names differ also when case is ignored.", ParamKind::Text);

/// The parameter `type` of a field.
pub(in crate::nodes) const TYPE: ParamSpec = ParamSpec::new(
    "type",
    "Type",
    "The column's type, by Spark's name.",
    ParamKind::Choice {
        options: &[
            Choice::new("string", "string", "Text."),
            Choice::new("int", "int", "A whole number of 32 bits."),
            Choice::new("bigint", "bigint", "A whole number of 64 bits."),
            Choice::new("double", "double", "A floating-point number of 64 bits."),
            Choice::new("boolean", "boolean", "True or false."),
            Choice::new("timestamp", "timestamp", "A point in time, like 2026-01-01T12:00:00Z; UTC unless it says."),
            Choice::new("date", "date", "A day, like 2026-01-01."),
        ],
    },
)
.default(Default::Text("string"));

/// The parameter `path` of a field.
pub(in crate::nodes) const PATH: ParamSpec = ParamSpec::new(
    "path",
    "Path",
    "Where the value is found, if not under the column's name: `user.address.city` or `items.0` in JSON, the header's \
     name in CSV.",
    ParamKind::Text,
)
.default(Default::Absent);

impl FieldType {
    /// The type on links.
    pub(in crate::nodes) fn data_type(self) -> DataType {
        match self {
            Self::String => LinkType::TEXT,
            Self::Int => DataType::Int32,
            Self::Bigint => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => LinkType::timestamp(),
            Self::Date => DataType::Date32,
        }
    }

    /// The type that holds a file's column best.
    pub(in crate::nodes) fn nearest(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => Self::Int,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::Bigint,
            DataType::Timestamp(_, _) => Self::Timestamp,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Dictionary(_, values) => Self::nearest(values),
            DataType::RunEndEncoded(_, values) => Self::nearest(values.data_type()),
            number if number.is_numeric() => Self::Double,
            _ => Self::String,
        }
    }

    /// Its name in files and sentences.
    pub(in crate::nodes) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
        }
    }
}

impl FieldParam {
    /// Where the value is found.
    pub(in crate::nodes) fn path(&self) -> &str {
        self.path.as_deref().filter(|path| !path.is_empty()).unwrap_or(&self.name)
    }
}

/// The declared columns as a schema.
pub(in crate::nodes) fn schema_of(fields: &[FieldParam]) -> SchemaRef {
    let fields: Vec<_> = fields.iter().map(|field| Field::new(&field.name, field.kind.data_type(), true)).collect();
    Arc::new(Schema::new(fields))
}

/// What is wrong with the declared columns.
pub(in crate::nodes) fn check_fields(fields: &[FieldParam]) -> Vec<Diagnostic> {
    if fields.is_empty() {
        return vec![Diagnostic::error("no fields are declared; add a row with a name and a type").param("fields")];
    }
    let mut problems = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let is_taken = |other: &FieldParam| other.name.to_lowercase() == field.name.to_lowercase();
        if fields.iter().take(index).any(is_taken) {
            problems.push(
                Diagnostic::error(format!("there are two fields `{}`; rename one (case does not count)", field.name))
                    .param(format!("fields[{index}].name")),
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> FieldParam {
        FieldParam { name: name.to_owned(), kind: FieldType::Bigint, path: None }
    }

    #[test]
    fn every_choice_is_a_type_of_that_name() {
        let ParamKind::Choice { options } = TYPE.kind else { panic!("a choice") };
        for option in options {
            let kind: FieldType = serde_json::from_value(option.value.into()).unwrap();
            assert_eq!(kind.name(), option.value);
        }
    }

    #[test]
    fn names_that_differ_only_in_case_are_refused_in_place() {
        let problems = check_fields(&[field("a"), field("b"), field("A")]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].param.as_deref(), Some("fields[2].name"));
        assert!(check_fields(&[]).first().is_some_and(Diagnostic::is_error));
    }
}
