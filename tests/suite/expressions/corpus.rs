//! The recorded expressions and the table they were evaluated on.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, ListBuilder,
    StringViewArray, StringViewBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use serde_json::Value;

use super::cells::{days_of, micros_of};
use crate::files::text_of;

pub struct Corpus {
    pub table: RecordBatch,
    file: Value,
}

impl Corpus {
    pub fn read(folder: &Path) -> Self {
        let file: Value = serde_json::from_str(&text_of(&folder.join("expressions.json"))).expect("it is JSON");
        Self { table: table(&file["table"]), file }
    }

    /// The entries of a kind: `scalar`, `generator`, `aggregate`.
    pub fn entries(&self, kind: &str) -> &[Value] {
        self.file[kind].as_array().map_or(&[], Vec::as_slice)
    }
}

/// The table as it would come over a link.
fn table(table: &Value) -> RecordBatch {
    let rows = table["rows"].as_array().expect("the table has rows");
    let columns = table["columns"].as_array().expect("the table has columns");
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let (name, kind) = (column[0].as_str().expect("a name"), column[1].as_str().expect("a type"));
        let cells: Vec<&Value> = rows.iter().map(|row| &row[index]).collect();
        let array = array(kind, &cells);
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("the columns are equally long")
}

fn array(kind: &str, cells: &[&Value]) -> ArrayRef {
    let texts = || cells.iter().map(|cell| cell.as_str());
    match kind {
        "int" => {
            let int = |cell: &&Value| cell.as_i64().map(|value| i32::try_from(value).expect("an int"));
            Arc::new(cells.iter().map(int).collect::<Int32Array>())
        }
        "bigint" => Arc::new(cells.iter().map(|cell| cell.as_i64()).collect::<Int64Array>()),
        "double" => Arc::new(cells.iter().map(|cell| double(cell)).collect::<Float64Array>()),
        "string" => Arc::new(texts().collect::<StringViewArray>()),
        "boolean" => Arc::new(cells.iter().map(|cell| cell.as_bool()).collect::<BooleanArray>()),
        "timestamp" => {
            let times = texts().map(|text| text.map(micros_of)).collect::<TimestampMicrosecondArray>();
            Arc::new(times.with_timezone("UTC"))
        }
        "date" => Arc::new(texts().map(|text| text.map(days_of)).collect::<Date32Array>()),
        "array<string>" => {
            let mut lists = ListBuilder::new(StringViewBuilder::new());
            for cell in cells {
                match cell.as_array() {
                    Some(items) => lists.append_value(items.iter().map(Value::as_str)),
                    None => lists.append_null(),
                }
            }
            Arc::new(lists.finish())
        }
        decimal if decimal.starts_with("decimal(") => {
            let (precision, scale) = decimal["decimal(".len()..decimal.len() - 1].split_once(',').expect("two numbers");
            let unscaled = |text: &str| text.replace('.', "").parse::<i128>().expect("digits");
            let values = texts().map(|text| text.map(unscaled)).collect::<Decimal128Array>();
            let (precision, scale) = (precision.parse().expect("digits"), scale.parse().expect("digits"));
            Arc::new(values.with_precision_and_scale(precision, scale).expect("it fits"))
        }
        other => panic!("the corpus has a column of the type {other}"),
    }
}

fn double(cell: &Value) -> Option<f64> {
    match cell.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(other) => panic!("{other} is no double"),
        None => cell.as_f64(),
    }
}
