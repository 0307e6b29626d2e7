//! Rounding: `round` away from zero at a half, `bround` to the even neighbour, `ceil` and `floor` up and down.
//!
//! Decimals keep their kind and lose digits; doubles are rounded by their decimal digits, as people read them, so
//! `round(2.675, 2)` rounds what is written and not its binary neighbour.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int64Type};

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};
use crate::expr::call::Call;
use crate::expr::lower::convert::to_type;
use crate::expr::lower::literal::whole_digits;
use crate::expr::typed::Typed;
use crate::expr::types::{self, as_decimal, type_name};

const NUMBER: Takes = Takes::these(&[Param::Number]).or(&[Param::Int]);

pub(super) const CEIL: Entry = Entry::form(
    "ceil",
    "ceil(x[, digits])",
    "The least number not below x: whole, or with so many digits behind the point.",
    NUMBER,
    |_, args, _| rounded(Way::Up, args),
)
.also(&["ceiling"]);
pub(super) const FLOOR: Entry = Entry::form(
    "floor",
    "floor(x[, digits])",
    "The greatest number not above x: whole, or with so many digits behind the point.",
    NUMBER,
    |_, args, _| rounded(Way::Down, args),
);
pub(super) const ROUND: Entry = Entry::form(
    "round",
    "round(x[, digits])",
    "The nearest number with so many digits behind the point (none unless said); a half goes away from zero.",
    NUMBER,
    |_, args, _| rounded(Way::HalfUp, args),
);
pub(super) const BROUND: Entry = Entry::form(
    "bround",
    "bround(x[, digits])",
    "The nearest number with so many digits behind the point (none unless said); a half goes to the even neighbour.",
    NUMBER,
    |_, args, _| rounded(Way::HalfEven, args),
);
pub(super) const RINT: Entry = Entry::own(
    "rint",
    "rint(x)",
    "The nearest whole number, as a double; a half goes to the even neighbour.",
    Takes::these(&[Param::Double]),
    Gives::Double,
    |args| {
        let values = args.numbers::<Float64Type>(0)?;
        numbers::<Float64Type>(args, |row| Ok(values.get(row).map(f64::round_ties_even)))
    },
)
.total();

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    HalfUp,
    HalfEven,
}

impl Way {
    fn is_whole_by_default(self) -> bool {
        matches!(self, Self::Up | Self::Down)
    }
}

fn rounded(way: Way, args: Vec<Typed>) -> Result<Typed, ExprError> {
    let mut args = args.into_iter();
    let Some(value) = args.next() else { return Err(ExprError::new("a number is missing")) };
    let digits = match args.next() {
        None => None,
        Some(digits) => Some(constant(&digits)?),
    };
    match (&value.data_type, digits) {
        (DataType::Decimal128(_, _), digits) => Ok(decimal(way, &value, digits.unwrap_or(0))),
        (_, Some(digits)) if way.is_whole_by_default() => {
            // With digits these work on decimals only; what is none becomes one.
            let parts = whole_digits(&value).or_else(|| as_decimal(&value.data_type));
            let (precision, scale) = parts.unwrap_or((types::MAX_PRECISION, 0));
            Ok(decimal(way, &to_type(&value, &DataType::Decimal128(precision, scale)), digits))
        }
        (whole, _) if types::is_whole(whole) && way.is_whole_by_default() => Ok(to_type(&value, &DataType::Int64)),
        (_, None) if way.is_whole_by_default() => {
            let value = to_type(&value, &DataType::Float64);
            let nullable = value.nullable;
            let kernel = Arc::new(move |args: &Args<'_>| whole_part(way, args));
            Ok(Call::typed(format!("whole_{way:?}"), &[value], DataType::Int64, nullable, kernel))
        }
        (whole, digits) if types::is_whole(whole) => Ok(whole_number(way, value, digits.unwrap_or(0))),
        (data_type, digits) => {
            let (data_type, nullable, digits) = (data_type.clone(), value.nullable, digits.unwrap_or(0));
            let kernel = Arc::new(move |args: &Args<'_>| fractions(way, digits, args));
            Ok(Call::typed(format!("round_{way:?}_{digits}"), &[value], data_type, nullable, kernel))
        }
    }
}

fn constant(digits: &Typed) -> Result<i32, ExprError> {
    match digits.constant() {
        Some(datafusion_common::ScalarValue::Int32(Some(digits))) => Ok((*digits).clamp(-400, 400)),
        _ => Err(digits.refuse("the number of digits must be a constant; write it as a number")),
    }
}

/// `ceil` and `floor` of doubles, as Java converts them: NaN is 0, what is too large fails.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range is checked")]
fn whole_part(way: Way, args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let values = args.numbers::<Float64Type>(0)?;
    numbers::<Int64Type>(args, |row| {
        let Some(value) = values.get(row) else { return Ok(None) };
        let whole = if way == Way::Up { value.ceil() } else { value.floor() };
        if whole.is_nan() || (whole >= i64::MIN as f64 && whole < i64::MAX as f64) {
            Ok(Some(whole as i64))
        } else {
            Err(ExprError::overflow("bigint"))
        }
    })
}

/// A decimal with fewer digits; one more before the point for what is carried.
fn decimal(way: Way, value: &Typed, digits: i32) -> Typed {
    let (precision, scale) = as_decimal(&value.data_type).unwrap_or((types::MAX_PRECISION, 0));
    let whole = i32::from(precision) - i32::from(scale) + 1;
    let (precision, kept) = if digits < 0 {
        (whole.max(1 - digits), 0)
    } else {
        let kept = digits.min(i32::from(scale));
        (whole + kept, kept)
    };
    let result = types::bounded(precision, kept);
    let given = result.clone();
    let kernel = Arc::new(move |args: &Args<'_>| {
        let values = args.numbers::<Decimal128Type>(0)?;
        let overflow = || ExprError::overflow(&type_name(&given));
        numbers::<Decimal128Type>(args, |row| {
            let Some(value) = values.get(row) else { return Ok(None) };
            let cut = i32::from(scale) - digits;
            let Some(rounded) = cut_digits(way, value, cut) else { return Err(overflow()) };
            // What was cut beyond the point comes back as zeros.
            let zeros = u32::try_from((-digits).max(0)).unwrap_or(0);
            10_i128.checked_pow(zeros).and_then(|power| rounded.checked_mul(power)).ok_or_else(overflow).map(Some)
        })
    });
    let name = format!("round_{way:?}_{digits}_of_{scale}");
    Call::typed(name, std::slice::from_ref(value), result, value.nullable, kernel)
}

/// The value without its last digits, rounded; as it is where there are none to cut.
fn cut_digits(way: Way, value: i128, digits: i32) -> Option<i128> {
    let Ok(digits) = u32::try_from(digits) else { return Some(value) };
    let Some(power) = 10_i128.checked_pow(digits) else {
        return Some(match way {
            Way::Up => i128::from(value > 0),
            Way::Down => -i128::from(value < 0),
            Way::HalfUp | Way::HalfEven => 0,
        });
    };
    let (quotient, rest) = (value.checked_div(power)?, value.checked_rem(power)?);
    let twice = rest.checked_abs()?.checked_mul(2)?;
    let is_carried = match way {
        Way::Up => rest > 0,
        Way::Down => rest < 0,
        Way::HalfUp => twice >= power,
        Way::HalfEven => twice > power || (twice == power && quotient % 2 != 0),
    };
    Some(if is_carried { quotient + value.signum() } else { quotient })
}

/// `round(1250, -2)`: a whole number stays of its type.
fn whole_number(way: Way, value: Typed, digits: i32) -> Typed {
    if digits >= 0 {
        return value;
    }
    let (data_type, nullable) = (value.data_type.clone(), value.nullable);
    let kernel = Arc::new(move |args: &Args<'_>| {
        let values = args.numbers::<Int64Type>(0)?;
        numbers::<Int64Type>(args, |row| {
            let Some(value) = values.get(row) else { return Ok(None) };
            let power = u32::try_from(-digits).ok().and_then(|digits| 10_i128.checked_pow(digits));
            let rounded = cut_digits(way, value.into(), -digits).zip(power).map(|(value, power)| value * power);
            let rounded = rounded.unwrap_or(0);
            i64::try_from(rounded).map(Some).map_err(|_| ExprError::overflow("bigint"))
        })
    });
    let wide = to_type(&value, &DataType::Int64);
    let rounded = Call::typed(format!("round_{way:?}_{digits}"), &[wide], DataType::Int64, nullable, kernel);
    to_type(&rounded, &data_type)
}

fn fractions(way: Way, digits: i32, args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    if *args.gives() == DataType::Float32 {
        let values = args.numbers::<Float32Type>(0)?;
        return numbers::<Float32Type>(args, |row| {
            Ok(values.get(row).map(|value| by_digits(way, &format!("{value:e}"), digits).unwrap_or(value)))
        });
    }
    let values = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| {
        Ok(values.get(row).map(|value| {
            if way == Way::HalfUp && digits == 0 && value.is_finite() {
                // A half is a half in binary as well; away from zero, and never -0.0.
                return value.round() + 0.0;
            }
            by_digits(way, &format!("{value:e}"), digits).unwrap_or(value)
        }))
    })
}

/// A number written as `1.25e3`, rounded by its digits; `None` where it is none, or has none to lose.
fn by_digits<N: std::str::FromStr>(way: Way, scientific: &str, digits: i32) -> Option<N> {
    let (mantissa, exponent) = scientific.split_once('e')?;
    let behind = mantissa.split_once('.').map_or(0, |(_, behind)| behind.len());
    let unscaled: i128 = mantissa.replace('.', "").parse().ok()?;
    let scale = i32::try_from(behind).ok()? - exponent.parse::<i32>().ok()?;
    if unscaled == 0 {
        return "0".parse().ok();
    }
    if scale <= digits {
        return None;
    }
    let rounded = cut_digits(way, unscaled, scale - digits)?;
    format!("{rounded}e{}", -digits).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_rounded_by_the_digits_people_read() {
        assert_eq!(by_digits(Way::HalfUp, "2.675e0", 2), Some(2.68));
        assert_eq!(by_digits(Way::HalfEven, "2.5e0", 0), Some(2.0));
        assert_eq!(by_digits(Way::HalfUp, "1.25e3", -2), Some(1300.0));
        assert_eq!(by_digits::<f64>(Way::HalfUp, "1.5e0", 3), None);
        assert_eq!(by_digits::<f64>(Way::HalfUp, "NaN", 3), None);
    }

    #[test]
    fn digits_are_cut_in_every_way() {
        for (way, value, wanted) in
            [(Way::Up, 21, 3), (Way::Up, -21, -2), (Way::Down, -21, -3), (Way::HalfUp, -25, -3), (Way::HalfEven, 25, 2)]
        {
            assert_eq!(cut_digits(way, value, 1), Some(wanted), "{way:?} {value}");
        }
    }
}
