//! When rows happened, and how far event time has come.

use arrow::array::{Array, AsArray, BooleanArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;

use crate::nodes::grouping::find;
use crate::plan::{LinkType, NodeError, Watermark};
use crate::spec::{Span, Timestamp};

/// Where a link's rows say when they happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EventColumn {
    /// The column's position.
    pub(super) index: usize,
    shift: Span,
}

/// How far event time has come: late and close never go back, whatever the inputs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Rows at or before this are late.
    pub(super) late: Timestamp,
    /// State that serves nothing later than this can go.
    pub(super) close: Timestamp,
}

impl EventColumn {
    /// That of a link, behind a watermark.
    pub(super) fn of(link: &LinkType) -> Option<Self> {
        let time = link.event_time.as_ref()?;
        Some(Self { index: find(&link.schema, &time.column)?, shift: time.shift })
    }

    /// The event times of rows.
    pub(super) fn read(&self, rows: &RecordBatch) -> Result<TimestampMicrosecondArray, NodeError> {
        let column = rows.columns().get(self.index).ok_or_else(|| NodeError::weir("the event time is missing"))?;
        let times = match column.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => times.clone(),
            None => cast(column, &LinkType::timestamp())?.as_primitive::<TimestampMicrosecondType>().clone(),
        };
        if self.shift.0 == 0 {
            return Ok(times);
        }
        Ok(times.unary(|time: i64| self.shifted(time)))
    }

    /// The event time that a value of the column stands for.
    pub(super) fn shifted(&self, time: i64) -> i64 {
        time.saturating_add(self.shift.0)
    }
}

impl Progress {
    /// Before any row.
    pub(super) const START: Self = Self { late: Timestamp(i64::MIN), close: Timestamp(i64::MIN) };

    /// Takes the watermark of a batch in.
    pub(super) fn advance(&mut self, watermark: Option<Watermark>) {
        if let Some(Watermark { late, close, .. }) = watermark {
            self.late = self.late.max(late);
            self.close = self.close.max(close).max(self.late);
        }
    }

    /// Per row whether it is late; `None` if none is.
    pub(super) fn late_rows(&self, times: &TimestampMicrosecondArray) -> Option<BooleanArray> {
        let is_late = |row| times.is_valid(row) && self.late != Self::START.late && times.value(row) <= self.late.0;
        let late: BooleanArray = (0..times.len()).map(|row| Some(is_late(row))).collect();
        (late.true_count() > 0).then_some(late)
    }
}
