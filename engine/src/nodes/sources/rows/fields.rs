//! The `fields` parameter: names and types of columns, declared by a person because nothing is read while editing.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::plan::LinkType;
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec};

/// One declared column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "FieldRow")]
pub(in crate::nodes) struct FieldParam {
    /// The column's name.
    pub(in crate::nodes) name: String,
    /// Its type.
    pub(in crate::nodes) kind: FieldType,
    /// Where the value is found, if not under the name.
    pub(in crate::nodes) path: Option<String>,
}

/// The same as it stands in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldRow {
    name: String,
    #[serde(rename = "type")]
    kind: Word,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    precision: Option<u8>,
    #[serde(default)]
    scale: Option<i8>,
    #[serde(default)]
    items: Option<FieldType>,
}

/// The value of `type`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Decimal,
    Array,
    #[serde(untagged)]
    Plain(FieldType),
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
    /// A number of so many digits, of which so many behind the point.
    #[serde(skip)]
    Decimal(u8, i8),
    /// A list of these.
    #[serde(skip)]
    Array(&'static Self),
}

/// What an array may hold.
const ITEMS: [&FieldType; 7] = [
    &FieldType::String,
    &FieldType::Int,
    &FieldType::Bigint,
    &FieldType::Double,
    &FieldType::Boolean,
    &FieldType::Timestamp,
    &FieldType::Date,
];

/// Digits of a decimal, and those behind the point, unless something else is entered: an amount of money.
const DIGITS: (u8, i8) = (18, 2);
/// The most digits a decimal has.
const MAX_DIGITS: i64 = 38;

impl From<FieldRow> for FieldParam {
    fn from(row: FieldRow) -> Self {
        let kind = match row.kind {
            Word::Plain(kind) => kind,
            Word::Decimal => FieldType::Decimal(row.precision.unwrap_or(DIGITS.0), row.scale.unwrap_or(DIGITS.1)),
            Word::Array => FieldType::array_of(row.items.unwrap_or(FieldType::String)),
        };
        Self { name: row.name, kind, path: row.path }
    }
}

/// The parameter `name` of a field.
const NAME: ParamSpec =
    ParamSpec::new("name", "Name", "The column's name. Names differ also when case is ignored.", ParamKind::Text);

const STRING: Choice = Choice::new("string", "string", "Text.");
const INT: Choice = Choice::new("int", "int", "A whole number of 32 bits.");
const BIGINT: Choice = Choice::new("bigint", "bigint", "A whole number of 64 bits.");
const DOUBLE: Choice = Choice::new("double", "double", "A floating-point number of 64 bits.");
const BOOLEAN: Choice = Choice::new("boolean", "boolean", "True or false.");
const TIMESTAMP: Choice =
    Choice::new("timestamp", "timestamp", "A point in time, like 2026-01-01T12:00:00Z; UTC unless it says.");
const DATE: Choice = Choice::new("date", "date", "A day, like 2026-01-01.");
const DECIMAL: Choice =
    Choice::new("decimal", "decimal", "An exact number of so many digits, such as an amount of money.");
const ARRAY: Choice = Choice::new("array", "array", "A list of values of one type; not in CSV.");

/// The parameter `type` of a column that holds one value.
pub(in crate::nodes) const TYPE: ParamSpec = ParamSpec::new(
    "type",
    "Type",
    "The column's type, by Spark's name.",
    ParamKind::Choice { options: &[STRING, INT, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP, DATE] },
)
.default(Default::Text("string"));

/// The parameter `type` of a field.
const FIELD_TYPE: ParamSpec = ParamSpec {
    kind: ParamKind::Choice { options: &[STRING, INT, BIGINT, DOUBLE, DECIMAL, BOOLEAN, TIMESTAMP, DATE, ARRAY] },
    ..TYPE
};

const PRECISION: ParamSpec = ParamSpec::new(
    "precision",
    "Digits",
    "How many digits the number has at most, before and behind the point together.",
    ParamKind::Integer { min: 1, max: MAX_DIGITS },
)
.default(Default::Integer(DIGITS.0 as i64))
.when("type", &["decimal"]);

const SCALE: ParamSpec = ParamSpec::new(
    "scale",
    "Behind the point",
    "How many of the digits stand behind the point; what has more is rounded.",
    ParamKind::Integer { min: 0, max: MAX_DIGITS },
)
.default(Default::Integer(DIGITS.1 as i64))
.when("type", &["decimal"]);

const OF_ITEMS: ParamSpec = ParamSpec::new(
    "items",
    "Items",
    "The type of the list's items.",
    ParamKind::Choice { options: &[STRING, INT, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP, DATE] },
)
.default(Default::Text("string"))
.when("type", &["array"]);

/// The parameters of a field that is found by its name.
pub(in crate::nodes) const NAMED: &[ParamSpec] = &[NAME, FIELD_TYPE, PRECISION, SCALE, OF_ITEMS];

/// The parameters of a field that may lie elsewhere.
pub(in crate::nodes) const PLACED: &[ParamSpec] = &[NAME, FIELD_TYPE, PRECISION, SCALE, OF_ITEMS, PATH];

/// The parameter `path` of a field.
const PATH: ParamSpec = ParamSpec::new(
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
            Self::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            Self::Array(items) => DataType::new_list(items.data_type(), true),
        }
    }

    /// A list of these; of lists there is none.
    fn array_of(items: Self) -> Self {
        Self::Array(ITEMS.into_iter().find(|known| **known == items).unwrap_or(&Self::String))
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
            DataType::Decimal128(precision, scale) if *scale >= 0 => Self::Decimal(*precision, *scale),
            DataType::List(item) | DataType::LargeList(item) if is_item(item.data_type()) => {
                Self::array_of(Self::nearest(item.data_type()))
            }
            number if number.is_numeric() => Self::Double,
            _ => Self::String,
        }
    }

    /// Its name in sentences.
    pub(in crate::nodes) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Decimal(precision, scale) => Cow::Owned(format!("decimal({precision},{scale})")),
            Self::Array(items) => Cow::Owned(format!("array<{}>", items.word())),
            other => Cow::Borrowed(other.word()),
        }
    }

    /// Its name in files.
    fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Decimal(_, _) => "decimal",
            Self::Array(_) => "array",
        }
    }

    /// As it stands in a row of the parameter `fields`.
    pub(in crate::nodes) fn put_into(self, row: &mut Map<String, Value>) {
        row.insert("type".to_owned(), json!(self.word()));
        match self {
            Self::Decimal(precision, scale) => {
                row.insert("precision".to_owned(), json!(precision));
                row.insert("scale".to_owned(), json!(scale));
            }
            Self::Array(items) => {
                row.insert("items".to_owned(), json!(items.word()));
            }
            Self::String | Self::Int | Self::Bigint | Self::Double | Self::Boolean | Self::Timestamp | Self::Date => {}
        }
    }
}

/// Whether a list of these is an array of the nearest type; a list of others is read as text.
fn is_item(data_type: &DataType) -> bool {
    let is_whole = matches!(
        data_type,
        DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
    );
    let is_other = matches!(data_type, DataType::Boolean | DataType::Date32);
    is_whole || is_other || data_type.is_string() || data_type.is_floating() || *data_type == LinkType::timestamp()
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
        if let FieldType::Decimal(precision, scale) = field.kind
            && i16::from(scale) > i16::from(precision)
        {
            let sentence = format!("of {precision} digits {scale} cannot stand behind the point; enter fewer");
            problems.push(Diagnostic::error(sentence).param(format!("fields[{index}].scale")));
        }
    }
    problems
}

/// What is wrong with lists where `format` has no place for them.
pub(in crate::nodes) fn check_no_lists(fields: &[FieldParam], format: &str) -> Vec<Diagnostic> {
    let lists = fields.iter().enumerate().filter(|(_, field)| matches!(field.kind, FieldType::Array(_)));
    let problem = |(index, field): (usize, &FieldParam)| {
        let name = &field.name;
        let sentence = format!(
            "{format} has no lists; declare `{name}` as string and take it apart in a Map: `split({name}, ',')`, or \
             `from_json({name}, 'array<int>')`"
        );
        Diagnostic::error(sentence).param(format!("fields[{index}].type"))
    };
    lists.map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> FieldParam {
        FieldParam { name: name.to_owned(), kind: FieldType::Bigint, path: None }
    }

    #[test]
    fn every_choice_is_a_type_of_that_name() {
        for spec in [TYPE, FIELD_TYPE, OF_ITEMS] {
            let ParamKind::Choice { options } = spec.kind else { panic!("a choice") };
            for option in options {
                let field: FieldParam = serde_json::from_value(json!({"name": "a", "type": option.value})).unwrap();
                assert_eq!(field.kind.word(), option.value);
            }
        }
        assert_eq!(ITEMS.map(|item| item.word()).len(), 7);
        assert!(ITEMS.iter().all(|item| FieldType::array_of(**item) == FieldType::Array(item)));
    }

    #[test]
    fn decimals_and_lists_say_what_they_are_made_of_and_come_back_from_a_row() {
        let read = |row: Value| serde_json::from_value::<FieldParam>(row).unwrap().kind;
        for kind in [FieldType::Decimal(10, 4), FieldType::array_of(FieldType::Date), FieldType::Bigint] {
            let mut row = Map::new();
            row.insert("name".to_owned(), json!("a"));
            kind.put_into(&mut row);
            assert_eq!(read(Value::Object(row)), kind);
        }
        assert_eq!(read(json!({"name": "a", "type": "decimal"})), FieldType::Decimal(18, 2));
        assert_eq!(FieldType::Decimal(10, 4).name(), "decimal(10,4)");
        assert_eq!(read(json!({"name": "a", "type": "array", "items": "int"})).name(), "array<int>");
        let odd = FieldParam { kind: FieldType::Decimal(2, 3), ..field("a") };
        assert_eq!(check_fields(&[odd])[0].param.as_deref(), Some("fields[0].scale"));
        let list = FieldParam { kind: FieldType::array_of(FieldType::Int), ..field("b") };
        let problems = check_no_lists(&[field("a"), list], "CSV");
        assert!(problems.len() == 1 && problems[0].param.as_deref() == Some("fields[1].type"), "{problems:?}");
    }

    #[test]
    fn names_that_differ_only_in_case_are_refused_in_place() {
        let problems = check_fields(&[field("a"), field("b"), field("A")]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].param.as_deref(), Some("fields[2].name"));
        assert!(check_fields(&[]).first().is_some_and(Diagnostic::is_error));
    }
}
