//! Aggregates come and go while windows and totals are being kept: those that stay are right to the row, one that was
//! taken away and comes back goes on where it was.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;
use weir_engine::runtime::NodeFate;

use crate::support::{Draw, VirtualRun, id_of, with_param};

const NODES: [&str; 3] = ["slid", "closed", "total"];
/// Seconds of the sliding and of the tumbling window.
const LENGTH: usize = 3;

/// The aggregates a person chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Call {
    Count,
    Sum,
    Max,
    Distinct,
}

const CALLS: [Call; 4] = [Call::Count, Call::Sum, Call::Max, Call::Distinct];

impl Call {
    fn param(self) -> Value {
        match self {
            Self::Count => json!({"function": "count"}),
            Self::Sum => json!({"function": "sum", "argument": "n"}),
            Self::Max => json!({"function": "max", "argument": "n"}),
            Self::Distinct => json!({"function": "count_distinct", "argument": "n"}),
        }
    }

    fn of(self, values: &[i64]) -> Value {
        match self {
            Self::Count => json!(values.len()),
            Self::Sum if values.is_empty() => Value::Null,
            Self::Sum => json!(values.iter().sum::<i64>()),
            Self::Max => json!(values.iter().max()),
            Self::Distinct => json!(values.iter().collect::<BTreeSet<_>>().len()),
        }
    }
}

fn params(calls: &BTreeSet<Call>) -> Value {
    calls.iter().map(|call| call.param()).collect()
}

fn draw(batches: &[Vec<(u8, i64)>], calls: &BTreeSet<Call>) -> Pipeline {
    let row = |second: usize, (key, n): &(u8, i64)| {
        json!([format!("2026-01-01T00:00:{second:02}Z"), format!("the key of number {key}"), n])
    };
    let batch = |(second, rows): (usize, &Vec<_>)| rows.iter().map(|rest| row(second, rest)).collect::<Value>();
    let batches: Value = batches.iter().enumerate().map(batch).collect();
    let fields = json!([
        {"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"}, {"name": "n", "type": "bigint"},
    ]);
    let group = json!({"by": ["key"], "aggregates": params(calls)});
    let mut running = group.clone();
    running["emit"] = json!("all");
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("sliding", "window.sliding", json!({"length": "3s", "slide": "1s", "time": "arrival"}))
        .node("slid", "group", group.clone())
        .node("watermark", "watermark", json!({"column": "ts", "delay": "0s"}))
        .node("tumbling", "window.tumbling", json!({"length": "3s"}))
        .node("closed", "group", group)
        .node("total", "running", running)
        .node("slid_table", "sink.table", json!({}))
        .node("closed_table", "sink.table", json!({}))
        .node("total_table", "sink.table", json!({}))
        .chain(&["rows", "sliding", "slid", "slid_table"])
        .chain(&["rows", "watermark", "tumbling", "closed", "closed_table"])
        .chain(&["rows", "total", "total_table"])
        .interval(1_000)
        .pipeline
}

/// The rows of a batch, as key and value, and which aggregates saw them.
type Seen = (Vec<(u8, i64)>, BTreeSet<Call>);

/// What was seen, batch by batch.
#[derive(Default)]
struct Oracle {
    seen: Vec<Seen>,
}

impl Oracle {
    /// The results of these batches by key, for the aggregates there are now.
    fn results(&self, batches: std::ops::Range<usize>, calls: &BTreeSet<Call>) -> BTreeMap<String, Vec<Value>> {
        let seen = &self.seen[batches];
        let keys: BTreeSet<u8> = seen.iter().flat_map(|(rows, _)| rows).map(|(key, _)| *key).collect();
        let of_key = |key: u8| {
            let of_call = |call: &Call| {
                let saw = seen.iter().filter(|(_, calls)| calls.contains(call));
                let values: Vec<i64> =
                    saw.flat_map(|(rows, _)| rows).filter(|row| row.0 == key).map(|row| row.1).collect();
                call.of(&values)
            };
            (format!("the key of number {key}"), calls.iter().map(of_call).collect())
        };
        keys.into_iter().map(of_key).collect()
    }
}

/// Rows by key, without the `skip` columns in front of it.
fn by_key(rows: &[Value], skip: usize) -> BTreeMap<String, Vec<Value>> {
    let split = |row: &Value| {
        let cells = row.as_array().unwrap();
        (cells[skip].as_str().unwrap().to_owned(), cells[skip + 1..].to_vec())
    };
    rows.iter().map(split).collect()
}

fn check_fate(fate: &NodeFate, before: &BTreeSet<Call>, after: &BTreeSet<Call>, ever: &BTreeSet<Call>) {
    let added: BTreeSet<_> = after.difference(before).copied().collect();
    match &fate.fate {
        StateFate::Kept => assert_eq!(before, after),
        StateFate::Migrated(migration) => {
            assert_eq!(migration.kept.len(), before.intersection(after).count());
            assert_eq!(migration.begun.len(), added.difference(ever).count());
            assert_eq!(migration.resumed.len(), added.intersection(ever).count());
            assert_eq!(migration.parked.len(), before.difference(after).count());
        }
        other => panic!("{other:?}"),
    }
}

fn choice() -> impl Strategy<Value = BTreeSet<Call>> {
    prop::sample::subsequence(CALLS.to_vec(), 1..=4).prop_map(|calls| calls.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_aggregate_sees_exactly_the_rows_that_came_while_it_was_there(
        batches in prop::collection::vec(prop::collection::vec((0u8..4, -9i64..9), 0..6), 3..16),
        first in choice(),
        choices in prop::collection::vec(prop::option::weighted(0.4, choice()), 16),
    ) {
        let mut calls = first;
        let mut pipeline = draw(&batches, &calls);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut oracle = Oracle::default();
        let mut ever = calls.clone();
        let mut closed = 0;
        for (batch, (rows, chosen)) in batches.iter().zip(&choices).enumerate() {
            if let Some(chosen) = chosen {
                for node in NODES {
                    pipeline = with_param(&pipeline, node, "aggregates", params(chosen));
                }
                let change = run.replace(&pipeline).expect("accepted");
                for node in NODES {
                    let fate = change.fates.iter().find(|fate| fate.node == id_of(&pipeline, node));
                    match fate {
                        Some(fate) => check_fate(fate, &calls, chosen, &ever),
                        None => prop_assert_eq!(&calls, chosen),
                    }
                }
                calls.clone_from(chosen);
                ever.extend(chosen);
            }
            oracle.seen.push((rows.clone(), calls.clone()));
            let shown = run.step();
            let rows_of = |sink: &str| shown.rows(sink).cloned().unwrap_or_default();
            let from = (batch + 1).saturating_sub(LENGTH);
            prop_assert_eq!(by_key(&rows_of("slid_table"), 2), oracle.results(from..batch + 1, &calls));
            prop_assert_eq!(by_key(&rows_of("total_table"), 0), oracle.results(0..batch + 1, &calls));
            let mut windows: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
            for row in rows_of("closed_table") {
                windows.entry(row[0].as_i64().unwrap()).or_default().push(row);
            }
            for (start, rows) in windows {
                let second = usize::try_from((start - super::START) / 1_000_000).unwrap();
                prop_assert_eq!(by_key(&rows, 2), oracle.results(second..second + LENGTH, &calls));
                closed += 1;
            }
        }
        let is_full = |window: &usize| batches[window * LENGTH..][..LENGTH].iter().any(|rows| !rows.is_empty());
        let latest = batches[..batches.len() - 1].iter().rposition(|rows| !rows.is_empty()).unwrap_or_default();
        prop_assert_eq!(closed, (0..latest / LENGTH).filter(is_full).count(), "every window closes once");
    }
}
