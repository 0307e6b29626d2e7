//! Keys that had no row for too long: by the batches' time, or by event time where the link has it.

use crate::aggregate::{Expiry, Renumbered};
use crate::plan::BatchContext;
use crate::spec::{Default as ParamDefault, Diagnostic, ParamKind, ParamSpec, Span, Timestamp, duration};

use super::event_time::Progress;

/// The parameter `expire_after`.
pub(super) const EXPIRE_AFTER: ParamSpec = ParamSpec::new(
    "expire_after",
    "Expire after",
    "Removes keys that have had no row for longer than this: in event time behind a watermark, else in the time of the \
     batches. Empty: never.",
    ParamKind::Duration { min_millis: 1, max_millis: 30 * 86_400_000 },
)
.default(ParamDefault::Absent);

/// The deadlines of keys.
pub(super) struct Ageing {
    after: Span,
    by_event_time: bool,
    expiry: Expiry,
    has_undated: bool,
}

impl Ageing {
    /// As [`EXPIRE_AFTER`] says.
    pub(super) fn new(after: Option<&str>, by_event_time: bool) -> Result<Option<Self>, Vec<Diagnostic>> {
        let Some(after) = after else { return Ok(None) };
        let after = duration::parse(after).map_err(|wrong| vec![Diagnostic::error(wrong).param("expire_after")])?;
        Ok(Some(Self { after, by_event_time, expiry: Expiry::default(), has_undated: true }))
    }

    /// Keys leave as soon as the watermark reaches their event time.
    pub(super) fn until_watermark() -> Self {
        Self { after: Span(0), by_event_time: true, expiry: Expiry::default(), has_undated: true }
    }

    /// Whether event time counts.
    pub(super) fn is_by_event_time(&self) -> bool {
        self.by_event_time
    }

    /// These keys had rows in the batch of this time.
    pub(super) fn seen_in(&mut self, keys: &[u32], time: Timestamp) {
        // A key that had no row for exactly so long stays: a row that comes just then still finds it.
        let deadline = time.0.saturating_add(self.after.0).saturating_add(1).min(i64::MAX - 1);
        for &key in keys {
            self.expiry.set(key, deadline);
        }
    }

    /// This key had a row that happened at this time.
    pub(super) fn seen_at(&mut self, key: u32, time: i64) {
        self.expiry.extend(key, time.saturating_add(self.after.0).min(i64::MAX - 1));
    }

    /// Whether keys may be there that have no deadline yet, because they were there before the first batch.
    pub(super) fn take_undated(&mut self) -> bool {
        std::mem::take(&mut self.has_undated)
    }

    /// Gives those of these keys that have no deadline one, as if they had had a row in the batch of this time.
    pub(super) fn date(&mut self, keys: &[u32], time: Timestamp) {
        let undated: Vec<u32> = keys.iter().copied().filter(|&key| self.expiry.deadline(key).is_none()).collect();
        self.seen_in(&undated, time);
    }

    /// Takes out the keys whose time is over.
    pub(super) fn take_due(&mut self, context: &BatchContext, progress: &Progress) -> Vec<u32> {
        let now = if self.by_event_time { progress.close } else { context.time };
        if now == Progress::START.close { Vec::new() } else { self.expiry.take_due(now.0) }
    }

    /// These keys are gone.
    pub(super) fn forget(&mut self, keys: &[u32]) {
        for &key in keys {
            self.expiry.clear(key);
        }
    }

    /// Follows keys that were counted anew.
    pub(super) fn renumber(&mut self, renumbered: &Renumbered) {
        self.expiry.renumber(renumbered);
    }

    /// Goes on with another's deadlines, moved by the difference of the spans.
    pub(super) fn take_over(&mut self, old: Option<Self>) {
        let Some(old) = old.filter(|old| old.by_event_time == self.by_event_time) else { return };
        self.expiry = old.expiry;
        self.has_undated = old.has_undated;
        let by = self.after.0.saturating_sub(old.after.0);
        if by != 0 {
            self.expiry.shift(by);
        }
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.expiry.size()
    }
}
