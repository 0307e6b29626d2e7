//! The history against a plain list of all reports.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Bucket, History, Measure};
use crate::metrics::BatchReport;
use crate::metrics::testing::{node, report};
use crate::spec::{NodeId, Span};

fn with_time(batch: u64, millis: i64) -> Arc<BatchReport> {
    Arc::new(BatchReport { processing_time: Span::from_millis(millis), ..report(batch) })
}

fn filled(count: u64) -> History {
    let mut history = History::default();
    for batch in 0..count {
        history.push(with_time(batch, i64::try_from(batch % 97).unwrap()));
    }
    history
}

/// What the list says of a range: its smallest, largest and average processing time.
fn naive(values: &[(u64, f64)], first: u64, last: u64) -> (f64, f64, f64) {
    let inside: Vec<_> =
        values.iter().filter(|(batch, _)| *batch >= first && *batch <= last).map(|(_, value)| *value).collect();
    let sum: f64 = inside.iter().sum();
    let min = inside.iter().copied().fold(f64::INFINITY, f64::min);
    let max = inside.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (min, max, sum / inside.len() as f64)
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 * left.abs().max(right.abs()).max(1.0)
}

fn check_tiling(buckets: &[Bucket]) -> Result<(), TestCaseError> {
    for pair in buckets.windows(2) {
        prop_assert!(pair[0].last_batch < pair[1].first_batch, "buckets overlap: {pair:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_bucket_says_what_the_list_of_reports_says(
        steps in prop::collection::vec((1u64..4, 0i64..5_000), 1..1_500),
        range in (0u64..4_000, 0u64..4_000),
        max_points in 1usize..300,
    ) {
        let mut history = History::default();
        let mut values = Vec::new();
        let mut batch = 0;
        for (gap, millis) in steps {
            batch += gap;
            history.push(with_time(batch, millis));
            values.push((batch, f64::from(i32::try_from(millis).unwrap())));
        }
        let (from, to) = (range.0.min(range.1), range.0.max(range.1));
        let inside: Vec<_> = values.iter().filter(|(batch, _)| (from..=to).contains(batch)).collect();
        let buckets = history.buckets(Measure::ProcessingTime, from..=to, max_points);
        prop_assert!(buckets.len() <= max_points);
        check_tiling(&buckets)?;
        prop_assert_eq!(buckets.first().map(|bucket| bucket.first_batch), inside.first().map(|(batch, _)| *batch));
        prop_assert_eq!(buckets.last().map(|bucket| bucket.last_batch), inside.last().map(|(batch, _)| *batch));
        for bucket in &buckets {
            let (min, max, mean) = naive(&values, bucket.first_batch, bucket.last_batch);
            prop_assert!(close(bucket.min, min) && close(bucket.max, max) && close(bucket.mean, mean), "{bucket:?}");
        }
        let mean = history.mean(Measure::ProcessingTime, from..=to);
        prop_assert_eq!(mean.is_some(), !inside.is_empty());
        if let Some(mean) = mean {
            prop_assert!(close(mean, naive(&values, from, to).2));
        }
        let counted: u64 = history.histogram(Measure::ProcessingTime, from..=to, 20).iter().map(|bin| bin.1).sum();
        prop_assert_eq!(counted, inside.len() as u64);
    }

    #[test]
    fn what_fell_out_of_the_ring_is_in_no_bucket(extra in 1u64..9_000, max_points in 1usize..50) {
        let count = 10_000 + extra;
        let history = filled(count);
        prop_assert_eq!(history.range(), Some((extra, count - 1)));
        let values: Vec<_> = (extra..count).map(|batch| (batch, (batch % 97) as f64)).collect();
        for bucket in history.buckets(Measure::ProcessingTime, 0..=u64::MAX, max_points) {
            let (min, max, mean) = naive(&values, bucket.first_batch, bucket.last_batch);
            prop_assert!(close(bucket.min, min) && close(bucket.max, max) && close(bucket.mean, mean), "{bucket:?}");
        }
    }
}

#[test]
fn the_last_ten_thousand_batches_are_kept_and_no_more() {
    let history = filled(25_000);
    assert_eq!(history.len(), 10_000);
    assert_eq!(history.range(), Some((15_000, 24_999)));
    assert_eq!(history.latest().map(|report| report.batch), Some(24_999));
    assert_eq!(history.report(20_000).map(|report| report.batch), Some(20_000));
    assert!(history.report(14_999).is_none());
    assert_eq!(history.value(Measure::ProcessingTime, 20_000), Some(f64::from(20_000 % 97)));
    assert_eq!(history.value(Measure::ProcessingTime, 14_999), None);
}

#[test]
fn a_large_graph_keeps_fewer_full_reports_but_all_measures() {
    let mut history = History::default();
    for batch in 0..3_000 {
        let nodes = (0..200).map(|id| node(NodeId(id))).collect();
        history.push(Arc::new(BatchReport { nodes, ..report(batch) }));
    }
    assert_eq!(history.len(), 3_000);
    assert_eq!(history.recent().count(), 500);
    assert!(history.report(2_500).is_some() && history.report(2_499).is_none());
    assert!(history.value(Measure::ProcessingTime, 0).is_some());
}

#[test]
fn a_batch_number_that_starts_again_is_another_run() {
    let mut history = filled(50);
    history.push(report(0).into());
    assert_eq!(history.range(), Some((0, 0)));
    assert_eq!(history.len(), 1);
}

#[test]
fn batches_without_rows_leave_a_gap_in_the_latency() {
    let mut history = History::default();
    for batch in 0..10 {
        let mut full = report(batch);
        full.latency.count = u64::from(batch >= 5);
        full.latency.p50 = Span::from_millis(7);
        history.push(full.into());
    }
    let buckets = history.buckets(Measure::LatencyP50, 0..=9, 100);
    assert_eq!(buckets.len(), 5);
    assert_eq!(buckets[0].first_batch, 5);
    assert_eq!(history.mean(Measure::LatencyP50, 0..=4), None);
    assert_eq!(history.mean(Measure::LatencyP50, 0..=9), Some(7.0));
}

#[test]
fn buckets_stay_put_while_the_view_follows_the_newest_batch() {
    let history = filled(1_000);
    let earlier = history.buckets(Measure::ProcessingTime, 100..=699, 100);
    let later = history.buckets(Measure::ProcessingTime, 101..=700, 100);
    let shared = earlier.iter().filter(|bucket| later.contains(bucket)).count();
    assert!(shared + 2 >= earlier.len(), "only {shared} of {} stayed", earlier.len());
}

#[test]
fn equal_values_are_one_bar() {
    let mut history = History::default();
    for batch in 0..10 {
        history.push(with_time(batch, 5));
    }
    assert_eq!(history.histogram(Measure::ProcessingTime, 0..=9, 20), vec![(5.0, 10)]);
    assert_eq!(history.histogram(Measure::ProcessingTime, 20..=30, 20), vec![]);
}

#[test]
fn the_time_of_nodes_is_averaged_over_blocks_and_read_batch_by_batch_where_that_fits() {
    let mut history = History::default();
    for batch in 0..2_000u64 {
        let busy = Span::from_millis(i64::try_from(batch % 10).unwrap());
        let worker = crate::metrics::NodeReport { busy, ..node(NodeId(2)) };
        history.push(Arc::new(BatchReport { nodes: vec![node(NodeId(1)), worker], ..report(batch) }));
    }
    let single = history.busy(100..=109, 50);
    assert_eq!(single.len(), 10);
    assert_eq!(single[7].busy_millis, [(NodeId(1), 0.0), (NodeId(2), 7.0)]);
    let wide = history.busy(0..=1_999, 300);
    assert!(wide.len() <= 300 && wide.len() >= 30, "{}", wide.len());
    for bucket in &wide {
        let batches: Vec<u64> = (bucket.first_batch..=bucket.last_batch).collect();
        let mean = batches.iter().map(|batch| (batch % 10) as f64).sum::<f64>() / batches.len() as f64;
        assert!(close(bucket.busy_millis[1].1, mean), "{bucket:?}");
    }
    assert!(check_busy_tiling(&wide));
}

fn check_busy_tiling(buckets: &[crate::metrics::BusyBucket]) -> bool {
    buckets.windows(2).all(|pair| pair[0].last_batch + 1 == pair[1].first_batch)
}

#[test]
fn a_large_graph_keeps_the_time_of_its_nodes_after_its_reports_are_gone() {
    let mut history = History::default();
    for batch in 0..3_000 {
        let nodes = (0..200).map(|id| node(NodeId(id))).collect();
        history.push(Arc::new(BatchReport { nodes, ..report(batch) }));
    }
    let wide = history.busy(0..=2_999, 1_000);
    assert_eq!(wide.first().map(|bucket| bucket.first_batch), Some(0));
    assert_eq!(wide.last().map(|bucket| bucket.last_batch), Some(2_999));
}

#[test]
fn the_table_has_a_line_per_batch_and_gaps_where_there_is_nothing() {
    let mut history = History::default();
    for batch in 3..6 {
        history.push(with_time(batch, 12));
    }
    assert_eq!(history.table().to_csv(&mut |done, _| done < 2), None, "not wanted any more");
    let text = history.to_csv();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    let columns: Vec<_> = lines[0].split(',').collect();
    let cells: Vec<_> = lines[1].split(',').collect();
    assert_eq!(columns.len(), cells.len());
    let cell = |name: &str| cells[columns.iter().position(|column| *column == name).unwrap()];
    assert_eq!((cell("batch"), cell("processing_time_ms"), cell("watermark_lag_ms")), ("3", "12", ""));
}
