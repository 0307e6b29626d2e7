//! The rows of past batches: a few of every port, for as long as a budget of memory lasts.

use std::collections::VecDeque;
use std::sync::Arc;

use weir_engine::runtime::{Glimpses, Preview};
use weir_engine::spec::PortRef;

/// Bytes of rows kept in all.
const BUDGET: usize = 48 << 20;
/// Batches kept at most.
const MAX_BATCHES: usize = 10_000;

/// A few rows of every port of the last batches.
#[derive(Debug, Default)]
pub struct Glimpsed {
    /// Oldest first, with what each costs.
    batches: VecDeque<(Arc<Glimpses>, usize)>,
    bytes: usize,
}

impl Glimpsed {
    /// Takes in what was seen of a batch; the oldest batches make room.
    pub fn push(&mut self, glimpses: Arc<Glimpses>) {
        let rows = glimpses.ports.iter().flat_map(|port| &port.rows);
        let bytes = rows.map(|rows| rows.get_array_memory_size() + 256).sum();
        self.bytes += bytes;
        self.batches.push_back((glimpses, bytes));
        while self.batches.len() > 1 && (self.bytes > BUDGET || self.batches.len() > MAX_BATCHES) {
            if let Some((_, bytes)) = self.batches.pop_front() {
                self.bytes -= bytes;
            }
        }
    }

    /// What was seen of a port in a batch; `None` where nothing is kept or nothing came.
    pub fn at(&self, batch: u64, port: &PortRef) -> Option<&Preview> {
        let found = self.batches.binary_search_by_key(&batch, |(glimpses, _)| glimpses.batch).ok()?;
        self.batches.get(found)?.0.ports.iter().find(|glimpse| glimpse.port == *port)
    }

    /// What was seen of a port last.
    pub fn newest(&self, port: &PortRef) -> Option<&Preview> {
        self.batches.back()?.0.ports.iter().find(|glimpse| glimpse.port == *port)
    }

    /// The newest batch of which rows are kept.
    pub fn newest_batch(&self) -> Option<u64> {
        self.batches.back().map(|(glimpses, _)| glimpses.batch)
    }

    /// The oldest batch of which rows are kept.
    pub fn oldest_batch(&self) -> Option<u64> {
        self.batches.front().map(|(glimpses, _)| glimpses.batch)
    }
}

#[cfg(test)]
mod tests {
    use weir_engine::arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use weir_engine::spec::NodeId;

    use super::*;

    fn port() -> PortRef {
        PortRef::new(NodeId(1), "out")
    }

    fn seen(batch: u64, rows: i64) -> Arc<Glimpses> {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        let rows = vec![RecordBatch::try_from_iter([("n", column)]).unwrap()];
        Arc::new(Glimpses { batch, ports: vec![Preview { port: port(), batch, rows, total_rows: 7 }] })
    }

    #[test]
    fn rows_of_any_kept_batch_are_found() {
        let mut glimpsed = Glimpsed::default();
        (3..10).for_each(|batch| glimpsed.push(seen(batch, 5)));
        assert_eq!(glimpsed.at(4, &port()).map(|preview| preview.batch), Some(4));
        assert!(glimpsed.at(2, &port()).is_none() && glimpsed.at(4, &PortRef::new(NodeId(1), "late")).is_none());
        assert_eq!(glimpsed.newest(&port()).map(|preview| preview.batch), Some(9));
    }

    #[test]
    fn the_budget_holds_and_the_newest_batch_is_always_there() {
        let mut glimpsed = Glimpsed::default();
        (0..40).for_each(|batch| glimpsed.push(seen(batch, 1 << 18)));
        assert!(glimpsed.bytes <= BUDGET, "{}", glimpsed.bytes);
        assert!(glimpsed.oldest_batch().is_some_and(|oldest| oldest > 0));
        glimpsed.push(seen(40, 1 << 23));
        assert!(glimpsed.at(40, &port()).is_some());
    }
}
