//! What a node remembers, its gathered windows included: how much, how it can hold less, and what is to know of it.

use super::{RunningNode, RunningStage, guard};
use crate::metrics::{BatchReport, Coverage, MemoryReport};
use crate::plan::{Operator, Relief, StateSize};
use crate::spec::Timestamp;

impl RunningNode {
    /// How much it remembers, its gathered windows included.
    pub fn state_size(&self) -> StateSize {
        if let Some(imagined) = self.imagined {
            return imagined;
        }
        let sizes = self.operators().map(Operator::state_size);
        sizes.fold(StateSize::default(), |sum, size| StateSize {
            rows: sum.rows + size.rows,
            bytes: sum.bytes + size.bytes,
        })
    }

    /// What else is to know about its memory.
    pub fn memory(&self) -> MemoryReport {
        let mut all = MemoryReport { missed_batches: self.missed, ..MemoryReport::default() };
        for memory in self.operators().map(Operator::memory) {
            let least = |a: Coverage, b: Coverage| if b.share() < a.share() { b } else { a };
            all.coverage = all.coverage.into_iter().chain(memory.coverage).reduce(least);
            all.let_go_before = all.let_go_before.max(memory.let_go_before);
            all.closed_before = all.closed_before.max(memory.closed_before);
            all.finest_gap = all.finest_gap.into_iter().chain(memory.finest_gap).min();
            all.parked_columns.extend(memory.parked_columns);
        }
        all.mixed_since = self.mixed.map(|(batch, _)| batch);
        all
    }

    /// Notes that all it holds came after the rows began to mean something else.
    pub fn settle_meaning(&mut self, memory: &mut MemoryReport) {
        let is_past = |(_, time): (u64, Timestamp)| memory.let_go_before.is_some_and(|let_go| let_go >= time);
        if self.mixed.is_some_and(is_past) {
            self.mixed = None;
            memory.mixed_since = None;
        }
    }

    /// Whether an edit could lose anything it remembers: an operator's state, gathered rows, a source's position.
    pub fn remembers(&self) -> bool {
        matches!(self.stage, RunningStage::Source(_)) || self.operators().any(Operator::remembers)
    }

    /// Whether it is neither source nor sink.
    pub fn is_operator(&self) -> bool {
        match &self.stage {
            RunningStage::Operator(_) | RunningStage::Relabel => true,
            RunningStage::Source(_) | RunningStage::Sink(_) => false,
        }
    }

    /// Lets go of what it can do without until it holds at most so many bytes.
    pub fn relieve(&mut self, relief: Relief, bytes: u64) {
        for operator in self.operators_mut() {
            operator.relieve(relief, bytes);
        }
    }

    /// The batch failed halfway: what only served it is thrown away.
    pub fn abandon(&mut self) {
        for operator in self.operators_mut() {
            // A node that crashed may crash again; it stands still anyway.
            let _ = guard(|| {
                operator.abandon();
                Ok(())
            });
        }
    }

    /// Stands where a report says, without any content.
    pub fn imagine(&mut self, report: &BatchReport) {
        let Some(own) = report.node(self.id) else { return };
        for operator in self.operators_mut() {
            operator.imagine(&own.memory, report.tick);
        }
        self.imagined = Some(StateSize { rows: own.state_rows, bytes: own.state_bytes });
        self.mixed = own.memory.mixed_since.map(|batch| (batch, Timestamp::default()));
        self.missed = own.memory.missed_batches;
    }

    /// May work again, after whatever made it fail was perhaps mended.
    pub fn forgive(&mut self) {
        (self.failed, self.told) = (None, None);
    }

    pub(super) fn operators(&self) -> impl Iterator<Item = &dyn Operator> {
        let own = match &self.stage {
            RunningStage::Operator(operator) => Some(operator),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
        };
        let gathers = self.inputs.iter().flatten().filter_map(|wire| wire.gather.as_ref());
        gathers.chain(own).map(AsRef::as_ref)
    }

    fn operators_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Operator>> {
        let own = match &mut self.stage {
            RunningStage::Operator(operator) => Some(operator),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
        };
        self.inputs.iter_mut().flatten().filter_map(|wire| wire.gather.as_mut()).chain(own)
    }
}
