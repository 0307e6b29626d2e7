//! What the window costs: the real designer without a window around it, frame by frame, as a table.
//!
//! A frame is layout and tessellation on one core; the graphics card's part is not in it. Run it with
//! `cargo bench --workspace --bench frame`.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it measures time, prints a table, and says by panicking that it cannot be set up"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Pos2, Rect, ViewportId, vec2};
use serde_json::json;
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir_engine::analysis::{analyse, plan_pipeline};
use weir_engine::format;
use weir_engine::metrics::BatchReport;
use weir_engine::pipeline::{Edit, NodeEntry, Parts, Pipeline, Position};
use weir_engine::plan::Clock;
use weir_engine::runtime::{Event, Queue, Resources, RunState, Schedule, Session, VirtualClock};
use weir_engine::spec::{NodeId, PortRef, WireKey};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Frames per measurement.
const FRAMES: usize = 300;
/// Asks for the measurement of memory alone.
const MEMORY: &str = "--memory";
/// Asks for the measurement of the start alone.
const START: &str = "--start";
/// Batches of history under the plots.
const BATCHES: usize = 1_000;

fn main() {
    // Memory is measured in a process of its own, which has done nothing else.
    if std::env::args().any(|argument| argument == MEMORY) {
        memory();
        return;
    }
    if std::env::args().any(|argument| argument == START) {
        starting();
        return;
    }
    println!("| What | Measured | To hold |\n|---|---|---|");
    let pipeline = graph(100);
    let reports = run(&pipeline, BATCHES + 8 * FRAMES);
    for is_accessible in [false, true] {
        frames(&pipeline, &reports, is_accessible);
    }
    analysis();
    opening();
    idle(&pipeline);
    let this = std::env::current_exe().expect("the benchmark is a file");
    for alone in [START, MEMORY] {
        std::process::Command::new(&this).arg(alone).status().expect("the benchmark starts again");
    }
}

/// `chains` times source, filter, union, filter, table; every union also takes rows of three other chains.
fn graph(chains: u64) -> Pipeline {
    let kinds = ["source.inline", "filter", "union", "filter", "sink.table"];
    let mut parts = Parts::default();
    let id = |chain: u64, step: u64| NodeId(chain * 5 + step + 1);
    let wire = |from: NodeId, to: NodeId| WireKey::new(PortRef::new(from, "out"), PortRef::new(to, "in"));
    for chain in 0..chains {
        for (step, kind) in (0u64..).zip(kinds) {
            let mut entry = NodeEntry::new(id(chain, step), kind, format!("{}_{chain}_{step}", &kind[..4]));
            let params = match kind {
                "source.inline" => json!({"batches": "[[\"a b\", \"c\"]]", "repeat": true}),
                "filter" => json!({"condition": "length(value) > 0"}),
                _ => json!({}),
            };
            entry.params = params.as_object().cloned().unwrap_or_default();
            let (column, line) = ((chain % 5) * 5 + step, chain / 5);
            entry.position = Position::new(column as f32 * 280.0, line as f32 * 160.0);
            parts.nodes.push(entry);
            if step > 0 {
                parts.wires.push(wire(id(chain, step - 1), id(chain, step)));
            }
        }
        for other in 1..=3 {
            parts.wires.push(wire(id((chain + other) % chains, 1), id(chain, 2)));
        }
    }
    Pipeline::assemble(parts).expect("the parts fit")
}

/// The reports of real batches, on the virtual clock.
fn run(pipeline: &Pipeline, batches: usize) -> Vec<Arc<BatchReport>> {
    let clock = VirtualClock::new(pipeline.settings().start_time);
    let mut schedule = Schedule::starting(clock.now(), pipeline.settings().interval, u64::MAX);
    let resources = Resources::start(Some(2)).expect("threads start");
    let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, Some(10));
    let planned = plan_pipeline(pipeline, Path::new("."));
    assert!(session.refusal(&planned).is_none(), "{:?}", planned.analysis.diagnostics);
    session.apply(planned, None, pipeline, 0);
    let mut reports = Vec::with_capacity(batches);
    for _ in 0..batches {
        let tick = schedule.next_tick();
        clock.set(tick);
        let cut = schedule.cut(&session.sources(), tick, tick, tick);
        session.process(cut, &Queue::default(), &mut |event| {
            if let Event::Batch(report) = event {
                reports.push(report);
            }
        });
    }
    reports
}

/// The designer with a context of its own.
struct Window {
    context: egui::Context,
    app: WeirApp,
    now: f64,
    /// Seconds until it wants to be drawn again by itself.
    wants: f64,
}

impl Window {
    fn open(pipeline: &Pipeline, is_accessible: bool) -> Self {
        let files = MemoryFiles::default();
        files.put("/bench.weir.json", format::save(pipeline));
        let mut app = WeirApp::new(Services::headless(files));
        app.open_at_start("/bench.weir.json".into());
        let context = egui::Context::default();
        if is_accessible {
            context.enable_accesskit();
        }
        let mut window = Self { context, app, now: 0.0, wants: 0.0 };
        for _ in 0..20 {
            window.frame(Vec::new());
        }
        window
    }

    /// One frame, laid out and tessellated.
    fn frame(&mut self, events: Vec<egui::Event>) -> Duration {
        self.now += 1.0 / 60.0;
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1_920.0, 1_200.0))),
            time: Some(self.now),
            focused: true,
            events,
            ..egui::RawInput::default()
        };
        let started = Instant::now();
        let app = &mut self.app;
        let output = self.context.run_ui(input, |ui| app.ui(ui));
        let primitives = self.context.tessellate(output.shapes, output.pixels_per_point);
        let taken = started.elapsed();
        std::hint::black_box(primitives);
        let root = output.viewport_output.get(&ViewportId::ROOT);
        self.wants = root.map_or(f64::INFINITY, |viewport| viewport.repaint_delay.as_secs_f64());
        taken
    }

    fn command(&mut self, command: Command, times: usize) {
        for _ in 0..times {
            self.app.perform(command);
            self.frame(Vec::new());
        }
    }
}

/// CPU time per frame while every frame shows a new batch.
fn frames(pipeline: &Pipeline, reports: &[Arc<BatchReport>], is_accessible: bool) {
    let mut window = Window::open(pipeline, is_accessible);
    let live = &mut window.app.state.live;
    live.absorb(Event::State(RunState::Running));
    let (history, coming) = reports.split_at(BATCHES);
    for report in history {
        live.absorb(Event::Batch(Arc::clone(report)));
    }
    let mut coming = coming.iter();
    let tree = if is_accessible { "accessibility tree on" } else { "accessibility tree off" };
    window.command(Command::Fit, 2);
    measured(&mut window, &mut coming, &format!("Frame, all 500 nodes in view, {tree}"), |_, _| Vec::new());
    window.command(Command::ZoomReset, 2);
    measured(&mut window, &mut coming, &format!("Frame at 100 %, {tree}"), |_, _| Vec::new());
    window.command(Command::ZoomOut, 3);
    measured(&mut window, &mut coming, &format!("Frame at 50 %, full detail, {tree}"), |_, _| Vec::new());
    // The pointer draws a box around nodes: hit tests, selection, inspector.
    window.frame(vec![moved(700.0, 300.0), button(700.0, 300.0)]);
    measured(&mut window, &mut coming, &format!("Frame while dragging at 50 %, {tree}"), |frame, _| {
        vec![moved(700.0 + (frame % 200) as f32, 300.0 + (frame % 90) as f32)]
    });
}

fn moved(x: f32, y: f32) -> egui::Event {
    egui::Event::PointerMoved(Pos2::new(x, y))
}

fn button(x: f32, y: f32) -> egui::Event {
    let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
    egui::Event::PointerButton { pos: Pos2::new(x, y), button, pressed: true, modifiers }
}

fn measured<'a>(
    window: &mut Window,
    coming: &mut impl Iterator<Item = &'a Arc<BatchReport>>,
    what: &str,
    events: impl Fn(usize, &Window) -> Vec<egui::Event>,
) {
    let mut taken: Vec<Duration> = (0..FRAMES)
        .map(|frame| {
            if let Some(report) = coming.next() {
                window.app.state.live.absorb(Event::Batch(Arc::clone(report)));
            }
            let events = events(frame, window);
            window.frame(events)
        })
        .collect();
    taken.sort();
    let at = |percent: usize| taken[(taken.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("| {what} | median {:.1} ms, p99 {:.1} ms | 16 ms, p99 25 ms |", at(50), at(99));
}

fn analysis() {
    let mut pipeline = graph(40);
    let id = pipeline.nodes().find(|node| node.kind == "filter").expect("a filter").id;
    let mut taken: Vec<_> = (0..40)
        .map(|round| {
            let value = Some(json!(format!("length(value) > {round}")));
            pipeline.apply(&Edit::SetParam { node: id, param: "condition".into(), value }).expect("it fits");
            let started = Instant::now();
            std::hint::black_box(analyse(&pipeline, Path::new(".")));
            started.elapsed()
        })
        .collect();
    taken.sort();
    println!("| Analysis of 200 nodes after one edit | {:.1} ms | 50 ms |", taken[20].as_secs_f64() * 1e3);
}

/// From the start of a process that has done nothing yet to the welcome view laid out: settings, words, fonts, theme,
/// the first sample and its analysis. The window itself and its graphics context are the desktop's and not in it.
fn starting() {
    let started = Instant::now();
    let app = WeirApp::new(Services::headless(MemoryFiles::default()));
    let mut window = Window { context: egui::Context::default(), app, now: 0.0, wants: 0.0 };
    window.frame(Vec::new());
    println!("| Start to the first frame | {:.0} ms | 1 s |", started.elapsed().as_secs_f64() * 1e3);
}

/// From the file's text to the first frame that shows it.
fn opening() {
    let text = format::save(&graph(200));
    let files = MemoryFiles::default();
    files.put("/large.weir.json", text);
    let mut app = WeirApp::new(Services::headless(files));
    let mut window = Window {
        context: egui::Context::default(),
        now: 0.0,
        wants: 0.0,
        app: {
            app.open_at_start("/none.weir.json".into());
            app
        },
    };
    for _ in 0..5 {
        window.frame(Vec::new());
    }
    let started = Instant::now();
    window.app.open_at_start("/large.weir.json".into());
    while window.app.state.document.pipeline().node_count() != 1_000 {
        window.frame(Vec::new());
    }
    window.frame(Vec::new());
    println!(
        "| Opening a file of 1,000 nodes, to its first frame | {:.0} ms | 500 ms |",
        started.elapsed().as_secs_f64() * 1e3
    );
}

/// Frames the window asks for by itself in ten seconds in which nothing happens.
fn idle(pipeline: &Pipeline) {
    let mut window = Window::open(pipeline, false);
    for _ in 0..120 {
        window.frame(Vec::new());
    }
    let end = window.now + 10.0;
    let mut frames = 0;
    while window.now + window.wants < end {
        window.now += window.wants.max(0.0);
        window.frame(Vec::new());
        frames += 1;
    }
    println!("| Frames asked for in 10 s of idleness | {frames} | 0 |");
}

/// The word count with 10,000 batches behind it.
fn memory() {
    let files = MemoryFiles::default();
    let app = WeirApp::new(Services::headless(files));
    let mut window = Window { context: egui::Context::default(), app, now: 0.0, wants: 0.0 };
    window.frame(Vec::new());
    let before = resident_mib();
    let pipeline = window.app.state.document.pipeline().clone();
    window.app.state.live.absorb(Event::State(RunState::Running));
    for report in run(&pipeline, 10_000) {
        window.app.state.live.absorb(Event::Batch(report));
    }
    window.frame(Vec::new());
    match (before, resident_mib()) {
        (Some(before), Some(after)) => {
            let grown = after.saturating_sub(before);
            println!("| Resident memory, word count after 10,000 batches | {after} MiB (+{grown} MiB) | 200 MB |");
        }
        (None, _) | (_, None) => println!("| Resident memory | not known on this system | 200 MB |"),
    }
}

fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1_024)
}
