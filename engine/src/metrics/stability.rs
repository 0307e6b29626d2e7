//! Whether a run keeps up, and where it leads if not. Pure judgement over reports.
//!
//! Stable: the median processing time of the last ten batches lies within the span they cover, and the scheduling
//! delay does not rise. Only batches at the present batch interval count, so that a change of the interval is judged
//! by what came after it.

use super::BatchReport;
use crate::spec::Span;

/// Batches that are judged.
const JUDGED: usize = 10;
/// Batches the trend needs at least.
const TREND: usize = 4;
/// Delay gained over the judged batches, in intervals, from which it counts as rising: less is jitter.
const RISING: f64 = 0.1;
/// How far a forecast looks ahead, at least.
const FORECAST: Span = Span::from_secs(120);

/// How a run fares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether it keeps up.
    pub stable: bool,
    /// 1 - processing time / interval, by the median processing time: negative when batches take too long.
    pub headroom: f64,
    /// Median of processing time / span covered: above 1 the run falls behind.
    pub utilisation: f64,
    /// Median processing time of the judged batches.
    pub processing_time: Span,
    /// The batch interval they ran at.
    pub interval: Span,
    /// Seconds of scheduling delay gained per second.
    pub scheduling_trend: f64,
    /// How far behind it will be, if it does not keep up.
    pub forecast: Option<Forecast>,
}

/// Where things lead: `30 s behind in 2 min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// How far results will be behind their batches.
    pub behind: Span,
    /// In how much time from now.
    pub within: Span,
}

/// Judges a run by its reports, newest first (see [`super::History::recent`]). `None` without reports.
pub fn judge<'a>(newest_first: impl IntoIterator<Item = &'a BatchReport>) -> Option<Verdict> {
    let mut reports = newest_first.into_iter().take(JUDGED).peekable();
    let newest = *reports.peek()?;
    let interval = newest.interval;
    let judged: Vec<_> = reports.take_while(|report| report.interval == interval).collect();
    let times: Vec<_> = judged.iter().map(|report| report.processing_time.as_secs_f64()).collect();
    let used: Vec<_> = judged.iter().map(|report| utilisation_of(report)).collect();
    let (time, utilisation) = (median(times), median(used));
    let headroom = if interval.0 > 0 { 1.0 - time / interval.as_secs_f64() } else { 0.0 };
    let scheduling_trend = trend(&judged);
    let covered = judged.last().map_or(0.0, |oldest| newest.tick.since(oldest.tick).as_secs_f64());
    let half = judged.len().div_ceil(2).max(TREND).min(judged.len());
    // A delay that one slow batch left behind is being worked off: it rose over all batches, not over the newest.
    let rising = scheduling_trend * covered > RISING * interval.as_secs_f64() && trend(&judged[..half]) > 0.0;
    let stable = utilisation <= 1.0 && !rising;
    let rate = (utilisation - 1.0).max(if rising { scheduling_trend } else { 0.0 });
    Some(Verdict {
        stable,
        headroom,
        utilisation,
        processing_time: span_of(time),
        interval,
        scheduling_trend,
        forecast: (!stable).then(|| forecast(newest, rate)),
    })
}

/// Processing time / span covered.
fn utilisation_of(report: &BatchReport) -> f64 {
    let span = if report.span.0 > 0 { report.span } else { report.interval };
    if span.0 > 0 { report.processing_time.as_secs_f64() / span.as_secs_f64() } else { 0.0 }
}

/// The median slope between any two batches (Sen 1968), in seconds of scheduling delay per second: a single slow
/// batch does not bend it.
fn trend(judged: &[&BatchReport]) -> f64 {
    if judged.len() < TREND {
        return 0.0;
    }
    let mut slopes = Vec::with_capacity(judged.len() * (judged.len() - 1) / 2);
    for (at, newer) in judged.iter().enumerate() {
        for older in judged.iter().skip(at + 1) {
            let time = newer.tick.since(older.tick).as_secs_f64();
            if time > 0.0 {
                slopes.push((newer.scheduling_delay.as_secs_f64() - older.scheduling_delay.as_secs_f64()) / time);
            }
        }
    }
    median(slopes)
}

/// A run that gains `rate` seconds of delay per second of stream works off `1 / (1 + rate)` of each second.
fn forecast(newest: &BatchReport, rate: f64) -> Forecast {
    let within = Span(FORECAST.0.max(newest.interval.0.saturating_mul(10)));
    let gained = within.as_secs_f64() * rate / (1.0 + rate);
    Forecast { behind: span_of(newest.scheduling_delay.as_secs_f64() + gained), within }
}

/// The middle value; of an even number the average of the middle two; 0 without values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len().is_multiple_of(2), values.get(middle)) {
        (_, None) => 0.0,
        (false, Some(value)) => *value,
        (true, Some(value)) => f64::midpoint(*value, values[middle - 1]),
    }
}

fn span_of(seconds: f64) -> Span {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and a forecast needs no more")]
    Span((seconds * 1e6).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::super::testing::report;
    use super::*;

    /// A run whose batch `b` takes `time(b)` milliseconds and starts `delay(b)` milliseconds late, newest first.
    fn run(batches: u64, time: impl Fn(i64) -> i64, delay: impl Fn(i64) -> i64) -> Vec<BatchReport> {
        let at = |batch: u64| BatchReport {
            processing_time: Span::from_millis(time(i64::try_from(batch).unwrap())),
            scheduling_delay: Span::from_millis(delay(i64::try_from(batch).unwrap())),
            ..report(batch)
        };
        (0..batches).rev().map(at).collect()
    }

    #[test]
    fn batches_well_within_their_interval_are_stable() {
        let verdict = judge(&run(20, |_| 12, |_| 0)).unwrap();
        assert!(verdict.stable);
        assert!((verdict.headroom - 0.988).abs() < 1e-9, "{verdict:?}");
        assert_eq!(verdict.processing_time, Span::from_millis(12));
        assert_eq!(verdict.forecast, None);
    }

    #[test]
    fn without_batches_there_is_no_verdict() {
        assert_eq!(judge([]), None);
    }

    #[test]
    fn a_third_too_much_work_is_half_a_minute_behind_in_two() {
        let verdict = judge(&run(10, |_| 1_333, |_| 0)).unwrap();
        assert!(!verdict.stable);
        let forecast = verdict.forecast.unwrap();
        assert_eq!(forecast.within, Span::from_secs(120));
        assert!((forecast.behind.as_secs_f64() - 30.0).abs() < 0.1, "{forecast:?}");
    }

    #[test]
    fn what_is_behind_already_adds_to_the_forecast() {
        let verdict = judge(&run(10, |_| 2_000, |_| 40_000)).unwrap();
        let forecast = verdict.forecast.unwrap();
        assert!((forecast.behind.as_secs_f64() - 100.0).abs() < 0.1, "{forecast:?}");
    }

    #[test]
    fn one_slow_batch_does_not_make_a_run_unstable() {
        let spike = |batch| if batch == 15 { 4_000 } else { 100 };
        let delay = |batch: i64| if batch > 15 { (3_000 - (batch - 16) * 900).max(0) } else { 0 };
        for batches in 11..40 {
            let verdict = judge(&run(batches, spike, delay)).unwrap();
            assert!(verdict.stable, "after batch {}: {verdict:?}", batches - 1);
        }
    }

    #[test]
    fn a_rising_delay_is_unstable_although_the_median_batch_is_quick() {
        let verdict = judge(&run(20, |batch| if batch % 3 == 0 { 3_000 } else { 400 }, |batch| batch * 270)).unwrap();
        assert!(!verdict.stable, "{verdict:?}");
        assert!((verdict.scheduling_trend - 0.27).abs() < 0.01, "{verdict:?}");
        assert!(verdict.headroom > 0.0);
        assert!(verdict.forecast.is_some());
    }

    #[test]
    fn a_delay_that_jitters_is_not_rising() {
        let verdict = judge(&run(20, |_| 100, |batch| batch % 4)).unwrap();
        assert!(verdict.stable, "{verdict:?}");
    }

    #[test]
    fn a_new_interval_is_judged_by_the_batches_after_it() {
        let mut reports = run(20, |_| 300, |_| 0);
        for newest in &mut reports[..2] {
            newest.interval = Span::from_millis(200);
            newest.span = newest.interval;
        }
        let verdict = judge(&reports).unwrap();
        assert!(!verdict.stable);
        assert!((verdict.headroom + 0.5).abs() < 1e-9, "{verdict:?}");
    }

    #[test]
    fn merged_batches_that_fit_the_span_they_cover_keep_up() {
        let mut reports = run(20, |_| 1_800, |_| 0);
        for report in &mut reports {
            report.span = Span::from_secs(2);
        }
        let verdict = judge(&reports).unwrap();
        assert!(verdict.stable && verdict.headroom < 0.0, "{verdict:?}");
    }
}
