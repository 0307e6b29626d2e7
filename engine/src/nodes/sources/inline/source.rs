//! Gives one typed batch per cut. Positions count rows over all repetitions, so every range can be read again.

use std::any::Any;
use std::sync::Mutex;

use super::batches::Batches;
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Cut, IoContext, NodeError, Range, Replay, Source, SourceStatus};

/// The source of typed rows.
pub(super) struct InlineSource {
    batches: Batches,
    repeat: bool,
    progress: Mutex<Progress>,
}

/// Where the next batch starts.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// Entries given completely in this repetition.
    entry: usize,
    /// Repetitions given completely.
    rounds: u64,
    /// Rows of the next entry already given, where a batch could not take all of it.
    part: usize,
}

impl InlineSource {
    /// At the first batch.
    pub(super) fn new(batches: Batches, repeat: bool) -> Self {
        Self { batches, repeat, progress: Mutex::default() }
    }

    fn entry_start(&self, entry: usize) -> usize {
        entry.checked_sub(1).and_then(|before| self.batches.ends.get(before)).copied().unwrap_or(0)
    }

    fn total_rows(&self) -> u64 {
        self.batches.rows.num_rows() as u64
    }

    fn is_past_end(&self, progress: &Progress) -> bool {
        progress.entry >= self.batches.ends.len()
    }
}

impl Source for InlineSource {
    fn start(&self, _: &IoContext) -> Result<(), NodeError> {
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let mut progress = lock(&self.progress);
        if self.is_past_end(&progress) && self.repeat {
            *progress = Progress { entry: 0, rounds: progress.rounds + 1, part: 0 };
        }
        let round_start = progress.rounds * self.total_rows();
        let entry_start = self.entry_start(progress.entry);
        let from = round_start + (entry_start + progress.part) as u64;
        let Some(entry_end) = self.batches.ends.get(progress.entry).map(|end| round_start + *end as u64) else {
            let end = round_start + self.total_rows();
            return Ok(Range { from: end, to: end, since: cut.from, until: cut.until });
        };
        let from = from.min(entry_end);
        let to = entry_end.min(from.saturating_add(cut.max_rows));
        if to == entry_end {
            progress.entry += 1;
            progress.part = 0;
        } else {
            progress.part += usize::try_from(to - from).unwrap_or(0);
        }
        Ok(Range { from, to, since: cut.from, until: cut.until })
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        let total = self.total_rows();
        if total == 0 || range.to <= range.from {
            return Ok(Vec::new());
        }
        let offset = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        let start = offset(range.from % total);
        let count = offset(range.to - range.from).min(self.batches.rows.num_rows() - start);
        Ok(vec![Chunk::new(self.batches.rows.slice(start, count), range.since)])
    }

    fn commit(&self, _: &Range) {}

    fn stop(&self) {}

    fn replay(&self) -> Replay {
        Replay::Exactly
    }

    fn is_live(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        !self.repeat
    }

    fn is_done(&self) -> bool {
        !self.repeat && self.is_past_end(&lock(&self.progress))
    }

    fn status(&self) -> SourceStatus {
        SourceStatus::default()
    }

    fn take_over(&self, old: &dyn Source) {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return };
        let mut progress = *lock(&old.progress);
        if old.batches != self.batches {
            progress.part = 0;
        }
        *lock(&self.progress) = progress;
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
