//! Whether a run keeps up, how long it will if not, and which node limits it. Pure judgement over reports.
//!
//! Stable: the median processing time of the last ten batches lies within the span they cover, and the scheduling
//! delay does not rise. Only batches at the present batch interval count, so that a change of the interval is judged
//! by what came after it.

use super::BatchReport;
use crate::spec::{NodeId, Span};

/// Batches that are judged.
const JUDGED: usize = 10;
/// Batches the trend needs at least.
const TREND: usize = 4;
/// Delay gained over the judged batches, in intervals, from which it counts as rising: less is jitter.
const RISING: f64 = 0.1;
/// How far a forecast looks ahead, at least.
const FORECAST: Span = Span::from_secs(120);
/// The busy share of its interval from which a batch has a culprit although the run is stable.
const BUSY: f64 = 0.5;
/// Batches looked back for how long a node has been the culprit.
const CULPRIT_BATCHES: usize = 1_000;

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

/// The node that limits the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Culprit {
    /// Which.
    pub node: NodeId,
    /// Its part of the time all nodes were busy, 0 to 1, over those batches.
    pub share: f64,
    /// For how many consecutive batches, up to the newest, it has been the busiest.
    pub batches: u64,
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

/// The node with the largest share of the busy time of the newest batch, if that batch has little time to spare or
/// the run is unstable. Reports newest first.
pub fn culprit<'a>(newest_first: impl IntoIterator<Item = &'a BatchReport, IntoIter: Clone>) -> Option<Culprit> {
    let reports = newest_first.into_iter();
    let verdict = judge(reports.clone())?;
    if verdict.stable && verdict.utilisation < BUSY {
        return None;
    }
    let node = busiest(reports.clone().next()?)?;
    let (mut own, mut all, mut batches) = (0.0, 0.0, 0);
    for report in reports.take(CULPRIT_BATCHES).take_while(|report| busiest(report) == Some(node)) {
        own += report.node(node).map_or(0.0, |node| node.busy.as_secs_f64());
        all += report.nodes.iter().map(|node| node.busy.as_secs_f64()).sum::<f64>();
        batches += 1;
    }
    Some(Culprit { node, share: own / all, batches })
}

/// Processing time / span covered.
fn utilisation_of(report: &BatchReport) -> f64 {
    let span = if report.span.0 > 0 { report.span } else { report.interval };
    if span.0 > 0 { report.processing_time.as_secs_f64() / span.as_secs_f64() } else { 0.0 }
}

/// The node that was busy longest; of equals the first. `None` if none was busy at all.
fn busiest(report: &BatchReport) -> Option<NodeId> {
    let busy = report.nodes.iter().filter(|node| node.busy.0 > 0);
    busy.rev().max_by_key(|node| node.busy).map(|node| node.node)
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
    use super::super::{MemoryReport, NodeReport, NodeStatus};
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

    fn with_nodes(mut report: BatchReport, busy_millis: &[i64]) -> BatchReport {
        let nodes = busy_millis.iter().zip(1..).map(|(busy, id)| NodeReport {
            node: NodeId(id),
            rows_in: 0,
            rows_out: vec![0],
            bytes_out: 0,
            busy: Span::from_millis(*busy),
            fired: true,
            state_rows: 0,
            state_bytes: 0,
            memory: MemoryReport::default(),
            counters: Vec::new(),
            watermark: None,
            backlog_rows: 0,
            status: NodeStatus::Ok,
        });
        report.nodes = nodes.collect();
        report.processing_time = Span::from_millis(busy_millis.iter().sum());
        report
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
        assert_eq!(culprit(&[]), None);
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

    #[test]
    fn the_culprit_is_the_busiest_node_for_as_long_as_it_has_been() {
        let mut reports: Vec<_> = (0..50).map(|batch| with_nodes(report(batch), &[50, 250, 700])).collect();
        reports[9] = with_nodes(report(9), &[900, 50, 50]);
        reports.reverse();
        let found = culprit(&reports).unwrap();
        assert_eq!((found.node, found.batches), (NodeId(3), 40));
        assert!((found.share - 0.7).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_run_with_time_to_spare_has_no_culprit() {
        let reports: Vec<_> = (0..50).rev().map(|batch| with_nodes(report(batch), &[5, 25, 70])).collect();
        assert_eq!(culprit(&reports), None);
    }
}
