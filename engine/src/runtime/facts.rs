//! What the runner notes of a node beyond its counts (see [`NodeFacts`]): around every node, so that none can forget it.

use std::collections::HashMap;

use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::node::RunningNode;
use crate::metrics::{KeySkew, NodeFacts, StreamFacts};
use crate::plan::{BatchContext, Flow, Watermark};
use crate::spec::{Span, Timestamp};

/// A node that took less than this is not looked at for its keys.
const WORTH_A_LOOK: Span = Span::from_millis(1);
/// Rows looked at for keys, evenly spread over the batch.
const SAMPLED: u64 = 256;
/// Fewer rows than this say nothing of keys.
const TOO_FEW: u64 = 64;
/// A key with less than this part of the rows is not worth a word.
const NOTABLE: f64 = 0.25;

/// What there is to say of a node after it ran; `None` if nothing. `inputs`: what entered it, where its keys matter.
pub(super) fn facts_of(
    node: &RunningNode,
    context: &BatchContext,
    inputs: Option<&[Vec<Flow>]>,
    busy: Span,
) -> Option<Box<NodeFacts>> {
    let wires = node.inputs.iter().flatten();
    let streams = wires.zip(context.watermarks.iter().flatten()).filter_map(|(wire, watermark)| {
        let Watermark { close, is_idle, .. } = (*watermark)?;
        Some(StreamFacts { from: wire.node, watermark: known(close), is_idle })
    });
    let is_worth_it = busy >= WORTH_A_LOOK;
    let skew = inputs.filter(|_| is_worth_it).and_then(|inputs| skew_of(inputs, &node.key_columns()));
    let facts = NodeFacts {
        waited: None,
        streams: streams.collect(),
        event_time: node.event_time(),
        windows: node.windows(),
        counting: node.counting(),
        skew,
    };
    (!facts.is_empty()).then(|| Box::new(facts))
}

/// The most frequent key of a sample of the first input's rows, if it is frequent enough to matter.
fn skew_of(inputs: &[Vec<Flow>], keys: &[usize]) -> Option<KeySkew> {
    if keys.is_empty() {
        return None;
    }
    let chunks: Vec<_> = inputs.first()?.iter().flat_map(Flow::chunks).collect();
    let total: u64 = chunks.iter().map(|chunk| chunk.rows.num_rows() as u64).sum();
    if total < TOO_FEW {
        return None;
    }
    let stride = usize::try_from((total / SAMPLED).max(1)).unwrap_or(usize::MAX);
    let options = FormatOptions::default().with_null("null");
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut sampled = 0u32;
    for chunk in chunks {
        let columns = keys.iter().map(|key| chunk.rows.columns().get(*key));
        let formatters = columns.map(|column| ArrayFormatter::try_new(column?.as_ref(), &options).ok());
        let formatters: Vec<_> = formatters.collect::<Option<_>>()?;
        for row in (0..chunk.rows.num_rows()).step_by(stride) {
            let key: Vec<_> = formatters.iter().map(|formatter| formatter.value(row).to_string()).collect();
            *counts.entry(key.join(", ")).or_default() += 1;
            sampled += 1;
        }
    }
    let (key, count) = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
    let share = f64::from(count) / f64::from(sampled);
    (share >= NOTABLE).then(|| KeySkew { key: crate::expr::shorten(&key), share })
}

/// The time, unless it is the one before all times: no row was seen yet.
fn known(time: Timestamp) -> Option<Timestamp> {
    (time.0 > i64::MIN).then_some(time)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use super::*;
    use crate::plan::Chunk;

    fn flow(values: Vec<i64>) -> Vec<Vec<Flow>> {
        let column: ArrayRef = Arc::new(Int64Array::from(values));
        let rows = RecordBatch::try_from_iter([("key", column)]).unwrap();
        vec![vec![Flow::Fired(vec![Chunk::new(rows, Timestamp(0))])]]
    }

    #[test]
    fn a_key_with_most_rows_is_found_in_a_sample() {
        let values = (0..10_000).map(|row| if row % 10 < 9 { 7 } else { row }).collect();
        let skew = skew_of(&flow(values), &[0]).unwrap();
        assert_eq!(skew.key, "7");
        assert!((skew.share - 0.9).abs() < 0.11, "{skew:?}");
    }

    #[test]
    fn even_keys_and_few_rows_are_no_skew() {
        assert_eq!(skew_of(&flow((0..10_000).collect()), &[0]), None);
        assert_eq!(skew_of(&flow(vec![7; 20]), &[0]), None);
        assert_eq!(skew_of(&flow(vec![7; 1_000]), &[]), None);
    }
}
