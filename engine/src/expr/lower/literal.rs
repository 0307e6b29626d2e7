//! Literals as Spark types them: `1` is an int where it fits, `1.5` a decimal, `1e3` a double, and `1L`, `1S`, `1Y`,
//! `1.5D`, `1.5F`, `1.5BD`, `X'1F'` what their letters say.

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::sqlparser::ast::Value;

use crate::expr::ExprError;
use crate::expr::typed::Typed;
use crate::expr::types::MAX_PRECISION;

/// A literal.
pub(super) fn value(value: &Value) -> Result<Typed, ExprError> {
    match value {
        Value::Number(text, is_long) => number(text, *is_long, false),
        Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Ok(Typed::text(text.clone())),
        Value::HexStringLiteral(digits) => Ok(Typed::literal(ScalarValue::Binary(Some(bytes(digits)?)))),
        Value::Boolean(truth) => Ok(Typed::literal(ScalarValue::Boolean(Some(*truth)))),
        Value::Null => Ok(Typed::literal(ScalarValue::Null)),
        Value::Placeholder(name) => Err(ExprError::new(format!("`{name}` is a placeholder; write the value itself"))),
        other => Err(ExprError::new(format!("`{other}` is no literal of Spark; write text in single quotes"))),
    }
}

/// A number, with its minus where it has one, so that the smallest number of a type can be written.
pub(super) fn number(text: &str, is_long: bool, is_negative: bool) -> Result<Typed, ExprError> {
    let (digits, suffix) = split(text);
    let sign = if is_negative { "-" } else { "" };
    let signed = format!("{sign}{digits}");
    let suffix = if is_long { "L".to_owned() } else { suffix.to_uppercase() };
    let refused =
        |what: &str| ExprError::new(format!("`{sign}{text}` does not fit {what}; write it with another suffix"));
    let value = match suffix.as_str() {
        "Y" => ScalarValue::Int8(Some(signed.parse().map_err(|_| refused("a tinyint"))?)),
        "S" => ScalarValue::Int16(Some(signed.parse().map_err(|_| refused("a smallint"))?)),
        "L" => ScalarValue::Int64(Some(signed.parse().map_err(|_| refused("a bigint"))?)),
        "D" => ScalarValue::Float64(Some(signed.parse().map_err(|_| refused("a double"))?)),
        "F" => ScalarValue::Float32(Some(signed.parse().map_err(|_| refused("a float"))?)),
        "BD" => decimal(&signed).ok_or_else(|| refused("a decimal"))?,
        _ if digits.contains(['e', 'E']) => {
            ScalarValue::Float64(Some(signed.parse().map_err(|_| refused("a double"))?))
        }
        _ if digits.contains('.') => decimal(&signed).ok_or_else(|| refused("a decimal"))?,
        _ => match (signed.parse::<i32>(), signed.parse::<i64>()) {
            (Ok(int), _) => ScalarValue::Int32(Some(int)),
            (_, Ok(long)) => ScalarValue::Int64(Some(long)),
            _ => decimal(&signed).ok_or_else(|| refused("a decimal"))?,
        },
    };
    Ok(Typed::literal(value))
}

/// The digits and the letters behind them. An `e` between digits is none of the letters.
fn split(text: &str) -> (&str, &str) {
    let suffix = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    text.split_at(suffix.len())
}

/// `1.50` as a decimal(3,2); with an exponent as `1.5E3BD`.
fn decimal(text: &str) -> Option<ScalarValue> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, behind].concat();
    let mut scale = i32::try_from(behind.len()).ok()? - exponent;
    let mut unscaled: i128 = digits.parse().ok()?;
    while scale < 0 {
        unscaled = unscaled.checked_mul(10)?;
        scale += 1;
    }
    let shown = unscaled.unsigned_abs().to_string().len();
    let precision = u8::try_from(shown).ok()?.max(u8::try_from(scale).ok()?);
    let scale = i8::try_from(scale).ok()?;
    (precision <= MAX_PRECISION).then_some(ScalarValue::Decimal128(Some(unscaled), precision, scale))
}

fn bytes(digits: &str) -> Result<Vec<u8>, ExprError> {
    let even = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
    let pairs = even.as_bytes().chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    });
    let bytes = pairs.collect::<Option<Vec<u8>>>();
    bytes.ok_or_else(|| ExprError::new(format!("X'{digits}' holds something else than hexadecimal digits")))
}

/// The digits a whole constant needs, which is how precise it is beside a decimal.
pub(in crate::expr) fn whole_digits(typed: &Typed) -> Option<(u8, i8)> {
    let value: i128 = match typed.constant()? {
        ScalarValue::Int8(Some(value)) => (*value).into(),
        ScalarValue::Int16(Some(value)) => (*value).into(),
        ScalarValue::Int32(Some(value)) => (*value).into(),
        ScalarValue::Int64(Some(value)) => (*value).into(),
        _ => return None,
    };
    Some((u8::try_from(value.unsigned_abs().to_string().len()).ok()?, 0))
}

/// Whether it is the bare `NULL`.
pub(in crate::expr) fn is_void(typed: &Typed) -> bool {
    typed.data_type == DataType::Null
}
