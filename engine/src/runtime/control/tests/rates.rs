//! Backpressure, in the words of the person whose pipeline is given too much.

use std::time::Duration;

use proptest::prelude::*;

use super::plant::{Plant, Turn, noise, settings};
use crate::metrics::RateBound;
use crate::pipeline::{Backpressure, RateSettings};
use crate::runtime::control::damped::DampedEstimator;
use crate::runtime::control::rate::{RateSample, RateStep, SparkEstimator};
use crate::spec::{Span, Timestamp};

/// A pipeline, its interval in seconds, and the rate at which a batch takes just the interval.
#[derive(Debug, Clone, Copy)]
struct Load {
    interval: f64,
    right: f64,
    overhead: f64,
    exponent: f64,
}

impl Load {
    fn cost(&self, rows: f64) -> f64 {
        let share = rows / (self.right * self.interval);
        self.interval * (self.overhead + (1.0 - self.overhead) * share.powf(self.exponent))
    }

    fn run(&self, mode: Backpressure, start: f64, jitter: f64, batches: usize) -> Vec<Turn> {
        let interval = Span::from(Duration::from_secs_f64(self.interval));
        let cost = |rows: f64, number| self.cost(rows) * (1.0 + jitter * noise(7, number));
        let settings = settings(mode, self.right * start, interval);
        Plant { settings, supply: self.right * 10.0, cost: &cost }.run(batches)
    }
}

/// Linear loads with fixed costs of up to 0.3 of the interval, of at least a thousand rows in a batch.
fn linear() -> impl Strategy<Value = Load> {
    (0.05f64..10.0, 1_000.0f64..1e6, 0.0f64..0.3).prop_map(|(interval, rows, overhead)| Load {
        interval,
        right: (rows / interval).max(2_000.0),
        overhead,
        exponent: 1.0,
    })
}

fn superlinear() -> impl Strategy<Value = Load> {
    (linear(), 1.0f64..1.5).prop_map(|(load, exponent)| Load { overhead: 0.0, exponent, ..load })
}

fn worst(turns: &[Turn]) -> f64 {
    turns.iter().map(|turn| turn.total_delay).fold(0.0, f64::max)
}

proptest! {
    #[test]
    fn begun_too_low_the_rate_is_right_after_ten_batches(load in linear(), start in 0.3f64..1.0) {
        let turns = load.run(Backpressure::Damped, start, 0.0, 40);
        for turn in &turns[9..] {
            prop_assert!((turn.limit / load.right - 1.0).abs() <= 0.1, "{turn:?}");
        }
        prop_assert!(worst(&turns) <= 2.0);
    }

    #[test]
    fn begun_threefold_the_delay_is_bounded_and_gone_after_thirty_batches(load in linear()) {
        let turns = load.run(Backpressure::Damped, 3.0, 0.0, 60);
        prop_assert!(worst(&turns) <= 10.0, "{}", worst(&turns));
        for turn in &turns[30..] {
            prop_assert!((turn.limit / load.right - 1.0).abs() <= 0.1, "{turn:?}");
            prop_assert!(turn.total_delay <= 1.5, "{turn:?}");
        }
    }

    #[test]
    fn work_that_grows_faster_than_the_rows_is_held_back_too(load in superlinear(), start in 0.3f64..3.0) {
        let turns = load.run(Backpressure::Damped, start, 0.0, 150);
        // What was cut before the first batch was done has to be worked off: start^e batches of start^e intervals.
        let begun = start.powf(load.exponent).max(1.0);
        prop_assert!(worst(&turns) <= begun * (begun + 1.0) + 2.0, "{}", worst(&turns));
        for turn in &turns[60..] {
            prop_assert!(turn.total_delay <= 2.0, "{turn:?}");
            prop_assert!((turn.limit / load.right - 1.0).abs() <= 0.2, "{turn:?}");
        }
    }

    #[test]
    fn uneven_batches_do_not_make_it_swing(load in linear(), start in 0.3f64..3.0) {
        let turns = load.run(Backpressure::Damped, start, 0.2, 200);
        prop_assert!(worst(&turns[60..]) <= 3.0, "{}", worst(&turns[60..]));
        let mean = turns[60..].iter().map(|turn| turn.rows).sum::<f64>() / (turns.len() - 60) as f64;
        prop_assert!((mean / (load.right * load.interval) - 1.0).abs() <= 0.1, "{mean}");
    }

    #[test]
    fn a_limit_grows_at_most_twofold_with_a_batch(load in superlinear(), start in 0.01f64..3.0, jitter in 0.0f64..0.5) {
        let turns = load.run(Backpressure::Damped, start, jitter, 60);
        for pair in turns.windows(2) {
            prop_assert!(pair[1].limit <= pair[0].limit * 2.0 + 1e-6, "{pair:?}");
        }
    }

    /// However it is fed, a limit is a number within the person's bounds.
    #[test]
    fn limits_keep_within_their_bounds(
        samples in prop::collection::vec(
            (any::<i64>(), any::<u64>(), any::<i64>(), any::<i64>(), any::<i64>(), any::<Option<u32>>()), 1..30),
        gains in (0.0f64..10.0, 0.0f64..10.0, 0.0f64..10.0),
        (min, max) in (1u64..u64::MAX, any::<Option<u64>>()),
    ) {
        let (proportional, integral, derivative) = gains;
        let settings = RateSettings {
            min_rate: min, max_rate: max, proportional, integral, derivative, ..RateSettings::default()
        };
        let (mut spark, mut damped) = (SparkEstimator::default(), DampedEstimator::new(settings.first_limit() as f64));
        let mut limit = settings.first_limit() as f64;
        for (ended, rows, processing, delay, interval, cut) in samples {
            let sample = RateSample {
                ended_at: Timestamp(ended),
                rows,
                processing_time: Span(processing),
                scheduling_delay: Span(delay.max(0)),
                expected_delay: Span(delay.saturating_neg().max(0)),
                interval: Span(interval),
                cut_limit: cut.map(f64::from),
                limit,
                target: 1.0,
            };
            for step in [spark.estimate(&sample, &settings), damped.estimate(&sample, &settings)].into_iter().flatten() {
                prop_assert!(step.limit.is_finite() || max.is_none(), "{step:?}");
                prop_assert!(step.limit >= max.map_or(min, |max| max.min(min)) as f64, "{step:?}");
                prop_assert!(max.is_none_or(|max| step.limit <= max as f64), "{step:?}");
                limit = step.limit;
            }
        }
    }
}

#[test]
fn without_backpressure_the_delay_grows_and_grows() {
    let load = Load { interval: 1.0, right: 10_000.0, overhead: 0.1, exponent: 1.0 };
    let cost = |rows: f64, _| load.cost(rows);
    let settings = settings(Backpressure::Off, 1.0, Span::from_secs(1));
    let turns = Plant { settings, supply: 30_000.0, cost: &cost }.run(60);
    assert!(turns.windows(2).all(|pair| pair[1].total_delay > pair[0].total_delay + 1.5));
    assert!(turns.iter().all(|turn| turn.report.is_none()));
}

fn sample(at_secs: i64, rows: u64, millis: i64, delay_millis: i64) -> RateSample {
    RateSample {
        ended_at: Timestamp(at_secs * 1_000_000),
        rows,
        processing_time: Span::from_millis(millis),
        scheduling_delay: Span::from_millis(delay_millis),
        expected_delay: Span(0),
        interval: Span::from_secs(1),
        cut_limit: None,
        limit: 1_000.0,
        target: 1.0,
    }
}

/// Worked out by hand from Spark's formula.
#[test]
fn sparks_estimator_gives_sparks_numbers() {
    let settings = RateSettings { derivative: 0.1, ..RateSettings::default() };
    let mut spark = SparkEstimator::default();
    let limit = |step: Option<RateStep>| step.map(|step| step.limit);
    assert_eq!(spark.estimate(&sample(0, 0, 10, 0), &settings), None, "no rows teach nothing");
    assert_eq!(spark.estimate(&sample(1, 1_000, 500, 0), &settings), None, "the first only gives 2000 rows/s");
    // error 2000 - 1000 = 1000, historical 1000 x 0.5 = 500, d(error) 1000 / 2 s = 500.
    let step = spark.estimate(&sample(3, 1_000, 1_000, 500), &settings);
    assert_eq!(limit(step), Some(2_000.0 - 1_000.0 - 0.2 * 500.0 - 0.1 * 500.0));
    // From 850: error 850 - 500 = 350, historical 500 x 2 = 1000, d(error) (350 - 1000) / 1 s = -650.
    let step = spark.estimate(&sample(4, 500, 1_000, 2_000), &settings);
    assert_eq!(limit(step), Some(850.0 - 350.0 - 200.0 + 65.0));
    assert_eq!(limit(spark.estimate(&sample(4, 500, 1_000, 0), &settings)), None, "no time has passed");
    let step = spark.estimate(&sample(5, 100, 1_000, 50_000), &settings);
    assert_eq!(step.map(|step| (step.limit, step.bound)), Some((100.0, RateBound::Minimum)));
}

#[test]
fn the_terms_add_up_to_what_is_wanted() {
    let settings = RateSettings { derivative: 0.05, ..RateSettings::default() };
    let (mut spark, mut damped) = (SparkEstimator::default(), DampedEstimator::new(1_000.0));
    for at in 1..20 {
        let mut sample = sample(at, 900 + 37 * at.unsigned_abs(), 800 + 31 * at, 100 * at);
        sample.expected_delay = Span::from_millis(70 * at);
        let steps = [spark.estimate(&sample, &settings), damped.estimate(&sample, &settings)];
        for terms in steps.into_iter().flatten().map(|step| step.terms) {
            let sum = terms.base - terms.proportional - terms.integral - terms.derivative;
            assert!((sum - terms.wanted).abs() < 1e-6, "{terms:?}");
        }
    }
}

#[test]
fn a_source_that_gives_little_for_a_while_is_not_forgotten() {
    let settings = RateSettings::default();
    let mut damped = DampedEstimator::new(10_000.0);
    for at in 1..50 {
        let step = damped.estimate(&RateSample { limit: 10_000.0, ..sample(at, 10, 300, 0) }, &settings);
        assert_eq!(step.map(|step| step.limit), Some(10_000.0), "ten rows in 300 ms are all fixed cost");
    }
}

#[test]
fn what_was_never_tried_is_approached_in_doublings() {
    let settings = RateSettings::default();
    let mut damped = DampedEstimator::new(1_000.0);
    let tried = RateSample { cut_limit: Some(1_000.0), ..sample(1, 1_000, 1, 0) };
    let step = damped.estimate(&tried, &settings);
    assert_eq!(step.map(|step| (step.limit, step.bound)), Some((2_000.0, RateBound::Growth)));
}
