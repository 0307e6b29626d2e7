//! `from_json`: a structure, map or list of a JSON text, by a schema. A text that is no such thing gives a structure of
//! nulls, a field that does not fit is null, as in Spark; within lists and maps what does not fit fails the row.

use std::sync::Arc;

use arrow::array::{BooleanArray, ListArray, MapArray, StringViewArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{Fields, TimeUnit};
use datafusion_expr::sqlparser::dialect::DatabricksDialect;
use datafusion_expr::sqlparser::parser::Parser;
use datafusion_expr::sqlparser::tokenizer::Token;

use super::value::Json;
use crate::expr::call::Call;
use crate::expr::cast::cast_array;
use crate::expr::functions::prelude::*;
use crate::expr::lower::convert::data_type;
use crate::expr::lower::{Lowering, Site};

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::form(
    "from_json",
    "from_json(json, schema)",
    "The structure, map or array a JSON text says, by a schema: 'a INT, b ARRAY<STRING>'.",
    Takes::these(&[Param::Text, Param::Text]),
    from_json,
)];

fn from_json(_lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let [json, schema] =
        <[Typed; 2]>::try_from(args).map_err(|_| ExprError::new("a JSON text and a schema are expected"))?;
    let Some(text) = schema.constant_text() else {
        return Err(schema.refuse("the schema must be written as a text: 'a INT, b STRING'"));
    };
    let wanted = read_schema(text).map_err(|error| error.at(schema.at.clone()))?;
    let gives = wanted.clone();
    let kernel = Arc::new(move |args: &Args<'_>| read_all(args, &wanted));
    Ok(Call::typed(format!("from_json_{gives}"), &[json], gives, true, kernel))
}

/// How many types of a schema may hold others.
const MAX_SCHEMA_NESTING: usize = 40;

/// A type, or the fields of a structure.
fn read_schema(text: &str) -> Result<DataType, ExprError> {
    // The parser of types goes as deep as they nest, and asks nobody.
    if text.matches(['<', '(']).count() > MAX_SCHEMA_NESTING {
        return Err(ExprError::new("this schema nests too deep; read the inner texts with a `from_json` of their own"));
    }
    if let Some(map) = map_schema(text) {
        return map;
    }
    let parse = |text: &str| {
        let mut parser = Parser::new(&DatabricksDialect {}).with_recursion_limit(20).try_with_sql(text).ok()?;
        let written = parser.parse_data_type().ok()?;
        matches!(parser.peek_token().token, Token::EOF).then_some(written)
    };
    let written = parse(text).or_else(|| parse(&format!("STRUCT<{text}>")));
    let written = written.ok_or_else(|| {
        ExprError::new("this schema cannot be read; write fields as 'a INT, b STRING', or a type as 'MAP<STRING, INT>'")
    })?;
    match data_type(&written)? {
        found @ (DataType::Struct(_) | DataType::List(_) | DataType::Map(_, _)) => Ok(found),
        _ => Err(ExprError::new(
            "a JSON text is read as a structure, map or array; write its fields as 'a INT, b STRING'",
        )),
    }
}

/// `MAP<key, value>`, which the parser of types does not know; `None` where it is none.
fn map_schema(text: &str) -> Option<Result<DataType, ExprError>> {
    let inner = text.trim().strip_suffix('>')?;
    let (word, parts) = inner.split_once('<')?;
    let (key, value) = parts.split_once(',').filter(|_| word.trim().eq_ignore_ascii_case("map"))?;
    let field = |text: &str| match read_schema(&format!("field {text}"))? {
        DataType::Struct(fields) if fields.len() == 1 => Ok(fields[0].data_type().clone()),
        _ => Err(ExprError::new(format!("`{text}` is no type of a map's key or value"))),
    };
    Some(field(key).and_then(|key| Ok(crate::expr::types::map_of(key, field(value)?))))
}

fn read_all(args: &Args<'_>, wanted: &DataType) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let mut roots = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        roots.push(match text.get(row).filter(|text| !text.trim().is_empty()) {
            Some(text) => root(text, wanted)?,
            None => None,
        });
    }
    let roots: Vec<Option<&Json>> = roots.iter().map(Option::as_ref).collect();
    build(&roots, wanted, true)
}

/// What a text is to the wanted type: a structure of nulls where it is malformed.
fn root(text: &str, wanted: &DataType) -> Result<Option<Json>, ExprError> {
    let of_nulls = || Some(Json::Object(Vec::new(), String::new()));
    let value = Json::read(text, true);
    Ok(match (wanted, value) {
        (_, Some(Json::Null)) => None,
        (DataType::Struct(_), Some(Json::Array(items, _))) => match items.into_iter().next() {
            Some(first @ Json::Object(_, _)) => Some(first),
            Some(_) => of_nulls(),
            None => return Err(ExprError::new("an empty JSON array is no structure")),
        },
        (DataType::Struct(_), Some(value @ Json::Object(_, _))) => Some(value),
        (DataType::Struct(_), _) => of_nulls(),
        (DataType::List(item), Some(value @ Json::Object(_, _))) if matches!(item.data_type(), DataType::Struct(_)) => {
            Some(Json::Array(vec![value], String::new()))
        }
        (_, value) => value,
    })
}

/// A column of values; `forgives` says whether what does not fit is null or an error.
fn build(values: &[Option<&Json>], wanted: &DataType, forgives: bool) -> Result<ArrayRef, ExprError> {
    match wanted {
        DataType::Struct(fields) => structures(values, fields, forgives),
        DataType::List(item) => {
            let lists: Vec<Option<&Vec<Json>>> = pick(values, forgives, |value| match value {
                Json::Array(items, _) => Some(items),
                _ => None,
            })?;
            let items: Vec<Option<&Json>> =
                lists.iter().flatten().flat_map(|items| items.iter().map(not_null)).collect();
            let column = build(&items, item.data_type(), false)?;
            let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.map_or(0, Vec::len)));
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, column, nulls(&lists))?))
        }
        DataType::Map(entries, sorted) => {
            let maps: Vec<Option<&Vec<(String, Json)>>> = pick(values, forgives, |value| match value {
                Json::Object(fields, _) => Some(fields),
                _ => None,
            })?;
            let Some((key, value)) = crate::expr::types::map_parts(wanted) else { return Err(unfit(wanted)) };
            let all = || maps.iter().flatten().flat_map(|fields| fields.iter());
            let names: StringViewArray = all().map(|(name, _)| Some(name.as_str())).collect();
            let keys = cast_array(&(Arc::new(names) as ArrayRef), key.data_type(), false)?;
            let items: Vec<Option<&Json>> = all().map(|(_, value)| not_null(value)).collect();
            let columns = vec![keys, build(&items, value.data_type(), false)?];
            let structs = StructArray::try_new(vec![Arc::clone(key), Arc::clone(value)].into(), columns, None)?;
            let offsets = OffsetBuffer::from_lengths(maps.iter().map(|map| map.map_or(0, Vec::len)));
            Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, structs, nulls(&maps), *sorted)?))
        }
        DataType::Boolean => {
            let truths: Vec<Option<bool>> = pick(values, forgives, |value| match value {
                Json::Boolean(truth) => Some(*truth),
                _ => None,
            })?;
            Ok(Arc::new(BooleanArray::from(truths)))
        }
        _ => scalars(values, wanted, forgives),
    }
}

fn not_null(value: &Json) -> Option<&Json> {
    (*value != Json::Null).then_some(value)
}

fn unfit(wanted: &DataType) -> ExprError {
    let name = crate::expr::types::type_name(wanted);
    ExprError::new(format!("a part of the JSON text is no {name}; read it as string and convert it after"))
}

fn nulls<T>(values: &[Option<T>]) -> Option<NullBuffer> {
    let valid: Vec<bool> = values.iter().map(Option::is_some).collect();
    Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0)
}

fn pick<'j, T>(
    values: &[Option<&'j Json>],
    forgives: bool,
    take: impl Fn(&'j Json) -> Option<T>,
) -> Result<Vec<Option<T>>, ExprError> {
    let taken = values.iter().map(|value| {
        let Some(value) = value else { return Ok(None) };
        match take(value) {
            None if !forgives => Err(ExprError::new("a part of the JSON text is not of the type the schema says")),
            taken => Ok(taken),
        }
    });
    taken.collect()
}

/// Of a field that is there twice the last counts.
fn structures(values: &[Option<&Json>], fields: &Fields, forgives: bool) -> Result<ArrayRef, ExprError> {
    let objects: Vec<Option<&Vec<(String, Json)>>> = pick(values, forgives, |value| match value {
        Json::Object(fields, _) => Some(fields),
        _ => None,
    })?;
    let columns = fields.iter().map(|field| {
        let found = objects.iter().map(|object| {
            let found = object.and_then(|object| object.iter().rev().find(|(name, _)| name == field.name()));
            found.and_then(|(_, value)| not_null(value))
        });
        build(&found.collect::<Vec<_>>(), field.data_type(), true)
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls(&objects), values.len())?))
}

/// Values as texts that the conversion to their type reads.
fn scalars(values: &[Option<&Json>], wanted: &DataType, forgives: bool) -> Result<ArrayRef, ExprError> {
    let mut written: Vec<Option<String>> = Vec::with_capacity(values.len());
    for value in values {
        let text = value.and_then(|value| scalar_text(value, wanted));
        if text.is_none() && value.is_some() && !forgives {
            return Err(unfit(wanted));
        }
        written.push(text);
    }
    let texts: ArrayRef = Arc::new(StringViewArray::from_iter(written));
    cast_array(&texts, wanted, forgives)
}

/// The text of a value that its type takes; of a string field all that is written.
fn scalar_text(value: &Json, wanted: &DataType) -> Option<String> {
    let is_fraction = |digits: &str| digits.contains(['.', 'e', 'E']);
    match (wanted, value) {
        (DataType::Utf8View, Json::Boolean(truth)) => Some(truth.to_string()),
        (DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64, Json::Number(digits)) => {
            (!is_fraction(digits)).then(|| digits.clone())
        }
        (DataType::Float32 | DataType::Float64, Json::Text(text)) => {
            let known = ["NaN", "Infinity", "-Infinity", "+Infinity", "INF", "+INF", "-INF"];
            known.contains(&text.as_str()).then(|| text.replace("INF", "Infinity").trim_start_matches('+').to_owned())
        }
        (
            DataType::Utf8View | DataType::Float32 | DataType::Float64 | DataType::Decimal128(_, _),
            Json::Number(written),
        )
        | (DataType::Utf8View, Json::Array(_, written) | Json::Object(_, written))
        | (
            DataType::Utf8View
            | DataType::Decimal128(_, _)
            | DataType::Date32
            | DataType::Timestamp(TimeUnit::Microsecond, _),
            Json::Text(written),
        ) => Some(written.clone()),
        _ => None,
    }
}
