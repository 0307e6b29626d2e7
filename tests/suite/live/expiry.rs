//! How long idle keys live is turned while they age, for totals and for folds, against a map with times.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;

use crate::support::{Draw, VirtualRun, with_param};

fn draw(batches: &[Vec<(u8, i64)>], seconds: i64) -> Pipeline {
    let row = |(key, n): &(u8, i64)| json!([format!("some key {key}"), n]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    let fields = json!([{"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}]);
    let expire_after = json!(format!("{seconds}s"));
    let aggregates = json!([{"function": "sum", "argument": "n"}]);
    let state = json!([{"name": "total", "type": "bigint", "initial": "0", "update": "total + n"}]);
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node(
            "totals",
            "running",
            json!({"by": ["key"], "aggregates": aggregates, "emit": "all", "expire_after": expire_after}),
        )
        .node("folded", "fold", json!({"by": ["key"], "state": state, "emit": "keys", "expire_after": expire_after}))
        .node("totals_table", "sink.table", json!({}))
        .node("folded_table", "sink.table", json!({}))
        .chain(&["rows", "totals", "totals_table"])
        .chain(&["rows", "folded", "folded_table"])
        .interval(1_000)
        .pipeline
}

fn by_key(rows: Option<&Vec<Value>>) -> BTreeMap<String, i64> {
    let entry = |row: &Value| (row[0].as_str().unwrap().to_owned(), row[1].as_i64().unwrap());
    rows.into_iter().flatten().map(entry).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn keys_live_as_long_as_is_said_at_the_time(
        batches in prop::collection::vec(prop::collection::vec((0u8..5, -9i64..9), 0..4), 1..24),
        first in 1i64..6,
        turned in prop::collection::vec(prop::option::weighted(0.3, 1i64..6), 24),
    ) {
        let mut pipeline = draw(&batches, first);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut seconds = first;
        let mut keys: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (now, (rows, turn)) in (1i64..).zip(batches.iter().zip(&turned)) {
            if let Some(turn) = turn {
                seconds = *turn;
                for node in ["totals", "folded"] {
                    pipeline = with_param(&pipeline, node, "expire_after", json!(format!("{seconds}s")));
                }
                for fate in run.replace(&pipeline).expect("accepted").fates {
                    prop_assert_eq!(fate.fate, StateFate::Kept);
                }
            }
            for (key, n) in rows {
                let entry = keys.entry(format!("some key {key}")).or_default();
                *entry = (entry.0 + n, now);
            }
            keys.retain(|_, (_, seen)| now - *seen <= seconds);
            let expected: BTreeMap<String, i64> = keys.iter().map(|(key, (sum, _))| (key.clone(), *sum)).collect();
            let shown = run.step();
            prop_assert_eq!(by_key(shown.rows("totals_table")), expected.clone(), "at {} s", now);
            prop_assert_eq!(by_key(shown.rows("folded_table")), expected, "at {} s", now);
        }
    }
}
