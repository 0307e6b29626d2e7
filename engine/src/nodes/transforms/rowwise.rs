//! What all row-wise transforms share: chunk by chunk over the compute pool, in order, and blaming the right row.
//!
//! Work is cut by the data alone (at most [`MAX_ROWS`] rows a piece), never by the number of threads, and results are
//! put together in the order of the pieces: a batch gives the same chunks on one thread and on eight.

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rayon::prelude::*;

use crate::expr::{ExprError, Expression, Scope};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError};

/// Rows of one piece of work.
pub const MAX_ROWS: usize = 32_768;

/// Longest value shown when a row is blamed.
const SHOWN_CHARS: usize = 60;

/// Works on every chunk of the first input; empty results are left out. Of several failing chunks the first is
/// reported.
pub fn map_chunks<F>(inputs: Inputs, context: &BatchContext, work: F) -> Result<Flow, NodeError>
where
    F: Fn(&Chunk) -> Result<RecordBatch, NodeError> + Sync,
{
    let parts = map_parts(inputs, context, |chunk| work(chunk).map(|rows| Chunk::new(rows, chunk.arrived)))?;
    Ok(match parts {
        None => Flow::Idle,
        Some(chunks) => Flow::Fired(chunks.into_iter().filter(|chunk| chunk.rows.num_rows() > 0).collect()),
    })
}

/// The same for work that gives something else than rows: its results in the order of the pieces, `None` if the input
/// did not fire.
pub fn map_parts<F, T>(inputs: Inputs, context: &BatchContext, work: F) -> Result<Option<Vec<T>>, NodeError>
where
    F: Fn(&Chunk) -> Result<T, NodeError> + Sync,
    T: Send,
{
    let flow = inputs.into_iter().next().and_then(|wires| wires.into_iter().next()).unwrap_or_default();
    let Flow::Fired(chunks) = flow else { return Ok(None) };
    let pieces = cut(chunks);
    let results: Vec<Result<T, NodeError>> = match pieces.as_slice() {
        [] => return Ok(Some(Vec::new())),
        [single] => vec![work(single)],
        _ => context.pool.install(|| pieces.par_iter().map(&work).collect()),
    };
    // Collecting into a result inside the pool would report whichever chunk failed first in time.
    results.into_iter().collect::<Result<Vec<_>, _>>().map(Some)
}

/// Cuts chunks that are larger than a piece.
fn cut(chunks: Vec<Chunk>) -> Vec<Chunk> {
    let mut pieces = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let rows = chunk.rows.num_rows();
        if rows <= MAX_ROWS {
            pieces.push(chunk);
            continue;
        }
        for start in (0..rows).step_by(MAX_ROWS) {
            let slice = chunk.rows.slice(start, MAX_ROWS.min(rows - start));
            pieces.push(Chunk::new(slice, chunk.arrived));
        }
    }
    pieces
}

/// The scope expressions run in.
pub fn scope(context: &BatchContext) -> Scope {
    Scope { batch: context.batch, time: context.time }
}

/// Evaluates an expression; if it fails, the error names the first failing row.
pub fn evaluate(expression: &Expression, rows: &RecordBatch, scope: &Scope) -> Result<ArrayRef, NodeError> {
    expression.evaluate(rows, scope).map_err(|error| blame(expression, rows, scope, error))
}

/// Finds the first failing row by halving: the first half is entered if it fails, else the second.
fn blame(expression: &Expression, rows: &RecordBatch, scope: &Scope, error: ExprError) -> NodeError {
    let (mut start, mut count, mut error) = (0, rows.num_rows(), error);
    while count > 1 {
        let half = count / 2;
        if let Err(earlier) = expression.evaluate(&rows.slice(start, half), scope) {
            error = earlier;
            count = half;
            continue;
        }
        start += half;
        count -= half;
        match expression.evaluate(&rows.slice(start, count), scope) {
            Err(later) => error = later,
            // It fails on the whole only: no single row is to blame.
            Ok(_) => return NodeError::data(format!("`{}`: {error}", expression.field().name())),
        }
    }
    let row = if count == 1 {
        format!("; first in the row {}", show_row(rows, start, expression.reads()))
    } else {
        String::new()
    };
    NodeError::data(format!("`{}`: {error}{row}", expression.field().name()))
}

/// A row as `word = "alpha", n = 1`, shortened.
fn show_row(rows: &RecordBatch, row: usize, columns: &[usize]) -> String {
    let schema = rows.schema_ref();
    let options = FormatOptions::default().with_null("null");
    let shown = columns.iter().filter_map(|&index| {
        let value = ArrayFormatter::try_new(rows.column(index), &options).ok()?.value(row).to_string();
        Some(format!("{} = {}", schema.field(index).name(), shorten(&value)))
    });
    let text = shown.collect::<Vec<_>>().join(", ");
    if text.is_empty() { format!("number {}", row + 1) } else { text }
}

/// Text cut to what fits a message.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => text.to_owned(),
        Some((cut, _)) => format!("{}...", &text[..cut]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int32Array;

    use super::*;
    use crate::nodes::testing;

    fn numbers(values: impl IntoIterator<Item = i32>) -> RecordBatch {
        testing::batch(vec![("n", Arc::new(Int32Array::from_iter_values(values)))])
    }

    #[test]
    fn chunks_keep_their_order_and_large_ones_are_cut_by_rows_alone() {
        let rows = i32::try_from(MAX_ROWS * 3 + 5).unwrap();
        let chunks = vec![testing::chunk(numbers(0..rows)), testing::chunk(numbers(rows..rows + 3))];
        for threads in [1, 2, 7] {
            let context = testing::context_with(threads);
            let flow = map_chunks(vec![vec![Flow::Fired(chunks.clone())]], &context, |chunk| Ok(chunk.rows.clone()));
            let flow = flow.unwrap();
            let sizes: Vec<_> = flow.chunks().iter().map(|chunk| chunk.rows.num_rows()).collect();
            assert_eq!(sizes, [MAX_ROWS, MAX_ROWS, MAX_ROWS, 5, 3]);
            assert_eq!(testing::ints(&flow, "n"), (0..rows + 3).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_failing_row_is_named() {
        let rows = numbers((0..1_000).map(|n| 700 - n));
        let expression = Expression::compile("10 div n", &rows.schema()).unwrap();
        let error = evaluate(&expression, &rows, &scope(&testing::context())).unwrap_err();
        assert!(error.message.contains("division by zero") && error.message.ends_with("n = 0"), "{error}");
    }

    #[test]
    fn of_several_failing_chunks_the_first_is_reported() {
        let chunks: Vec<_> = (0..64).map(|n| testing::chunk(numbers([n]))).collect();
        let context = testing::context_with(4);
        let failed = map_chunks(vec![vec![Flow::Fired(chunks)]], &context, |chunk| {
            let first = testing::ints(&Flow::Fired(vec![chunk.clone()]), "n")[0];
            if first >= 9 { Err(NodeError::data(first.to_string())) } else { Ok(chunk.rows.clone()) }
        });
        assert_eq!(failed.unwrap_err().message, "9");
    }
}
