//! How a session's controllers are fed and asked.

use super::control::{BatchDone, Directions, Governor, SourceRows};
use super::cutter::CutBatch;
use super::queue::Waiting;
use super::session::Session;
use crate::metrics::ControlReport;
use crate::pipeline::Trigger;
use crate::plan::Range;
use crate::spec::{NodeId, Span, Timestamp};

/// When a batch was done, how long it had waited, and how long it took.
pub(super) struct Timing {
    pub(super) ended_at: Timestamp,
    pub(super) scheduling_delay: Span,
    pub(super) processing_time: Span,
}

impl Session {
    /// From now on backpressure and automatic interval act, where the settings turn them on. Without this they rest,
    /// and a run does not depend on how long its batches take.
    pub fn govern(&mut self) {
        self.governor = Some(Governor::new(&self.settings, self.sources.keys().copied()));
    }

    /// What holds for the next cuts.
    pub fn directions(&self) -> Directions {
        match &self.governor {
            Some(governor) => governor.directions(),
            None => Directions { interval: self.settings.interval, ..Directions::default() },
        }
    }

    /// Tells the controllers of a batch.
    pub(super) fn control(
        &mut self,
        cut: &CutBatch,
        read: &[(NodeId, Range)],
        timing: &Timing,
        waiting: Waiting,
    ) -> Option<ControlReport> {
        let governor = self.governor.as_mut()?;
        let sources: Vec<_> = read
            .iter()
            .map(|(node, range)| SourceRows {
                node: *node,
                rows: range.to.saturating_sub(range.from),
                limit: cut.ranges.get(node).and_then(|cut| cut.limit),
                is_full: cut.ranges.get(node).is_some_and(|cut| cut.is_full),
            })
            .collect();
        let interval = governor.directions().interval;
        let next_cut_in = match (self.settings.trigger, waiting.last_tick) {
            (Trigger::Interval, Some(last)) => last.floor_to(interval).plus(interval).since(timing.ended_at),
            (Trigger::Interval, None) | (Trigger::AsSoonAsPossible, _) => Span(0),
        };
        governor.batch_done(&BatchDone {
            ended_at: timing.ended_at,
            interval: cut.interval,
            span: cut.tick.since(cut.from),
            processing_time: timing.processing_time,
            scheduling_delay: timing.scheduling_delay,
            sources: &sources,
            waiting_rows: waiting.rows,
            next_cut_in,
        })
    }
}
