//! Keeping what is not saved yet, and offering what an earlier run left behind.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui;
use weir_engine::pipeline::Document;

use super::WeirApp;
use crate::files::{FileRequest, Journal, Lost};
use crate::i18n::trf;
use crate::panels::{Overlay, RecoveredAnswer, Tone};

/// The shortest time between two writes while someone drags.
const PAUSE_SECS: f64 = 0.25;

/// What of the document is on disk for the case of a crash.
#[derive(Debug, Default)]
pub(super) struct Journaling {
    kept: Kept,
    /// Not before this time again.
    rests_until: f64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Another document was opened.
    #[default]
    Unknown,
    /// Nothing: all of it is in its file.
    Nothing,
    /// This revision.
    Revision(u64),
}

impl Journaling {
    /// Another document is shown now.
    pub(super) fn forget(&mut self) {
        self.kept = Kept::Unknown;
    }
}

impl WeirApp {
    /// Asks what an earlier run left behind.
    pub(super) fn look_for_lost_work(&mut self) {
        self.files.send(FileRequest::FindLost);
    }

    /// Keeps the document if it has changed; costs nothing while it has not.
    pub(super) fn keep_journal(&mut self, context: &egui::Context) {
        let document = &self.state.document;
        let wanted = if document.is_dirty() { Kept::Revision(document.revision()) } else { Kept::Nothing };
        if self.journaling.kept == wanted {
            return;
        }
        let now = context.input(|input| input.time);
        if wanted != Kept::Nothing && now < self.journaling.rests_until {
            context.request_repaint_after(Duration::from_secs_f64(self.journaling.rests_until - now));
            return;
        }
        let journal = (wanted != Kept::Nothing).then(|| {
            Box::new(Journal {
                title: self.state.title(),
                file: self.state.file.clone(),
                pipeline: Arc::new(document.pipeline().clone()),
            })
        });
        if self.files.send(FileRequest::Keep(journal)) {
            self.journaling.kept = wanted;
            self.journaling.rests_until = now + PAUSE_SECS;
        } else {
            // So many requests wait that it was not taken: soon again.
            context.request_repaint_after(Duration::from_secs_f64(PAUSE_SECS));
        }
    }

    /// An earlier run left these behind.
    pub(super) fn offer_lost(&mut self, lost: Vec<Lost>) {
        if !lost.is_empty() {
            self.overlay = Overlay::Recovered(lost);
        }
    }

    /// What was decided about one of them.
    pub(super) fn recover(&mut self, context: &egui::Context, answer: RecoveredAnswer) {
        match answer {
            RecoveredAnswer::Discard(id) => {
                self.files.send(FileRequest::ForgetLost(id));
            }
            RecoveredAnswer::Restore(lost) => {
                let Lost { id, journal, .. } = *lost;
                let nodes = journal.pipeline.node_count().to_string();
                self.show_document(Document::unsaved(Arc::unwrap_or_clone(journal.pipeline)));
                self.state.file = journal.file;
                // Kept under the own name before it is given up under the old one: requests are done in order.
                self.journaling.rests_until = 0.0;
                self.keep_journal(context);
                if self.journaling.kept != Kept::Unknown {
                    self.files.send(FileRequest::ForgetLost(id));
                }
                let told = trf("recovered.done", &[("name", &self.state.title()), ("nodes", &nodes)]);
                self.toasts.add(context, Tone::Plain, told);
            }
        }
    }
}
