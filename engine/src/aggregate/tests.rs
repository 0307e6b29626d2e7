//! Grouping against counting by hand, and its independence of threads.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, StringViewArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::*;
use crate::expr::Scope;
use crate::spec::Timestamp;

type Row = (Option<String>, Option<i64>, Option<f64>);

const SCOPE: Scope = Scope { batch: 0, time: Timestamp::VIRTUAL_START };

fn batch(rows: &[Row]) -> RecordBatch {
    let words: StringViewArray = rows.iter().map(|row| row.0.as_deref()).collect();
    let numbers: Int64Array = rows.iter().map(|row| row.1).collect();
    let fractions: Float64Array = rows.iter().map(|row| row.2).collect();
    let columns: [(&str, ArrayRef, bool); 3] =
        [("word", Arc::new(words), true), ("n", Arc::new(numbers), true), ("x", Arc::new(fractions), true)];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn spec(keys: &[usize], calls: &[(AggregateFunction, Option<usize>)]) -> Arc<GroupSpec> {
    let schema: SchemaRef = batch(&[]).schema();
    let keys = keys.iter().map(|&at| Key { name: schema.field(at).name().clone(), input: Input::Column(at) }).collect();
    let calls = calls.iter().enumerate().map(|(at, &(function, argument))| AggregateCall {
        function,
        argument: argument.map(Input::Column),
        second: None,
        percent: 90.0,
        name: format!("c{at}"),
    });
    Arc::new(GroupSpec::new(keys, calls.collect(), &schema).unwrap())
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let word = prop::option::weighted(0.9, (0u8..12).prop_map(|id| format!("{}{id}", "word ".repeat(id.into()))));
    let number = prop::option::weighted(0.8, -100i64..100);
    let fraction = prop::option::weighted(0.8, -1.0e3..1.0e3f64);
    prop::collection::vec((word, number, fraction), 0..120)
}

/// Groups by hand, keys in the order in which they first come.
fn by_hand(rows: &[Row]) -> Vec<(Option<String>, Vec<&Row>)> {
    let mut groups: Vec<(Option<String>, Vec<&Row>)> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|(key, _)| *key == row.0) {
            Some((_, members)) => members.push(row),
            None => groups.push((row.0.clone(), vec![row])),
        }
    }
    groups
}

fn close(left: Option<f64>, right: Option<f64>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => (left - right).abs() <= 1e-6 * (1.0 + left.abs().max(right.abs())),
        (left, right) => left == right,
    }
}

fn int(column: &ArrayRef, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.as_primitive::<Int64Type>().value(row))
}

fn double(column: &ArrayRef, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row))
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    (values.len() > 1).then(|| values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.is_empty() {
        None
    } else if sorted.len() % 2 == 1 {
        Some(sorted[middle])
    } else {
        Some(f64::midpoint(sorted[middle - 1], sorted[middle]))
    }
}

/// Between the two values next to it by distance, as Spark's `percentile`.
fn percentile(values: &[f64], tenths: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = sorted.len().checked_sub(1)? * tenths;
    let share = (place % 10) as f64 / 10.0;
    Some(sorted[place / 10] * (1.0 - share) + sorted[place.div_ceil(10)] * share)
}

proptest! {
    #[test]
    fn every_function_equals_counting_by_hand(rows in rows(), cut in 1usize..40, piece in 1usize..50) {
        use AggregateFunction as F;
        let calls = [
            (F::Count, None), (F::Count, Some(1)), (F::Sum, Some(1)), (F::Min, Some(1)), (F::Max, Some(1)),
            (F::Avg, Some(1)), (F::CountDistinct, Some(1)), (F::First, Some(1)), (F::Last, Some(1)),
            (F::CollectList, Some(1)), (F::Sum, Some(2)), (F::Avg, Some(2)), (F::Stddev, Some(2)),
            (F::Variance, Some(2)), (F::Median, Some(2)), (F::Max, Some(0)), (F::ApproxCountDistinct, Some(1)),
            (F::Percentile, Some(2)),
        ];
        let batches: Vec<RecordBatch> = rows.chunks(cut).map(batch).collect();
        let mut grouper = BatchGrouper::new(spec(&[0], &calls)).with_piece_rows(piece);
        let out = grouper.evaluate(&batches, &SCOPE, &pool(2)).unwrap();
        let expected = by_hand(&rows);
        prop_assert_eq!(out.num_rows(), expected.len());
        for (row, (key, members)) in expected.iter().enumerate() {
            let column = |call: usize| out.column(call + 1);
            let word = out.column(0).as_string_view();
            prop_assert_eq!(word.is_valid(row).then(|| word.value(row).to_owned()), key.clone());
            let numbers: Vec<i64> = members.iter().filter_map(|row| row.1).collect();
            let fractions: Vec<f64> = members.iter().filter_map(|row| row.2).collect();
            let mut distinct = numbers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let some = |value: i64| (!numbers.is_empty()).then_some(value);
            prop_assert_eq!(int(column(0), row), Some(count(members.len())));
            prop_assert_eq!(int(column(1), row), Some(count(numbers.len())));
            prop_assert_eq!(int(column(2), row), some(numbers.iter().sum()));
            prop_assert_eq!(int(column(3), row), numbers.iter().copied().min());
            prop_assert_eq!(int(column(4), row), numbers.iter().copied().max());
            let as_double: Vec<f64> = numbers.iter().map(|&n| n as f64).collect();
            prop_assert!(close(double(column(5), row), mean(&as_double)));
            prop_assert_eq!(int(column(6), row), Some(count(distinct.len())));
            prop_assert_eq!(int(column(7), row), members[0].1);
            prop_assert_eq!(int(column(8), row), members[members.len() - 1].1);
            let list = column(9).as_list::<i32>().value(row);
            let list: Vec<i64> = list.as_primitive::<Int64Type>().values().to_vec();
            prop_assert_eq!(list, numbers.clone());
            let sum = (!fractions.is_empty()).then(|| fractions.iter().sum());
            prop_assert!(close(double(column(10), row), sum));
            prop_assert!(close(double(column(11), row), mean(&fractions)));
            prop_assert!(close(double(column(12), row), variance(&fractions).map(f64::sqrt)));
            prop_assert!(close(double(column(13), row), variance(&fractions)));
            prop_assert!(close(double(column(14), row), median(&fractions)));
            let longest = column(15).as_string_view();
            prop_assert_eq!(longest.is_valid(row).then(|| longest.value(row).to_owned()), key.clone());
            // Between two values the place is known to a millionth of their distance.
            let spread = fractions.iter().copied().fold(0.0, |most: f64, value| most.max(value.abs()));
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * (1.0 + spread);
            match (double(column(17), row), percentile(&fractions, 9)) {
                (Some(found), Some(wanted)) => prop_assert!(near(found, wanted), "{found} is not {wanted}"),
                (found, wanted) => prop_assert_eq!(found, wanted),
            }
            let about = int(column(16), row).unwrap();
            prop_assert!((about - count(distinct.len())).abs() <= 2, "{} is not about {}", about, distinct.len());
        }
    }

    #[test]
    fn the_number_of_threads_never_shows(rows in rows(), piece in 1usize..30) {
        use AggregateFunction as F;
        let calls = [(F::Sum, Some(2)), (F::Avg, Some(2)), (F::Stddev, Some(2)), (F::Last, Some(0))];
        let once = |threads: usize| {
            let mut grouper = BatchGrouper::new(spec(&[0, 1], &calls)).with_piece_rows(piece);
            grouper.evaluate(&[batch(&rows)], &SCOPE, &pool(threads)).unwrap()
        };
        let one = once(1);
        prop_assert_eq!(&one, &once(2));
        prop_assert_eq!(&one, &once(8));
    }

    #[test]
    fn a_store_gives_back_what_was_last_written(
        writes in prop::collection::vec(prop::collection::btree_map(0u32..50, any::<i64>(), 1..20), 1..40),
    ) {
        let mut store = ColumnStore::default();
        let mut last = std::collections::BTreeMap::new();
        for write in writes {
            let ids: Vec<u32> = write.keys().copied().collect();
            let values = Int64Array::from_iter_values(write.values().copied());
            store.put(&ids, vec![Arc::new(values)]).unwrap();
            last.extend(write);
            let ids: Vec<u32> = last.keys().rev().copied().collect();
            let expected: Vec<i64> = last.values().rev().copied().collect();
            let held = store.gather(&ids).unwrap();
            prop_assert_eq!(held[0].as_primitive::<Int64Type>().values().to_vec(), expected);
        }
    }
}

proptest! {
    #[test]
    fn a_grouper_forgets_one_batch_before_the_next(
        batches in prop::collection::vec(rows(), 2..5),
        keys in prop::sample::subsequence(vec![0usize, 1, 2], 1..=3),
    ) {
        let spec = spec(&keys, &[(AggregateFunction::Count, None)]);
        let mut grouper = BatchGrouper::new(Arc::clone(&spec));
        let pool = pool(1);
        for rows in batches {
            let input = [batch(&rows)];
            let again = grouper.evaluate(&input, &SCOPE, &pool).unwrap();
            let fresh = BatchGrouper::new(Arc::clone(&spec)).evaluate(&input, &SCOPE, &pool).unwrap();
            prop_assert_eq!(&again, &fresh);
            let key_of = |row: &Row| {
                let cells = [format!("{:?}", row.0), format!("{:?}", row.1), format!("{:?}", row.2)];
                keys.iter().map(|&key| cells[key].clone()).collect::<Vec<_>>()
            };
            let distinct: std::collections::BTreeSet<_> = rows.iter().map(key_of).collect();
            prop_assert_eq!(again.num_rows(), distinct.len());
        }
    }
}

#[test]
fn results_have_the_types_of_spark() {
    use AggregateFunction as F;
    let calls = [(F::Count, None), (F::Sum, Some(1)), (F::Avg, Some(1)), (F::ApproxCountDistinct, Some(0))];
    let spec = spec(&[0], &calls);
    let types: Vec<_> = spec.aggregation().output().fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(types, [DataType::Utf8View, DataType::Int64, DataType::Int64, DataType::Float64, DataType::Int64]);
    let decimal = Call::new(F::Sum, &[("price", &DataType::Decimal128(10, 2))], 0.0, "sum").unwrap();
    assert_eq!(*decimal.field().data_type(), DataType::Decimal128(20, 2));
    assert_eq!(decimal.upkeep(), Upkeep::Totals);
}

#[test]
fn zero_and_minus_zero_are_one_key_and_so_are_all_nans() {
    let rows: Vec<Row> = [0.0, -0.0, f64::NAN, -f64::NAN].into_iter().map(|x| (None, None, Some(x))).collect();
    let mut grouper = BatchGrouper::new(spec(&[2], &[(AggregateFunction::Count, None)]));
    let out = grouper.evaluate(&[batch(&rows)], &SCOPE, &pool(1)).unwrap();
    assert_eq!(out.column(1).as_primitive::<Int64Type>().values(), &[2, 2]);
}

#[test]
fn what_is_kept_does_not_hold_the_batch_it_came_from() {
    let long = "a word that is too long to lie in a view ".repeat(50);
    let rows: Vec<Row> = (0..2_000).map(|at| (Some(format!("{long}{}", at % 2)), None, None)).collect();
    let mut grouper = BatchGrouper::new(spec(&[0], &[(AggregateFunction::Max, Some(0))]));
    let found = grouper.partial(&[batch(&rows)], &SCOPE, &pool(1)).unwrap();
    let mut running = RunningState::new(grouper.spec().aggregation()).unwrap();
    running.absorb(&found).unwrap();
    let source = rows.len() * long.len();
    assert!(running.size() < source / 20, "{} bytes of {source} are held", running.size());
}
