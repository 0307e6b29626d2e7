//! States made of values that a person gives: what a running aggregation starts from.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;

use super::{Accumulators, AggregateError, AggregateFunction, Aggregation, Call, Grouped, Interner};

/// The type of the value a call can start from; the error says that it has none.
pub fn seed_type(call: &Call) -> Result<&DataType, AggregateError> {
    use AggregateFunction as F;
    match call.function() {
        F::Count | F::Sum | F::TrySum | F::Min | F::Max | F::First | F::Last => Ok(call.field().data_type()),
        F::Avg
        | F::TryAvg
        | F::Skewness
        | F::Kurtosis
        | F::PercentileDisc
        | F::PercentileApprox
        | F::Mode
        | F::Corr
        | F::CovarPop
        | F::CovarSamp
        | F::RegrCount
        | F::RegrAvgx
        | F::RegrAvgy
        | F::RegrSxx
        | F::RegrSyy
        | F::RegrSxy
        | F::RegrSlope
        | F::RegrIntercept
        | F::RegrR2
        | F::Stddev
        | F::StddevPop
        | F::Variance
        | F::VariancePop
        | F::Median
        | F::Percentile
        | F::CountDistinct
        | F::ApproxCountDistinct
        | F::CollectList => Err(AggregateError(format!(
            "{} cannot start from a value, as it rests on more than its result; start sum and count, and compute it from them",
            call.function()
        ))),
    }
}

/// Groups with these keys, of which each call has the given value (in the type of [`seed_type`]).
pub fn seeded(
    aggregation: &Arc<Aggregation>,
    keys: Vec<ArrayRef>,
    values: &[ArrayRef],
    rows: usize,
) -> Result<Grouped, AggregateError> {
    let mut table = Interner::new(aggregation.keys())?;
    let groups = if rows == 0 { Vec::new() } else { table.intern(&keys, rows)?.to_vec() };
    if groups.iter().enumerate().any(|(row, &group)| row != group) {
        return Err(AggregateError("two rows have the same key; give each key once".to_owned()));
    }
    let mut accumulators = Accumulators::new(aggregation)?;
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let arguments = aggregation.calls().iter().zip(values).map(|(call, value)| {
        if call.function() == AggregateFunction::Count {
            return call.prepare(Vec::new(), rows);
        }
        Ok(cast_with_options(value, call.argument_type(), &strict)?)
    });
    let arguments = arguments.collect::<Result<Vec<_>, AggregateError>>()?;
    accumulators.update(&arguments, &groups, rows)?;
    let mut states = accumulators.state()?;
    for ((call, value), state) in aggregation.calls().iter().zip(values).zip(&mut states) {
        if call.function() == AggregateFunction::Count
            && let (Some(column), Some(counts)) = (state.first_mut(), value.as_any().downcast_ref::<Int64Array>())
        {
            *column = Arc::new(counts.iter().map(|count| Some(count.unwrap_or(0))).collect::<Int64Array>());
        }
    }
    Ok(Grouped { keys, states, groups: rows })
}
