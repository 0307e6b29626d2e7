//! 'Why no output?': the chain of reasons in words.

use eframe::egui::{self, RichText};
use weir_engine::metrics::{Reason, explain};
use weir_engine::spec::NodeId;

use super::grouped;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::state::AppState;

/// Draws the chain for a node; nothing where there is nothing to explain.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, node: NodeId, actions: &mut Actions) {
    let reasons = chain(state, node);
    if reasons.is_empty() {
        return;
    }
    egui::Frame::NONE
        .fill(state.theme.surface_raised)
        .corner_radius(6.0)
        .inner_margin(egui::Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_max_width(560.0);
            ui.spacing_mut().item_spacing.y = 5.0;
            ui.label(RichText::new(tr("why.title")).strong());
            for (index, (reason, at)) in reasons.iter().enumerate() {
                ui.horizontal_wrapped(|ui| {
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

/// The sentences, each with the node it leads to.
pub(crate) fn chain(state: &AppState, node: NodeId) -> Vec<(String, Option<NodeId>)> {
    let Some(report) = state.live.shown() else { return Vec::new() };
    let pipeline = state.document.pipeline();
    let wires = pipeline.wires();
    let upstream = |node: NodeId| wires.iter().filter(|wire| wire.to.node == node).map(|wire| wire.from.node).collect();
    let reasons = explain(report, node, &upstream);
    reasons.iter().map(|reason| (sentence(state, reason), place(reason))).collect()
}

fn name_of(state: &AppState, node: NodeId) -> String {
    state.document.pipeline().node(node).map_or_else(|| node.to_string(), |node| node.name.clone())
}

fn sentence(state: &AppState, reason: &Reason) -> String {
    let name = |node: &NodeId| name_of(state, *node);
    match reason {
        Reason::Gives { rows } => trf("why.gives", &[("rows", &grouped(*rows))]),
        Reason::StandsAside { node } => trf("why.stands_aside", &[("node", &name(node))]),
        Reason::Failed { node, why } => trf("why.failed", &[("node", &name(node)), ("why", why)]),
        Reason::Waits { node, what } => trf("why.waits", &[("node", &name(node)), ("what", what)]),
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
        | Reason::FollowsLatest { node, .. }
        | Reason::Silent { node, .. } => Some(*node),
        Reason::LowestOf { holder, .. } => Some(*holder),
        Reason::Gives { .. } | Reason::WindowRuns { .. } | Reason::WindowOpen { .. } | Reason::NoWatermark => None,
    }
}
