//! Applies what the views asked for, in order; the only place that changes the document.

use std::collections::VecDeque;

use eframe::egui;
use weir_engine::pipeline::Edit;
use weir_engine::spec::{PortRef, WireKey};

use super::WeirApp;
use super::documents::Intent;
use crate::action::{Action, Actions, Selection};
use crate::edits::{self, Addition};
use crate::files::Purpose;
use crate::i18n::{node_word, tr, trf};
use crate::panels::{Overlay, Pane, Tone};
use crate::staged::{Held, lost_for_good};

impl WeirApp {
    /// Applies all actions, and those that applying them brings about.
    pub(super) fn apply_all(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, mut actions: Actions) {
        let mut queue = VecDeque::from(actions.take());
        while let Some(action) = queue.pop_front() {
            let mut caused = Actions::default();
            self.apply(context, window, action, &mut caused);
            for action in caused.take().into_iter().rev() {
                queue.push_front(action);
            }
        }
    }

    fn apply(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, action: Action, caused: &mut Actions) {
        match action {
            Action::Edit { label, edit } => self.propose(label, edit),
            Action::BeginGesture(label) => self.state.document.begin_gesture(label),
            Action::EndGesture => self.state.document.end_gesture(),
            Action::AddNode { kind, at, wire_to, onto } => {
                self.add_node(&Addition {
                    kind: &kind,
                    at,
                    level: self.state.level,
                    snap: self.state.settings.snap_to_grid,
                    wire_to: wire_to.as_ref(),
                    onto: onto.as_ref(),
                });
            }
            Action::Join { from, to, moved } => self.join(&from, &to, moved.as_ref()),
            Action::Select(selection) => self.select(selection),
            Action::Command(command) => self.command(context, window, command, caused),
            Action::PasteText(text) => self.paste(&text, None),
            Action::OpenFile(path) => self.ask_or_proceed(context, window, Intent::OpenFile(path)),
            Action::OpenSample(name) => self.ask_or_proceed(context, window, Intent::OpenSample(name)),
            Action::OpenLevel(level, selection) => {
                self.state.level = level;
                self.select(selection);
            }
            Action::Reveal(node) => {
                // What lies in a subflow is shown there.
                self.state.level = self.state.document.pipeline().node(node).and_then(|node| node.subflow);
                self.select(Selection::node(node));
                self.views.canvas.reveal(node);
                self.dock.show(Pane::Canvas);
            }
            Action::Watch(port) => {
                self.state.watched = port;
                self.dock.show(Pane::Data);
            }
            Action::ShowBatch(batch) => self.state.live.shown_batch = batch,
            Action::BrowseFile { node, param, writes, extensions } => {
                self.ask_for_file(context, window, Purpose::Param { node, param, writes, extensions });
            }
            Action::Probe(port, expression) => {
                self.state.live.probed.remove(&port);
                match expression {
                    Some(expression) => self.state.probes.insert(port, expression),
                    None => self.state.probes.remove(&port),
                };
            }
            Action::Pace(pace) => self.state.pace = pace,
            Action::StopRecording => self.state.recording = None,
            Action::Export(export) => self.ask_for_file(context, window, Purpose::Export(export)),
            Action::Picture { rect, name } => self.take_picture(context, rect, name),
            Action::Settings(settings) => self.state.settings = *settings,
            Action::Infer { node, param } => self.infer(node, param),
            Action::CancelJob(ticket) => self.cancel_job(context, ticket),
            Action::ResetState(node) => self.tell_engine(weir_engine::runtime::Command::Reset(vec![node])),
            Action::Retry(node) => self.tell_engine(weir_engine::runtime::Command::Retry(vec![node])),
            Action::ApplyStaged => self.apply_staged(),
            Action::DropStaged => self.state.staged = None,
            Action::Toast(text) => self.toasts.add(context, Tone::Plain, text),
        }
    }

    /// Changes the document, unless state of the run would be gone for good: then it is asked about. A refusal is told
    /// where the eyes are.
    pub(super) fn edit(&mut self, label: impl Into<String>, edit: Edit) -> bool {
        let losses = lost_for_good(&self.state, &edit);
        if losses.is_empty() {
            return self.edit_at_once(label, edit);
        }
        self.overlay = Overlay::Lose(Box::new(Held { label: label.into(), edit, losses }));
        false
    }

    /// Changes the document, whatever that does to a run.
    pub(super) fn edit_at_once(&mut self, label: impl Into<String>, edit: Edit) -> bool {
        match self.state.document.edit(label, edit) {
            Ok(()) => true,
            Err(error) => {
                self.toasts.queue(Tone::Error, error.to_string());
                false
            }
        }
    }

    fn select(&mut self, selection: Selection) {
        if selection != self.state.selection {
            // What was watched by hand gives way to what is selected now.
            self.state.watched = None;
            self.state.selection = selection;
        }
    }

    fn add_node(&mut self, addition: &Addition<'_>) {
        let Some((id, edit, refused)) = edits::add_node(&mut self.state.document, addition) else {
            self.toasts.queue(Tone::Error, trf("edit.no_kind", &[("kind", addition.kind)]));
            return;
        };
        let title = weir_engine::nodes::kind(addition.kind)
            .map_or(addition.kind, |kind| node_word(&format!("{}.title", kind.id), kind.title));
        if self.edit(trf("edit.add", &[("what", title)]), edit) {
            self.select(Selection::node(id));
        }
        if let Some(reason) = refused {
            self.toasts.queue(Tone::Error, reason);
        }
    }

    fn join(&mut self, from: &PortRef, to: &PortRef, moved: Option<&WireKey>) {
        let snap = self.state.settings.snap_to_grid;
        if let Some((id, edit)) = edits::join(&mut self.state.document, from, to, moved, snap)
            && self.edit(tr("canvas.step.join"), edit)
        {
            self.select(Selection::node(id));
        }
    }

    /// Inserts copied nodes, centred on a place or a step beside where they were copied.
    pub(super) fn paste(&mut self, text: &str, at: Option<egui::Pos2>) {
        let snap = self.state.settings.snap_to_grid;
        match edits::paste(&mut self.state.document, text, self.state.level, at, snap) {
            Ok(paste) => {
                let count = paste.selection.nodes.len() + paste.selection.subflows.len();
                if self.edit(count_label(tr("edit.paste_one"), "edit.paste_many", count), paste.edit) {
                    self.select(paste.selection);
                }
            }
            Err(error) => self.toasts.queue(Tone::Plain, error.sentence().to_owned()),
        }
    }
}

/// A label for one or for many.
pub(super) fn count_label(one: &str, many: &'static str, count: usize) -> String {
    if count == 1 { one.to_owned() } else { trf(many, &[("count", &count.to_string())]) }
}
