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
        [Reason::NoRowsFrom { node: pairs }, Reason::NoMatch { node: pairs, rows: 2 }]
    );
}

#[test]
fn a_join_of_one_batch_names_the_side_that_gave_nothing() {
    let pipeline = Draw::new()
        .node("left", "source.inline", json!({"batches": r#"[["a"]]"#}))
        .node("right", "source.inline", json!({"batches": "[[]]"}))
        .node("pairs", "join", json!({"on": [{"left": "value", "right": "value"}]}))
        .wire("left", "pairs.left")
        .wire("right", "pairs.right")
        .pipeline;
    let [right, pairs] = ["right", "pairs"].map(|name| id_of(&pipeline, name));
    assert_eq!(
        chain(&pipeline, 1, "pairs"),
        [Reason::SideSilent { node: pairs, silent: right }, Reason::NothingArrives { node: right }]
    );
}

#[test]
fn a_join_over_time_says_how_many_rows_wait_and_whose_watermark_keeps_them() {
    let delay = json!({"column": "ts", "delay": "0s"});
    let pipeline = Draw::new()
        .node("a", "source.inline", events(&[&[5], &[6, 7]]))
        .node("time_a", "watermark", delay.clone())
        .node("b", "source.inline", events(&[&[], &[]]))
        .node("time_b", "watermark", delay)
        .node("pairs", "interval_join", json!({"on": [{"left": "key"}], "lower": "0s", "upper": "3s"}))
        .chain(&["a", "time_a"])
        .chain(&["b", "time_b"])
        .wire("time_a", "pairs.left")
        .wire("time_b", "pairs.right")
        .pipeline;
    let [time_b, pairs] = ["time_b", "pairs"].map(|name| id_of(&pipeline, name));
    let reasons = chain(&pipeline, 2, "pairs");
    assert_eq!(reasons.first(), Some(&Reason::AwaitsMatch { node: pairs, rows: 3 }));
    let is_held = |reason: &Reason| matches!(reason, Reason::LowestOf { holder, .. } if *holder == time_b);
    assert!(reasons.iter().any(is_held), "{reasons:?}");
}

#[test]
fn rows_that_were_all_seen_before_are_named_as_duplicates() {
    let pipeline = Draw::new()
        .node("lines", "source.inline", json!({"batches": r#"[["a"],["a"]]"#}))
        .node("once", "dedup", json!({"by": ["value"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "once", "table"])
        .pipeline;
    let once = id_of(&pipeline, "once");
    assert_eq!(
        chain(&pipeline, 2, "table"),
        [Reason::NoRowsFrom { node: once }, Reason::SetAside { node: once, counter: "duplicates", rows: 1 }]
    );
}

#[test]
fn a_watermark_that_gives_nothing_says_what_it_goes_by() {
    let pipeline = windowed(&[&[3, 12], &[], &[]]).pipeline;
    let [source, watermark] = ["events", "watermark"].map(|name| id_of(&pipeline, name));
    assert_eq!(
        chain(&pipeline, 3, "watermark"),
        [
            Reason::NoRowsFrom { node: source },
            Reason::NothingArrives { node: source },
            Reason::FollowsLatest { node: watermark, latest: Some(at(12)), delay: Span::from_secs(10) },
            Reason::Silent { node: watermark, span: Span::from_secs(2) },
        ]
    );
}

#[test]
fn a_window_of_rows_says_how_many_are_missing() {
    let drawn = |behind: &str, params: Value| {
        Draw::new()
            .node("lines", "source.inline", json!({"batches": r#"[["a","a","b"],["a"],[]]"#}))
            .node("window", "window.count", json!({"rows": 5}))
            .node("counts", behind, params)
            .chain(&["lines", "window", "counts"])
            .pipeline
    };
    let by_key = drawn("group", json!({"by": ["value"]}));
    let first = |pipeline: &Pipeline, batches| chain(pipeline, batches, "counts").first().cloned();
    assert_eq!(first(&by_key, 1), Some(Reason::WindowCounts { slide: 5, missing: 3 }));
    assert_eq!(first(&by_key, 2), Some(Reason::WindowCounts { slide: 5, missing: 2 }));
    let lines = id_of(&by_key, "lines");
    let reasons = chain(&by_key, 3, "counts");
    assert_eq!(reasons.first(), Some(&Reason::WindowCounts { slide: 5, missing: 2 }));
    assert_eq!(reasons.last(), Some(&Reason::NothingArrives { node: lines }), "and that no row comes any more");
    let of_rows = drawn("sort", json!({"by": [{"expression": "value"}]}));
    assert_eq!(first(&of_rows, 2), Some(Reason::WindowCounts { slide: 5, missing: 1 }), "all rows are one key to it");
}

#[test]
fn windows_of_every_kind_say_what_they_wait_for() {
    let drawn = |kind: &str, params: Value| {
        Draw::new()
            .node("events", "source.inline", events(&[&[3, 12], &[], &[]]))
            .node("watermark", "watermark", json!({"column": "ts", "delay": "10s"}))
            .node("window", kind, params)
            .node("counts", "group", json!({"by": ["key"]}))
            .chain(&["events", "watermark", "window", "counts"])
            .pipeline
    };
    for (kind, params) in [
        ("window.tumbling", json!({"length": "10s"})),
        ("window.sliding", json!({"length": "10s", "slide": "5s"})),
        ("window.session", json!({"gap": "20s"})),
    ] {
        let reasons = chain(&drawn(kind, params.clone()), 2, "counts");
        assert!(matches!(reasons.first(), Some(Reason::WindowOpen { watermark: Some(_), .. })), "{kind}: {reasons:?}");
        let mut by_arrival = params;
        by_arrival["time"] = json!("arrival");
        let reasons = chain(&drawn(kind, by_arrival), 2, "counts");
        assert!(matches!(reasons.first(), Some(Reason::WindowRuns { .. })), "{kind} by arrival: {reasons:?}");
    }
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
