//! Rows as the corpus writes them, and when two of them are the same.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};

/// Units in the last place by which doubles may differ: the virtual machine's and ours round functions differently.
const ULPS: u64 = 2;

/// The rows of these columns, as the corpus writes them.
pub fn rows_of(batches: &[RecordBatch], columns: &[usize]) -> Result<Vec<Value>, String> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| cell(batch.column(*column), row));
            rows.push(Value::Array(cells.collect::<Result<_, _>>()?));
        }
    }
    Ok(rows)
}

fn cell(column: &ArrayRef, row: usize) -> Result<Value, String> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8View => json!(column.as_string_view().value(row)),
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::Int8 => json!(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => json!(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => double(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            json!(column.as_primitive::<TimestampMicrosecondType>().value_as_datetime(row).map(|time| {
                let is_whole = time.and_utc().timestamp_subsec_micros() == 0;
                time.format(if is_whole { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%.6fZ" }).to_string()
            }))
        }
        DataType::Date32 => json!(column.as_primitive::<Date32Type>().value_as_date(row).map(|day| day.to_string())),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            Value::Array((0..items.len()).map(|item| cell(&items, item)).collect::<Result<_, _>>()?)
        }
        other => return Err(format!("the corpus has no values of type {other}")),
    })
}

fn double(value: f64) -> Value {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(value)
    }
}

/// The type on links of a type by Spark's name; `None` if it may be any.
pub fn type_on_links(kind: &str) -> Option<DataType> {
    Some(match kind {
        "long" | "bigint" => DataType::Int64,
        "int" => DataType::Int32,
        "string" => DataType::Utf8View,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        _ => {
            let item = kind.strip_prefix("array<")?.strip_suffix('>')?;
            DataType::new_list(type_on_links(item)?, true)
        }
    })
}

/// Whether two types hold the same values, whatever the names and nullability of a list's items.
pub fn same_type(left: &DataType, right: &DataType) -> bool {
    match (left, right) {
        (DataType::List(left), DataType::List(right)) => same_type(left.data_type(), right.data_type()),
        _ => left == right,
    }
}

/// The order of the corpus: null, false, true, numbers, text by code point, arrays.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or(f64::NAN).total_cmp(&b.as_f64().unwrap_or(f64::NAN)),
        },
        // Bytes of UTF-8 are in the order of code points.
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => {
            let differing = left.iter().zip(right).map(|(left, right)| order(left, right)).find(|order| order.is_ne());
            differing.unwrap_or_else(|| left.len().cmp(&right.len()))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Sorts the rows; with `lists`, the lists within them first.
pub fn sort(rows: &mut [Value], lists: bool) {
    if lists {
        for cell in rows.iter_mut().filter_map(Value::as_array_mut).flatten() {
            if let Value::Array(items) = cell {
                items.sort_by(order);
            }
        }
    }
    rows.sort_by(order);
}

/// Whether two values are the same.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => same_double(a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN)),
            (Some(_), None) | (None, Some(_)) => false,
        },
        _ => left == right,
    }
}

fn same_double(left: f64, right: f64) -> bool {
    left.is_sign_negative() == right.is_sign_negative() && left.to_bits().abs_diff(right.to_bits()) <= ULPS
}

#[test]
fn values_are_the_same_by_the_rules_of_the_corpus() {
    assert!(same(&json!([1, 0.1, "a", null]), &json!([1, 0.100_000_000_000_000_02, "a", null])));
    assert!(!same(&json!([9_007_199_254_740_993_i64]), &json!([9_007_199_254_740_992_i64])));
    assert!(!same(&json!(1), &json!(1.0)), "a whole number is no double");
    assert!(!same(&json!(-0.0), &json!(0.0)));
    assert!(!same(&json!([1]), &json!([1, 2])));
    let mut rows =
        vec![json!(["é"]), json!([[2, 1]]), json!([true]), json!([2]), json!(["z"]), json!([null]), json!([-1.5])];
    sort(&mut rows, true);
    assert_eq!(
        rows,
        [json!([null]), json!([true]), json!([-1.5]), json!([2]), json!(["z"]), json!(["é"]), json!([[1, 2]])]
    );
}
