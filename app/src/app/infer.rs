//! Fields of a node suggested from its file, because a person asked: read off the thread that draws, filled in as one
//! step.

use eframe::egui;
use serde_json::Value;
use weir_engine::pipeline::Edit;
use weir_engine::spec::NodeId;

use super::WeirApp;
use crate::files::FileRequest;
use crate::i18n::{tr, trf};
use crate::panels::Tone;

impl WeirApp {
    /// Asks for the rows of a parameter.
    pub(super) fn infer(&mut self, node: NodeId, param: String) {
        let Some(entry) = self.state.document.pipeline().node(node) else { return };
        let (kind, params) = (entry.kind.clone(), entry.params.clone());
        let what = trf("infer.under_way", &[("name", &entry.name)]);
        let job = self.state.jobs.begin(what, true);
        let (ticket, folder) = (job.ticket, self.state.folder());
        if !self.request(FileRequest::Infer { job, node, kind, param, params, folder }) {
            self.state.jobs.end(ticket);
        }
    }

    /// Takes in what the file says.
    pub(super) fn inferred(
        &mut self,
        context: &egui::Context,
        node: NodeId,
        param: String,
        outcome: Result<Vec<Value>, String>,
    ) {
        let Some(entry) = self.state.document.pipeline().node(node) else { return };
        let name = entry.name.clone();
        match outcome {
            Ok(rows) => {
                let found = trf("infer.found", &[("count", &rows.len().to_string()), ("name", &name)]);
                self.toasts.add(context, Tone::Plain, found);
                let label = trf("infer.step", &[("name", &name)]);
                self.propose(label, Edit::SetParam { node, param, value: Some(Value::Array(rows)) });
            }
            Err(why) => {
                let told = trf("infer.failed", &[("name", &name), ("why", &crate::sentences::spoken(&why))]);
                self.log(told.clone(), true);
                self.toasts.add(context, Tone::Error, told);
            }
        }
    }

    /// Nobody waits for it any more.
    pub(super) fn cancel_job(&mut self, context: &egui::Context, ticket: u64) {
        self.state.jobs.cancel(ticket);
        self.documents.after_save = None;
        self.toasts.add(context, Tone::Plain, tr("progress.cancelled").to_owned());
    }
}
