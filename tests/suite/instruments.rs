//! The instruments as a person uses them: who limits the run, rows of any batch, why there is no output, probes, the
//! window timeline, spans compared, exports, recordings, the clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
use eframe::egui::accesskit::Role;
use eframe::egui::{self, Color32, ColorImage, Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use serde_json::json;
use weir::action::{Action, Actions, Selection};
use weir::app::{Engine, Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::{tr, trf};
use weir::plots::Plots;
use weir::state::AppState;
use weir_engine::metrics::{
    BatchReport, BatchStatus, ControlReport, EventTimeFacts, IntervalMove, IntervalReason, LatencySummary,
    MemoryReport, NodeFacts, NodeReport, NodeStatus, RateBound, RateTerms, SourceControl, StreamFacts, WindowClock,
    WindowEmit, WindowFacts,
};
use weir_engine::pipeline::{Backpressure, Document, Edit, Pipeline, Setting};
use weir_engine::plan::StateFate;
use weir_engine::runtime::{
    AppliedChange, ClockKind, Command as EngineCommand, Event, Glimpses, NodeFate, Presented, Preview, Probe, ProbeHit,
    Probed, Recorded, Recording, RunState, TracedRow, WindowShape, WindowTrace,
};
use weir_engine::spec::{NodeId, PortRef, Span, Timestamp};

use crate::shell::{click, designer, designer_with, perform, shows};
use crate::support::Draw;

fn at(secs: i64) -> Timestamp {
    Timestamp::VIRTUAL_START.plus(Span::from_secs(secs))
}

fn node(id: NodeId, busy_millis: i64) -> NodeReport {
    NodeReport {
        node: id,
        rows_in: 10,
        rows_out: vec![10],
        bytes_out: 0,
        busy: Span::from_millis(busy_millis),
        fired: true,
        state_rows: 0,
        state_bytes: 0,
        memory: MemoryReport::default(),
        counters: Vec::new(),
        watermark: None,
        backlog_rows: 0,
        status: NodeStatus::Ok,
        facts: None,
    }
}

fn report(batch: u64, nodes: Vec<NodeReport>) -> Event {
    controlled(batch, nodes, None)
}

fn controlled(batch: u64, nodes: Vec<NodeReport>, control: Option<ControlReport>) -> Event {
    let tick = at(i64::try_from(batch).unwrap() + 1);
    let processing_time = Span(nodes.iter().map(|node| node.busy.0).sum());
    Event::Batch(Arc::new(BatchReport {
        batch,
        plan_version: 1,
        tick,
        oldest_tick: tick,
        span: Span::from_secs(1),
        interval: Span::from_secs(1),
        creation_delay: Span(0),
        scheduling_delay: Span(0),
        processing_time,
        total_delay: processing_time,
        input_rows: 100,
        input_bytes: 0,
        queued_batches: 0,
        latency: LatencySummary::default(),
        nodes,
        parked: Vec::new(),
        status: BatchStatus::Ok,
        control: control.map(Box::new),
    }))
}

fn numbers(values: &[i64]) -> RecordBatch {
    let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
    RecordBatch::try_from_iter([("n", column)]).unwrap()
}

type Designer = Harness<'static, WeirApp>;

fn absorb(harness: &mut Designer, event: Event) {
    harness.state_mut().state.live.absorb(event);
}

/// The designer with this pipeline and a run that has begun.
fn running(pipeline: Pipeline) -> (Designer, MemoryFiles) {
    let (mut harness, files) = designer();
    harness.state_mut().state.document = Document::new(pipeline);
    harness.run_ok();
    absorb(&mut harness, Event::State(RunState::Running));
    (harness, files)
}

fn words() -> Draw {
    Draw::new()
        .node("lines", "source.inline", json!({"batches": "[[\"a\"]]"}))
        .node("words", "flat_map", json!({}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "table"])
}

#[test]
fn the_foot_of_the_window_names_who_limits_the_run_and_leads_there() {
    let drawn = words();
    let (lines, slow) = (drawn.id("lines"), drawn.id("words"));
    let (mut harness, _) = running(drawn.pipeline);
    for batch in 0..12 {
        absorb(&mut harness, report(batch, vec![node(lines, 100), node(slow, 1_100)]));
    }
    harness.run_steps(3);
    let line = "words takes 92 % of the time, for the last 12 batches.";
    assert!(shows(&harness, line));
    harness.get_by_role_and_label(Role::Link, line).click();
    harness.run_steps(3);
    assert_eq!(harness.state().state.selection, Selection::node(slow));
}

#[test]
fn a_node_that_holds_the_batch_is_named_at_once_with_what_it_waits_for() {
    let drawn = words();
    let table = drawn.id("table");
    let (mut harness, _) = running(drawn.pipeline);
    absorb(&mut harness, Event::Held { node: table, message: "the disk is full".to_owned() });
    harness.run_steps(2);
    assert!(shows(&harness, "table holds the batch: the disk is full"));
    absorb(&mut harness, report(0, vec![node(table, 1)]));
    harness.run_steps(2);
    assert!(!shows(&harness, "the disk is full"), "the batch is through");
}

#[test]
fn the_foot_says_what_became_of_the_state_after_a_live_change() {
    let drawn = words();
    let counts = drawn.id("words");
    let (mut harness, _) = running(drawn.pipeline);
    absorb(&mut harness, report(41, vec![node(counts, 1)]));
    let change = |plan_version, fate| {
        Event::Applied(Arc::new(AppliedChange {
            plan_version,
            batch: 42,
            label: "words: separator".to_owned(),
            fates: vec![NodeFate { node: counts, fate, is_mixed: false, is_parked: false }],
        }))
    };
    absorb(&mut harness, change(2, StateFate::Kept));
    harness.run_steps(2);
    assert!(shows(&harness, "words: separator, from batch 42 on · state of words kept"));
    absorb(&mut harness, change(3, StateFate::Reset("the keys differ".to_owned())));
    harness.run_steps(2);
    assert!(shows(&harness, "state of words reset: the keys differ"));
}

/// The tab of the Data panel: other things have `Data` in their names too.
fn open_data(harness: &mut Harness<'static, WeirApp>) {
    harness.get_by_label("Data").click();
    harness.run_ok();
}

#[test]
fn data_shows_the_rows_of_the_batch_that_is_shown_and_of_any_wire() {
    let drawn = words();
    let lines = drawn.id("lines");
    let port = PortRef::new(lines, "out");
    let (mut harness, _) = running(drawn.pipeline);
    for batch in 0..5u64 {
        let value = 7_000 + i64::try_from(batch).unwrap();
        let ports = vec![Preview { port: port.clone(), batch, rows: vec![numbers(&[value])], total_rows: 48_213 }];
        absorb(&mut harness, Event::Glimpsed(Arc::new(Glimpses { batch, ports })));
        absorb(&mut harness, report(batch, vec![node(lines, 1)]));
    }
    harness.state_mut().state.selection = Selection::node(lines);
    open_data(&mut harness);
    harness.run_steps(2);
    assert!(shows(&harness, "7004") && shows(&harness, "48,213"), "the newest, with the sampling budget");
    harness.state_mut().state.live.shown_batch = Some(2);
    harness.run_steps(2);
    assert!(shows(&harness, "7002") && !shows(&harness, "7004"));
    harness.key_press(Key::End);
    harness.run_steps(2);
    assert!(shows(&harness, "7004"), "one key leads back to live");
    assert_eq!(harness.state().state.live.shown_batch, None);
}

#[test]
fn a_click_on_a_batch_shows_it_in_the_waterfall_and_everywhere() {
    let drawn = words();
    let (lines, slow) = (drawn.id("lines"), drawn.id("words"));
    let (mut harness, _) = running(drawn.pipeline);
    for batch in 1_230..1_240 {
        let busy = if batch == 1_234 { 640 } else { 10 };
        absorb(&mut harness, report(batch, vec![node(lines, 10), node(slow, busy)]));
    }
    harness.get_by_label("Batches").click();
    harness.run_steps(2);
    harness.get_by_label("1,234").click();
    harness.run_steps(3);
    assert_eq!(harness.state().state.live.shown_batch, Some(1_234));
    assert!(shows(&harness, "words: 640 ms · 98 %"), "the waterfall shows that batch, node by node");
    let back = trf("state.back_to_live", &[("batch", "1,234")]);
    assert!(shows(&harness, &back), "the toolbar says what is shown, and leads back");
    click(&mut harness, &back);
    assert_eq!(harness.state().state.live.shown_batch, None);
}

fn windowed() -> Draw {
    let fields = json!([{"name": "ts", "type": "timestamp"}]);
    Draw::new()
        .node("events", "source.inline", json!({"fields": fields, "batches": "[]"}))
        .node("watermark", "watermark", json!({"column": "ts", "delay": "10s"}))
        .node("window", "window.tumbling", json!({"length": "10s"}))
        .node("counts", "aggregate", json!({}))
        .node("table", "sink.table", json!({}))
        .chain(&["events", "watermark", "window", "counts", "table"])
}

#[test]
fn a_table_without_rows_says_why_in_words() {
    let drawn = windowed();
    let [watermark, window, counts, table] = ["watermark", "window", "counts", "table"].map(|name| drawn.id(name));
    let (mut harness, _) = running(drawn.pipeline);
    let silent = |id| NodeReport { rows_in: 0, rows_out: vec![0], ..node(id, 1) };
    let facts = |from| NodeFacts {
        streams: vec![StreamFacts { from, watermark: Some(at(2)), is_idle: false }],
        ..NodeFacts::default()
    };
    let mut sets = node(watermark, 1);
    let event_time = EventTimeFacts { latest: Some(at(12)), delay: Span::from_secs(10), silent: Span::from_secs(38) };
    sets.facts = Some(Box::new(NodeFacts { event_time: Some(event_time), ..NodeFacts::default() }));
    let mut assigns = silent(window);
    assigns.facts = Some(Box::new(facts(watermark)));
    let mut groups = silent(counts);
    let windows = WindowFacts { clock: WindowClock::Event, emit: WindowEmit::AtEnd, next_end: Some(at(10)) };
    groups.facts = Some(Box::new(NodeFacts { windows: Some(windows), ..facts(window) }));
    let sink = NodeReport { rows_in: 0, rows_out: Vec::new(), ..node(table, 1) };
    absorb(&mut harness, report(0, vec![sets, assigns, groups, sink]));
    harness.state_mut().state.selection = Selection::node(table);
    open_data(&mut harness);
    harness.run_steps(2);
    for sentence in [
        tr("why.title"),
        "counts gave no rows.",
        "The window closes when the watermark reaches 00:00:10; it stands at 00:00:02.",
        "watermark has seen times up to 00:00:12 and stays 10 s behind.",
        "watermark has been silent for 38 s.",
    ] {
        assert!(shows(&harness, sentence), "{sentence}");
    }
}

#[test]
fn the_inspector_of_a_node_that_gives_nothing_says_why() {
    let drawn = words();
    let [lines, words, table] = ["lines", "words", "table"].map(|name| drawn.id(name));
    let (mut harness, _) = running(drawn.pipeline);
    harness.state_mut().state.selection = Selection::node(words);
    let given = |rows| {
        let of = |id| NodeReport { rows_in: rows, rows_out: vec![rows], ..node(id, 1) };
        vec![of(lines), of(words), NodeReport { rows_out: Vec::new(), ..of(table) }]
    };
    absorb(&mut harness, report(0, given(0)));
    harness.run_steps(2);
    for sentence in [tr("why.title"), "lines gave no rows.", "No row came to lines in this batch."] {
        assert!(shows(&harness, sentence), "{sentence}");
    }
    absorb(&mut harness, report(1, given(7)));
    harness.run_steps(2);
    assert!(!shows(&harness, tr("why.title")), "a node that gives rows has nothing to explain");
}

fn limit(node: NodeId) -> SourceControl {
    let terms = RateTerms {
        processing_rate: 8_000.0,
        base: 10_000.0,
        error: 2_000.0,
        backlog: Span::from_millis(400),
        proportional: 2_000.0,
        integral: 500.0,
        derivative: 0.0,
        wanted: 7_500.0,
    };
    SourceControl { node, limit: 7_500.0, bound: RateBound::Free, terms: Some(terms) }
}

#[test]
fn backpressure_shows_its_limit_and_every_term_of_it_as_it_acts() {
    let drawn = words();
    let lines = drawn.id("lines");
    let (mut harness, _) = running(drawn.pipeline);
    let control = ControlReport { sources: vec![limit(lines)], interval: None };
    absorb(&mut harness, controlled(0, vec![node(lines, 1)], Some(control)));
    harness.run_steps(2);
    let sentence = "lines may give 7.5k rows/s: 10k - 2k (error) - 500 (backlog) - 0 (trend); as the terms say";
    assert!(shows(&harness, sentence), "at the foot of the window");
    harness.state_mut().state.selection = Selection::node(lines);
    harness.run_steps(2);
    for fact in ["control.fact.limit", "control.fact.proportional", "control.fact.integral", "control.fact.derivative"]
    {
        assert!(shows(&harness, tr(fact)), "{fact} in the inspector of the source");
    }
    assert!(shows(&harness, "500 rows/s · 400 ms"), "the backlog as rate and as time");
    let on = Edit::Set(Setting::Backpressure(Backpressure::Damped));
    harness.state_mut().state.document.edit("on", on).unwrap();
    harness.state_mut().state.selection = Selection::default();
    harness.run_steps(2);
    assert_eq!(harness.query_all_by_label_contains(sentence).count(), 2, "and among the settings");
}

#[test]
fn a_move_of_the_automatic_interval_is_told_with_its_reason_and_marked_in_the_plots() {
    let drawn = words();
    let lines = drawn.id("lines");
    let (mut harness, _) = running(drawn.pipeline);
    let reason =
        IntervalReason::FixedPoint { interval: Span::from_secs(1), processing: Span::from_millis(960), target: 0.8 };
    let moved = IntervalMove { from: Span::from_secs(1), to: Span::from_millis(1_200), reason };
    let stays = IntervalMove { from: moved.to, to: moved.to, reason };
    let control = |interval| Some(ControlReport { sources: Vec::new(), interval });
    absorb(&mut harness, controlled(0, vec![node(lines, 1)], control(None)));
    absorb(&mut harness, controlled(1, vec![node(lines, 1)], control(Some(moved))));
    absorb(&mut harness, controlled(2, vec![node(lines, 1)], control(Some(stays))));
    harness.run_steps(2);
    let told = "Automatic interval 1 s → 1.2 s from batch 2 on: a batch of 1 s took 960 ms, and 80 % of the interval is \
                aimed at";
    assert!(shows(&harness, told), "at the foot of the window");
    assert!(shows(&harness, "interval 1 s → 1.2 s (automatic) (2)"), "as a mark of the plots");
    assert_eq!(harness.state().state.live.moves.len(), 1, "what stays is no move");
    for batch in 3..30 {
        absorb(&mut harness, report(batch, vec![node(lines, 1)]));
    }
    harness.run_steps(2);
    assert!(!shows(&harness, told), "after a while it is no news");
    assert!(shows(&harness, "(automatic) (2)"), "the mark stays");
}

/// An engine that writes down which probes, recordings and clocks it is told of.
#[derive(Clone, Default)]
struct Notebook {
    told: Rc<RefCell<Vec<String>>>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Engine for Notebook {
    fn send(&self, command: EngineCommand) -> bool {
        let word = match command {
            EngineCommand::Run(_) => {
                self.events.borrow_mut().push(Event::State(RunState::Running));
                "run".to_owned()
            }
            EngineCommand::Probe(probes) => {
                probes.iter().map(|probe| format!("probe {}", probe.expression)).collect::<Vec<_>>().join(", ")
            }
            EngineCommand::Clock(clock) => format!("clock {clock:?}"),
            EngineCommand::Speed(speed) => format!("speed {speed:?}"),
            EngineCommand::Record(recording) => format!("record {}", recording.is_some()),
            EngineCommand::Pause
            | EngineCommand::Step(_)
            | EngineCommand::Stop
            | EngineCommand::Apply(_)
            | EngineCommand::Select(_)
            | EngineCommand::Reset(_)
            | EngineCommand::Retry(_) => return true,
        };
        self.told.borrow_mut().push(word);
        true
    }

    fn try_event(&self) -> Option<Event> {
        self.events.borrow_mut().pop()
    }
}

fn with_notebook(pipeline: Pipeline) -> (Designer, Notebook, MemoryFiles) {
    let (notebook, files) = (Notebook::default(), MemoryFiles::default());
    let mut services = Services::headless(files.clone());
    let engine = notebook.clone();
    services.start_engine = Box::new(move |_, _| Ok(Box::new(engine.clone())));
    let mut harness = designer_with(services);
    harness.state_mut().state.document = Document::new(pipeline);
    harness.run_ok();
    (harness, notebook, files)
}

#[test]
fn a_probe_is_typed_told_and_its_rows_are_shown_when_it_is_met() {
    let drawn = words();
    let lines = drawn.id("lines");
    let port = PortRef::new(lines, "out");
    let (mut harness, notebook, _) = with_notebook(drawn.pipeline);
    harness.state_mut().state.selection = Selection::node(lines);
    perform(&mut harness, Command::Run);
    open_data(&mut harness);
    harness.get_by_role_and_label(Role::TextInput, tr("probe.when")).focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, tr("probe.when")).type_text("value = 'x'");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    assert_eq!(harness.state().state.probes.get(&port).map(String::as_str), Some("value = 'x'"));
    assert_eq!(notebook.told.borrow().last().map(String::as_str), Some("probe value = 'x'"));
    assert!(shows(&harness, tr("probe.watching")));

    let probe = Probe { port, expression: "value = 'x'".to_owned() };
    let hit = ProbeHit { rows: vec![numbers(&[4_321])], total_rows: 3 };
    absorb(&mut harness, Event::Probed(Arc::new(Probed { probe, batch: 17, outcome: Ok(hit) })));
    absorb(&mut harness, Event::State(RunState::Paused));
    harness.run_steps(3);
    assert!(shows(&harness, "Met by 3 rows of batch 17") && shows(&harness, "4321"));
    perform(&mut harness, Command::ClearProbes);
    assert!(harness.state().state.probes.is_empty() && !shows(&harness, "4321"));
}

#[test]
fn a_recording_is_made_of_a_source_and_takes_its_place_as_one_step() {
    let drawn = words();
    let lines = drawn.id("lines");
    let (mut harness, notebook, files) = with_notebook(drawn.pipeline);
    perform(&mut harness, Command::Run);
    harness.state_mut().state.selection = Selection::node(lines);
    files.will_pick("/home/input");
    perform(&mut harness, Command::Record);
    harness.run_steps(3);
    assert!(shows(&harness, "Recording lines"));
    assert_eq!(notebook.told.borrow().last().map(String::as_str), Some("record true"));
    click(&mut harness, tr("record.stop"));
    harness.run_steps(2);
    assert_eq!(notebook.told.borrow().last().map(String::as_str), Some("record false"));
    let recording = Recording { node: lines, path: "/home/input.jsonl".into() };
    absorb(&mut harness, Event::Recorded(Arc::new(Recorded { recording, outcome: Ok(1_234) })));
    harness.run_steps(3);
    assert!(shows(&harness, "Recorded 1,234 rows in input.jsonl"));
    harness.state_mut().state.selection = Selection::node(lines);
    let before = harness.state().state.document.pipeline().clone();
    perform(&mut harness, Command::ReplayRecording);
    let pipeline = harness.state().state.document.pipeline();
    let replay = pipeline.node(lines).unwrap();
    assert_ne!(Some(&replay.kind), before.node(lines).map(|node| &node.kind));
    assert_eq!((replay.name.as_str(), replay.params["path"].as_str()), ("lines", Some("/home/input.jsonl")));
    assert_eq!(pipeline.wires(), before.wires(), "its wires are where they were");
    assert!(harness.state().state.analysis.is_runnable(), "{:?}", harness.state().state.analysis.diagnostics);
    perform(&mut harness, Command::Undo);
    assert_eq!(harness.state().state.document.pipeline().node(lines), before.node(lines));
}

#[test]
fn the_clock_is_chosen_before_a_run_and_its_speed_at_any_time() {
    let (mut harness, notebook, _) = with_notebook(words().pipeline);
    perform(&mut harness, Command::ToggleClock);
    assert_eq!(harness.state().state.pace.clock, ClockKind::Virtual);
    assert!(shows(&harness, "Clock: Virtual clock ×1"));
    perform(&mut harness, Command::Run);
    assert_eq!(*notebook.told.borrow(), ["speed Some(1.0)", "run"], "the engine was started with the clock");
    click(&mut harness, "Clock: Virtual clock ×1");
    click(&mut harness, "Virtual clock ×60");
    harness.run_steps(2);
    assert_eq!(notebook.told.borrow().last().map(String::as_str), Some("speed Some(60.0)"));
}

fn trace(node: NodeId, batch: u64, happened: &[i64], watermark: Option<i64>) -> Event {
    let time = at(i64::try_from(batch).unwrap() + 1);
    let row = |secs: &i64| TracedRow {
        happened: at(*secs),
        arrived: time.minus(Span(1)),
        is_late: watermark.is_some_and(|watermark| *secs < watermark),
    };
    let (length, anchor) = (Span::from_secs(10), Timestamp(0));
    Event::Traced(Arc::new(WindowTrace {
        node,
        batch,
        time,
        shape: WindowShape::Sliding { length, slide: length, anchor, by_event: true },
        watermark: watermark.map(at),
        rows: happened.iter().map(row).collect(),
        total_rows: happened.len() as u64,
    }))
}

#[test]
fn the_timeline_draws_the_real_windows_and_a_click_shows_the_batch() {
    let drawn = windowed();
    let window = drawn.id("window");
    let (mut harness, _) = running(drawn.pipeline);
    click(&mut harness, "Timeline");
    assert!(shows(&harness, tr("timeline.none")), "before the first batch it says what would fill it");
    for (batch, happened, watermark) in
        [(0, &[3, 12][..], None), (1, &[25], Some(2)), (2, &[4], Some(15)), (3, &[31], Some(15))]
    {
        absorb(&mut harness, report(batch, vec![node(window, 1)]));
        absorb(&mut harness, trace(window, batch, happened, watermark));
    }
    harness.run_steps(3);
    let summary = "5 of 5 rows · late 1 · open windows 3 · watermark 00:00:15";
    assert!(shows(&harness, summary));
    let picture = harness
        .query_all_by(|node| node.role() == Role::Image && node.label().is_some_and(|label| label.contains(summary)));
    let rect = picture.map(|node| node.rect()).next().expect("the picture is in the accessibility tree");
    let middle = rect.center() + vec2(30.0, 0.0);
    harness.hover_at(middle);
    harness.run_steps(1);
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        harness.event(egui::Event::PointerButton { pos: middle, button, pressed, modifiers: egui::Modifiers::NONE });
        harness.run_steps(1);
    }
    harness.run_steps(2);
    assert!(harness.state().state.live.shown_batch.is_some());
}

#[test]
fn the_plots_are_exported_as_a_table_and_as_a_picture() {
    let drawn = words();
    let lines = drawn.id("lines");
    let (mut harness, files) = running(drawn.pipeline);
    for batch in 0..5 {
        absorb(&mut harness, report(batch, vec![node(lines, 12)]));
    }
    files.will_pick("/home/batches");
    perform(&mut harness, Command::ExportCsv);
    let text = String::from_utf8(files.written("/home/batches.csv").expect("with our suffix")).unwrap();
    assert_eq!(text.lines().count(), 6);
    assert!(text.starts_with("batch,input_rows_per_sec,"), "{text}");

    files.will_pick("/home/plots");
    harness.state_mut().perform(Command::ExportPlots);
    // There is no window here that could be photographed: the test answers in its place.
    let asked = (0..16).find_map(|_| {
        harness.run_steps(1);
        let commands = harness.output().viewport_output.values().flat_map(|viewport| &viewport.commands);
        commands.cloned().find_map(|command| match command {
            egui::ViewportCommand::Screenshot(callback) => Some(callback),
            _ => None,
        })
    });
    let image = ColorImage::filled([1_440, 900], Color32::WHITE);
    asked.expect("the window is asked for a picture").complete(Arc::new(image));
    harness.run_steps(6);
    let bytes = files.written("/home/plots.png").expect("the picture is written");
    assert_eq!(&bytes[1..4], b"PNG");
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert!(side(16) < 1_440 && side(16) > 400 && side(20) < 500, "the plots alone: {} x {}", side(16), side(20));
}

#[test]
fn a_chart_sink_is_drawn_and_its_rows_are_one_click_away() {
    let drawn = words().node("chart", "sink.chart", json!({"y": ["n"], "by": "word"})).wire("words", "chart");
    let chart = drawn.id("chart");
    let (mut harness, _) = running(drawn.pipeline);
    for batch in 0..3u64 {
        let words: ArrayRef = Arc::new(StringViewArray::from(vec!["cat", "dog"]));
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![i64::try_from(batch).unwrap(), 70]));
        let rows = RecordBatch::try_from_iter([("word", words), ("n", counts)]).unwrap();
        absorb(
            &mut harness,
            Event::Presented(Arc::new(Presented {
                node: chart,
                name: "chart".to_owned(),
                batch,
                time: at(i64::try_from(batch).unwrap()),
                schema: rows.schema(),
                rows: vec![rows],
                total_rows: 2,
            })),
        );
    }
    harness.state_mut().state.selection = Selection::node(chart);
    open_data(&mut harness);
    harness.run_steps(2);
    assert!(shows(&harness, "Chart: cat 2, dog 70"));
    click(&mut harness, tr("data.rows"));
    harness.run_steps(2);
    assert!(shows(&harness, "cat") && !shows(&harness, "Chart: cat"));
}

/// The plots alone.
struct Bench {
    plots: Plots,
    state: AppState,
}

fn bench() -> Harness<'static, Bench> {
    let mut state = AppState::new(Document::new(Pipeline::new()));
    state.live.absorb(Event::State(RunState::Running));
    for batch in 0..200u64 {
        let millis = if batch < 100 { 400 } else { 100 };
        state.live.absorb(report(batch, vec![node(NodeId(1), millis)]));
    }
    for (plan_version, batch) in [(1, 0), (2, 100)] {
        let label = "interval 1s to 500ms".to_owned();
        state.live.absorb(Event::Applied(Arc::new(AppliedChange { plan_version, batch, label, fates: Vec::new() })));
    }
    let bench = Bench { plots: Plots::default(), state };
    let mut harness = Harness::builder().with_size(vec2(1_300.0, 700.0)).build_ui_state(
        |ui, bench: &mut Bench| {
            let mut actions = Actions::default();
            bench.plots.ui(ui, &bench.state, &mut actions);
            for action in actions.take() {
                if let Action::ShowBatch(batch) = action {
                    bench.state.live.shown_batch = batch;
                }
            }
        },
        bench,
    );
    harness.run_steps(3);
    harness
}

fn says(harness: &Harness<'_, Bench>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

#[test]
fn before_and_after_a_live_change_are_compared_with_one_click() {
    let mut harness = bench();
    harness.get_by_role_and_label(Role::Button, tr("plots.before_after")).click();
    harness.run_steps(3);
    for text in ["A: batches 70 to 99", "B: batches 100 to 129", "400 ms", "100 ms", "-75 %"] {
        assert!(says(&harness, text), "{text}");
    }
    let table = harness.get_by_label_contains(tr("plots.compared")).rect();
    let is_plot = |label: String| label.contains(", batch ");
    let plots = harness.query_all_by(|node| node.role() == Role::Image && node.label().is_some_and(is_plot));
    for plot in plots {
        assert!(plot.rect().right() <= table.left(), "the comparison stands beside the plots: {:?}", plot.rect());
    }
    harness.get_by_role_and_label(Role::Button, tr("plots.clear_spans")).click();
    harness.run_steps(3);
    assert!(!says(&harness, "A: batches"));
}

#[test]
fn a_span_dragged_over_a_plot_reads_averages_and_leaves_the_view_where_it_is() {
    let mut harness = bench();
    harness.get_by_role_and_label(Role::Button, tr("plots.measure")).click();
    harness.run_steps(2);
    let plots: Vec<_> = harness
        .query_all_by(|node| {
            node.role() == Role::Image && node.label().is_some_and(|label| label.starts_with(tr("plots.queue")))
        })
        .map(|node| node.rect())
        .collect();
    let rect = plots[0];
    let (from, to) = (rect.center() - vec2(60.0, 0.0), rect.center() - vec2(10.0, 0.0));
    harness.hover_at(from);
    harness.run_steps(2);
    let button = egui::PointerButton::Primary;
    let press = |pos, pressed| egui::Event::PointerButton { pos, button, pressed, modifiers: egui::Modifiers::NONE };
    harness.event(press(from, true));
    harness.run_steps(1);
    for step in 1..=6_u8 {
        harness.event(egui::Event::PointerMoved(from + (to - from) * (f32::from(step) / 6.0)));
        harness.run_steps(1);
    }
    harness.event(press(to, false));
    harness.run_steps(3);
    assert!(says(&harness, "A: batches") && says(&harness, tr("plots.second_span")));
    assert_eq!(harness.state().state.live.shown_batch, None, "a drag is no click");
}

#[test]
fn the_time_of_each_node_is_a_plot_of_its_own() {
    let harness = bench();
    let words = |label: String| label.starts_with(tr("plots.nodes")) && label.contains("n1 100 ms");
    let found = harness.query_all_by(|node| node.role() == Role::Image && node.label().is_some_and(words)).count();
    assert_eq!(found, 1);
}
