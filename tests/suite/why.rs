//! Why there is no output, against pipelines of which the reason is known; and which stream holds windows open.

use serde_json::{Value, json};
use weir_engine::metrics::{BatchReport, Cause, Reason, culprit, explain};
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::{Event, WindowShape};
use weir_engine::spec::{NodeId, Span, Timestamp};

use crate::support::{Draw, VirtualRun, id_of};

const START: Timestamp = Timestamp::VIRTUAL_START;

fn at(secs: i64) -> Timestamp {
    START.plus(Span::from_secs(secs))
}

/// Rows that happened at these seconds after the start, batch by batch.
fn events(batches: &[&[i64]]) -> Value {
    let row = |secs: &i64| json!([at(*secs).to_string(), "k"]);
    let text: Vec<Vec<Value>> = batches.iter().map(|batch| batch.iter().map(row).collect()).collect();
    let fields = json!([{"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"}]);
    json!({"fields": fields, "batches": Value::from(text).to_string()})
}

/// Counts per ten seconds behind a watermark of ten seconds.
fn windowed(batches: &[&[i64]]) -> Draw {
    Draw::new()
        .node("events", "source.inline", events(batches))
        .node("watermark", "watermark", json!({"column": "ts", "delay": "10s"}))
        .node("window", "window.tumbling", json!({"length": "10s"}))
        .node("counts", "group", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["events", "watermark", "window", "counts", "table"])
}

/// The chain for a node in the newest of so many batches.
fn chain(pipeline: &Pipeline, batches: usize, name: &str) -> Vec<Reason> {
    let mut run = VirtualRun::start(pipeline, 1);
    let report = run.steps(batches).pop().expect("a batch").report;
    why(pipeline, &report, name)
}

fn why(pipeline: &Pipeline, report: &BatchReport, name: &str) -> Vec<Reason> {
    let wires = pipeline.wires();
    let upstream = |node: NodeId| wires.iter().filter(|wire| wire.to.node == node).map(|wire| wire.from.node).collect();
    explain(report, id_of(pipeline, name), &upstream)
}

#[test]
fn a_window_waits_for_the_watermark_and_that_for_a_silent_stream() {
    let pipeline = windowed(&[&[3, 12], &[], &[], &[]]).pipeline;
    let [counts, watermark] = ["counts", "watermark"].map(|name| id_of(&pipeline, name));
    assert_eq!(
        chain(&pipeline, 4, "table"),
        [
            Reason::NoRowsFrom { node: counts },
            Reason::WindowOpen { end: at(10), watermark: Some(at(2)) },
            Reason::FollowsLatest { node: watermark, latest: Some(at(12)), delay: Span::from_secs(10) },
            Reason::Silent { node: watermark, span: Span::from_secs(3) },
        ]
    );
}

#[test]
fn once_the_window_closes_there_is_nothing_to_explain() {
    let pipeline = windowed(&[&[3, 12], &[25], &[]]).pipeline;
    assert_eq!(chain(&pipeline, 3, "counts"), [Reason::Gives { rows: 1 }]);
    assert_eq!(chain(&pipeline, 3, "table"), [Reason::Gives { rows: 1 }]);
}

#[test]
fn late_rows_are_counted_while_the_open_window_is_what_is_waited_for() {
    let drawn = windowed(&[&[500], &[700], &[], &[3, 4]]).pipeline;
    let closed = VirtualRun::start(&drawn, 1).steps(4).pop().expect("a batch").report;
    let window = id_of(&drawn, "window");
    let late = closed.node(window).map(|node| node.counters.clone());
    assert!(late.is_some_and(|counters| counters.contains(&("late", 2))), "{closed:?}");
    // The window of 700 is open still, and that is what the group waits for.
    assert!(matches!(why(&drawn, &closed, "counts")[..], [Reason::WindowOpen { .. }, ..]));
}

fn two_streams(b: &[&[i64]]) -> Pipeline {
    let delay = json!({"column": "ts", "delay": "0s"});
    Draw::new()
        .node("a", "source.inline", events(&[&[5], &[100], &[101], &[102], &[103], &[104]]))
        .node("time_a", "watermark", delay.clone())
        .node("b", "source.inline", events(b))
        .node("time_b", "watermark", delay)
        .node("both", "union", json!({}))
        .node("window", "window.tumbling", json!({"length": "10s"}))
        .node("counts", "group", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["a", "time_a", "both", "window", "counts", "table"])
        .chain(&["b", "time_b", "both"])
        .pipeline
}

#[test]
fn of_two_streams_the_one_that_lies_behind_holds_the_window_and_is_the_culprit() {
    let pipeline = two_streams(&[&[4], &[], &[], &[], &[], &[]]);
    let mut run = VirtualRun::start(&pipeline, 1);
    let report = run.steps(6).pop().expect("a batch").report;
    let time_b = id_of(&pipeline, "time_b");
    let reasons = why(&pipeline, &report, "table");
    assert!(reasons.contains(&Reason::WindowOpen { end: at(10), watermark: Some(at(4)) }), "{reasons:?}");
    let lowest = reasons.iter().find_map(|reason| match reason {
        Reason::LowestOf { streams, holder } => Some((streams.clone(), *holder)),
        _ => None,
    });
    let (streams, holder) = lowest.expect("where they meet is named");
    assert_eq!(holder, time_b);
    let names: Vec<_> = streams.iter().map(|stream| (stream.from, stream.watermark)).collect();
    assert_eq!(names, [(id_of(&pipeline, "time_a"), Some(at(103))), (time_b, Some(at(4)))]);
    assert_eq!(reasons.last(), Some(&Reason::Silent { node: time_b, span: Span::from_secs(5) }));

    let found = culprit([report.as_ref()]).expect("a culprit");
    assert_eq!(found.node, time_b);
    assert_eq!(found.cause, Cause::HoldsWindows { behind: Span::from_secs(99), until: at(10) });
}

#[test]
fn streams_that_go_together_hold_nobody() {
    let pipeline = two_streams(&[&[4], &[100], &[101], &[102], &[103], &[104]]);
    let mut run = VirtualRun::start(&pipeline, 1);
    let report = run.steps(6).pop().expect("a batch").report;
    assert_eq!(culprit([report.as_ref()]), None);
}

#[test]
fn a_window_of_arrivals_says_when_it_ends() {
    let pipeline = Draw::new()
        .node("lines", "source.inline", json!({"batches": r#"[["a"],["b"],["c"]]"#}))
        .node("window", "window.tumbling", json!({"length": "10s"}))
        .node("counts", "group", json!({"by": ["value"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "window", "counts", "table"])
        .pipeline;
    let reasons = chain(&pipeline, 3, "counts");
    assert_eq!(reasons, [Reason::WindowRuns { end: at(10), now: at(3) }]);
}

#[test]
fn a_filter_that_lets_nothing_through_and_a_source_that_is_empty_are_named() {
    let drawn = |batches: &str| {
        Draw::new()
            .node("lines", "source.inline", json!({"batches": batches}))
            .node("long", "filter", json!({"condition": "length(value) > 3"}))
            .node("table", "sink.table", json!({}))
            .chain(&["lines", "long", "table"])
            .pipeline
    };
    let pipeline = drawn(r#"[["a","b"]]"#);
    let [lines, long] = ["lines", "long"].map(|name| id_of(&pipeline, name));
    assert_eq!(
        chain(&pipeline, 1, "table"),
        [Reason::NoRowsFrom { node: long }, Reason::NonePass { node: long, rows: 2 }]
    );
    assert_eq!(
        chain(&drawn("[[]]"), 1, "table"),
        [Reason::NoRowsFrom { node: long }, Reason::NoRowsFrom { node: lines }, Reason::NothingArrives { node: lines }]
    );
}

#[test]
fn a_join_without_a_match_is_named() {
    let pipeline = Draw::new()
        .node("left", "source.inline", json!({"batches": r#"[["a"]]"#}))
        .node("right", "source.inline", json!({"batches": r#"[["b"]]"#}))
        .node("pairs", "join", json!({"on": [{"left": "value", "right": "value"}]}))
        .node("table", "sink.table", json!({}))
        .wire("left", "pairs.left")
        .wire("right", "pairs.right")
        .wire("pairs", "table")
        .pipeline;
    let pairs = id_of(&pipeline, "pairs");
    assert_eq!(
        chain(&pipeline, 1, "table"),
        [Reason::NoRowsFrom { node: pairs }, Reason::NonePass { node: pairs, rows: 2 }]
    );
}

#[test]
fn a_window_tells_what_it_saw_with_late_rows_marked() {
    let pipeline = windowed(&[&[3, 100], &[5, 101], &[4]]).pipeline;
    let mut run = VirtualRun::start(&pipeline, 1);
    run.steps(3);
    let traces: Vec<_> = run
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Traced(trace) => Some(std::sync::Arc::clone(trace)),
            _ => None,
        })
        .collect();
    assert_eq!(traces.len(), 3, "one per batch of the one window node");
    assert!(traces.iter().all(|trace| trace.node == id_of(&pipeline, "window")));
    let WindowShape::Sliding { length, by_event: true, .. } = traces[0].shape else { panic!("{traces:?}") };
    assert_eq!(length, Span::from_secs(10));
    let watermarks: Vec<_> = traces.iter().map(|trace| trace.watermark).collect();
    assert_eq!(watermarks, [None, Some(at(90)), Some(at(91))]);
    let late = |batch: usize| traces[batch].rows.iter().filter(|row| row.is_late).map(|row| row.happened).collect();
    let [first, second, third]: [Vec<Timestamp>; 3] = [late(0), late(1), late(2)];
    assert_eq!((first, second, third), (vec![], vec![], vec![at(4)]), "judged by the watermark of the batch before");
    assert_eq!(traces[1].total_rows, 2);
}
