//! What a window node saw in a batch, as points: when rows happened, when they arrived, and how far event time had
//! come. Enough to draw the real windows of a run; a sample, so that it costs the same for ten rows and for a million.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::TimestampMicrosecondType;

use super::node::RunningNode;
use crate::plan::{BatchContext, Chunk, Flow, LinkType, Watermark};
use crate::spec::{NodeId, Span, Timestamp};
use crate::window::{EventTime, EventWindow, LinkWindow, is_plausible};

/// Rows of a batch that are looked at, at most.
const EXAMINED: usize = 16_384;
/// Rows in time that are kept.
const KEPT: usize = 48;
/// Late rows that are kept besides.
const KEPT_LATE: usize = 32;

/// One window node in one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowTrace {
    /// The window node.
    pub node: NodeId,
    /// The batch.
    pub batch: u64,
    /// Its tick.
    pub time: Timestamp,
    /// What windows there are.
    pub shape: WindowShape,
    /// How far event time had come; `None` for windows of arrivals, without a watermark, and before the first row.
    pub watermark: Option<Timestamp>,
    /// A sample of the rows.
    pub rows: Vec<TracedRow>,
    /// How many rows there were.
    pub total_rows: u64,
}

/// A row as a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TracedRow {
    /// When it happened; for windows of arrivals, when it arrived.
    pub happened: Timestamp,
    /// When it arrived.
    pub arrived: Timestamp,
    /// Whether it came too late for a window.
    pub is_late: bool,
}

/// What windows a node makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowShape {
    /// `[anchor + k * slide, anchor + k * slide + length)` for every whole `k`.
    Sliding {
        /// How long a window is.
        length: Span,
        /// Time between the starts of two.
        slide: Span,
        /// Where they count from.
        anchor: Timestamp,
        /// Whether by event time.
        by_event: bool,
    },
    /// Rows of a key belong together while no pause is longer than this.
    Session {
        /// The longest pause.
        gap: Span,
        /// Whether by event time.
        by_event: bool,
    },
}

/// The window that a node puts on its stream, if it is the one that does.
pub(super) fn window_of(node: &RunningNode) -> Option<&LinkWindow> {
    let window = node.outputs.first()?.window.as_ref()?;
    let was_windowed = node.input_types.iter().flatten().any(|link| link.window.is_some());
    (!was_windowed).then_some(window)
}

/// What the node saw; `None` where it is no window node, or one that counts rows.
pub(super) fn trace_of(node: &RunningNode, inputs: &[Vec<Flow>], context: &BatchContext) -> Option<WindowTrace> {
    let window = window_of(node)?;
    let (shape, time) = match window {
        LinkWindow::Arrival(window) => {
            // Windows end at the run's start plus a multiple of the slide.
            let anchor = context.run_start.minus(window.length);
            let shape = WindowShape::Sliding { length: window.length, slide: window.slide, anchor, by_event: false };
            (shape, None)
        }
        LinkWindow::Event(window) => {
            let EventWindow { length, slide, offset, .. } = *window;
            let shape = WindowShape::Sliding { length, slide, anchor: Timestamp(offset.0), by_event: true };
            (shape, Some(&window.time))
        }
        LinkWindow::Session(window) => {
            (WindowShape::Session { gap: window.gap, by_event: window.time.is_some() }, window.time.as_ref())
        }
        LinkWindow::Count(_) => return None,
    };
    let watermark = context.watermark().filter(|_| time.is_some());
    let chunks: Vec<_> = inputs.iter().flatten().flat_map(Flow::chunks).collect();
    let total_rows = chunks.iter().map(|chunk| chunk.rows.num_rows() as u64).sum();
    let points = points_of(&chunks, time);
    let is_late = |happened| watermark.is_some_and(|watermark| is_missed(window, happened, watermark));
    let known = watermark.map(|watermark| watermark.close).filter(|close| close.0 > i64::MIN);
    Some(WindowTrace {
        node: node.id,
        batch: context.batch,
        time: context.time,
        shape,
        watermark: known,
        rows: thinned(&points, is_late),
        total_rows,
    })
}

/// Whether a row comes too late for one of its windows.
fn is_missed(window: &LinkWindow, happened: Timestamp, watermark: Watermark) -> bool {
    match window {
        LinkWindow::Event(window) => happened < watermark.late && window.missed_count(happened, watermark.late) > 0,
        LinkWindow::Session(window) => happened.plus(window.gap) <= watermark.late,
        LinkWindow::Arrival(_) | LinkWindow::Count(_) => false,
    }
}

/// When rows happened and arrived; of very many, evenly spread ones.
fn points_of(chunks: &[&Chunk], time: Option<&EventTime>) -> Vec<(Timestamp, Timestamp)> {
    let total: usize = chunks.iter().map(|chunk| chunk.rows.num_rows()).sum();
    let stride = total.div_ceil(EXAMINED).max(1);
    let mut points = Vec::with_capacity(total / stride + chunks.len());
    for chunk in chunks {
        let Some(time) = time else {
            points.extend((0..chunk.rows.num_rows()).step_by(stride).map(|_| (chunk.arrived, chunk.arrived)));
            continue;
        };
        let schema = chunk.rows.schema();
        let is_it = |name: &str| name.eq_ignore_ascii_case(&time.column);
        let Some(index) = schema.fields().iter().position(|field| is_it(field.name())) else { continue };
        let Ok(times) = cast(chunk.rows.column(index), &LinkType::timestamp()) else { continue };
        let Some(times) = times.as_primitive_opt::<TimestampMicrosecondType>() else { continue };
        let rows = (0..times.len()).step_by(stride).filter(|row| times.is_valid(*row));
        let happened = rows.map(|row| Timestamp(times.value(row)).plus(time.shift));
        points.extend(happened.filter(|happened| is_plausible(*happened)).map(|happened| (happened, chunk.arrived)));
    }
    points
}

/// Some rows in time, evenly spread, and some late ones: the few that matter must not fall through the sample.
fn thinned(points: &[(Timestamp, Timestamp)], is_late: impl Fn(Timestamp) -> bool) -> Vec<TracedRow> {
    let row = |point: &(Timestamp, Timestamp), is_late| TracedRow { happened: point.0, arrived: point.1, is_late };
    let (late, timely): (Vec<_>, Vec<_>) = points.iter().partition(|point| is_late(point.0));
    let spread = |points: Vec<&(Timestamp, Timestamp)>, most: usize, is_late| -> Vec<TracedRow> {
        let stride = points.len().div_ceil(most).max(1);
        points.into_iter().step_by(stride).map(|point| row(point, is_late)).collect()
    };
    let mut rows = spread(timely, KEPT, false);
    rows.extend(spread(late, KEPT_LATE, true));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_million_rows_few_are_kept_and_late_ones_are_among_them() {
        let at = |second: i64| (Timestamp(second), Timestamp(second + 5));
        let points: Vec<_> = (0..100_000).map(at).collect();
        let rows = thinned(&points, |happened| happened.0 == 77_777);
        assert!(rows.len() <= KEPT + KEPT_LATE, "{}", rows.len());
        let late: Vec<_> = rows.iter().filter(|row| row.is_late).map(|row| row.happened.0).collect();
        assert_eq!(late, [77_777]);
        let timely: Vec<_> = rows.iter().filter(|row| !row.is_late).map(|row| row.happened.0).collect();
        assert!(timely.first().is_some_and(|first| *first < 3_000) && timely.last().is_some_and(|last| *last > 95_000));
    }

    #[test]
    fn few_rows_are_all_kept() {
        let points: Vec<_> = (0..20).map(|second| (Timestamp(second), Timestamp(second))).collect();
        assert_eq!(thinned(&points, |_| false).len(), 20);
    }
}
