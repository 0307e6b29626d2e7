//! The running deduplication.

use std::any::Any;

use arrow::array::{Array, BooleanArray, TimestampMicrosecondArray};
use arrow::compute::{filter_record_batch, not};
use arrow::record_batch::RecordBatch;

use super::super::columns::{listed, same_columns};
use super::super::event_time::{EventColumn, Progress};
use crate::aggregate::{Expiry, Inserted, KeySet, key_columns};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, StateSize, known};
use crate::spec::Span;

/// How long a key is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// For ever.
    Ever,
    /// Until the watermark passes its event time.
    UntilWatermark,
    /// Until the watermark passes its first row's event time and so much more.
    Within(Span),
}

pub(super) struct Dedup {
    columns: Vec<usize>,
    keys: KeySet,
    time: Option<EventColumn>,
    keep: Keep,
    expiry: Expiry,
    progress: Progress,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    duplicates: u64,
    late: u64,
    expired: u64,
}

/// A chunk, sorted out.
#[derive(Default)]
struct Sorted {
    first: Vec<Chunk>,
    duplicates: Vec<Chunk>,
    late: Vec<Chunk>,
}

impl Dedup {
    pub(super) fn new(columns: Vec<usize>, keys: KeySet, time: Option<EventColumn>, keep: Keep) -> Self {
        let (expiry, progress, counts) = (Expiry::default(), Progress::START, Counts::default());
        Self { columns, keys, time, keep, expiry, progress, counts }
    }

    fn sort_out(&mut self, chunk: &Chunk, sorted: &mut Sorted) -> Result<(), NodeError> {
        let mut rows = chunk.rows.clone();
        let mut times = self.time.map(|time| time.read(&rows)).transpose()?;
        if let Some(read) = &times
            && let Some(late) = self.progress.late_rows(read)
        {
            push(&mut sorted.late, chunk, &rows, &late)?;
            self.counts.late += late.true_count() as u64;
            rows = filter_record_batch(&rows, &not(&late)?)?;
            times = self.time.map(|time| time.read(&rows)).transpose()?;
        }
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let Inserted { ids, is_first } = self.keys.insert(&key_columns(&rows, &self.columns), rows.num_rows())?;
        if let Some(times) = &times {
            for (row, &id) in ids.iter().enumerate().filter(|(row, _)| is_first[*row]) {
                if let Some(deadline) = self.deadline(times, row) {
                    self.expiry.set(id, deadline);
                }
            }
        }
        let first = BooleanArray::from(is_first);
        self.counts.duplicates += (first.len() - first.true_count()) as u64;
        push(&mut sorted.first, chunk, &rows, &first)?;
        push(&mut sorted.duplicates, chunk, &rows, &not(&first)?)
    }

    fn deadline(&self, times: &TimestampMicrosecondArray, row: usize) -> Option<i64> {
        if times.is_null(row) {
            return None;
        }
        match self.keep {
            Keep::Ever => None,
            Keep::UntilWatermark => Some(times.value(row)),
            Keep::Within(span) => Some(times.value(row).saturating_add(span.0).min(i64::MAX - 1)),
        }
    }

    fn forget(&mut self) -> Result<(), NodeError> {
        let due = self.expiry.take_due(self.progress.close.0);
        self.counts.expired = due.len() as u64;
        self.keys.forget(&due);
        if let Some(renumbered) = self.keys.tidy()? {
            self.expiry.renumber(&renumbered);
        }
        Ok(())
    }
}

fn push(to: &mut Vec<Chunk>, chunk: &Chunk, rows: &RecordBatch, wanted: &BooleanArray) -> Result<(), NodeError> {
    match wanted.true_count() {
        0 => {}
        all if all == rows.num_rows() => to.push(Chunk::new(rows.clone(), chunk.arrived)),
        _ => to.push(Chunk::new(filter_record_batch(rows, wanted)?, chunk.arrived)),
    }
    Ok(())
}

impl Operator for Dedup {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.counts = Counts::default();
        self.progress.advance(context.watermark());
        let mut sorted = Sorted::default();
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks) {
            self.sort_out(chunk, &mut sorted)?;
        }
        self.forget()?;
        if !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle; 3]);
        }
        Ok(vec![Flow::Fired(sorted.first), Flow::Fired(sorted.duplicates), Flow::Fired(sorted.late)])
    }

    fn runs_when_idle(&self) -> bool {
        self.time.is_some()
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.keys.len() as u64, bytes: (self.keys.size() + self.expiry.size()) as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let Counts { duplicates, late, expired } = self.counts;
        let counts = [("duplicates", duplicates), ("late", late), ("expired", expired)];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Ok(()) };
        if !same_columns(self.keys.schema(), old.keys.schema()) {
            return Err(format!(
                "rows are compared by {} instead of {}, so the keys seen so far are forgotten",
                listed(self.keys.schema()),
                listed(old.keys.schema())
            ));
        }
        if self.keep != Keep::Ever && old.keep == Keep::Ever {
            return Err("it was not noted when the keys so far came, so they are forgotten".to_owned());
        }
        Ok(())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
            self.progress = old.progress;
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        self.follow(&*old);
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        let shift = match (self.keep, old.keep) {
            (Keep::Ever, Keep::Ever) | (Keep::UntilWatermark, Keep::UntilWatermark) => Some(0),
            (Keep::Within(new), Keep::Within(old)) => Some(new.0.saturating_sub(old.0)),
            (Keep::Within(new), Keep::UntilWatermark) => Some(new.0),
            (Keep::UntilWatermark, Keep::Within(old)) => Some(old.0.saturating_neg()),
            // Nothing expires any more; the other way round is refused by `fits`.
            (Keep::Ever, Keep::UntilWatermark | Keep::Within(_))
            | (Keep::UntilWatermark | Keep::Within(_), Keep::Ever) => None,
        };
        self.keys = old.keys;
        if let Some(shift) = shift {
            self.expiry = old.expiry;
            if shift != 0 {
                self.expiry.shift(shift);
            }
        }
        StateFate::Kept
    }
}
