//! Recording a live input, and replaying it in its place.

use std::path::PathBuf;

use eframe::egui;
use weir_engine::nodes::replay_of;
use weir_engine::pipeline::Edit;
use weir_engine::runtime::Recording;
use weir_engine::spec::NodeId;

use super::WeirApp;
use crate::action::Action;
use crate::files::Purpose;
use crate::i18n::trf;
use crate::panels::Tone;

impl WeirApp {
    /// Begins to record the selected source, which asks for a file; or ends the recording under way.
    pub(super) fn record(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        if self.state.recording.is_some() {
            self.pending.push(Action::StopRecording);
            context.request_repaint();
        } else if let Some(node) = self.state.selection.single_node() {
            self.ask_for_file(context, window, Purpose::Record(node));
        }
    }

    /// The name proposed for a recording.
    pub(super) fn recording_name(&self, node: NodeId) -> String {
        let name = self.state.document.pipeline().node(node).map_or("input", |node| node.name.as_str());
        format!("{name}.jsonl")
    }

    /// The file is chosen: the engine records from the next batch on.
    pub(super) fn start_recording(&mut self, node: NodeId, path: PathBuf) {
        let path = if path.extension().is_some() { path } else { path.with_extension("jsonl") };
        self.state.recording = Some(Recording { node, path });
    }

    /// Tells of recordings that have ended.
    pub(super) fn tell_recorded(&mut self, context: &egui::Context) {
        while let Some(recorded) = self.state.live.recorded.pop_front() {
            let Recording { node, path } = recorded.recording.clone();
            if self.state.recording.as_ref().is_some_and(|recording| recording.path == path) {
                self.state.recording = None;
            }
            match &recorded.outcome {
                Ok(rows) => {
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    let rows = crate::panels::grouped(*rows);
                    let told = trf("record.done", &[("rows", &rows), ("name", &name)]);
                    self.log(told.clone(), false);
                    self.toasts.add(context, Tone::Plain, told);
                    self.state.recordings.insert(node, path);
                }
                Err(why) => {
                    self.log(why.clone(), true);
                    self.toasts.add(context, Tone::Error, why.clone());
                }
            }
        }
    }

    /// Puts the recording of the selected source in its place, as one step that can be undone.
    pub(super) fn replay_recording(&mut self) {
        let pipeline = self.state.document.pipeline();
        let Some(source) = self.state.selection.single_node().and_then(|id| pipeline.node(id)) else { return };
        let Some(path) = self.state.recordings.get(&source.id) else { return };
        let columns = self.state.analysis.nodes.get(&source.id).and_then(|node| node.outputs.first());
        let Some(columns) = columns else { return };
        match replay_of(source, &columns.schema, path) {
            Ok(node) => {
                let wires: Vec<_> = pipeline.wires().into_iter().filter(|wire| wire.from.node == source.id).collect();
                let label = trf("record.replay_edit", &[("name", &source.name)]);
                let edits = [Edit::RemoveNode(source.id), Edit::AddNode(Box::new(node))];
                let edit = Edit::Many(edits.into_iter().chain(wires.into_iter().map(Edit::Connect)).collect());
                self.edit(label, edit);
            }
            Err(why) => self.toasts.queue(Tone::Error, why),
        }
    }
}
