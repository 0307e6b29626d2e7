//! The batches that were cut and are not done yet, as far as others than the one who computes them must know: the
//! ticker, which stops cutting when they are too many, and the controllers, which see a backlog before it is felt.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cutter::CutBatch;
use crate::spec::{NodeId, Timestamp};

/// Batches in flight, oldest first: the first is being computed, or is next.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<BTreeMap<NodeId, u64>>,
    last_tick: Option<Timestamp>,
}

/// What waits behind the batch being computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Batches.
    pub batches: u32,
    /// Their rows, of all sources.
    pub rows: u64,
    /// Their rows of the source that gave most.
    pub most_rows: u64,
    /// The tick cut last.
    pub last_tick: Option<Timestamp>,
}

impl Queue {
    /// A batch was cut.
    pub fn push(&self, cut: &CutBatch) {
        let mut state = self.lock();
        state.batches.push_back(cut.rows());
        state.last_tick = Some(cut.tick);
    }

    /// The oldest batch is done.
    pub fn pop(&self) {
        self.lock().batches.pop_front();
    }

    /// Batches cut and not done.
    pub fn len(&self) -> u32 {
        u32::try_from(self.lock().batches.len()).unwrap_or(u32::MAX)
    }

    /// Whether every batch cut is done.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What waits behind the oldest.
    pub fn waiting(&self) -> Waiting {
        let state = self.lock();
        let mut by_source = BTreeMap::<NodeId, u64>::new();
        for (node, rows) in state.batches.iter().skip(1).flatten() {
            let sum = by_source.entry(*node).or_default();
            *sum = sum.saturating_add(*rows);
        }
        Waiting {
            batches: u32::try_from(state.batches.len().saturating_sub(1)).unwrap_or(u32::MAX),
            rows: by_source.values().copied().fold(0, u64::saturating_add),
            most_rows: by_source.values().copied().max().unwrap_or(0),
            last_tick: state.last_tick,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
