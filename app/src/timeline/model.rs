//! What there is to draw, in times: windows with when they opened and closed, the watermark, the rows.

use std::sync::Arc;

use weir_engine::runtime::{TracedRow, WindowShape, WindowTrace};
use weir_engine::spec::{Span, Timestamp};

use super::sessions::Session;
use crate::i18n::{tr, trf};
use crate::panels::grouped;
use crate::plots::units;

/// More windows than this would be a grey wall: only the newest are drawn.
const MAX_WINDOWS: usize = 80;

/// Sessions overlap, and all alike: so many are drawn, evenly spread over those there were.
const MAX_SESSIONS: usize = 14;

/// A window of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowBox {
    /// Its span of event time.
    pub(super) start: Timestamp,
    /// Its end, exclusive.
    pub(super) end: Timestamp,
    /// When its first row arrived.
    pub(super) opened: Timestamp,
    /// When the watermark, or the clock, had passed it; `None`: it is open.
    pub(super) closed: Option<Timestamp>,
}

/// A step of the watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// From when on.
    pub(super) at: Timestamp,
    /// How far event time had come.
    pub(super) watermark: Timestamp,
}

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// Windows, in order of their starts.
    pub(super) windows: Vec<WindowBox>,
    /// The watermark, in order.
    pub(super) watermark: Vec<Step>,
    /// The rows.
    pub(super) rows: Vec<TracedRow>,
    /// The span of arrivals.
    pub(super) arrivals: (Timestamp, Timestamp),
    /// The span of event time.
    pub(super) events: (Timestamp, Timestamp),
    /// The ticks with their batches.
    pub(super) ticks: Vec<(Timestamp, u64)>,
    /// Rows there were, sampled or not.
    pub(super) total_rows: u64,
    /// Whether by event time.
    pub(super) by_event: bool,
    /// How many sessions there were, where the windows are such: a few of them are drawn.
    pub(super) sessions: Option<usize>,
}

impl Picture {
    /// Of some batches, oldest first. `None` while no row came. Sessions are asked for where the windows are such.
    pub(super) fn of(traces: &[&Arc<WindowTrace>], sessions: impl FnOnce() -> Vec<Session>) -> Option<Self> {
        let (first, last) = (traces.first()?, traces.last()?);
        let rows: Vec<TracedRow> = traces.iter().flat_map(|trace| trace.rows.iter().copied()).collect();
        let timely = || rows.iter().filter(|row| !row.is_late).map(|row| row.happened);
        let known = |bound: Option<Timestamp>| bound.or_else(|| rows.first().map(|row| row.happened));
        let (low, high) = (known(timely().min())?, known(timely().max())?);
        let watermark: Vec<Step> = steps(traces);
        let low = watermark.first().map_or(low, |step| low.min(step.watermark));
        // Rows that are late by far would squeeze all others together: they are drawn at the edge.
        let reach = Span(high.since(low).0.max(1_000_000));
        let late = rows.iter().filter(|row| row.is_late).map(|row| row.happened).min();
        let low = late.map_or(low, |late| low.min(late.max(low.minus(reach))));
        let tick = traces.get(1).map_or(Span::from_secs(1), |second| second.time.since(first.time));
        let (windows, by_event, sessions) = match last.shape {
            WindowShape::Sliding { by_event, .. } => (windows(last, traces, &rows, (low, high)), by_event, None),
            WindowShape::Session { by_event, .. } => {
                let sessions = sessions();
                (boxes(&sessions, traces, &rows, by_event), by_event, Some(sessions.len()))
            }
        };
        Some(Self {
            windows,
            watermark,
            rows,
            arrivals: (first.time.minus(tick), last.time),
            events: (low, high),
            ticks: traces.iter().map(|trace| (trace.time, trace.batch)).collect(),
            total_rows: traces.iter().map(|trace| trace.total_rows).sum(),
            by_event,
            sessions,
        })
    }

    /// One line: rows, late ones, open windows, the watermark.
    pub(super) fn summary(&self) -> String {
        let open = self.windows.iter().filter(|window| window.closed.is_none()).count();
        let late = self.rows.iter().filter(|row| row.is_late).count();
        let watermark = match (self.watermark.last(), self.by_event) {
            (Some(step), _) => units::clock_time(step.watermark),
            (None, true) => tr("timeline.no_watermark").to_owned(),
            (None, false) => tr("timeline.by_arrival").to_owned(),
        };
        let facts = [
            ("shown", grouped(self.rows.len() as u64)),
            ("rows", grouped(self.total_rows)),
            ("late", late.to_string()),
            ("open", open.to_string()),
            ("ended", grouped(self.sessions.unwrap_or_default() as u64)),
            ("drawn", self.windows.len().to_string()),
            ("stand", watermark),
        ];
        let words = if self.sessions.is_some() { "timeline.summary_sessions" } else { "timeline.summary" };
        trf(words, &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
    }
}

/// Where the watermark moved.
fn steps(traces: &[&Arc<WindowTrace>]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for trace in traces {
        if let Some(watermark) = trace.watermark
            && steps.last().is_none_or(|step| step.watermark != watermark)
        {
            steps.push(Step { at: trace.time, watermark });
        }
    }
    steps
}

/// Sessions as boxes: from when the first of their rows arrived to when nothing could belong to them any more.
fn boxes(sessions: &[Session], traces: &[&Arc<WindowTrace>], rows: &[TracedRow], by_event: bool) -> Vec<WindowBox> {
    let mut timely: Vec<&TracedRow> = rows.iter().filter(|row| !row.is_late).collect();
    timely.sort_by_key(|row| row.happened);
    let stride = sessions.len().div_ceil(MAX_SESSIONS).max(1);
    let of_session = |(start, end): &Session| {
        // Rows are a sample: the first that is not from before stands for the session's own.
        let first = timely.partition_point(|row| row.happened < *start);
        let opened = timely.get(first).map(|row| row.arrived)?;
        Some(WindowBox { start: *start, end: *end, opened, closed: closed_at(traces, *end, by_event) })
    };
    sessions.iter().step_by(stride).filter_map(of_session).collect()
}

/// When the watermark, or the clock, had passed the end of a window.
fn closed_at(traces: &[&Arc<WindowTrace>], end: Timestamp, by_event: bool) -> Option<Timestamp> {
    let has_passed = |trace: &&&Arc<WindowTrace>| {
        if by_event { trace.watermark.is_some_and(|watermark| watermark >= end) } else { trace.time >= end }
    };
    traces.iter().find(has_passed).map(|trace| trace.time)
}

/// The windows that hold rows.
fn windows(
    last: &WindowTrace,
    traces: &[&Arc<WindowTrace>],
    rows: &[TracedRow],
    events: (Timestamp, Timestamp),
) -> Vec<WindowBox> {
    let WindowShape::Sliding { length, slide, anchor, by_event } = last.shape else { return Vec::new() };
    let slide = Span(slide.0.max(1));
    // The first start whose window reaches into the picture, counted from the anchor.
    let from = events.0.0.saturating_sub(length.0).saturating_sub(anchor.0);
    let first = from.div_euclid(slide.0) + 1;
    let count = (events.1.0.saturating_sub(anchor.0)).div_euclid(slide.0) - first + 1;
    let most = i64::try_from(MAX_WINDOWS).unwrap_or(i64::MAX);
    let first = first + (count - most).max(0);
    let windows = (0..count.clamp(0, most)).filter_map(|index| {
        let start = Timestamp(anchor.0 + (first + index) * slide.0);
        let end = start.plus(length);
        let is_inside = |row: &&TracedRow| !row.is_late && (start..end).contains(&row.happened);
        let opened = rows.iter().filter(is_inside).map(|row| row.arrived).min()?;
        Some(WindowBox { start, end, opened, closed: closed_at(traces, end, by_event) })
    });
    windows.collect()
}

#[cfg(test)]
mod tests {
    use weir_engine::spec::NodeId;

    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::VIRTUAL_START.plus(Span::from_secs(secs))
    }

    /// A batch per second with rows that happened then; those before the watermark are late.
    fn trace(batch: u64, happened: &[i64], watermark: Option<i64>) -> Arc<WindowTrace> {
        let time = at(i64::try_from(batch).unwrap() + 1);
        let row = |secs: &i64| TracedRow {
            happened: at(*secs),
            arrived: time.minus(Span(1)),
            is_late: watermark.is_some_and(|watermark| *secs < watermark),
        };
        Arc::new(WindowTrace {
            node: NodeId(1),
            batch,
            time,
            shape: WindowShape::Sliding {
                length: Span::from_secs(10),
                slide: Span::from_secs(10),
                anchor: Timestamp(0),
                by_event: true,
            },
            watermark: watermark.map(at),
            rows: happened.iter().map(row).collect(),
            total_rows: happened.len() as u64,
        })
    }

    fn picture(traces: &[Arc<WindowTrace>]) -> Option<Picture> {
        Picture::of(&traces.iter().collect::<Vec<_>>(), Vec::new)
    }

    #[test]
    fn a_window_opens_with_its_first_row_and_closes_with_the_watermark() {
        let traces =
            [trace(0, &[3, 12], None), trace(1, &[25], Some(2)), trace(2, &[], Some(15)), trace(3, &[4], Some(15))];
        let picture = picture(&traces).unwrap();
        let boxes: Vec<_> = picture.windows.iter().map(|window| (window.start, window.closed)).collect();
        assert_eq!(boxes, [(at(0), Some(at(3))), (at(10), None), (at(20), None)]);
        assert_eq!(picture.windows[2].opened, at(2).minus(Span(1)));
        let steps: Vec<_> = picture.watermark.iter().map(|step| (step.at, step.watermark)).collect();
        assert_eq!(steps, [(at(2), at(2)), (at(3), at(15))]);
        assert_eq!(picture.rows.iter().filter(|row| row.is_late).count(), 1);
    }

    #[test]
    fn a_session_is_a_box_from_its_first_row_until_the_watermark_passes_it() {
        let mut traces = vec![trace(0, &[3, 8], None), trace(1, &[12], Some(2)), trace(2, &[40], Some(30))];
        for trace in &mut traces {
            let shape = WindowShape::Session { gap: Span::from_secs(10), by_event: true };
            *trace = Arc::new(WindowTrace { shape, ..WindowTrace::clone(trace) });
        }
        let sessions = || vec![(at(3), at(22)), (at(40), at(50))];
        let picture = Picture::of(&traces.iter().collect::<Vec<_>>(), sessions).unwrap();
        let boxes: Vec<_> = picture.windows.iter().map(|one| (one.start, one.end, one.closed)).collect();
        assert_eq!(boxes, [(at(3), at(22), Some(at(3))), (at(40), at(50), None)]);
        assert_eq!(picture.windows[0].opened, at(1).minus(Span(1)), "when its first row arrived");
    }

    #[test]
    fn without_rows_there_is_no_picture() {
        assert_eq!(picture(&[]), None);
        assert_eq!(picture(&[trace(0, &[], None)]), None);
    }

    #[test]
    fn a_row_that_is_late_by_a_day_does_not_squeeze_the_others() {
        let traces = [trace(0, &[100, 110], None), trace(1, &[120, -86_400], Some(100))];
        let picture = picture(&traces).unwrap();
        assert!(picture.events.0 >= at(60), "{:?}", picture.events);
    }

    #[test]
    fn a_flood_of_windows_is_cut_to_the_newest() {
        let traces = [trace(0, &(0..5_000).step_by(5).collect::<Vec<_>>(), None)];
        let picture = picture(&traces).unwrap();
        assert!(picture.windows.len() <= MAX_WINDOWS);
        assert_eq!(picture.windows.last().map(|window| window.start), Some(at(4_990)));
    }
}
