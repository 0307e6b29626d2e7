//! The type in which columns of two streams meet.

use arrow::datatypes::DataType;

/// The narrowest type that holds both, as Spark widens.
pub(super) fn wider(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    let rank = |data_type: &DataType| {
        let order = [DataType::Int8, DataType::Int16, DataType::Int32, DataType::Int64];
        order.iter().position(|other| other == data_type)
    };
    let is_float = |data_type: &DataType| matches!(data_type, DataType::Float32 | DataType::Float64);
    match (rank(left), rank(right)) {
        (Some(a), Some(b)) => Some(if a < b { right.clone() } else { left.clone() }),
        (None, None) if is_float(left) && is_float(right) => Some(DataType::Float64),
        (Some(_), None) if is_float(right) => Some(DataType::Float64),
        (None, Some(_)) if is_float(left) => Some(DataType::Float64),
        (Some(_) | None, None) | (None, Some(_)) => None,
    }
}
