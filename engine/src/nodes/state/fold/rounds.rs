//! The rows of a batch in the order in which a fold takes them.

use std::collections::HashSet;

/// The rows of a batch, key by key.
pub(super) struct Rounds {
    /// The rows' positions: those of each key together, in the order of their arrival.
    order: Vec<u32>,
    /// Per key where its rows stand in `order`, how many they are, and its number. The key with the most rows comes
    /// first, so that the keys of every round are the first ones.
    runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    key: u32,
}

impl Rounds {
    /// Of rows with these keys.
    pub(super) fn new(keys: &[u32]) -> Self {
        let mut order: Vec<u32> = (0u32..).take(keys.len()).collect();
        order.sort_by_key(|&row| keys[row as usize]);
        let mut runs: Vec<Run> = Vec::new();
        for (at, &row) in order.iter().enumerate() {
            let key = keys[row as usize];
            match runs.last_mut() {
                Some(run) if run.key == key => run.len += 1,
                Some(_) | None => runs.push(Run { start: at, len: 1, key }),
            }
        }
        runs.sort_by_key(|run| (std::cmp::Reverse(run.len), order[run.start]));
        Self { order, runs }
    }

    /// How many keys have more than `round` rows.
    pub(super) fn active(&self, round: usize) -> usize {
        self.runs.partition_point(|run| run.len > round)
    }

    /// The row that each active key has in this round.
    pub(super) fn rows(&self, round: usize) -> Vec<u32> {
        self.runs[..self.active(round)].iter().map(|run| self.order[run.start + round]).collect()
    }

    /// The keys, in the order in which rounds take them.
    pub(super) fn keys(&self) -> Vec<u32> {
        self.runs.iter().map(|run| run.key).collect()
    }

    /// The keys, in the order of their first rows.
    pub(super) fn arrivals(&self) -> Vec<u32> {
        let mut runs: Vec<&Run> = self.runs.iter().collect();
        runs.sort_by_key(|run| self.order[run.start]);
        runs.into_iter().map(|run| run.key).collect()
    }

    /// Those of these keys that have no row.
    pub(super) fn without_rows(&self, keys: Vec<u32>) -> Vec<u32> {
        let with: HashSet<u32> = self.runs.iter().map(|run| run.key).collect();
        keys.into_iter().filter(|key| !with.contains(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_takes_the_next_row_of_each_key_that_has_one() {
        let rounds = Rounds::new(&[7, 3, 7, 5, 3, 7]);
        assert_eq!(rounds.keys(), [7, 3, 5]);
        assert_eq!([rounds.rows(0), rounds.rows(1), rounds.rows(2)], [vec![0, 1, 3], vec![2, 4], vec![5]]);
        assert_eq!(rounds.active(3), 0);
        assert_eq!(rounds.arrivals(), [7, 3, 5]);
        assert_eq!(rounds.without_rows(vec![3, 4, 5, 6]), [4, 6]);
    }
}
