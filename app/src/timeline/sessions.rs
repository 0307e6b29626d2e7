//! The sessions of a window node. They differ by key, which the node itself does not know: they are read from what the
//! node behind it gave, whose rows say when each session began and ended.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use weir_engine::arrow::array::{Array, AsArray, RecordBatch};
use weir_engine::arrow::datatypes::TimestampMicrosecondType;
use weir_engine::nodes;
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::WindowTrace;
use weir_engine::spec::{NodeId, PortRef, Timestamp};

use crate::live::Live;

/// A session: when it began, and when it ended, exclusive.
pub(super) type Session = (Timestamp, Timestamp);

/// The sessions that the batches of these traces told of, by when they began. One that grew from batch to batch is
/// there once, as long as it was last.
pub(super) fn sessions(pipeline: &Pipeline, live: &Live, window: NodeId, traces: &[&Arc<WindowTrace>]) -> Vec<Session> {
    let seen = |port: &PortRef| -> Vec<Session> {
        let batches = traces.iter().filter_map(|trace| live.glimpsed.at(trace.batch, port));
        batches.flat_map(|preview| &preview.rows).flat_map(spans).collect()
    };
    let found = ports_behind(pipeline, window).into_iter().map(|port| seen(&port)).find(|found| !found.is_empty());
    let mut longest: BTreeMap<Timestamp, Timestamp> = BTreeMap::new();
    for (start, end) in found.unwrap_or_default() {
        let known = longest.entry(start).or_insert(end);
        *known = end.max(*known);
    }
    longest.into_iter().collect()
}

/// The first outputs of all nodes behind one, the nearest first.
fn ports_behind(pipeline: &Pipeline, node: NodeId) -> Vec<PortRef> {
    let wires = pipeline.wires();
    let mut known = BTreeSet::from([node]);
    let mut waiting = VecDeque::from([node]);
    let mut ports = Vec::new();
    while let Some(at) = waiting.pop_front() {
        for wire in wires.iter().filter(|wire| wire.from.node == at) {
            let next = wire.to.node;
            if !known.insert(next) {
                continue;
            }
            waiting.push_back(next);
            let kind = pipeline.node(next).and_then(|entry| nodes::kind(&entry.kind));
            if let Some(port) = kind.and_then(|kind| kind.outputs.first()) {
                ports.push(PortRef::new(next, port.name));
            }
        }
    }
    ports
}

/// The windows that rows name; none where they do not.
fn spans(rows: &RecordBatch) -> Vec<Session> {
    let times = |name| rows.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let (Some(starts), Some(ends)) = (times("window_start"), times("window_end")) else { return Vec::new() };
    let is_known = |row: &usize| starts.is_valid(*row) && ends.is_valid(*row);
    let span = |row| (Timestamp(starts.value(row)), Timestamp(ends.value(row)));
    (0..rows.num_rows()).filter(is_known).map(span).collect()
}

#[cfg(test)]
mod tests {
    use weir_engine::arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn rows_of_windows_name_their_spans_and_others_none() {
        let times = |values: &[i64]| -> ArrayRef { Arc::new(TimestampMicrosecondArray::from(values.to_vec())) };
        let rows =
            RecordBatch::try_from_iter([("window_start", times(&[5, 9])), ("window_end", times(&[20, 31]))]).unwrap();
        assert_eq!(spans(&rows), [(Timestamp(5), Timestamp(20)), (Timestamp(9), Timestamp(31))]);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert_eq!(spans(&RecordBatch::try_from_iter([("n", numbers)]).unwrap()), []);
    }
}
