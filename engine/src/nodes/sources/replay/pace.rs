//! How many rows of the file a batch takes. By event time, each row has a moment at which it is due, counted from the
//! first row and never earlier than that of the row before it.

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;

use crate::spec::Span;

/// How fast the rows come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// So many in every batch.
    Fast { rows_per_batch: u64 },
    /// So many per second.
    Rate { rows_per_sec: f64 },
    /// As far apart as the times in this column, times the speed.
    EventTime { column: usize, speed: f64 },
}

/// When rows are due, over the passes of a file that loops: microseconds since the first row of the first pass.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Timeline {
    /// The first time in this pass.
    first: Option<i64>,
    /// When this pass began.
    pass_start: i64,
    pass_rows: i64,
    last: i64,
}

/// Passes are at least so far apart, or a file of one row would be due without end at once.
const MIN_GAP_MICROS: i64 = 1_000;

impl Timeline {
    /// When the rows of a block are due. A row without a time is due with the row before it.
    pub(super) fn stamp(&mut self, rows: &RecordBatch, column: usize) -> Vec<i64> {
        let count = rows.num_rows();
        let times = rows.columns().get(column).and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let time = |row: usize| times.filter(|times| times.is_valid(row)).map(|times| times.value(row));
        (0..count).map(|row| self.next(time(row))).collect()
    }

    /// The file begins again: one mean distance between rows after the last.
    pub(super) fn begin_pass(&mut self) {
        let gap = (self.last - self.pass_start) / (self.pass_rows - 1).max(1);
        *self = Self { first: None, pass_start: self.last + gap.max(MIN_GAP_MICROS), pass_rows: 0, last: self.last };
    }

    fn next(&mut self, time: Option<i64>) -> i64 {
        self.pass_rows += 1;
        if let Some(time) = time {
            let first = *self.first.get_or_insert(time);
            self.last = self.last.max(self.pass_start.saturating_add(time.saturating_sub(first)));
        }
        self.last
    }
}

/// Rows due at a rate, whole ones; the rest of a row is carried to the next batch.
pub(super) fn rows_at_rate(rows_per_sec: f64, span: Span, carried: &mut f64) -> u64 {
    let due = rows_per_sec * span.as_secs_f64() + *carried;
    // A sum of fractions misses the whole number it should be by less than this.
    let whole = (due + 1e-6).floor().max(0.0);
    *carried = due - whole;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; huge saturates")]
    let rows = whole as u64;
    rows
}

/// How far the file's time moves on while the batch's does.
pub(super) fn scaled(span: Span, speed: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, which is never reached before the heat death")]
    let micros = (span.0 as f64 * speed).round() as i64;
    micros
}
