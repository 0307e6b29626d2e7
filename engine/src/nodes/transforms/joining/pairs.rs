//! Pairs of rows whose keys are equal.

use std::ops::Range;

use arrow::array::{BooleanArray, UInt32Array};
use arrow::compute::filter_record_batch;

use super::Index;
use crate::nodes::transforms::rowwise::MAX_ROWS;
use crate::plan::{Chunk, NodeError};

/// Pairs of equal keys one batch may have: beyond, the keys are hardly what was meant, and memory ends.
pub(in crate::nodes::transforms) const MAX_PAIRS: u64 = 50_000_000;

/// No row, or no key.
pub(in crate::nodes::transforms) const NONE: u32 = u32::MAX;

/// Left rows and their partners, in the order of the left rows, then of the right ones. A left row that is kept
/// without a partner has [`NONE`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::nodes::transforms) struct Pairs {
    /// The left rows.
    pub(in crate::nodes::transforms) left: Vec<u32>,
    /// The right rows.
    pub(in crate::nodes::transforms) right: Vec<u32>,
}

/// Cuts left rows into pieces of about as many pairs as fit one chunk. `total` counts the pairs of the whole batch;
/// what would explode is refused.
pub(in crate::nodes::transforms) fn cut(
    groups: &[u32],
    index: &Index,
    total: &mut u64,
) -> Result<Vec<Range<usize>>, NodeError> {
    let mut pieces = Vec::new();
    let (mut first, mut weight) = (0, 0);
    for (row, group) in groups.iter().enumerate() {
        let count = index.rows_of(*group).len();
        *total = total.saturating_add(count as u64);
        weight += count.max(1);
        if weight >= MAX_ROWS {
            pieces.push(first..row + 1);
            (first, weight) = (row + 1, 0);
        }
    }
    if first < groups.len() {
        pieces.push(first..groups.len());
    }
    if *total > MAX_PAIRS {
        return Err(NodeError::data(format!(
            "the rows of this batch make {total} pairs of equal keys, more than the {MAX_PAIRS} that one batch may \
             have; join on more columns, or aggregate one side first"
        )));
    }
    Ok(pieces)
}

impl Pairs {
    /// All pairs of these left rows.
    pub(in crate::nodes::transforms) fn of(rows: Range<usize>, groups: &[u32], index: &Index) -> Self {
        let mut pairs = Self::default();
        let first = u32::try_from(rows.start).unwrap_or(NONE);
        for (row, group) in (first..).zip(groups.get(rows).unwrap_or_default()) {
            let partners = index.rows_of(*group);
            pairs.left.extend(std::iter::repeat_n(row, partners.len()));
            pairs.right.extend_from_slice(partners);
        }
        pairs
    }

    /// Keeps those for which it holds.
    pub(in crate::nodes::transforms) fn retain(&mut self, holds: &BooleanArray) {
        let kept = |rows: &[u32]| {
            rows.iter().zip(holds).filter(|(_, holds)| *holds == Some(true)).map(|(row, _)| *row).collect()
        };
        (self.left, self.right) = (kept(&self.left), kept(&self.right));
    }

    /// The same with every one of these left rows that has no partner, in its place.
    pub(in crate::nodes::transforms) fn with_alone(&self, rows: Range<usize>) -> Self {
        let mut all = Self::default();
        let mut at = 0;
        for row in u32::try_from(rows.start).unwrap_or(NONE)..u32::try_from(rows.end).unwrap_or(NONE) {
            let partners = self.left.iter().skip(at).take_while(|left| **left == row).count();
            let count = partners.max(1);
            all.left.extend(std::iter::repeat_n(row, count));
            match self.right.get(at..at + partners) {
                Some(right) if partners > 0 => all.right.extend_from_slice(right),
                Some(_) | None => all.right.push(NONE),
            }
            at += partners;
        }
        all
    }

    /// How many.
    pub(in crate::nodes::transforms) fn len(&self) -> usize {
        self.left.len()
    }

    /// The left rows as positions to take.
    pub(in crate::nodes::transforms) fn left_rows(&self) -> UInt32Array {
        UInt32Array::from(self.left.clone())
    }

    /// The right rows as positions to take; no row is null.
    pub(in crate::nodes::transforms) fn right_rows(&self) -> UInt32Array {
        if self.right.contains(&NONE) {
            self.right.iter().map(|row| (*row != NONE).then_some(*row)).collect()
        } else {
            UInt32Array::from(self.right.clone())
        }
    }
}

/// The rows of a chunk for which the mask holds; `None` if there are none. All of them are handed on as they are.
pub(in crate::nodes::transforms) fn keep_rows(chunk: &Chunk, mask: &BooleanArray) -> Result<Option<Chunk>, NodeError> {
    Ok(match mask.true_count() {
        0 => None,
        count if count == mask.len() => Some(chunk.clone()),
        _ => Some(Chunk::new(filter_record_batch(&chunk.rows, mask)?, chunk.arrived)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_in_the_order_of_the_left_rows_then_of_the_right() {
        let index = Index::new(&[0, 1, 0], 2);
        let pairs = Pairs::of(0..4, &[1, NONE, 0, 0], &index);
        assert_eq!((pairs.left.as_slice(), pairs.right.as_slice()), ([0, 2, 2, 3, 3].as_slice(), [1, 0, 2, 0, 2].as_slice()));
        let all = pairs.with_alone(0..4);
        assert_eq!(all.left, [0, 1, 2, 2, 3, 3]);
        assert_eq!(all.right, [1, NONE, 0, 2, 0, 2]);
        let later = Pairs::of(3..4, &[1, NONE, 0, 0], &index);
        assert_eq!((later.left, later.right), (vec![3, 3], vec![0, 2]));
    }

    #[test]
    fn a_join_that_would_explode_is_refused_with_a_way_out() {
        let rows = vec![0; 7_072];
        let index = Index::new(&rows, 1);
        let error = cut(&rows, &index, &mut 0).unwrap_err();
        assert!(error.message.contains("make 50013184 pairs") && error.message.contains("join on more columns"), "{error}");
        let fewer = vec![0; 7_071];
        assert!(cut(&fewer, &Index::new(&fewer, 1), &mut 0).is_ok());
        assert!(cut(&fewer, &Index::new(&fewer, 1), &mut 1_000_000).is_err(), "the batch counts as a whole");
    }

    #[test]
    fn pieces_are_cut_by_their_pairs_and_cover_all_rows() {
        let index = Index::new(&vec![0; 10_000], 1);
        let groups = [vec![0; 9], vec![NONE; 40_000]].concat();
        let pieces = cut(&groups, &index, &mut 0).unwrap();
        assert_eq!(pieces[..3], [0..4, 4..8, 8..22_777]);
        assert_eq!(pieces.last().unwrap().end, groups.len());
        assert!(cut(&[], &index, &mut 0).unwrap().is_empty());
    }
}
