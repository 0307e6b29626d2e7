//! `format_number`: a number with commas and so many places behind the point.

use arrow::datatypes::{Decimal128Type, Float64Type};

use super::chars::check_length;
use super::digits::{grouped, rounded_half_even};
use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "format_number",
    "format_number(number, places)",
    "The number with a comma between thousands, rounded to so many places; null where the places are negative.",
    Takes::these(&[Param::Number, Param::Int]),
    Gives::Text,
    format_number,
)];

fn format_number(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let places = args.numbers::<Int32Type>(1)?;
    let array = args.array(0)?;
    let written: Box<dyn Fn(usize, usize) -> String> = match array.data_type() {
        DataType::Decimal128(_, scale) => {
            let (numbers, scale) = (array.as_primitive::<Decimal128Type>().clone(), *scale);
            Box::new(move |row, places| {
                let plain =
                    <Decimal128Type as arrow::datatypes::DecimalType>::format_decimal(numbers.value(row), 38, scale);
                rounded_half_even(&plain, places)
            })
        }
        DataType::Float32 | DataType::Float64 => {
            let numbers = arrow::compute::cast(&array, &DataType::Float64)?.as_primitive::<Float64Type>().clone();
            Box::new(move |row, places| format!("{:.places$}", numbers.value(row)))
        }
        _ => {
            let numbers = arrow::compute::cast(&array, &DataType::Int64)?.as_primitive::<Int64Type>().clone();
            Box::new(move |row, places| {
                let point = if places > 0 { "." } else { "" };
                format!("{}{point}{}", numbers.value(row), "0".repeat(places))
            })
        }
    };
    texts(args.rows(), |row| {
        let Some(places) = places.get(row).filter(|places| *places >= 0 && array.is_valid(row)) else {
            return Ok(None);
        };
        check_length(places.into())?;
        let text = written(row, usize::try_from(places).unwrap_or(0));
        Ok(Some(match text.as_str() {
            "NaN" => text,
            "inf" => "∞".to_owned(),
            "-inf" => "-∞".to_owned(),
            text => grouped(text),
        }))
    })
}
