//! Files and pipelines of other people: a file that changed under the document, and what a pipeline would touch.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use eframe::egui;
use weir_engine::analysis::{NodeReach, reaches};

use super::WeirApp;
use super::documents::file_name;
use crate::action::Action;
use crate::command::Command;
use crate::files::{FileRequest, Stamp};
use crate::i18n::trf;
use crate::panels::{DiskAnswer, Overlay, Tone};

impl WeirApp {
    /// Asks whether someone else has changed the file, when the person comes back to the window.
    pub(super) fn look_at_file(&mut self, context: &egui::Context) {
        let came_back = context
            .input(|input| input.raw.events.iter().any(|event| matches!(event, egui::Event::WindowFocused(true))));
        if let (true, Some(path), Some(_)) = (came_back, self.state.file.clone(), self.documents.stamp) {
            self.request(FileRequest::Look(path));
        }
    }

    pub(super) fn looked(&mut self, context: &egui::Context, path: &Path, now: Option<Stamp>) {
        let Some(known) = self.documents.stamp else { return };
        if self.state.file.as_deref() != Some(path) || now == Some(known) {
            return;
        }
        match now {
            Some(now) if matches!(self.overlay, Overlay::None | Overlay::Welcome) => {
                self.overlay = Overlay::Disk { now, while_saving: false };
            }
            Some(_) => {}
            None => {
                // Told once; saving writes it again.
                self.documents.stamp = None;
                self.toasts.add(context, Tone::Error, trf("disk.gone", &[("name", &file_name(path))]));
            }
        }
    }

    /// What becomes of a file that someone else has changed.
    pub(super) fn answer_disk(&mut self, now: Stamp, answer: DiskAnswer) {
        match answer {
            DiskAnswer::Reload => {
                self.documents.after_save = None;
                if let Some(path) = self.state.file.clone() {
                    self.open(path);
                }
            }
            DiskAnswer::Overwrite => {
                self.documents.stamp = Some(now);
                self.pending.push(Action::Command(Command::Save));
            }
            DiskAnswer::SaveAs => self.pending.push(Action::Command(Command::SaveAs)),
            // Asked and answered: the next save replaces it.
            DiskAnswer::Keep => self.documents.stamp = Some(now),
            DiskAnswer::Cancel => self.documents.after_save = None,
        }
    }

    /// A document was opened from a file: whether it may run unasked.
    pub(super) fn judge_stranger(&mut self) {
        let touched = reaches(self.state.document.pipeline());
        self.documents.is_agreed = touched.is_empty() || self.state.settings.agreed.contains(&fingerprint(&touched));
    }

    /// What this pipeline would touch, if that is still to be agreed to before it runs.
    pub(super) fn to_agree(&self) -> Vec<NodeReach> {
        if self.documents.is_agreed { Vec::new() } else { reaches(self.state.document.pipeline()) }
    }

    /// The person has agreed to what this pipeline touches.
    pub(super) fn agree(&mut self) {
        self.documents.is_agreed = true;
        self.state.settings.agree(fingerprint(&reaches(self.state.document.pipeline())));
    }
}

/// What a pipeline touches, as a number: it changes when the pipeline comes to touch anything else.
fn fingerprint(touched: &[NodeReach]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let things: BTreeSet<_> = touched.iter().map(|one| &one.reach).collect();
    things.hash(&mut hasher);
    hasher.finish()
}
