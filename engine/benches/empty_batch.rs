//! What a batch costs when there is nothing in it: a chain of ten nodes, driven on the virtual clock.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up says so by panicking")]

use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use serde_json::{Value, json};
use weir_engine::analysis::plan_pipeline;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::Clock;
use weir_engine::runtime::{Queue, Resources, Schedule, Session, VirtualClock};
use weir_engine::spec::{PortRef, WireKey};

fn main() {
    divan::main();
}

fn ten_nodes() -> Pipeline {
    let map = json!({"columns": [{"name": "upper", "expression": "upper(word)"}]});
    let filter = json!({"condition": "word <> ''"});
    let kinds: [(&str, Value); 10] = [
        ("source.inline", json!({"batches": "[[]]", "repeat": true})),
        ("flat_map", json!({})),
        ("filter", filter.clone()),
        ("map", map.clone()),
        ("filter", filter),
        ("map", map),
        ("window.sliding", json!({"length": "30s", "slide": "5s"})),
        ("group", json!({"by": ["word"]})),
        ("sort", json!({"by": [{"expression": "count", "direction": "desc"}], "limit": 10})),
        ("sink.table", json!({})),
    ];
    let mut pipeline = Pipeline::new();
    let mut before = None;
    for (index, (kind, params)) in kinds.into_iter().enumerate() {
        let id = pipeline.fresh_id();
        let mut entry = NodeEntry::new(id, kind, format!("node{index}"));
        entry.params = params.as_object().cloned().unwrap_or_default();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).expect("the node is new");
        if let Some(before) = before {
            let wire = WireKey::new(PortRef::new(before, "out"), PortRef::new(id, "in"));
            pipeline.apply(&Edit::Connect(wire)).expect("the ports are free");
        }
        before = Some(id);
    }
    pipeline
}

#[divan::bench]
fn ten_node_graph(bencher: Bencher<'_, '_>) {
    let pipeline = ten_nodes();
    let clock = VirtualClock::new(pipeline.settings().start_time);
    let mut schedule = Schedule::starting(clock.now(), pipeline.settings().interval, u64::MAX);
    let resources = Resources::start(Some(1)).expect("threads start");
    let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, Some(10));
    let planned = plan_pipeline(&pipeline, Path::new("."));
    assert!(session.refusal(&planned).is_none(), "{:?}", planned.analysis.diagnostics);
    session.apply(planned, None, &pipeline, 0);
    bencher.bench_local(|| {
        let tick = schedule.next_tick();
        clock.set(tick);
        let cut = schedule.cut(&session.sources(), tick, tick, tick);
        session.process(cut, &Queue::default(), &mut |event| {
            divan::black_box(event);
        })
    });
}
