//! Our own accumulators: where DataFusion has none, or one that gives other results than Spark.

use std::sync::Arc;

use arrow::datatypes::{
    ArrowPrimitiveType, DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, Field, FieldRef, Float32Type, Float64Type,
    Int64Type,
};
use datafusion_expr::GroupsAccumulator;

use super::average::IntegerAverage;
use super::folding::Folding;
use super::frequencies::Frequencies;
use super::moments::{Moments, Rule};
use super::quantiles::Quantiles;
use super::{AggregateError, AggregateFunction, pairs, shape};

/// Digits that a sum of decimals has more than they.
const MORE_DIGITS: u8 = 10;

/// Makes an accumulator without groups.
pub(super) type Make = Arc<dyn Fn() -> Result<Box<dyn GroupsAccumulator>, AggregateError> + Send + Sync>;

/// An accumulator of ours: what it gives, what it remembers, and how it is made.
pub(super) struct Own {
    /// The result's type; what the accumulator gives is converted to it.
    pub(super) result: DataType,
    /// The state columns.
    pub(super) state_fields: Vec<FieldRef>,
    /// Makes it.
    pub(super) make: Make,
}

/// Our accumulator for this function, if it is ours to compute: of an argument that was given in one type and is taken
/// in another, and for percentiles of this percentage.
pub(super) fn own(
    function: AggregateFunction,
    given: &DataType,
    taken: &DataType,
    percent: f64,
    name: &str,
) -> Option<Own> {
    use AggregateFunction as F;
    Some(match (function, taken) {
        (F::Sum | F::TrySum, DataType::Int64) => sum::<Int64Type>(function, taken.clone(), i64::checked_add, name),
        (F::Sum | F::TrySum, DataType::Decimal128(precision, scale)) => {
            let precision = (precision + MORE_DIGITS).min(DECIMAL128_MAX_PRECISION);
            sum::<Decimal128Type>(function, DataType::Decimal128(precision, *scale), add_decimals, name)
        }
        (F::Avg | F::TryAvg, DataType::Int64 | DataType::Decimal128(..)) => average(function, taken, name),
        (F::Min, DataType::Float64) => extreme::<Float64Type>(taken, lesser, name),
        (F::Max, DataType::Float64) => extreme::<Float64Type>(taken, greater, name),
        (F::Min, DataType::Float32) => extreme::<Float32Type>(taken, lesser, name),
        (F::Max, DataType::Float32) => extreme::<Float32Type>(taken, greater, name),
        (F::Skewness, _) => moments(shape::SKEWNESS, name),
        (F::Kurtosis, _) => moments(shape::KURTOSIS, name),
        (F::Mode, _) => mode(taken, name),
        (F::PercentileApprox, _) => quantiles(given, percent, name),
        (F::RegrCount, _) => Own { result: DataType::Int64, ..moments(pairs::rule(function)?, name) },
        _ => moments(pairs::rule(function)?, name),
    })
}

fn ours<A: GroupsAccumulator + 'static>(
    result: DataType,
    state_fields: Vec<FieldRef>,
    make: impl Fn() -> A + Send + Sync + 'static,
) -> Own {
    Own { result, state_fields, make: Arc::new(move || Ok(Box::new(make()))) }
}

fn field(name: &str, part: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(format!("{name}[{part}]"), data_type, true))
}

fn sum<T: ArrowPrimitiveType>(
    function: AggregateFunction,
    result: DataType,
    add: fn(T::Native, T::Native) -> Option<T::Native>,
    name: &str,
) -> Own {
    let tries = function == AggregateFunction::TrySum;
    let mut state = vec![field(name, "sum", result.clone())];
    state.extend(tries.then(|| field(name, "burst", DataType::Boolean)));
    let data_type = result.clone();
    let make = move || {
        let folding = Folding::<T>::new(add, data_type.clone());
        if tries { folding.or_null() } else { folding }
    };
    ours(result, state, make)
}

/// The sum, as long as it has no more digits than a decimal can have.
fn add_decimals(left: i128, right: i128) -> Option<i128> {
    let limit = 10_u128.pow(u32::from(DECIMAL128_MAX_PRECISION));
    left.checked_add(right).filter(|sum| sum.unsigned_abs() < limit)
}

fn average(function: AggregateFunction, taken: &DataType, name: &str) -> Own {
    let tries = function == AggregateFunction::TryAvg;
    let decimal = match taken {
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        _ => None,
    };
    let make = move || {
        let average = match decimal {
            Some((precision, scale)) => IntegerAverage::of_decimals(precision, scale),
            None => IntegerAverage::default(),
        };
        if tries { average.or_null() } else { average }
    };
    let mut state = IntegerAverage::state_fields(name);
    state.extend(tries.then(|| IntegerAverage::burst_field(name)));
    ours(make().result_type(), state, make)
}

fn extreme<T: ArrowPrimitiveType>(
    taken: &DataType,
    choose: fn(T::Native, T::Native) -> Option<T::Native>,
    name: &str,
) -> Own {
    let data_type = taken.clone();
    let make = move || Folding::<T>::new(choose, data_type.clone());
    ours(taken.clone(), vec![field(name, "value", taken.clone())], make)
}

#[expect(clippy::unnecessary_wraps, reason = "a fold that always fits is still a fold")]
fn lesser<T: PartialOrd + Copy>(left: T, right: T) -> Option<T> {
    Some(if is_less(right, left) { right } else { left })
}

#[expect(clippy::unnecessary_wraps, reason = "a fold that always fits is still a fold")]
fn greater<T: PartialOrd + Copy>(left: T, right: T) -> Option<T> {
    Some(if is_less(left, right) { right } else { left })
}

/// The order of fractions: NaN is the greatest.
fn is_less<T: PartialOrd + Copy>(left: T, right: T) -> bool {
    let is_nan = |value: T| value.partial_cmp(&value).is_none();
    left < right || (is_nan(right) && !is_nan(left))
}

fn moments<const VALUES: usize, const PARTS: usize>(rule: Rule<VALUES, PARTS>, name: &str) -> Own {
    ours(DataType::Float64, Moments::<VALUES, PARTS>::state_fields(name), move || Moments::new(rule))
}

fn mode(taken: &DataType, name: &str) -> Own {
    let data_type = taken.clone();
    Own {
        result: taken.clone(),
        state_fields: Frequencies::state_fields(name, taken),
        make: Arc::new(move || Ok(Box::new(Frequencies::new(&data_type)?))),
    }
}

fn quantiles(given: &DataType, percent: f64, name: &str) -> Own {
    let result = given.clone();
    ours(given.clone(), Quantiles::state_fields(name), move || Quantiles::new(percent / 100.0, &result))
}

#[cfg(test)]
mod tests;
