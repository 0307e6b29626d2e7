//! The running join. In each batch the left rows meet what is remembered of the right side, then the right rows meet
//! the left side with its new rows; only then is forgotten what no row to come can match.

use std::any::Any;

use super::super::event_time::{EventColumn, Progress};
use super::late::LateRows;
use super::layout::Layout;
use super::side::Side;
use crate::aggregate::{AggregateError, Registry};
use crate::expr::Expression;
use crate::nodes::transforms::on_error::OnFailure;
use crate::nodes::transforms::rowwise;
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, StateSize, Watermark, known,
};
use crate::spec::{Span, Timestamp};

/// Pairs that are looked at together.
pub(super) const MAX_PAIRS: usize = 65_536;

/// Fewer keys without rows than this are not worth a new table.
const MIN_FORGOTTEN: usize = 1024;

/// A right row matches at times in `[left + lower, left + upper]`, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) lower: i64,
    pub(super) upper: i64,
}

pub(super) struct IntervalJoin {
    pub(super) layout: Layout,
    pub(super) late: LateRows,
    pub(super) times: [Option<EventColumn>; 2],
    pub(super) reach: Option<Reach>,
    pub(super) condition: Option<(Expression, OnFailure)>,
    pub(super) nulls_match: bool,
    pub(super) keys: Registry,
    pub(super) sides: [Side; 2],
    pub(super) progress: Progress,
    pub(super) counts: Counts,
    given: Option<Watermark>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) late: u64,
    pub(super) no_time: u64,
    expired: u64,
    pub(super) nulled: u64,
}

/// What comes out of one batch.
#[derive(Default)]
pub(super) struct Out {
    pub(super) rows: Vec<Chunk>,
    pub(super) late: Vec<Chunk>,
}

impl Reach {
    /// The times of the other side that a row of this side and time can match.
    pub(super) fn range(self, side: usize, time: i64) -> (i64, i64) {
        if side == 0 {
            (time.saturating_add(self.lower), time.saturating_add(self.upper))
        } else {
            (time.saturating_sub(self.upper), time.saturating_sub(self.lower))
        }
    }

    /// The watermark from which on nothing to come can match a row of this side: rows to come are behind it.
    pub(super) fn deadline(self, side: usize, time: i64) -> i64 {
        self.range(side, time).1.min(i64::MAX - 1)
    }

    /// The least time a result to come can carry, given that of the rows to come.
    fn lowered(self, time: Timestamp) -> Timestamp {
        if time == Progress::START.late {
            return time;
        }
        Timestamp(time.0.saturating_sub(self.upper).min(time.0.saturating_add(self.lower)).min(time.0))
    }
}

impl IntervalJoin {
    pub(super) fn new(
        layout: Layout,
        late: LateRows,
        times: [Option<EventColumn>; 2],
        reach: Option<Reach>,
        condition: Option<(Expression, OnFailure)>,
        nulls_match: bool,
    ) -> Result<Self, AggregateError> {
        let keys = Registry::new(layout.keys())?;
        let (sides, progress, counts) = (Default::default(), Progress::START, Counts::default());
        Ok(Self { layout, late, times, reach, condition, nulls_match, keys, sides, progress, given: None, counts })
    }

    /// Forgets what no row to come can match; what stayed alone comes out where it is wanted.
    fn forget(&mut self, context: &BatchContext, out: &mut Out) -> Result<(), NodeError> {
        let mut expired = 0;
        for side in [0, 1] {
            let due = self.sides[side].due(self.progress.close.0);
            expired += due.len();
            if self.layout.how.keeps(side) {
                let alone: Vec<u32> = due.iter().copied().filter(|&slot| !self.sides[side].is_matched(slot)).collect();
                for slots in alone.chunks(MAX_PAIRS) {
                    let columns = self.sides[side].gather(slots)?;
                    let sides = if side == 0 { [Some(&columns[..]), None] } else { [None, Some(&columns[..])] };
                    let rows = self.layout.pair_rows(sides, slots.len())?;
                    out.rows.push(Chunk::new(rows, context.time.minus(Span(1))));
                }
            }
            self.sides[side].remove(&due);
        }
        self.counts.expired = expired as u64;
        let [left, right] = &mut self.sides;
        if self.keys.len() > 2 * (left.len() + right.len()) + MIN_FORGOTTEN {
            let kept: Vec<u32> =
                (0u32..).take(self.keys.len()).filter(|&key| left.has(key) || right.has(key)).collect();
            let numbers = self.keys.retain(&kept)?;
            left.renumber(&kept, &numbers);
            right.renumber(&kept, &numbers);
        }
        Ok(())
    }

    /// What flows on carries the times of both rows: its watermark is lower by the reach, and never goes back.
    fn note_watermark(&mut self, input: Option<Watermark>) {
        let (Some(reach), Some(input)) = (self.reach, input) else {
            self.given = None;
            return;
        };
        let (late, close) = (reach.lowered(self.progress.late), reach.lowered(self.progress.close));
        let before = self.given.unwrap_or(Watermark::START);
        self.given =
            Some(Watermark { late: late.max(before.late), close: close.max(before.close), is_idle: input.is_idle });
    }
}

impl Operator for IntervalJoin {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.counts = Counts::default();
        // Both sides are judged by the lower watermark, as in Spark: a row that is still remembered can be matched.
        let watermark = context.watermark();
        self.progress.advance(watermark);
        let scope = rowwise::scope(context);
        let mut out = Out::default();
        for (side, wires) in inputs.iter().enumerate().take(2) {
            for chunk in wires.iter().flat_map(Flow::chunks) {
                self.enter(side, chunk, &scope, &mut out)?;
            }
        }
        self.forget(context, &mut out)?;
        self.note_watermark(watermark);
        if out.rows.is_empty() && !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle; 2]);
        }
        Ok(vec![Flow::Fired(out.rows), Flow::Fired(out.late)])
    }

    fn runs_when_idle(&self) -> bool {
        self.reach.is_some()
    }

    fn watermark(&self) -> Option<Watermark> {
        self.given
    }

    fn state_size(&self) -> StateSize {
        let [left, right] = &self.sides;
        let bytes = left.size() + right.size() + self.keys.size();
        StateSize { rows: (left.len() + right.len()) as u64, bytes: bytes as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let Counts { late, no_time, expired, nulled } = self.counts;
        let counts = [("late", late), ("no_event_time", no_time), ("expired", expired), ("nulled", nulled)];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Ok(()) };
        if !self.layout.remembers_like(&old.layout) {
            return Err("its keys or columns changed, so the rows that waited for a match are forgotten".to_owned());
        }
        if self.reach.is_some() != old.reach.is_some() || self.times != old.times {
            return Err("it goes by other times now, so the rows that waited for a match are forgotten".to_owned());
        }
        Ok(())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
            self.progress = old.progress;
            self.given = old.given.filter(|_| self.reach.is_some());
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        self.follow(&*old);
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        (self.keys, self.sides) = (old.keys, old.sides);
        let (Some(new), Some(former)) = (self.reach, old.reach) else { return StateFate::Kept };
        for (side, rows) in self.sides.iter_mut().enumerate() {
            rows.set_deadlines(|time| Some(new.deadline(side, time)));
        }
        if self.nulls_match != old.nulls_match {
            return StateFate::Partly(
                "rows without a key that came before stay as they were; the rest goes on".to_owned(),
            );
        }
        let is_wider = new.lower < former.lower || new.upper > former.upper;
        if is_wider {
            return StateFate::Partly(
                "rows that the former range had let go are not found by the wider one; the rest goes on".to_owned(),
            );
        }
        StateFate::Kept
    }
}
