//! Evaluation where single rows may fail: the values of the others, and why those failed.
//!
//! The law: a row fails if and only if the expression fails on this row alone. A vectorised evaluation knows only that
//! some row of many failed, so the failing ones are found by halving. That costs two evaluations per failing row and
//! level; where failures are so frequent that this would not pay, rows are tried in small slices and then one by one,
//! so that no input costs more than a little over one evaluation per row. Values are those of the evaluations that
//! succeeded, never of a second one on the good rows together: `n <> 0 AND 10 / n > 1` may fail on many rows at once
//! although it fails on none.
//!
//! Evaluating a row again gives the same value: no function here is volatile (see `context`), and `now()` and
//! its like are the batch's.

use arrow::array::{ArrayRef, new_null_array};
use arrow::compute::concat;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{ExprError, Expression, Scope};

/// So many evaluations may fail before halving is given up: about 64 failing rows among 32,768.
const PATIENCE: usize = 64 * 16;

/// Rows tried together once halving is given up.
const SLICE_ROWS: usize = 16;

/// Longest value shown when a row is blamed.
const SHOWN_CHARS: usize = 60;

/// What an expression gave on rows of which some may have failed.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// A value per row; null where the row failed, whatever the expression's field says of nulls.
    pub values: ArrayRef,
    /// The rows that failed, in order.
    pub failures: Vec<Failure>,
}

/// A row on which an expression fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its position in the batch.
    pub row: usize,
    /// Why.
    pub error: ExprError,
}

impl Expression {
    /// Evaluates it on all rows, telling those that fail from the others. The error is one of putting the values
    /// together, never of a row.
    pub fn attempt(&self, batch: &RecordBatch, scope: &Scope) -> Result<Attempt, ExprError> {
        match self.evaluate(batch, scope) {
            Ok(values) => Ok(Attempt { values, failures: Vec::new() }),
            Err(error) => Search::new(self, batch, scope, false).run(error),
        }
    }

    /// Evaluates it on all rows; if any fails, the error says which one is the first and what is in it.
    pub fn evaluate_or_blame(&self, batch: &RecordBatch, scope: &Scope) -> Result<ArrayRef, ExprError> {
        let error = match self.evaluate(batch, scope) {
            Ok(values) => return Ok(values),
            Err(error) => error,
        };
        let Attempt { values, failures } = Search::new(self, batch, scope, true).run(error)?;
        match failures.into_iter().next() {
            None => Ok(values),
            Some(Failure { row, error }) => {
                let place = if self.reads().is_empty() {
                    "it fails on every row".to_owned()
                } else {
                    format!("first in the row {}", show_row(batch, row, self.reads()))
                };
                Err(ExprError::new(format!("`{}`: {error}; {place}", self.field().name())))
            }
        }
    }
}

/// The search for failing rows, from the first row to the last.
struct Search<'a> {
    expression: &'a Expression,
    batch: &'a RecordBatch,
    scope: &'a Scope,
    stops_at_first: bool,
    /// Values found, piece by piece.
    values: Vec<ArrayRef>,
    /// Failed rows behind them.
    nulls: usize,
    failures: Vec<Failure>,
    failed_evaluations: usize,
}

impl<'a> Search<'a> {
    fn new(expression: &'a Expression, batch: &'a RecordBatch, scope: &'a Scope, stops_at_first: bool) -> Self {
        let (values, failures) = (Vec::new(), Vec::new());
        Self { expression, batch, scope, stops_at_first, values, nulls: 0, failures, failed_evaluations: 0 }
    }

    /// `error` is what the evaluation of the whole batch gave.
    fn run(mut self, error: ExprError) -> Result<Attempt, ExprError> {
        let rows = self.batch.num_rows();
        if rows == 1 {
            self.fail(0, error);
        } else if let (true, Err(error)) = (self.expression.reads().is_empty(), self.evaluate(0, 1)) {
            // It reads no column, so what it gives for one row it gives for all.
            let failing = if self.stops_at_first { 1 } else { rows };
            (0..failing).for_each(|row| self.fail(row, error.clone()));
        } else {
            self.search(rows);
        }
        self.flush_nulls();
        let values: Vec<_> = self.values.iter().map(AsRef::as_ref).collect();
        let values = concat(&values).map_err(|error| ExprError::from_arrow(&error))?;
        Ok(Attempt { values, failures: self.failures })
    }

    fn search(&mut self, rows: usize) {
        // The ranges not yet looked at, the next one on top.
        let mut waiting = Vec::new();
        self.divide(0, rows, &mut waiting);
        while let Some((start, count)) = waiting.pop() {
            match self.evaluate(start, count) {
                Ok(values) => {
                    self.flush_nulls();
                    self.values.push(values);
                }
                Err(_) if count > 1 => self.divide(start, count, &mut waiting),
                Err(error) => {
                    self.fail(start, error);
                    if self.stops_at_first {
                        return;
                    }
                }
            }
        }
    }

    /// Puts the parts of a range that failed on top, the first part topmost.
    fn divide(&mut self, start: usize, count: usize, waiting: &mut Vec<(usize, usize)>) {
        self.failed_evaluations += 1;
        let part = if self.failed_evaluations <= PATIENCE {
            count.div_ceil(2)
        } else if count > SLICE_ROWS {
            SLICE_ROWS
        } else {
            1
        };
        let starts = (0..count).step_by(part).rev();
        waiting.extend(starts.map(|at| (start + at, part.min(count - at))));
    }

    fn evaluate(&self, start: usize, count: usize) -> Result<ArrayRef, ExprError> {
        self.expression.evaluate(&self.batch.slice(start, count), self.scope)
    }

    fn fail(&mut self, row: usize, error: ExprError) {
        self.failures.push(Failure { row, error });
        self.nulls += 1;
    }

    fn flush_nulls(&mut self) {
        if self.nulls > 0 {
            self.values.push(new_null_array(self.expression.field().data_type(), self.nulls));
            self.nulls = 0;
        }
    }
}

/// A row as `word = alpha, n = 1`, shortened.
fn show_row(rows: &RecordBatch, row: usize, columns: &[usize]) -> String {
    let schema = rows.schema_ref();
    let options = FormatOptions::default().with_null("null");
    let shown = columns.iter().filter_map(|&index| {
        let value = ArrayFormatter::try_new(rows.columns().get(index)?, &options).ok()?.value(row).to_string();
        Some(format!("{} = {}", schema.fields().get(index)?.name(), shorten(&value)))
    });
    let text = shown.collect::<Vec<_>>().join(", ");
    if text.is_empty() { format!("number {}", row + 1) } else { text }
}

/// Text cut to what fits a message.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => text.to_owned(),
        Some((cut, _)) => format!("{}...", text.get(..cut).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, AsArray, Float64Array, Int32Array};
    use arrow::datatypes::{DataType, Field, Int64Type, Schema};
    use proptest::prelude::*;

    use super::*;
    use crate::spec::Timestamp;

    fn numbers(values: impl IntoIterator<Item = i32>) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int32, false)]));
        RecordBatch::try_new(schema, vec![Arc::new(Int32Array::from_iter_values(values))]).unwrap()
    }

    fn scope() -> Scope {
        Scope { batch: 0, time: Timestamp(0) }
    }

    fn attempt(source: &str, rows: &RecordBatch) -> Attempt {
        Expression::compile(source, &rows.schema()).unwrap().attempt(rows, &scope()).unwrap()
    }

    proptest! {
        #[test]
        fn rows_fail_exactly_where_they_fail_alone(values in prop::collection::vec(prop_oneof![4 => 1i32..9, 1 => Just(0)], 0..3_000)) {
            let rows = numbers(values.clone());
            let found = attempt("100 div n", &rows);
            let zeros: Vec<usize> = (0..values.len()).filter(|row| values[*row] == 0).collect();
            prop_assert_eq!(found.failures.iter().map(|failure| failure.row).collect::<Vec<_>>(), zeros);
            let wanted: Vec<Option<i64>> = values.iter().map(|n| (*n != 0).then(|| i64::from(100 / n.max(&1)))).collect();
            let got: Vec<Option<i64>> = found.values.as_primitive::<Int64Type>().iter().collect();
            prop_assert_eq!(got, wanted);
        }
    }

    #[test]
    fn where_every_row_fails_none_is_lost() {
        let rows = numbers(std::iter::repeat_n(0, 40_000));
        for source in ["1 div n", "1 div 0", "n div (1 - 1)"] {
            let found = attempt(source, &rows);
            assert_eq!((found.failures.len(), found.values.null_count()), (40_000, 40_000), "{source}");
        }
    }

    #[test]
    fn a_guard_keeps_every_row_from_failing() {
        let found = attempt("n <> 0 AND 10 div n > 1", &numbers((0..5_000).map(|n| n % 7)));
        assert_eq!(found.failures, []);
        assert_eq!(found.values.as_boolean().true_count(), (0..5_000).filter(|n| (1..=5).contains(&(n % 7))).count());
    }

    #[test]
    fn on_no_rows_nothing_fails() {
        assert_eq!(attempt("1 div 0", &numbers([])).values.len(), 0);
    }

    #[test]
    fn the_cause_is_told_without_the_advice() {
        let found = attempt("1 div n", &numbers([1, 0]));
        assert_eq!(found.failures[0].error.cause(), "division by zero");
        assert!(found.failures[0].error.message.contains("nullif"));
    }

    #[test]
    fn the_first_failing_row_is_named() {
        let rows = numbers((0..1_000).map(|n| 700 - n));
        let blame = |source: &str| {
            let expression = Expression::compile(source, &rows.schema()).unwrap();
            expression.evaluate_or_blame(&rows, &scope()).unwrap_err().message
        };
        assert!(
            blame("10 div n").contains("division by zero") && blame("10 div n").ends_with("first in the row n = 0")
        );
        assert!(blame("10 div 0").ends_with("it fails on every row"));
    }

    #[test]
    fn values_of_many_pieces_come_in_order() {
        let rows = numbers((0..2_000).map(|n| n % 50));
        let found = attempt("1e0 / n", &rows);
        let values: &Float64Array = found.values.as_primitive();
        assert!((0..2_000).all(|row| values.is_null(row) == (row % 50 == 0)));
        assert!(
            (0..2_000)
                .filter(|row| row % 50 > 0)
                .all(|row| (values.value(row) - 1.0 / (row % 50) as f64).abs() < f64::EPSILON)
        );
    }
}
