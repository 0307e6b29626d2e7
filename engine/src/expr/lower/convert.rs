//! Conversions: asked for (`CAST`, `try_cast`, `::`), and the silent ones an argument or an operand gets.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion_expr::sqlparser::ast::{self, ArrayElemTypeDef, CastKind, ExactNumberInfo, Expr, TimezoneInfo};

use super::{Lowering, fold};
use crate::expr::ExprError;
use crate::expr::call::Call;
use crate::expr::cast::{can_cast, cast_array};
use crate::expr::typed::Typed;
use crate::expr::types::{self, type_name};

impl Lowering<'_> {
    /// `CAST(a AS t)`, `try_cast(a AS t)` and `a :: t`.
    pub(super) fn cast(&mut self, kind: &CastKind, expr: &Expr, to: &ast::DataType) -> Result<Typed, ExprError> {
        let value = self.lower(expr)?;
        let is_try = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
        explicit(&value, &data_type(to)?, is_try)
    }
}

/// The value converted as asked; refused where Spark has no such conversion.
pub(in crate::expr) fn explicit(value: &Typed, to: &DataType, is_try: bool) -> Result<Typed, ExprError> {
    if !can_cast(&value.data_type, to) {
        let (from, to) = (type_name(&value.data_type), type_name(to));
        return Err(value.refuse(format!(
            "{from} cannot be converted to {to}; convert it to string first, or choose another function"
        )));
    }
    Ok(converted(value, to, is_try))
}

/// The value in a type it can be converted to.
pub(in crate::expr) fn to_type(value: &Typed, to: &DataType) -> Typed {
    converted(value, to, false)
}

fn converted(value: &Typed, to: &DataType, is_try: bool) -> Typed {
    if value.data_type == *to {
        return value.clone();
    }
    let target = to.clone();
    let name = format!("{}cast_as_{}", if is_try { "try_" } else { "" }, type_name(to));
    let kernel = Arc::new(move |args: &crate::expr::args::Args<'_>| cast_array(&args.array(0)?, &target, is_try));
    // A double that is no number has no decimal, also where a failure is an error.
    let nullable =
        value.nullable || is_try || types::is_fraction(&value.data_type) || value.data_type == DataType::Null;
    let call = Call::typed(name, std::slice::from_ref(value), to.clone(), nullable, kernel);
    fold::folded(call).placed(value.at.clone())
}

/// The value as an argument or operand of this type; `None` where Spark does not convert by itself.
pub(in crate::expr) fn silent(value: &Typed, to: &DataType) -> Option<Typed> {
    types::converts_silently(&value.data_type, to).then(|| to_type(value, to))
}

/// The values in their common type; the sentence says which two have none.
pub(in crate::expr) fn unify(values: &mut [Typed], what: &str) -> Result<DataType, ExprError> {
    let Some(data_type) = types::common_of(values.iter().map(|value| &value.data_type)) else {
        let mut names: Vec<String> = values.iter().map(|value| type_name(&value.data_type)).collect();
        names.dedup();
        let last = names.pop().unwrap_or_default();
        let is_time = |name: &String| name == "timestamp" || name == "date";
        let has_number = |name: &String| name == "int" || name == "bigint";
        let advice = if names.iter().chain([&last]).any(is_time) && names.iter().chain([&last]).any(has_number) {
            "a day is written DATE '2026-01-31', a moment TIMESTAMP '2026-01-31 10:00:00'"
        } else {
            "convert one with CAST"
        };
        return Err(ExprError::new(if names.is_empty() {
            format!("{what} are all {last}, which have no type in common; {advice}")
        } else {
            format!("{what} are {} and {last}, which have no type in common; {advice}", names.join(", "))
        }));
    };
    for value in values.iter_mut() {
        *value = to_type(value, &data_type);
    }
    Ok(data_type)
}

/// The type a name of the syntax stands for.
pub(in crate::expr) fn data_type(written: &ast::DataType) -> Result<DataType, ExprError> {
    use ast::DataType as Sql;
    Ok(match written {
        Sql::TinyInt(None) => DataType::Int8,
        Sql::SmallInt(None) => DataType::Int16,
        Sql::Int(None) | Sql::Integer(None) => DataType::Int32,
        Sql::BigInt(None) => DataType::Int64,
        Sql::Float(ExactNumberInfo::None) | Sql::Real => DataType::Float32,
        Sql::Double(ExactNumberInfo::None) => DataType::Float64,
        Sql::Boolean | Sql::Bool => DataType::Boolean,
        Sql::String(None) | Sql::Text | Sql::Varchar(_) | Sql::Char(_) => DataType::Utf8View,
        Sql::Binary(None) => DataType::Binary,
        Sql::Date => DataType::Date32,
        Sql::Timestamp(None, TimezoneInfo::None | TimezoneInfo::WithTimeZone) => types::timestamp(),
        Sql::Timestamp(None, TimezoneInfo::WithoutTimeZone) | Sql::TimestampNtz(None) => types::timestamp_ntz(),
        Sql::Decimal(info) | Sql::Dec(info) | Sql::Numeric(info) => decimal(info)?,
        Sql::Array(ArrayElemTypeDef::AngleBracket(item)) => types::list_of(data_type(item)?),
        Sql::Map(key, value) => types::map_of(data_type(key)?, data_type(value)?),
        Sql::Struct(fields, _) => {
            let fields = fields.iter().enumerate().map(|(index, field)| {
                let name =
                    field.field_name.as_ref().map_or_else(|| format!("col{}", index + 1), |name| name.value.clone());
                Ok(Field::new(name, data_type(&field.field_type)?, true))
            });
            DataType::Struct(fields.collect::<Result<Vec<_>, ExprError>>()?.into())
        }
        Sql::Custom(name, arguments) if arguments.is_empty() => match name.to_string().to_lowercase().as_str() {
            "byte" => DataType::Int8,
            "short" => DataType::Int16,
            "long" => DataType::Int64,
            "string" => DataType::Utf8View,
            "timestamp_ntz" => types::timestamp_ntz(),
            "timestamp_ltz" => types::timestamp(),
            "void" => DataType::Null,
            _ => return Err(no_type(written)),
        },
        Sql::Interval { .. } => DataType::Duration(TimeUnit::Microsecond),
        _ => return Err(no_type(written)),
    })
}

fn decimal(info: &ExactNumberInfo) -> Result<DataType, ExprError> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (10, 0),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(precision @ 1..=types::MAX_PRECISION), Ok(scale))
            if scale >= 0 && i64::from(scale) <= i64::from(precision) =>
        {
            Ok(DataType::Decimal128(precision, scale))
        }
        _ => {
            Err(ExprError::new("a decimal has 1 to 38 digits, at most all of them behind the point: `DECIMAL(10, 2)`"))
        }
    }
}

fn no_type(written: &ast::DataType) -> ExprError {
    ExprError::new(format!(
        "`{written}` is no type of Spark; there are boolean, tinyint, smallint, int, bigint, float, double, decimal(p, s), \
         string, binary, date, timestamp, array<...>, map<..., ...> and struct<...>"
    ))
}
