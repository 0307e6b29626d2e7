//! Whole pipelines, and running them on the virtual clock.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use weir_engine::analysis::plan_pipeline;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::Clock;
use weir_engine::runtime::{Event, Queue, Resources, Schedule, Session, VirtualClock};
use weir_engine::spec::{NodeId, PortRef, WireKey};

/// Adds nodes one behind the other, the first of them behind `before`. Gives the last one.
pub fn chain(pipeline: &mut Pipeline, mut before: Option<NodeId>, nodes: &[(&str, Value)]) -> Option<NodeId> {
    for (kind, params) in nodes {
        let id = pipeline.fresh_id();
        let mut entry = NodeEntry::new(id, *kind, format!("node{}", id.0));
        entry.params = params.as_object().cloned().unwrap_or_default();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
        if let Some(before) = before {
            let wire = WireKey::new(PortRef::new(before, "out"), PortRef::new(id, "in"));
            pipeline.apply(&Edit::Connect(wire)).unwrap();
        }
        before = Some(id);
    }
    before
}

/// Ten nodes in a row whose source gives these batches, over and over.
pub fn ten_nodes(batches: &str) -> Pipeline {
    let map = json!({"columns": [{"name": "upper", "expression": "upper(word)"}]});
    let filter = json!({"condition": "word <> ''"});
    let mut pipeline = Pipeline::new();
    chain(
        &mut pipeline,
        None,
        &[
            ("source.inline", json!({"batches": batches, "repeat": true})),
            ("flat_map", json!({})),
            ("filter", filter.clone()),
            ("map", map.clone()),
            ("filter", filter),
            ("map", map),
            ("window.sliding", json!({"length": "30s", "slide": "5s"})),
            ("group", json!({"by": ["word"]})),
            ("sort", json!({"by": [{"expression": "count", "direction": "desc"}], "limit": 10})),
            ("sink.table", json!({})),
        ],
    );
    pipeline
}

/// A source of words and behind it everything that remembers: windows of all kinds, deduplication, running groups that
/// expire.
pub fn everything_that_remembers() -> Pipeline {
    let mut pipeline = Pipeline::new();
    let timed = json!({"columns": [{"name": "at", "expression": "batch_time()"},
        {"name": "key", "expression": "concat(word, CAST(batch_id() % 1000 AS string))"}]});
    let words = chain(
        &mut pipeline,
        None,
        &[
            ("source.inline", json!({"batches": r#"[["to be or not to be"], ["that is"], []]"#, "repeat": true})),
            ("flat_map", json!({})),
            ("map", timed),
            ("watermark", json!({"column": "at", "delay": "2s"})),
        ],
    );
    let branches: [&[(&str, Value)]; 6] = [
        &[
            ("window.sliding", json!({"length": "30s", "slide": "5s", "time": "arrival"})),
            ("group", json!({"by": ["key"]})),
        ],
        &[("window.tumbling", json!({"length": "10s", "time": "event"})), ("group", json!({"by": ["key"]}))],
        &[("window.session", json!({"gap": "3s"})), ("group", json!({"by": ["key"]}))],
        &[("window.count", json!({"rows": 5})), ("group", json!({"by": ["word"]}))],
        &[("dedup", json!({"by": ["key"], "keep_for": "within", "within": "20s"}))],
        &[("running", json!({"by": ["key"], "expire_after": "20s"}))],
    ];
    for branch in branches {
        let last = chain(&mut pipeline, words, branch);
        chain(&mut pipeline, last, &[("sink.table", json!({}))]);
    }
    pipeline
}

/// A run on the virtual clock, on the calling thread.
pub struct Run {
    session: Session,
    clock: Arc<VirtualClock>,
    schedule: Schedule,
}

impl Run {
    /// Starts.
    pub fn start(pipeline: &Pipeline) -> Self {
        let clock = VirtualClock::new(pipeline.settings().start_time);
        let schedule = Schedule::starting(clock.now(), pipeline.settings().interval, u64::MAX);
        let resources = Resources::start(Some(1)).unwrap();
        let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, Some(10));
        let planned = plan_pipeline(pipeline, Path::new("."));
        assert!(session.refusal(&planned).is_none(), "{:?}", planned.analysis.diagnostics);
        session.apply(planned, None, pipeline, 0);
        Self { session, clock, schedule }
    }

    /// Computes the next batch.
    pub fn step(&mut self, emit: &mut dyn FnMut(Event)) {
        let tick = self.schedule.next_tick();
        self.clock.set(tick);
        let cut = self.schedule.cut(&self.session.sources(), tick, tick, tick);
        self.session.process(cut, &Queue::default(), emit);
    }
}
