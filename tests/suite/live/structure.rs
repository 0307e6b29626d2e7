//! Nodes are inserted, deleted and brought back while totals are being kept, against a recount of the rows that passed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::StateFate;
use weir_engine::spec::{NodeId, PortRef, WireKey};

use crate::support::{Draw, VirtualRun, id_of};

fn draw(batches: &[Vec<(u8, i64)>]) -> Pipeline {
    let row = |(key, n): &(u8, i64)| json!([format!("some key {key}"), n]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    let fields = json!([{"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}]);
    let aggregates = json!([{"function": "sum", "argument": "n"}]);
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("totals", "running", json!({"by": ["key"], "aggregates": aggregates, "emit": "all"}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "totals", "table"])
        .interval(1_000)
        .pipeline
}

fn wire(from: NodeId, to: NodeId) -> Edit {
    Edit::Connect(WireKey::new(PortRef::new(from, "out"), PortRef::new(to, "in")))
}

/// Drops a filter on the wire into the totals.
fn insert_filter(pipeline: &mut Pipeline) -> Edit {
    let (rows, totals) = (id_of(pipeline, "rows"), id_of(pipeline, "totals"));
    let id = pipeline.fresh_id();
    let mut filter = NodeEntry::new(id, "filter", "positive");
    filter.params = json!({"condition": "n > 0"}).as_object().cloned().unwrap();
    let cut = Edit::Disconnect(WireKey::new(PortRef::new(rows, "out"), PortRef::new(totals, "in")));
    Edit::Many(vec![cut, Edit::AddNode(Box::new(filter)), wire(rows, id), wire(id, totals)])
}

/// Deletes it and heals the wire.
fn remove_filter(pipeline: &Pipeline) -> Edit {
    let (rows, totals) = (id_of(pipeline, "rows"), id_of(pipeline, "totals"));
    Edit::Many(vec![Edit::RemoveNode(id_of(pipeline, "positive")), wire(rows, totals)])
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Filter,
    Totals,
    Nothing,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn totals_hold_the_rows_that_passed_while_they_were_there(
        batches in prop::collection::vec(prop::collection::vec((0u8..4, -9i64..9), 0..5), 1..20),
        deeds in prop::collection::vec(
            prop::sample::select(vec![Deed::Filter, Deed::Totals, Deed::Nothing, Deed::Nothing]), 20,
        ),
    ) {
        let mut pipeline = draw(&batches);
        let totals = id_of(&pipeline, "totals");
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        let mut deleted: Option<Edit> = None;
        let (mut is_filtered, mut mixed_since, mut missed) = (false, None, 0);
        for (batch, (rows, deed)) in (0u64..).zip(batches.iter().zip(&deeds)) {
            let fate = |run: &mut VirtualRun, pipeline: &Pipeline| {
                let change = run.replace(pipeline).expect("accepted");
                change.fates.into_iter().find(|fate| fate.node == totals)
            };
            match (deed, deleted.take()) {
                (Deed::Filter, None) => {
                    let edit =
                        if is_filtered { remove_filter(&pipeline) } else { insert_filter(&mut pipeline) };
                    pipeline.apply(&edit).unwrap();
                    is_filtered = !is_filtered;
                    let fate = fate(&mut run, &pipeline);
                    prop_assert_eq!(fate.is_some(), mixed_since.is_none(), "told once");
                    if let Some(fate) = fate {
                        prop_assert!(fate.is_mixed && fate.fate == StateFate::Kept, "{:?}", fate);
                        mixed_since = Some(batch);
                    }
                }
                (Deed::Totals, None) => {
                    deleted = Some(pipeline.apply(&Edit::RemoveNode(totals)).unwrap());
                    let fate = fate(&mut run, &pipeline).unwrap();
                    prop_assert!(matches!(fate.fate, StateFate::Parked(_)) && fate.is_parked, "{:?}", fate);
                }
                (Deed::Totals, Some(inverse)) => {
                    pipeline.apply(&inverse).unwrap();
                    let fate = fate(&mut run, &pipeline).unwrap();
                    prop_assert!(matches!(fate.fate, StateFate::Restored(_)), "{:?}", fate);
                }
                (Deed::Filter | Deed::Nothing, still) => deleted = still,
            }
            let shown = run.step();
            let parked: Vec<NodeId> = shown.report.parked.iter().map(|state| state.node).collect();
            if deleted.is_some() {
                missed += 1;
                prop_assert_eq!(shown.rows("table"), None);
                prop_assert_eq!(parked, vec![totals]);
                continue;
            }
            prop_assert_eq!(parked, vec![]);
            for (key, n) in rows.iter().filter(|row| !is_filtered || row.1 > 0) {
                *sums.entry(format!("some key {key}")).or_default() += n;
            }
            let entry = |row: &Value| (row[0].as_str().unwrap().to_owned(), row[1].as_i64().unwrap());
            let found: BTreeMap<String, i64> = shown.rows("table").into_iter().flatten().map(entry).collect();
            prop_assert_eq!(found, sums.clone());
            let memory = &shown.report.node(totals).unwrap().memory;
            prop_assert_eq!((memory.mixed_since, memory.missed_batches), (mixed_since, missed));
        }
    }
}
