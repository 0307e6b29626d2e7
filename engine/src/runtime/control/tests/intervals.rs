//! The automatic interval, over loads of every shape.

use std::time::Duration;

use proptest::prelude::*;

use super::plant::{Plant, noise, settings};
use crate::metrics::{IntervalMove, IntervalReason};
use crate::pipeline::{Backpressure, IntervalSettings, Settings};
use crate::runtime::control::interval::IntervalControl;
use crate::spec::Span;

const WIDE: IntervalSettings =
    IntervalSettings { is_on: true, min: Settings::MIN_INTERVAL, max: Settings::MAX_INTERVAL, target: 0.8 };

fn span(secs: f64) -> Span {
    Span::from(Duration::from_secs_f64(secs))
}

/// The interval after each batch, and the moves.
fn walk(
    start: f64,
    batches: usize,
    settings: &IntervalSettings,
    cost: impl Fn(f64, usize) -> f64,
) -> (Vec<f64>, Vec<IntervalMove>) {
    let mut control = IntervalControl::new(span(start), settings);
    let (mut intervals, mut moves) = (Vec::new(), Vec::new());
    for batch in 0..batches {
        let present = control.present();
        moves.extend(control.observe(present, span(cost(present.as_secs_f64(), batch)), settings));
        intervals.push(control.present().as_secs_f64());
    }
    (intervals, moves)
}

/// Processing time over interval for fixed costs and costs that grow with the interval to the power of 1.5, lowest at
/// `bottom` seconds where it is `load`.
fn superlinear(bottom: f64, load: f64, fixed: bool) -> impl Fn(f64) -> f64 {
    let factor = load / 1.5 / bottom.sqrt();
    let overhead = if fixed { factor / 2.0 * bottom.powf(1.5) } else { 0.0 };
    move |interval| overhead / interval + factor * interval.sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn fixed_costs_and_costs_per_row_are_met_after_ten_batches(
        right in -1.0f64..2.5, slope in 0.0f64..0.5, start in -2.0f64..3.5,
    ) {
        let right = 10f64.powf(right);
        let overhead = right * (WIDE.target - slope);
        let (intervals, moves) = walk(10f64.powf(start), 40, &WIDE, |interval, _| overhead + slope * interval);
        for interval in &intervals[9..] {
            prop_assert!((interval / right - 1.0).abs() <= 0.1, "{interval} instead of {right}: {moves:#?}");
        }
    }

    #[test]
    fn uneven_batches_do_not_make_it_wander(
        right in -1.0f64..2.0, slope in 0.0f64..0.5, start in -2.0f64..3.0, seed in any::<u64>(),
    ) {
        let right = 10f64.powf(right);
        let overhead = right * (WIDE.target - slope);
        let cost = |interval, batch| (overhead + slope * interval) * (1.0 + 0.1 * noise(seed, batch));
        let (intervals, _) = walk(10f64.powf(start), 80, &WIDE, cost);
        for interval in &intervals[20..] {
            prop_assert!((0.5..2.0).contains(&(interval / right)), "{interval} instead of {right}");
        }
    }

    #[test]
    fn where_work_grows_faster_than_the_interval_one_is_found_that_keeps_up_or_it_is_said_that_none_does(
        bottom in -1.5f64..1.5, load in -0.5f64..0.4, fixed in any::<bool>(), start in -2.0f64..2.0,
    ) {
        let settings = IntervalSettings { max: Span::from_secs(100), ..WIDE };
        let load_at = superlinear(10f64.powf(bottom), 10f64.powf(load), fixed);
        let (intervals, moves) = walk(10f64.powf(start), 80, &settings, |interval, _| load_at(interval) * interval);
        let steps = (0..=400).map(|step| 0.01 * 1e4f64.powf(f64::from(step) / 400.0));
        let best = steps.map(&load_at).fold(f64::INFINITY, f64::min);
        let last = load_at(intervals[intervals.len() - 1]);
        let gave_up = moves.iter().any(|moved| matches!(moved.reason, IntervalReason::NoneKeepsUp { .. }));
        if best <= 0.97 {
            prop_assert!(last <= 1.0, "a load of {last} although {best} is possible: {moves:#?}");
            prop_assert!(!gave_up, "{moves:#?}");
        } else if best > 1.0 {
            prop_assert!(gave_up, "{last}: {moves:#?}");
            prop_assert!(last <= best * 1.1, "the best stays in force: {last} instead of {best}: {moves:#?}");
        }
    }

    #[test]
    fn it_stays_within_the_range_whatever_is_measured(
        measured in prop::collection::vec((any::<i64>(), any::<i64>()), 1..60),
        min in any::<i64>(), max in any::<i64>(), target in any::<f64>(),
    ) {
        let mut all = Settings::default();
        all.set(&crate::pipeline::Setting::AutoIntervalMin(Span(min)));
        all.set(&crate::pipeline::Setting::AutoIntervalMax(Span(max)));
        all.set(&crate::pipeline::Setting::AutoIntervalTarget(target));
        let (shortest, longest) = all.auto_interval.range();
        let mut control = IntervalControl::new(Span::from_secs(1), &all.auto_interval);
        for (span, processing) in measured {
            if let Some(moved) = control.observe(Span(span), Span(processing), &all.auto_interval) {
                prop_assert!(!moved.to_string().is_empty());
            }
            prop_assert!((shortest..=longest).contains(&control.present()));
        }
    }
}

#[test]
fn a_load_three_times_too_high_ends_at_the_longest_interval_with_the_sentence() {
    let settings = IntervalSettings { is_on: true, ..IntervalSettings::default() };
    let (intervals, moves) = walk(1.0, 30, &settings, |interval, _| 0.05 + 3.0 * interval);
    assert!((intervals[29] - 10.0).abs() < 1e-9, "{intervals:?}");
    let last = moves[moves.len() - 1].to_string();
    assert!(last.contains("no interval from 100ms to 10s keeps up: at best, batches take 300 % of it"), "{last}");
}

#[test]
fn a_load_that_changes_is_followed_also_after_giving_up() {
    let settings = IntervalSettings { is_on: true, ..IntervalSettings::default() };
    let cost = |interval: f64, batch| if batch < 30 { 3.0 * interval } else { 0.6 + 0.2 * interval };
    let (intervals, _) = walk(1.0, 60, &settings, cost);
    assert!((intervals[59] - 1.0).abs() < 0.1, "{intervals:?}");
}

#[test]
fn at_rest_it_does_not_move() {
    let (_, moves) = walk(1.0, 100, &WIDE, |_, _| 0.8);
    assert_eq!(moves, []);
}

/// In the loop with ticks and a queue: what was cut at the old interval teaches nothing about the new one.
#[test]
fn a_pipeline_with_high_fixed_costs_finds_an_interval_it_keeps_up_at() {
    let mut settings = settings(Backpressure::Off, 1.0, Span::from_millis(200));
    settings.auto_interval.is_on = true;
    let cost = |rows: f64, _| 0.5 + rows * 1e-4;
    let turns = Plant { settings, supply: 2_000.0, cost: &cost }.run(80);
    let right = 0.5 / (0.8 - 0.2);
    let last = &turns[79];
    assert!((last.interval.as_secs_f64() / right - 1.0).abs() < 0.1, "{last:?}");
    assert!(last.total_delay <= 1.0, "the queue of the beginning is gone: {last:?}");
}

/// Both at once: the rate leaves the slack that the interval aims at, so neither drives the other to its end.
#[test]
fn backpressure_beside_an_automatic_interval_comes_to_rest() {
    let mut settings = settings(Backpressure::Damped, 1_000.0, Span::from_secs(1));
    settings.auto_interval.is_on = true;
    let cost = |rows: f64, _| 0.1 + rows * 1e-4;
    let turns = Plant { settings, supply: 30_000.0, cost: &cost }.run(120);
    let (settled, last) = (&turns[80..], &turns[119]);
    assert!(settled.iter().all(|turn| turn.interval == last.interval), "{settled:#?}");
    assert!(last.total_delay <= 1.0, "{last:?}");
    let load = last.processing.as_secs_f64() / last.interval.as_secs_f64();
    assert!((load - 0.8).abs() < 0.05, "{last:?}");
}
