//! Groups that are given once: when the watermark has passed their event time, which is part of their key.

use arrow::compute::{filter_record_batch, not};
use arrow::datatypes::SchemaRef;

use super::super::event_time::{EventColumn, Progress};
use crate::nodes::grouping::find;
use crate::plan::{Chunk, Flow, Inputs, NodeError};
use crate::spec::Diagnostic;

/// What such groups need to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    time: EventColumn,
    /// The position of the event time among the keys.
    key: usize,
}

impl Closing {
    /// Groups by these columns; the error says what is missing.
    pub(super) fn new(by: &[String], input: &SchemaRef, time: Option<EventColumn>) -> Result<Self, Diagnostic> {
        let key = time.and_then(|time| by.iter().position(|name| find(input, name) == Some(time.index)));
        let (Some(time), Some(key)) = (time, key) else {
            let sentence = "a group closes when the watermark has passed its event time; put a Watermark before, and \
                            group by its column too, or emit what changed";
            return Err(Diagnostic::error(sentence).param("emit"));
        };
        Ok(Self { time, key })
    }

    /// The event time of results, whose keys stand in front.
    pub(super) fn key(self) -> usize {
        self.key
    }

    /// Takes the rows out whose group has closed already.
    pub(super) fn take_late(self, inputs: Inputs, progress: &Progress) -> Result<(Inputs, Vec<Chunk>), NodeError> {
        let mut taken = Vec::new();
        let mut left = Vec::with_capacity(inputs.len());
        for wires in inputs {
            let rest = wires.into_iter().map(|flow| self.take_late_of(flow, progress, &mut taken));
            left.push(rest.collect::<Result<_, _>>()?);
        }
        Ok((left, taken))
    }

    fn take_late_of(self, flow: Flow, progress: &Progress, taken: &mut Vec<Chunk>) -> Result<Flow, NodeError> {
        let Flow::Fired(chunks) = flow else { return Ok(Flow::Idle) };
        let mut rest = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            match progress.late_rows(&self.time.read(&chunk.rows)?) {
                None => rest.push(chunk),
                Some(late) => {
                    taken.push(Chunk::new(filter_record_batch(&chunk.rows, &late)?, chunk.arrived));
                    if late.true_count() < late.len() {
                        rest.push(Chunk::new(filter_record_batch(&chunk.rows, &not(&late)?)?, chunk.arrived));
                    }
                }
            }
        }
        Ok(Flow::Fired(rest))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow::record_batch::RecordBatch;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::nodes::state::running::KIND;
    use crate::nodes::state::testing::{Drive, lines, link, nullable, refusals, sorted, times, watermark};
    use crate::nodes::testing::{batch, long};

    fn rows(rows: &[(Option<i64>, i64, i64)]) -> RecordBatch {
        nullable(&batch(vec![
            ("ts", times(rows.iter().map(|row| row.0))),
            ("key", long(rows.iter().map(|row| row.1))),
            ("n", long(rows.iter().map(|row| row.2))),
        ]))
    }

    fn params() -> Value {
        let sum = json!([{"function": "sum", "argument": "n"}]);
        json!({"by": ["key", "ts"], "aggregates": sum, "emit": "close"})
    }

    #[test]
    fn a_group_comes_once_when_the_watermark_has_passed_it() {
        let mut drive = Drive::new(&KIND, params(), &[link(&rows(&[]), Some("ts"))]);
        let first = drive.feed(rows(&[(Some(1), 7, 1), (Some(5), 7, 2), (None, 7, 9)]), None);
        assert_eq!(first[0].row_count(), 0);
        let second = drive.feed(rows(&[(Some(1), 7, 10)]), Some(watermark(0, 1)));
        assert_eq!(lines(&second[0]), ["7 1 11"], "the row came in time, and the watermark has reached it");
        let third = drive.feed(rows(&[(Some(1), 7, 100)]), Some(watermark(1, 9)));
        assert_eq!(lines(&third[0]), ["7 5 2"]);
        assert_eq!(lines(&third[2]), ["1 7 100"], "what comes later is late");
        assert_eq!(drive.counter("late"), 1);
        assert_eq!(drive.operator.state_size().rows, 1, "a group without event time never closes");
    }

    #[test]
    fn groups_that_can_never_close_are_refused() {
        let says = |params: Value, time: Option<&str>| refusals(&KIND, params, &[link(&rows(&[]), time)]).join("; ");
        assert!(says(params(), None).contains("put a Watermark before"));
        assert!(says(json!({"by": ["key"], "emit": "close"}), Some("ts")).contains("group by its column too"));
        let mut expiring = params();
        expiring["expire_after"] = json!("3s");
        assert!(says(expiring, Some("ts")).contains("leaves then"));
        assert_eq!(says(params(), Some("ts")), "");
    }

    proptest! {
        #[test]
        fn groups_close_as_a_map_says(
            batches in prop::collection::vec(
                (prop::collection::vec((prop::option::weighted(0.9, 0i64..14), 0i64..3, -9i64..9), 0..12), 0i64..5),
                1..20,
            ),
            cut in 1usize..5,
        ) {
            let mut drive = Drive::new(&KIND, params(), &[link(&rows(&[]), Some("ts"))]);
            let mut groups: BTreeMap<(i64, Option<i64>), i64> = BTreeMap::new();
            let (mut late, mut close) = (-100, -100);
            for (given, step) in batches {
                let given: Vec<_> = given.iter().map(|row| (row.0.map(|ts| close.max(0) + ts - 4), row.1, row.2)).collect();
                let mut missed = Vec::new();
                for &(ts, key, n) in &given {
                    match ts {
                        Some(ts) if ts <= late => missed.push(format!("{ts} {key} {n}")),
                        _ => *groups.entry((key, ts)).or_insert(0) += n,
                    }
                }
                let is_over = |ts: Option<i64>| ts.is_some_and(|ts| ts <= close);
                let over = groups.iter().filter(|(key, _)| is_over(key.1));
                let mut out: Vec<String> = over.map(|(key, sum)| format!("{} {} {sum}", key.0, key.1.unwrap())).collect();
                groups.retain(|key, _| !is_over(key.1));
                let chunks = given.chunks(cut).map(rows).collect();
                let outputs = drive.batch(vec![Some(chunks)], Some(watermark(late, close)));
                out.sort();
                missed.sort();
                prop_assert_eq!(sorted(&outputs[0]), out);
                prop_assert_eq!(sorted(&outputs[2]), missed);
                prop_assert_eq!(drive.operator.state_size().rows, groups.len() as u64);
                late = close;
                close += step * 3;
            }
        }
    }
}
