//! The line at the foot of the window: who limits the run, what becomes of a live change, what the controllers do, the
//! clock, and what is being recorded. It is always there and never changes its height, so that nothing above it moves.

use eframe::egui::{self, Align, Layout, RichText, Sense, vec2};
use weir_engine::metrics::{Cause, Culprit};
use weir_engine::plan::StateFate;
use weir_engine::runtime::{AppliedChange, ClockKind, NodeFate, RunState};
use weir_engine::spec::NodeId;

use super::{backpressure_facts, control, grouped, interval_facts};
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::sentences::spoken;
use crate::state::{AppState, Pace};

/// Height of the line.
const HEIGHT: f32 = 26.0;
/// A change is told of for so many batches after it took effect.
const TOLD_BATCHES: u64 = 20;
/// Speeds of the virtual clock that are offered.
const SPEEDS: [Option<f64>; 5] = [Some(1.0), Some(10.0), Some(60.0), Some(1_000.0), None];

/// Draws the line. `is_pending`: the engine has not answered to the last change yet.
pub(crate) fn status_bar(ui: &mut egui::Ui, state: &AppState, is_pending: bool, actions: &mut Actions) {
    let frame = egui::Frame::NONE.fill(state.theme.surface).inner_margin(egui::Margin::symmetric(10, 2));
    egui::Panel::bottom("status").frame(frame).exact_size(HEIGHT).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.spacing_mut().interact_size.y = HEIGHT - 6.0;
        ui.spacing_mut().button_padding.y = 1.0;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            clock_ui(ui, state, actions);
            recording_ui(ui, state, actions);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (change, control) = (change_of(state, is_pending), control_of(state));
                let others = usize::from(change.is_some()) + usize::from(control.is_some());
                share_ui(ui, 1 + others, |ui| culprit_ui(ui, state, actions));
                if let Some(change) = change {
                    share_ui(ui, others, |ui| change_ui(ui, state, change, actions));
                }
                if let Some(text) = control {
                    control_ui(ui, state, text);
                }
            });
        });
    });
}

/// Draws something in a fair part of the room that is left, so that one long sentence does not push out the others.
fn share_ui(ui: &mut egui::Ui, parts: usize, add: impl FnOnce(&mut egui::Ui)) {
    let width = ui.available_width() / parts.max(1) as f32;
    ui.scope(|ui| {
        ui.set_max_width(width);
        add(ui);
    });
}

fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).small()
}

/// Who limits the run; a click brings the node into view.
fn culprit_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let theme = &state.theme;
    let told = match (&state.live.held, &state.live.culprit) {
        (Some((node, why)), _) => {
            let text = trf("culprit.held", &[("node", &state.name_of(*node)), ("why", &spoken(why))]);
            Some((*node, text, theme.error))
        }
        (None, Some(culprit)) => {
            let color = match culprit.cause {
                Cause::Works | Cause::Skewed { .. } => theme.warning,
                Cause::Waits(_) | Cause::HoldsWindows { .. } => theme.error,
            };
            Some((culprit.node, culprit_sentence(state, culprit), color))
        }
        (None, None) => None,
    };
    let Some((node, text, color)) = told.filter(|_| state.live.is_active()) else {
        let calm = if state.live.state == RunState::Running && state.live.history.len() > 2 {
            tr("culprit.none")
        } else {
            tr("culprit.no_run")
        };
        ui.add(egui::Label::new(small(calm).color(theme.text_weak)).truncate());
        return;
    };
    let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
    ui.painter().circle_filled(dot.center(), 4.0, color);
    let label = egui::Label::new(small(&text).color(theme.text)).truncate().sense(Sense::click());
    let response = ui.add(label);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Link, true, &text));
    if response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(tr("culprit.hint")).clicked() {
        actions.push(Action::Reveal(node));
    }
}

/// The culprit as a sentence.
pub(crate) fn culprit_sentence(state: &AppState, culprit: &Culprit) -> String {
    let name = state.name_of(culprit.node);
    let (share, batches) = (units::percent(culprit.share), grouped(culprit.batches));
    match &culprit.cause {
        Cause::Works if culprit.batches > 1 => {
            trf("culprit.works", &[("node", &name), ("share", &share), ("batches", &batches)])
        }
        Cause::Works => trf("culprit.works_new", &[("node", &name), ("share", &share)]),
        Cause::Skewed { key, rows } => {
            let rows = units::percent(*rows);
            trf("culprit.skewed", &[("node", &name), ("share", &share), ("key", key), ("rows", &rows)])
        }
        Cause::Waits(why) => trf("culprit.waits", &[("node", &name), ("why", &spoken(why)), ("batches", &batches)]),
        Cause::HoldsWindows { behind, until } => {
            let (behind, until) = (units::span(*behind), units::clock_time(*until));
            trf("culprit.holds", &[("node", &name), ("behind", &behind), ("until", &until)])
        }
    }
}

/// What there is to say of a live change.
struct Told {
    text: String,
    color: egui::Color32,
    /// Where the person's word is waited for.
    asks: Option<NodeId>,
}

/// What becomes of the last live change.
fn change_of(state: &AppState, is_pending: bool) -> Option<Told> {
    let theme = &state.theme;
    if !state.live.is_active() {
        return None;
    }
    let told = |text, color| Some(Told { text, color, asks: None });
    let newest = state.live.history.latest().map_or(0, |report| report.batch);
    if let Some(staged) = &state.staged {
        let text = trf("staged.waits", &[("node", &state.name_of(staged.at.0))]);
        Some(Told { text, color: theme.warning, asks: Some(staged.at.0) })
    } else if let Some(problem) = state.live.refused.first() {
        told(trf("change.refused", &[("why", &spoken(&problem.message))]), theme.error)
    } else if is_pending {
        let applies = trf("change.pending", &[("batch", &grouped(newest + 1))]);
        let fates = state.live.outlook.iter().flat_map(|outlook| fates_in_words(state, &outlook.fates));
        told(std::iter::once(applies).chain(fates).collect::<Vec<_>>().join(" · "), theme.accent)
    } else {
        let change = state.live.changes.back().filter(|change| is_recent(change, newest))?;
        told(change_sentence(state, change), theme.text_weak)
    }
}

/// Draws it; where the person is asked, a click leads there.
fn change_ui(ui: &mut egui::Ui, state: &AppState, told: Told, actions: &mut Actions) {
    ui.separator();
    let label = egui::Label::new(small(&told.text).color(told.color)).truncate();
    let Some(node) = told.asks.filter(|node| state.document.pipeline().node(*node).is_some()) else {
        ui.add(label).on_hover_text(told.text);
        return;
    };
    let response = ui.add(label.sense(Sense::click())).on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Link, true, &told.text));
    if response.on_hover_text(tr("staged.waits_hint")).clicked() {
        actions.push(Action::Reveal(node));
    }
}

/// The start of the run is no change.
fn is_recent(change: &AppliedChange, newest: u64) -> bool {
    change.plan_version > 1 && newest.saturating_sub(change.batch) < TOLD_BATCHES
}

/// What changed, at which batch, and what became of the state.
pub(crate) fn change_sentence(state: &AppState, change: &AppliedChange) -> String {
    let applied = trf("change.applied", &[("what", &spoken(&change.label)), ("batch", &grouped(change.batch))]);
    std::iter::once(applied).chain(fates_in_words(state, &change.fates)).collect::<Vec<_>>().join(" · ")
}

/// What becomes of the state of nodes, or became.
fn fates_in_words<'a>(state: &'a AppState, fates: &'a [NodeFate]) -> impl Iterator<Item = String> + 'a {
    fates.iter().map(|fate| {
        let (name, sentence) = (state.name_of(fate.node), fate.fate.sentence());
        let why = spoken(&sentence);
        match &fate.fate {
            StateFate::Kept if fate.is_mixed => trf("change.mixed", &[("node", &name)]),
            StateFate::Kept => trf("change.kept", &[("node", &name)]),
            StateFate::Migrated(_) | StateFate::Short { .. } | StateFate::Partly(_) => {
                trf("change.partly", &[("node", &name), ("why", &why)])
            }
            StateFate::Restored(_) => trf("change.restored", &[("node", &name), ("why", &why)]),
            StateFate::Parked(_) => trf("change.parked", &[("node", &name), ("why", &why)]),
            StateFate::Reset(_) => trf("change.reset", &[("node", &name), ("why", &why)]),
        }
    })
}

/// What the controllers do: a move of the interval while it is news, else the tightest limit of a source.
fn control_of(state: &AppState) -> Option<String> {
    let report = state.live.history.latest().filter(|_| state.live.is_active())?;
    let moved = state.live.moves.back().filter(|(batch, _)| report.batch.saturating_sub(*batch) < TOLD_BATCHES);
    let sources = report.control.iter().flat_map(|control| &control.sources);
    let tightest = sources.min_by(|a, b| a.limit.total_cmp(&b.limit));
    match (moved, tightest) {
        (Some((batch, moved)), _) => Some(control::move_sentence(*batch, moved)),
        (None, Some(source)) => Some(control::limit_sentence(state, source)),
        (None, None) => None,
    }
}

/// Draws it, with all of it one hover away.
fn control_ui(ui: &mut egui::Ui, state: &AppState, text: String) {
    ui.separator();
    let all: Vec<_> = interval_facts(state).into_iter().chain(backpressure_facts(state)).collect();
    ui.add(egui::Label::new(small(text).color(state.theme.text_weak)).truncate()).on_hover_text(all.join("\n"));
}

/// What is being recorded, and the end of it.
fn recording_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let Some(recording) = &state.recording else { return };
    let text = trf("record.under_way", &[("node", &state.name_of(recording.node))]);
    if ui.button(small(tr("record.stop"))).clicked() {
        actions.push(Action::StopRecording);
    }
    ui.label(small(text).color(state.theme.text));
    let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter().circle_filled(dot.center(), 5.0, state.theme.error);
}

/// The clock of the next run and, on the virtual one, its speed at any time.
fn clock_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let pace = state.pace;
    let shown = match pace.clock {
        ClockKind::Wall => tr("clock.wall").to_owned(),
        ClockKind::Virtual => trf("clock.virtual", &[("speed", &speed_word(pace.speed))]),
    };
    let is_free = !state.live.is_active();
    let name = format!("{}: {shown}", tr("clock.name"));
    let combo = egui::ComboBox::from_id_salt("clock").selected_text(small(shown)).width(150.0);
    let response = combo.show_ui(ui, |ui| {
        let wall = egui::Button::selectable(pace.clock == ClockKind::Wall, tr("clock.wall"));
        if ui.add_enabled(is_free || pace.clock == ClockKind::Wall, wall).on_hover_text(tr("clock.wall_hint")).clicked()
        {
            actions.push(Action::Pace(Pace { clock: ClockKind::Wall, ..pace }));
        }
        for speed in SPEEDS {
            let is_chosen = pace.clock == ClockKind::Virtual && pace.speed == speed;
            let word = trf("clock.virtual", &[("speed", &speed_word(speed))]);
            let choice = egui::Button::selectable(is_chosen, word);
            let is_allowed = is_free || pace.clock == ClockKind::Virtual;
            if ui.add_enabled(is_allowed, choice).on_hover_text(tr("clock.virtual_hint")).clicked() {
                actions.push(Action::Pace(Pace { clock: ClockKind::Virtual, speed }));
            }
        }
    });
    response.response.accessible_name(name).on_hover_text(tr("clock.hint"));
}

fn speed_word(speed: Option<f64>) -> String {
    speed.map_or_else(|| tr("clock.as_fast").to_owned(), |speed| format!("×{speed}"))
}
