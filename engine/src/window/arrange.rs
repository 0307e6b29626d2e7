//! Sorts the rows of a batch by key, and aggregates the pieces they are cut into.

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use rayon::ThreadPool;
use rayon::slice::ParallelSliceMut;

use std::sync::Arc;

use crate::aggregate::{Accumulators, AggregateError, Aggregation, States};

/// Fewer rows than this are sorted on the caller's thread.
const MIN_PARALLEL_ROWS: usize = 1 << 16;

/// The states of a batch's pieces: per piece a cell for each of its groups.
pub(super) struct BatchCells {
    /// Per call its state columns, a row per cell.
    pub(super) states: States,
    /// Per cell its group.
    pub(super) groups: Vec<u32>,
    /// Per piece its first cell, and behind the last piece the number of cells.
    offsets: Vec<usize>,
}

impl BatchCells {
    /// The cells of a piece.
    pub(super) fn cells_of(&self, piece: u32) -> std::ops::Range<usize> {
        let at = piece as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&start), Some(&end)) => start..end,
            (_, _) => 0..0,
        }
    }
}

/// A batch's rows in an order, cut into pieces.
pub(super) struct Arrangement<'a> {
    /// The rows in order.
    pub(super) order: &'a [u32],
    /// Per row of the order its piece; pieces are counted from 0 and follow each other.
    pub(super) pieces: &'a [u32],
    /// How many pieces there are.
    pub(super) piece_count: usize,
    /// Per row of the batch its group.
    pub(super) groups: &'a [u32],
    /// Whether a piece has one group only.
    pub(super) is_single: bool,
}

/// The rows by key, then time, then position.
pub(super) fn by_key_and_time(
    keys: impl Fn(usize) -> u32,
    times: &[i64],
    pool: &ThreadPool,
) -> Result<Vec<u32>, AggregateError> {
    let rows = count(times.len())?;
    let pack = |(row, &time): (u32, &i64)| {
        let moved = u128::from(time.cast_unsigned() ^ (1 << 63));
        (u128::from(keys(row as usize)) << 96) | (moved << 32) | u128::from(row)
    };
    let mut packed: Vec<u128> = (0..rows).zip(times).map(pack).collect();
    sort(&mut packed, pool);
    #[expect(clippy::cast_possible_truncation, reason = "the row is in the lower bits")]
    Ok(packed.into_iter().map(|packed| packed as u32).collect())
}

/// The rows by key, then position.
pub(super) fn by_key(keys: impl Fn(usize) -> u32, rows: usize, pool: &ThreadPool) -> Result<Vec<u32>, AggregateError> {
    let rows = count(rows)?;
    let mut packed: Vec<u64> =
        (0..rows).map(|row| (u64::from(keys(row as usize)) << 32) | u64::from(row)).collect();
    sort(&mut packed, pool);
    #[expect(clippy::cast_possible_truncation, reason = "the row is in the lower bits")]
    Ok(packed.into_iter().map(|packed| packed as u32).collect())
}

/// No two values are equal, so the order is the same on any number of threads.
fn sort<T: Ord + Send>(packed: &mut [T], pool: &ThreadPool) {
    if packed.len() < MIN_PARALLEL_ROWS {
        packed.sort_unstable();
    } else if !packed.is_sorted() {
        pool.install(|| packed.par_sort_unstable());
    }
}

fn count(rows: usize) -> Result<u32, AggregateError> {
    u32::try_from(rows).map_err(|_| {
        AggregateError("more than four thousand million rows in one batch; shorten the batch interval".to_owned())
    })
}

/// Aggregates the pieces. The accumulators see the rows in the given order.
pub(super) fn accumulate(
    aggregation: &Arc<Aggregation>,
    arguments: &[ArrayRef],
    rows: &Arrangement<'_>,
) -> Result<BatchCells, AggregateError> {
    let (cells, groups, offsets) = if rows.is_single { single_cells(rows) } else { cells_of_groups(rows) };
    let is_in_order = rows.order.is_sorted();
    let arranged: Vec<ArrayRef> = if is_in_order {
        arguments.to_vec()
    } else {
        let order = UInt32Array::from(rows.order.to_vec());
        arguments.iter().map(|column| take(column, &order, None)).collect::<Result<_, _>>()?
    };
    let mut accumulators = Accumulators::new(aggregation)?;
    accumulators.update(&arranged, &cells, groups.len())?;
    Ok(BatchCells { states: accumulators.state()?, groups, offsets })
}

/// Per row of the order its cell, per cell its group, and per piece its first cell.
type Numbered = (Vec<usize>, Vec<u32>, Vec<usize>);

fn single_cells(rows: &Arrangement<'_>) -> Numbered {
    let mut groups = vec![0; rows.piece_count];
    for (&piece, &row) in rows.pieces.iter().zip(rows.order) {
        groups[piece as usize] = rows.groups[row as usize];
    }
    (rows.pieces.iter().map(|&piece| piece as usize).collect(), groups, (0..=rows.piece_count).collect())
}

fn cells_of_groups(rows: &Arrangement<'_>) -> Numbered {
    let places = (0u32..).zip(rows.pieces.iter().zip(rows.order));
    let mut sorted: Vec<(u32, u32, u32)> =
        places.map(|(at, (&piece, &row))| (piece, rows.groups[row as usize], at)).collect();
    sorted.sort_unstable();
    let mut cells = vec![0; sorted.len()];
    let mut groups = Vec::new();
    let mut offsets = Vec::with_capacity(rows.piece_count + 1);
    let mut before = None;
    for (piece, group, at) in sorted {
        if before != Some((piece, group)) {
            if offsets.len() <= piece as usize {
                offsets.push(groups.len());
            }
            groups.push(group);
            before = Some((piece, group));
        }
        cells[at as usize] = groups.len() - 1;
    }
    offsets.push(groups.len());
    (cells, groups, offsets)
}
