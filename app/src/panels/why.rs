//! 'Why no output?': the chain of reasons in words.

use eframe::egui::{self, RichText};
use weir_engine::metrics::{Reason, explain};
use weir_engine::spec::NodeId;

use super::grouped;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::sentences::spoken;
use crate::state::AppState;

/// Draws the chain for a node; nothing where there is nothing to explain.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, node: NodeId, actions: &mut Actions) {
    let reasons = said(state, &chain(state, node));
    chain_ui(ui, state, &reasons, actions);
}

/// The same, but only where the node gives nothing.
pub(crate) fn silent_ui(ui: &mut egui::Ui, state: &AppState, node: NodeId, actions: &mut Actions) {
    chain_ui(ui, state, &said(state, &silence(state, node)), actions);
}

/// The nearest and the last reason why a node gives nothing, in one line; `None` if it gives something.
pub(crate) fn line(state: &AppState, node: NodeId) -> Option<String> {
    let reasons = said(state, &silence(state, node));
    let (nearest, _) = reasons.first()?;
    let last = reasons.last().filter(|_| reasons.len() > 1).map(|(sentence, _)| sentence.as_str());
    let sentences: Vec<_> = [Some(tr("why.title")), Some(nearest.as_str()), last].into_iter().flatten().collect();
    Some(sentences.join(" "))
}

/// A sentence, and the node it leads to.
type Said = (String, Option<NodeId>);

fn chain_ui(ui: &mut egui::Ui, state: &AppState, reasons: &[Said], actions: &mut Actions) {
    if reasons.is_empty() {
        return;
    }
    egui::Frame::NONE
        .fill(state.theme.surface_raised)
        .corner_radius(6.0)
        .inner_margin(egui::Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(560.0));
            ui.spacing_mut().item_spacing.y = 5.0;
            ui.label(RichText::new(tr("why.title")).strong());
            for (index, (reason, at)) in reasons.iter().enumerate() {
                ui.horizontal_top(|ui| {
                    let mark = if index == 0 { "•" } else { "↳" };
                    ui.label(RichText::new(mark).color(state.theme.text_weak));
                    let text = RichText::new(reason).color(state.theme.text);
                    match at {
                        Some(node) => {
                            let label = egui::Label::new(text).wrap().sense(egui::Sense::click());
                            let response = ui.add(label).on_hover_cursor(egui::CursorIcon::PointingHand);
                            if response.on_hover_text(tr("why.reveal")).clicked() {
                                actions.push(Action::Reveal(*node));
                            }
                        }
                        None => {
                            ui.add(egui::Label::new(text).wrap());
                        }
                    }
                });
            }
        });
}

/// The reasons, unless the node gives rows or there is no run.
fn silence(state: &AppState, node: NodeId) -> Vec<Reason> {
    let mut reasons = if state.live.is_active() { chain(state, node) } else { Vec::new() };
    if matches!(reasons.first(), Some(Reason::Gives { .. })) {
        reasons.clear();
    }
    reasons
}

fn said(state: &AppState, reasons: &[Reason]) -> Vec<Said> {
    reasons.iter().map(|reason| (sentence(state, reason), place(reason))).collect()
}

/// The reasons, from the node back to what is behind it.
pub(super) fn chain(state: &AppState, node: NodeId) -> Vec<Reason> {
    let Some(report) = state.live.shown() else { return Vec::new() };
    let pipeline = state.document.pipeline();
    let wires = pipeline.wires();
    let upstream = |node: NodeId| wires.iter().filter(|wire| wire.to.node == node).map(|wire| wire.from.node).collect();
    explain(report, node, &upstream)
}

fn sentence(state: &AppState, reason: &Reason) -> String {
    let name = |node: &NodeId| state.name_of(*node);
    match reason {
        Reason::Gives { rows } => trf("why.gives", &[("rows", &grouped(*rows))]),
        Reason::StandsAside { node } => trf("why.stands_aside", &[("node", &name(node))]),
        Reason::Failed { node, why } => trf("why.failed", &[("node", &name(node)), ("why", &spoken(why))]),
        Reason::Waits { node, what } => trf("why.waits", &[("node", &name(node)), ("what", &spoken(what))]),
        Reason::NothingArrives { node } => trf("why.nothing_arrives", &[("node", &name(node))]),
        Reason::NoRowsFrom { node } => trf("why.no_rows_from", &[("node", &name(node))]),
        Reason::SetAside { node, counter, rows } => {
            let facts = [
                ("node", name(node)),
                ("rows", grouped(*rows)),
                ("counter", crate::counters::word(counter).to_owned()),
            ];
            trf("why.set_aside", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
        }
        Reason::WindowCounts { slide, missing } => {
            trf("why.window_counts", &[("slide", &grouped(*slide)), ("missing", &grouped(*missing))])
        }
        Reason::SideSilent { node, silent } => {
            trf("why.side_silent", &[("node", &name(node)), ("silent", &name(silent))])
        }
        Reason::NoMatch { node, rows } => trf("why.no_match", &[("node", &name(node)), ("rows", &grouped(*rows))]),
        Reason::AwaitsMatch { node, rows } => {
            trf("why.awaits_match", &[("node", &name(node)), ("rows", &grouped(*rows))])
        }
        Reason::NonePass { node, rows } => trf("why.none_pass", &[("node", &name(node)), ("rows", &grouped(*rows))]),
        Reason::WindowRuns { end, now } => {
            let left = units::span(end.since(*now));
            trf("why.window_runs", &[("end", &units::clock_time(*end)), ("left", &left)])
        }
        Reason::WindowOpen { end, watermark: Some(watermark) } => {
            let facts = [("end", units::clock_time(*end)), ("stand", units::clock_time(*watermark))];
            trf("why.window_open", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
        }
        Reason::WindowOpen { end, watermark: None } => trf("why.window_waits", &[("end", &units::clock_time(*end))]),
        Reason::LowestOf { streams, holder } => {
            let stream = |stream: &weir_engine::metrics::StreamFacts| {
                let time = stream.watermark.map_or_else(|| "—".to_owned(), units::clock_time);
                let idle = if stream.is_idle { tr("why.idle") } else { "" };
                format!("{} {time}{idle}", name(&stream.from))
            };
            let all: Vec<_> = streams.iter().map(stream).collect();
            trf("why.lowest_of", &[("streams", &all.join(", ")), ("holder", &name(holder))])
        }
        Reason::FollowsLatest { node, latest: Some(latest), delay } => {
            let facts = [("node", name(node)), ("latest", units::clock_time(*latest)), ("delay", units::span(*delay))];
            trf("why.follows_latest", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
        }
        Reason::FollowsLatest { node, latest: None, .. } => trf("why.no_time_yet", &[("node", &name(node))]),
        Reason::Silent { node, span } => trf("why.silent", &[("node", &name(node)), ("span", &units::span(*span))]),
        Reason::NoWatermark => tr("why.no_watermark").to_owned(),
    }
}

/// The node a sentence leads to.
fn place(reason: &Reason) -> Option<NodeId> {
    match reason {
        Reason::StandsAside { node }
        | Reason::Failed { node, .. }
        | Reason::Waits { node, .. }
        | Reason::NothingArrives { node }
        | Reason::NoRowsFrom { node }
        | Reason::SetAside { node, .. }
        | Reason::NonePass { node, .. }
        | Reason::NoMatch { node, .. }
        | Reason::AwaitsMatch { node, .. }
        | Reason::FollowsLatest { node, .. }
        | Reason::Silent { node, .. } => Some(*node),
        Reason::LowestOf { holder, .. } => Some(*holder),
        Reason::SideSilent { silent, .. } => Some(*silent),
        Reason::Gives { .. }
        | Reason::WindowRuns { .. }
        | Reason::WindowOpen { .. }
        | Reason::WindowCounts { .. }
        | Reason::NoWatermark => None,
    }
}
