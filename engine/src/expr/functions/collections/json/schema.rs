//! `schema_of_json`: the schema that fits a JSON text, in Spark's words.

use std::collections::BTreeMap;

use super::value::Json;
use crate::expr::functions::prelude::*;

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::own(
    "schema_of_json",
    "schema_of_json(json)",
    "The schema of a JSON text, as `from_json` takes it.",
    Takes::these(&[Param::Text]),
    Gives::By(constant_only),
    schema_of_json,
)];

fn constant_only(args: &[Typed]) -> Result<DataType, ExprError> {
    match args.iter().find(|arg| arg.constant_text().is_none()) {
        Some(arg) => Err(arg.refuse("`schema_of_json` takes a text that is written out: '{\"a\": 1}'")),
        None => Ok(DataType::Utf8View),
    }
}

fn schema_of_json(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let json = args.text(0)?;
    texts(args.rows(), |row| {
        let Some(text) = json.get(row) else { return Ok(None) };
        let value = Json::read(text, true)
            .ok_or_else(|| ExprError::new(format!("`{}` is no JSON", crate::expr::shorten(text))))?;
        Ok(Some(Shape::of(&value)?.written()))
    })
}

/// What values of one place have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Unknown,
    Boolean,
    Whole,
    Double,
    Text,
    Array(Box<Shape>),
    /// By name, in order.
    Object(BTreeMap<String, Shape>),
}

impl Shape {
    fn of(value: &Json) -> Result<Self, ExprError> {
        Ok(match value {
            Json::Null => Self::Unknown,
            Json::Boolean(_) => Self::Boolean,
            Json::Number(digits) if digits.contains(['.', 'e', 'E']) => Self::Double,
            Json::Number(digits) if digits.parse::<i64>().is_ok() => Self::Whole,
            Json::Number(_) => {
                return Err(ExprError::new(
                    "a number of the JSON text is larger than a bigint; write its schema by hand",
                ));
            }
            Json::Text(_) => Self::Text,
            Json::Array(items, _) => {
                let shapes = items.iter().map(Self::of).collect::<Result<Vec<_>, _>>()?;
                Self::Array(Box::new(shapes.into_iter().fold(Self::Unknown, Self::with)))
            }
            Json::Object(fields, _) => {
                let mut shapes = BTreeMap::new();
                for (name, value) in fields {
                    let shape = Self::of(value)?;
                    let known = shapes.remove(name).unwrap_or(Self::Unknown);
                    shapes.insert(name.clone(), known.with(shape));
                }
                Self::Object(shapes)
            }
        })
    }

    /// What fits both; text where nothing else does.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, shape) | (shape, Self::Unknown) => shape,
            (one, other) if one == other => one,
            (Self::Whole, Self::Double) | (Self::Double, Self::Whole) => Self::Double,
            (Self::Array(one), Self::Array(other)) => Self::Array(Box::new(one.with(*other))),
            (Self::Object(mut one), Self::Object(other)) => {
                for (name, shape) in other {
                    let known = one.remove(&name).unwrap_or(Self::Unknown);
                    one.insert(name, known.with(shape));
                }
                Self::Object(one)
            }
            _ => Self::Text,
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Boolean => "BOOLEAN".to_owned(),
            Self::Whole => "BIGINT".to_owned(),
            Self::Double => "DOUBLE".to_owned(),
            Self::Unknown | Self::Text => "STRING".to_owned(),
            Self::Array(item) => format!("ARRAY<{}>", item.written()),
            Self::Object(fields) => {
                let is_plain = |name: &str| {
                    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                };
                let field = |(name, shape): (&String, &Self)| {
                    let name = if is_plain(name) { name.clone() } else { format!("`{}`", name.replace('`', "``")) };
                    format!("{name}: {}", shape.written())
                };
                format!("STRUCT<{}>", fields.iter().map(field).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
