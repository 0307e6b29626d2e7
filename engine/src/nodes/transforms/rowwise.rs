//! What all row-wise transforms share: chunk by chunk over the compute pool, in order, and blaming the right row.
//!
//! Work is cut by the data alone (at most [`MAX_ROWS`] rows a piece), never by the number of threads, and results are
//! put together in the order of the pieces: a batch gives the same chunks on one thread and on eight.

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use crate::expr::{Expression, Scope};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError};

/// Rows of one piece of work.
pub const MAX_ROWS: usize = 32_768;

/// Works on every chunk of the first input, piece by piece: the results in the order of the pieces, `None` if the input
/// did not fire. Of several failing pieces the first is reported.
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
    expression.evaluate_or_blame(rows, scope).map_err(|error| NodeError::data(error.message))
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
            let inputs = vec![vec![Flow::Fired(chunks.clone())]];
            let pieces = map_parts(inputs, &context, |chunk| Ok(chunk.clone())).unwrap().unwrap();
            let sizes: Vec<_> = pieces.iter().map(|chunk| chunk.rows.num_rows()).collect();
            assert_eq!(sizes, [MAX_ROWS, MAX_ROWS, MAX_ROWS, 5, 3]);
            assert_eq!(testing::ints(&Flow::Fired(pieces), "n"), (0..rows + 3).collect::<Vec<_>>());
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
        let failed = map_parts(vec![vec![Flow::Fired(chunks)]], &context, |chunk| {
            let first = testing::ints(&Flow::Fired(vec![chunk.clone()]), "n")[0];
            if first >= 9 { Err(NodeError::data(first.to_string())) } else { Ok(chunk.rows.clone()) }
        });
        assert_eq!(failed.unwrap_err().message, "9");
    }
}
