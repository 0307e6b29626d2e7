//! When rows happened: reads the event-time column of a batch and says into which panes its rows fall.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, TimestampMicrosecondArray};
use arrow::compute::{cast, filter_record_batch, is_null};
use arrow::datatypes::{DataType, Schema, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;

use crate::expr::type_name;
use crate::plan::{LinkType, NodeError};
use crate::spec::{Span, Timestamp};
use crate::window::{EventTime, OpenWindows, Window, is_plausible};

/// The column that says when a row happened.
#[derive(Debug, Clone)]
pub(in crate::nodes) struct EventColumn {
    index: usize,
    shift: Span,
}

/// The rows of a batch that open windows want.
pub(in crate::nodes) struct Placed {
    /// The rows.
    pub(in crate::nodes) rows: RecordBatch,
    /// Per row the start of its pane.
    pub(in crate::nodes) panes: Vec<i64>,
}

impl EventColumn {
    /// Finds the column of this event time. The error is a sentence.
    pub(in crate::nodes) fn find(time: &EventTime, schema: &Schema) -> Result<Self, String> {
        let fields = schema.fields();
        let exact = fields.iter().position(|field| *field.name() == time.column);
        let alike = || fields.iter().position(|field| field.name().eq_ignore_ascii_case(&time.column));
        let Some(index) = exact.or_else(alike) else {
            return Err(format!(
                "the column `{}`, by which the windows go, is not there any more; keep it in the nodes before this one",
                time.column
            ));
        };
        let data_type = fields[index].data_type();
        if !matches!(data_type, DataType::Timestamp(_, _)) {
            return Err(format!(
                "the column `{}` is of type {}, but an event time is a timestamp; convert it with a Map before: \
                 CAST({} AS timestamp)",
                fields[index].name(),
                type_name(data_type),
                fields[index].name()
            ));
        }
        Ok(Self { index, shift: time.shift })
    }

    /// Per row when it happened; null where that is null or in no year of the calendar.
    pub(in crate::nodes) fn times(&self, rows: &RecordBatch) -> Result<TimestampMicrosecondArray, NodeError> {
        let times = cast(self.column_of(rows)?, &LinkType::timestamp())?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let happened = |time: i64| Timestamp(time).plus(self.shift);
        let is_usable = |time: i64| is_plausible(happened(time));
        if self.shift == Span(0) && times.iter().flatten().all(is_usable) {
            return Ok(times.clone());
        }
        Ok(times.unary_opt(|time| is_usable(time).then(|| happened(time).0)))
    }

    /// Per row whether the column is null.
    pub(in crate::nodes) fn is_missing(&self, rows: &RecordBatch) -> Result<BooleanArray, NodeError> {
        Ok(is_null(self.column_of(rows)?)?)
    }

    fn column_of<'a>(&self, rows: &'a RecordBatch) -> Result<&'a ArrayRef, NodeError> {
        rows.columns().get(self.index).ok_or_else(|| {
            NodeError::weir("the column of the event time is missing; this is a defect of Weir, please report it")
        })
    }

    /// The rows that open windows want, and where they fall. Rows without a time, between windows, or too late for all
    /// of theirs are left out.
    pub(in crate::nodes) fn place<T: Default>(
        &self,
        rows: &RecordBatch,
        open: &OpenWindows<T>,
    ) -> Result<Placed, NodeError> {
        let times = self.times(rows)?;
        let mut panes = Vec::with_capacity(times.len());
        // Rows come roughly in the order in which they happened: the next one is mostly in the same pane.
        let mut last: Option<(Window, bool)> = None;
        let mut is_kept = |row: usize| {
            if times.is_null(row) {
                return false;
            }
            let time = Timestamp(times.value(row));
            let (pane, is_wanted) = match last {
                Some(last) if (last.0.start..last.0.end).contains(&time) => last,
                Some(_) | None => {
                    let pane = open.pane_of(time);
                    *last.insert((pane, open.wants(pane)))
                }
            };
            if is_wanted {
                panes.push(pane.start.0);
            }
            is_wanted
        };
        let kept: BooleanArray = (0..times.len()).map(|row| Some(is_kept(row))).collect();
        let rows = if panes.len() == rows.num_rows() { rows.clone() } else { filter_record_batch(rows, &kept)? };
        Ok(Placed { rows, panes })
    }
}
