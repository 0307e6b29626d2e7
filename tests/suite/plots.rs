//! The plots as a person uses them: reading the verdict, dragging the interval, clicking a batch.

use std::sync::Arc;

use eframe::egui::{self, Pos2, accesskit::Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, Queryable};
use weir::action::{Action, Actions};
use weir::i18n::tr;
use weir::live::Live;
use weir::plots::{Plots, headroom_ui};
use weir::state::AppState;
use weir_engine::metrics::{BatchReport, BatchStatus, LatencySummary};
use weir_engine::pipeline::{Document, Edit, Pipeline, Setting};
use weir_engine::runtime::{AppliedChange, RunState};
use weir_engine::spec::{Span, Timestamp};

/// The plots with what they read and what they asked for; actions on the document are performed as the app does.
struct Bench {
    plots: Plots,
    state: AppState,
    asked: Vec<Action>,
}

impl Bench {
    fn ui(&mut self, ui: &mut egui::Ui) {
        let mut actions = Actions::default();
        headroom_ui(ui, &self.state);
        self.plots.ui(ui, &self.state, &mut actions);
        for action in actions.take() {
            match &action {
                Action::Edit { label, edit } => self.state.document.edit(label, edit.clone()).unwrap(),
                Action::BeginGesture(label) => self.state.document.begin_gesture(label),
                Action::EndGesture => self.state.document.end_gesture(),
                Action::ShowBatch(batch) => self.state.live.shown_batch = *batch,
                other => panic!("the plots asked for {other:?}"),
            }
            self.asked.push(action);
        }
    }
}

fn report(batch: u64, processing_time: Span) -> Arc<BatchReport> {
    let interval = Span::from_secs(1);
    let tick = Timestamp::VIRTUAL_START.plus(Span::from_secs(i64::try_from(batch).unwrap()));
    let latency =
        LatencySummary { count: 100, p50: processing_time, p95: processing_time, p99: processing_time, max: interval };
    Arc::new(BatchReport {
        batch,
        plan_version: 1,
        tick,
        oldest_tick: tick,
        span: interval,
        interval,
        creation_delay: Span(0),
        scheduling_delay: Span(0),
        processing_time,
        total_delay: processing_time,
        input_rows: 100 + batch % 7,
        input_bytes: 1_000,
        queued_batches: 0,
        latency,
        nodes: Vec::new(),
        parked: Vec::new(),
        status: BatchStatus::Ok,
        control: None,
    })
}

fn bench(batches: u64, processing_time: Span) -> Harness<'static, Bench> {
    let mut live = Live { state: RunState::Running, ..Live::default() };
    for batch in 0..batches {
        live.history.push(report(batch, processing_time));
    }
    let mut state = AppState::new(Document::new(Pipeline::new()));
    state.live = live;
    let bench = Bench { plots: Plots::default(), state, asked: Vec::new() };
    let mut harness =
        Harness::builder().with_size(vec2(1_200.0, 700.0)).build_ui_state(|ui, bench: &mut Bench| bench.ui(ui), bench);
    harness.run_steps(3);
    harness
}

fn has_label(harness: &Harness<'_, Bench>, part: &str) -> bool {
    harness.query_all_by(|node| label(node).contains(part)).next().is_some()
}

fn label(node: &AccessKitNode<'_>) -> String {
    [node.label(), node.value()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The words of a text up to its first gap.
fn head(key: &'static str) -> &'static str {
    let text = tr(key);
    text.split('{').next().unwrap_or(text)
}

fn plot(harness: &Harness<'_, Bench>, title: &'static str) -> egui::Rect {
    let plots: Vec<_> = harness
        .query_all_by(|node| node.role() == Role::Image && label(node).starts_with(head_of_plot(title)))
        .collect();
    assert_eq!(plots.len(), 1, "{title}");
    plots[0].rect()
}

fn head_of_plot(title: &'static str) -> &'static str {
    // Without translations a text is its key.
    if tr("plots.plot_of").contains("{title}") { tr(title) } else { tr("plots.plot_of") }
}

#[test]
fn before_the_first_batch_the_panel_says_how_to_begin() {
    let harness = bench(0, Span(0));
    assert!(has_label(&harness, tr("plots.empty")));
    assert!(harness.query_all_by(|node| node.role() == Role::Slider).next().is_none());
}

#[test]
fn a_calm_run_is_called_stable_and_an_overloaded_one_says_where_it_leads() {
    let calm = bench(50, Span::from_millis(12));
    assert!(has_label(&calm, head("plots.stable")));
    assert!(!has_label(&calm, head("plots.unstable")));
    let overloaded = bench(50, Span::from_millis(1_333));
    assert!(has_label(&overloaded, head("plots.unstable")));
}

#[test]
fn without_a_run_the_gauge_shows_a_dash() {
    let mut harness = bench(50, Span::from_millis(12));
    assert!(!has_label(&harness, "—"));
    harness.state_mut().state.live.state = RunState::Stopped;
    harness.run_steps(2);
    assert!(has_label(&harness, "—"));
}

#[test]
fn dragging_the_interval_line_is_one_undoable_change_of_the_batch_interval() {
    let mut harness = bench(50, Span::from_millis(12));
    let line = harness.get_by_role_and_label(Role::Slider, tr("plots.interval_line")).rect();
    let from = line.center();
    let to = from + vec2(0.0, 30.0);
    drag(&mut harness, from, to);

    let bench = harness.state();
    let interval = bench.state.document.pipeline().settings().interval;
    assert!(interval < Span::from_secs(1) && interval > Span::from_millis(100), "{interval}");
    assert!(matches!(bench.asked.first(), Some(Action::BeginGesture(_))), "{:?}", bench.asked);
    assert!(matches!(bench.asked.last(), Some(Action::EndGesture)), "{:?}", bench.asked);
    let inner = &bench.asked[1..bench.asked.len() - 1];
    assert!(!inner.is_empty());
    for action in inner {
        assert!(matches!(action, Action::Edit { edit: Edit::Set(Setting::Interval(_)), .. }), "{action:?}");
    }

    let bench = harness.state_mut();
    assert!(bench.state.document.undo().is_some());
    assert_eq!(bench.state.document.pipeline().settings().interval, Span::from_secs(1));
    assert!(bench.state.document.undo().is_none(), "the drag left more than one step");
}

#[test]
fn the_interval_can_be_changed_by_keyboard() {
    let mut harness = bench(50, Span::from_millis(12));
    harness.get_by_role_and_label(Role::Slider, tr("plots.interval_line")).focus();
    harness.run_steps(2);
    harness.key_press(egui::Key::ArrowDown);
    harness.run_steps(2);
    assert_eq!(harness.state().state.document.pipeline().settings().interval, Span::from_millis(900));
}

#[test]
fn clicking_a_plot_shows_that_batch_and_live_returns() {
    let mut harness = bench(300, Span::from_millis(12));
    let rect = plot(&harness, "plots.queue");
    click(&mut harness, rect.center());
    let Some(batch) = harness.state().state.live.shown_batch else { panic!("no batch is shown") };
    assert!((140..=160).contains(&batch), "the middle of 0..300 was clicked, not {batch}");
    assert!(harness.state().state.live.shown().is_some_and(|report| report.batch == batch));

    harness.get_by_role_and_label(Role::Button, tr("plots.live")).click();
    harness.run_steps(2);
    assert_eq!(harness.state().state.live.shown_batch, None);
    assert_eq!(harness.state().state.live.shown().map(|report| report.batch), Some(299));
}

#[test]
fn dragging_a_plot_holds_the_view_while_batches_go_on() {
    let mut harness = bench(1_000, Span::from_millis(12));
    let rect = plot(&harness, "plots.queue");
    drag(&mut harness, rect.center(), rect.center() + vec2(120.0, 0.0));
    for batch in 1_000..1_100 {
        harness.state_mut().state.live.history.push(report(batch, Span::from_millis(12)));
    }
    harness.run_steps(2);
    assert!(harness.state().state.live.shown_batch.is_none(), "a drag is no click");
    click(&mut harness, rect.right_center() - vec2(4.0, 0.0));
    let shown = harness.state().state.live.shown_batch.unwrap();
    assert!(shown < 1_000, "the view went on to batch {shown}");
}

#[test]
fn live_changes_do_not_disturb_the_plots() {
    let mut harness = bench(100, Span::from_millis(12));
    for batch in [20, 21, 80] {
        harness.state_mut().state.live.changes.push_back(Arc::new(AppliedChange {
            plan_version: 2,
            batch,
            label: "interval 1s -> 200ms, and much more that does not fit".to_owned(),
            fates: Vec::new(),
        }));
    }
    harness.state_mut().state.live.shown_batch = Some(50);
    harness.run_steps(2);
    assert!(has_label(&harness, head("plots.stable")));
}

#[test]
fn every_plot_is_there_at_every_width() {
    for width in [320.0, 700.0, 1_100.0, 1_900.0] {
        let mut harness = bench(100, Span::from_millis(12));
        harness.set_size(vec2(width, 2_000.0));
        harness.run_steps(3);
        let rects: Vec<_> = harness
            .query_all_by(|node| node.role() == Role::Image && label(node).starts_with(head_of_plot("plots.queue")))
            .map(|node| node.rect())
            .collect();
        assert!(!rects.is_empty(), "{width}");
        for rect in rects {
            assert!(rect.height() >= 110.0 && rect.width() > 100.0, "{width}: {rect}");
        }
    }
}

fn click(harness: &mut Harness<'_, Bench>, at: Pos2) {
    harness.hover_at(at);
    harness.run_steps(1);
    press(harness, at, true);
    press(harness, at, false);
    harness.run_steps(2);
}

fn drag(harness: &mut Harness<'_, Bench>, from: Pos2, to: Pos2) {
    harness.hover_at(from);
    harness.run_steps(2);
    press(harness, from, true);
    for step in 1..=8_u8 {
        harness.event(egui::Event::PointerMoved(from + (to - from) * (f32::from(step) / 8.0)));
        harness.run_steps(1);
    }
    press(harness, to, false);
    harness.run_steps(2);
}

fn press(harness: &mut Harness<'_, Bench>, pos: Pos2, pressed: bool) {
    let button = egui::PointerButton::Primary;
    harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers: egui::Modifiers::NONE });
    harness.run_steps(1);
}
