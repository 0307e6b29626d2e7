//! Our own accumulators against the textbook's formulas over all values at once, however rows are cut and merged.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, StringViewArray,
};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::aggregate::{
    AggregateCall, AggregateError, AggregateFunction as F, BatchGrouper, Call, GroupSpec, Input, Key, RunningState,
    Upkeep,
};
use crate::expr::Scope;
use crate::spec::Timestamp;

const SCOPE: Scope = Scope { batch: 0, time: Timestamp::VIRTUAL_START };

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Calls over the columns by position, grouped by the first.
fn spec(rows: &RecordBatch, calls: &[(F, usize, Option<usize>, f64)]) -> Arc<GroupSpec> {
    let calls = calls.iter().enumerate().map(|(at, &(function, argument, second, percent))| AggregateCall {
        function,
        argument: Some(Input::Column(argument)),
        second: second.map(Input::Column),
        percent,
        name: format!("c{at}"),
    });
    let key = Key { name: "key".to_owned(), input: Input::Column(0) };
    Arc::new(GroupSpec::new(vec![key], calls.collect(), &rows.schema()).unwrap())
}

/// The results of all rows, in pieces of so many and batch after batch.
fn results(spec: &Arc<GroupSpec>, batches: &[RecordBatch], piece: usize) -> Result<RecordBatch, AggregateError> {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut grouper = BatchGrouper::new(Arc::clone(spec)).with_piece_rows(piece);
    let mut running = RunningState::new(spec.aggregation()).unwrap();
    for rows in batches {
        running.absorb(&grouper.partial(std::slice::from_ref(rows), &SCOPE, &pool)?)?;
    }
    running.evaluate(&running.groups())
}

fn doubles(column: &ArrayRef) -> Vec<Option<f64>> {
    column.as_primitive::<Float64Type>().iter().collect()
}

fn near(found: Option<f64>, wanted: Option<f64>) -> bool {
    match (found, wanted) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= 1e-6 * (1.0 + wanted.abs()),
        (found, wanted) => found == wanted,
    }
}

type Row = (u8, Option<i32>, Option<i32>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = || prop::option::weighted(0.85, -20i32..20);
    prop::collection::vec((0u8..3, number(), number()), 1..80)
}

/// A value far from zero beside a small spread: what a naive sum of squares loses.
fn far(value: i32) -> f64 {
    1.0e6 + f64::from(value) / 4.0
}

fn table(rows: &[Row]) -> RecordBatch {
    let keys: Int64Array = rows.iter().map(|row| Some(i64::from(row.0))).collect();
    let x: Float64Array = rows.iter().map(|row| row.1.map(far)).collect();
    let y: Float64Array = rows.iter().map(|row| row.2.map(far)).collect();
    let n: Int32Array = rows.iter().map(|row| row.1).collect();
    batch(vec![("key", Arc::new(keys)), ("x", Arc::new(x)), ("y", Arc::new(y)), ("n", Arc::new(n))])
}

/// Of the pairs (y, x): count, means, squares and products of the distances.
fn spreads(pairs: &[(f64, f64)]) -> (f64, f64, f64, f64, f64, f64) {
    let n = pairs.len() as f64;
    let (y, x) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| of(p.0 - y, p.1 - x)).sum::<f64>();
    (n, y, x, sum(&|dy, _| dy * dy), sum(&|_, dx| dx * dx), sum(&|dy, dx| dy * dx))
}

/// The first rank that reaches this part of so many.
fn rank(part: f64, count: usize) -> usize {
    (1..=count).find(|rank| *rank as f64 >= part * count as f64).unwrap_or(count).max(1)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn pairs_have_the_spreads_and_lines_of_the_textbook(rows in rows(), cut in 1usize..30, piece in 1usize..20) {
        let functions = [
            F::CovarPop, F::CovarSamp, F::Corr, F::RegrSlope, F::RegrIntercept, F::RegrR2, F::RegrAvgx, F::RegrAvgy,
            F::RegrSxx, F::RegrSyy, F::RegrSxy,
        ];
        let mut calls: Vec<_> = functions.iter().map(|function| (*function, 1, Some(2), 0.0)).collect();
        calls.push((F::RegrCount, 1, Some(2), 0.0));
        let batches: Vec<RecordBatch> = rows.chunks(cut).map(table).collect();
        let out = results(&spec(&batches[0], &calls), &batches, piece).unwrap();
        for row in 0..out.num_rows() {
            let key = out.column(0).as_primitive::<Int64Type>().value(row);
            let own = rows.iter().filter(|row| i64::from(row.0) == key);
            let pairs: Vec<(f64, f64)> = own.filter_map(|row| Some((far(row.1?), far(row.2?)))).collect();
            prop_assert_eq!(out.column(12).as_primitive::<Int64Type>().value(row), i64::try_from(pairs.len()).unwrap());
            let (n, y, x, yy, xx, yx) = spreads(&pairs);
            let slope = (n > 1.0 && xx > 0.0).then(|| yx / xx);
            let some = |value: f64| (n > 0.0).then_some(value);
            let wanted = [
                some(yx / n),
                (n > 1.0).then(|| yx / (n - 1.0)),
                (n > 1.0 && xx > 0.0 && yy > 0.0).then(|| yx / (xx * yy).sqrt()),
                slope,
                slope.map(|slope| y - slope * x),
                (n > 0.0 && xx > 0.0).then(|| if yy > 0.0 { yx * yx / (xx * yy) } else { 1.0 }),
                some(x), some(y), some(xx), some(yy), some(yx),
            ];
            for (at, wanted) in wanted.into_iter().enumerate() {
                let found = doubles(out.column(at + 1))[row];
                prop_assert!(near(found, wanted), "{}: {found:?} is not {wanted:?} of {pairs:?}", functions[at]);
            }
        }
    }

    #[test]
    fn shapes_and_ranks_are_those_of_all_values_at_once(
        rows in rows(), cut in 1usize..30, piece in 1usize..20, percent in 0u32..=20,
    ) {
        let percent = f64::from(percent) * 5.0;
        let calls = [
            (F::Skewness, 1, None, 0.0), (F::Kurtosis, 1, None, 0.0), (F::PercentileDisc, 3, None, percent),
            (F::PercentileApprox, 3, None, percent), (F::Mode, 3, None, 0.0), (F::TrySum, 3, None, 0.0),
            (F::TryAvg, 3, None, 0.0),
        ];
        let batches: Vec<RecordBatch> = rows.chunks(cut).map(table).collect();
        let out = results(&spec(&batches[0], &calls), &batches, piece).unwrap();
        for row in 0..out.num_rows() {
            let key = out.column(0).as_primitive::<Int64Type>().value(row);
            let numbers: Vec<i32> =
                rows.iter().filter(|row| i64::from(row.0) == key).filter_map(|row| row.1).collect();
            let n = numbers.len() as f64;
            let mean = numbers.iter().map(|number| far(*number)).sum::<f64>() / n;
            let power = |power: i32| numbers.iter().map(|number| (far(*number) - mean).powi(power)).sum::<f64>() / n;
            let varies = numbers.iter().any(|number| *number != numbers[0]);
            let skewness = varies.then(|| power(3) / power(2).powf(1.5));
            let kurtosis = varies.then(|| power(4) / power(2).powi(2) - 3.0);
            prop_assert!(near(doubles(out.column(1))[row], skewness), "{skewness:?} of {numbers:?}");
            prop_assert!(near(doubles(out.column(2))[row], kurtosis), "{kurtosis:?} of {numbers:?}");
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            let ranked = sorted.get(rank(percent / 100.0, sorted.len()) - 1).copied();
            prop_assert_eq!(doubles(out.column(3))[row], ranked.map(f64::from));
            let approximate = out.column(4).as_primitive::<Int32Type>();
            prop_assert_eq!(approximate.is_valid(row).then(|| approximate.value(row)), ranked);
            let times = |value: i32| numbers.iter().filter(|number| **number == value).count();
            let most = numbers.iter().map(|number| times(*number)).max();
            let first = numbers.iter().copied().find(|number| Some(times(*number)) == most);
            let mode = out.column(5).as_primitive::<Int32Type>();
            prop_assert_eq!(mode.is_valid(row).then(|| mode.value(row)), first);
            let sum: i64 = numbers.iter().map(|number| i64::from(*number)).sum();
            let found = out.column(6).as_primitive::<Int64Type>();
            prop_assert_eq!(found.is_valid(row).then(|| found.value(row)), (n > 0.0).then_some(sum));
            prop_assert!(near(doubles(out.column(7))[row], (n > 0.0).then(|| sum as f64 / n)));
        }
    }
}

fn decimals(values: &[i128], precision: u8) -> ArrayRef {
    let values = Decimal128Array::from_iter_values(values.iter().copied());
    Arc::new(values.with_precision_and_scale(precision, 0).unwrap())
}

#[test]
fn a_sum_that_does_not_fit_is_an_error_or_null_and_never_another_number() {
    let most = 10_i128.pow(38) - 1;
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 1, 2]));
    let rows = batch(vec![
        ("key", keys),
        ("l", Arc::new(Int64Array::from(vec![i64::MAX, 1, -5, 7]))),
        ("d", decimals(&[most, 1, -5, 7], 38)),
    ]);
    for column in [1, 2] {
        let error = results(&spec(&rows, &[(F::Sum, column, None, 0.0)]), std::slice::from_ref(&rows), 100);
        let error = error.unwrap_err().0;
        assert!(error.contains("grew too large") && error.contains("try_sum"), "{error}");
        // Cut anywhere: once it has not fitted, it stays null.
        for cut in 1..=4 {
            let batches: Vec<_> = (0..4).step_by(cut).map(|at| rows.slice(at, cut.min(4 - at))).collect();
            let out = results(&spec(&rows, &[(F::TrySum, column, None, 0.0)]), &batches, 100).unwrap();
            assert!(out.column(1).is_null(0) && out.column(1).is_valid(1), "column {column}, cut {cut}: {out:?}");
        }
    }
    let average = spec(&rows, &[(F::Avg, 2, None, 0.0)]);
    assert!(results(&average, std::slice::from_ref(&rows), 100).unwrap_err().0.contains("behind a mean"));
    let out = results(&spec(&rows, &[(F::TryAvg, 2, None, 0.0)]), std::slice::from_ref(&rows), 1).unwrap();
    let means = out.column(1).as_primitive::<Decimal128Type>();
    assert!(means.is_null(0));
    assert_eq!(means.value_as_string(1), "7.0000");
}

#[test]
fn a_mode_is_of_any_type_that_can_be_compared() {
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 1, 1, 2]));
    let texts: ArrayRef = Arc::new(StringViewArray::from(vec![
        Some("a text longer than its view"),
        Some("b"),
        None,
        Some("a text longer than its view"),
        None,
    ]));
    let truths: ArrayRef = Arc::new(BooleanArray::from(vec![Some(false), Some(true), Some(true), None, None]));
    let zeros: ArrayRef = Arc::new(Float64Array::from(vec![0.0, 5.0, -0.0, 5.0, 1.0]));
    let rows = batch(vec![("key", keys), ("t", texts), ("b", truths), ("z", zeros)]);
    let calls = [(F::Mode, 1, None, 0.0), (F::Mode, 2, None, 0.0), (F::Mode, 3, None, 0.0)];
    for piece in [1, 100] {
        let out = results(&spec(&rows, &calls), std::slice::from_ref(&rows), piece).unwrap();
        let texts = out.column(1).as_string_view();
        assert_eq!((texts.value(0), texts.is_null(1)), ("a text longer than its view", true));
        let truths = out.column(2).as_boolean();
        assert!(truths.value(0) && truths.is_null(1));
        assert_eq!(doubles(out.column(3)), [Some(0.0), Some(1.0)], "both zeros are one value, and the first seen");
    }
}

#[test]
fn types_are_those_of_spark_and_wrong_ones_are_refused_with_what_to_do() {
    let call = |function: F, arguments: &[(&str, &DataType)]| Call::new(function, arguments, 50.0, "c");
    let gives = |function: F, given: &DataType| {
        call(function, &[("v", given)]).map(|call| call.field().data_type().clone()).map_err(|error| error.0)
    };
    assert_eq!(gives(F::PercentileApprox, &DataType::Int32), Ok(DataType::Int32));
    assert_eq!(gives(F::PercentileDisc, &DataType::Int32), Ok(DataType::Float64));
    assert_eq!(gives(F::Mode, &DataType::Date32), Ok(DataType::Date32));
    assert_eq!(gives(F::TrySum, &DataType::Decimal128(10, 2)), Ok(DataType::Decimal128(20, 2)));
    assert_eq!(gives(F::TryAvg, &DataType::Decimal128(10, 2)), Ok(DataType::Decimal128(14, 6)));
    assert!(gives(F::Skewness, &DataType::Utf8View).unwrap_err().contains("works on numbers, but `v` is"));
    let pair = [("x", &DataType::Int32), ("y", &DataType::Utf8View)];
    assert!(call(F::Corr, &pair).unwrap_err().0.contains("`y`"));
    assert!(call(F::Corr, &pair[..1]).unwrap_err().0.contains("two values"));
    let pair = call(F::RegrCount, &[("x", &DataType::Int32), ("y", &DataType::Float32)]).unwrap();
    assert_eq!((pair.field().data_type(), pair.field().is_nullable()), (&DataType::Int64, false));
    assert_eq!(pair.upkeep(), Upkeep::Stacks);
    assert_eq!(call(F::Sum, &[("v", &DataType::Decimal128(10, 2))]).unwrap().upkeep(), Upkeep::Totals);
}
