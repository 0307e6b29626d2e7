//! Opening, saving and leaving documents: what is asked beforehand, and what is taken in afterwards.
//!
//! Nothing here waits. A step that needs an answer (unsaved changes, a file's name, the disk) leaves its intent behind
//! and goes on when the answer comes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui;
use weir_engine::pipeline::{Document, Pipeline};
use weir_engine::spec::NodeId;

use super::WeirApp;
use crate::action::{Action, Selection};
use crate::command::Command;
use crate::files::{Ask, Content, FileEvent, FileRequest, Files, NotSaved, Purpose, Stamp, with_suffix};
use crate::i18n::{tr, trf};
use crate::live::LogLine;
use crate::panels::{FileDialog, Overlay, OverlayAnswers, Tone, UnsavedAnswer};
use crate::samples;
use crate::sentences::spoken;
use crate::state::SampleOrigin;

/// A desktop dialog that says no faster than this was never shown.
const TOO_FAST_SECS: f64 = 0.3;
/// A desktop dialog that has not taken the focus after this long will not come.
const TOO_SLOW_SECS: f64 = 3.0;

/// What a person wants to do that would leave the present document behind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Intent {
    /// An empty document.
    New,
    /// Another file, to be chosen.
    OpenDialog,
    /// This file.
    OpenFile(PathBuf),
    /// This sample.
    OpenSample(String),
    /// Leaving the program.
    Quit,
}

/// What is under way.
pub(super) struct Documents {
    sample_folder: PathBuf,
    home: PathBuf,
    dialog: Option<Dialog>,
    last_ticket: u64,
    /// The desktop has no file dialog: the in-app one is used from now on.
    has_no_desktop_dialog: bool,
    /// What to do once the save under way has succeeded.
    pub(super) after_save: Option<Intent>,
    /// The person has agreed to lose what is not saved.
    pub(super) may_close: bool,
    /// What the document's file held when it was last read or written here.
    pub(super) stamp: Option<Stamp>,
    /// Whether it may run unasked: it was made here, or what it touches was agreed to.
    pub(super) is_agreed: bool,
}

/// The desktop's dialog, while it is open.
struct Dialog {
    ticket: u64,
    purpose: Purpose,
    since: f64,
    has_lost_focus: bool,
}

impl Documents {
    pub(super) fn new(sample_folder: PathBuf, home: PathBuf) -> Self {
        Self {
            sample_folder,
            home,
            dialog: None,
            last_ticket: 0,
            has_no_desktop_dialog: false,
            after_save: None,
            may_close: false,
            stamp: None,
            is_agreed: true,
        }
    }

    /// Where file dialogs start.
    pub(super) fn dialog_folder(&self, state: &crate::state::AppState) -> PathBuf {
        state.file.as_ref().and_then(|file| file.parent()).map_or_else(|| self.home.clone(), PathBuf::from)
    }

    /// Gives up on a desktop dialog that does not come.
    pub(super) fn watch_dialog(&mut self, context: &egui::Context, files: &mut Box<dyn Files>, overlay: &mut Overlay) {
        let Some(dialog) = &mut self.dialog else { return };
        dialog.has_lost_focus |= !context.input(|input| input.focused);
        let waited = context.time() - dialog.since;
        if dialog.has_lost_focus {
            return;
        }
        if waited > TOO_SLOW_SECS {
            let purpose = dialog.purpose.clone();
            self.dialog = None;
            self.has_no_desktop_dialog = true;
            open_in_app(files, overlay, &self.home, purpose);
        } else {
            context.request_repaint_after(std::time::Duration::from_secs_f64(TOO_SLOW_SECS - waited + 0.05));
        }
    }
}

fn open_in_app(files: &mut Box<dyn Files>, overlay: &mut Overlay, folder: &Path, purpose: Purpose) {
    files.send(FileRequest::List { folder: folder.to_path_buf(), extensions: purpose.extensions() });
    *overlay = Overlay::File(FileDialog::new(purpose, folder));
}

impl WeirApp {
    /// Does it, or asks first if something is not saved.
    pub(super) fn ask_or_proceed(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, intent: Intent) {
        if self.state.document.is_dirty() {
            self.overlay = Overlay::Unsaved(intent);
        } else {
            self.proceed(context, window, intent);
        }
    }

    fn proceed(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, intent: Intent) {
        match intent {
            Intent::New => self.show_document(Document::new(Pipeline::new())),
            Intent::OpenDialog => self.ask_for_file(context, window, Purpose::Open),
            Intent::OpenFile(path) => self.open(path),
            Intent::OpenSample(name) => {
                self.show_sample(&name);
                self.overlay = Overlay::None;
            }
            Intent::Quit => {
                self.documents.may_close = true;
                context.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    /// Saves to the document's file, or asks for one.
    pub(super) fn save(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        match self.state.file.clone() {
            Some(path) => self.save_to(path, self.documents.stamp),
            None => self.save_as(context, window),
        }
    }

    /// Saves to a file that is asked for.
    pub(super) fn save_as(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        self.ask_for_file(context, window, Purpose::Save);
    }

    /// Writes to this file, if it still holds what it held (`over`).
    fn save_to(&mut self, path: PathBuf, over: Option<Stamp>) {
        self.state.document.end_gesture();
        let pipeline = Arc::new(self.state.document.pipeline().clone());
        let job = self.state.jobs.begin(trf("progress.saving", &[("name", &file_name(&path))]), false);
        let (ticket, revision) = (job.ticket, self.state.document.revision());
        if !self.request(FileRequest::Save { path, pipeline, revision, over, job }) {
            self.state.jobs.end(ticket);
        }
    }

    /// Reads a file, which may take a while.
    pub(super) fn open(&mut self, path: PathBuf) {
        let job = self.state.jobs.begin(trf("progress.opening", &[("name", &file_name(&path))]), true);
        let ticket = job.ticket;
        if !self.request(FileRequest::Open { path, job }) {
            self.state.jobs.end(ticket);
        }
    }

    /// Writes something that is no pipeline, which may take a while.
    fn write(&mut self, path: PathBuf, content: Content) {
        let job = self.state.jobs.begin(trf("progress.writing", &[("name", &file_name(&path))]), true);
        let ticket = job.ticket;
        if !self.request(FileRequest::Write { path, content, job }) {
            self.state.jobs.end(ticket);
        }
    }

    fn not_saved(&mut self, context: &egui::Context, why: NotSaved) {
        match why {
            NotSaved::ChangedOnDisk(now) => self.overlay = Overlay::Disk { now, while_saving: true },
            NotSaved::Failed(why) => {
                self.documents.after_save = None;
                self.log(why.clone(), true);
                self.toasts.add(context, Tone::Error, why);
            }
        }
    }

    /// Hands a request over; where too many wait, the person is told and it is `false`.
    pub(super) fn request(&mut self, request: FileRequest) -> bool {
        let is_taken = self.files.send(request);
        if !is_taken {
            self.toasts.queue(Tone::Error, tr("file.busy").to_owned());
        }
        is_taken
    }

    /// Opens a file dialog, unless one is open.
    pub(super) fn ask_for_file(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, purpose: Purpose) {
        if self.documents.dialog.is_some() {
            return;
        }
        let folder = self.documents.dialog_folder(&self.state);
        if self.documents.has_no_desktop_dialog {
            open_in_app(&mut self.files, &mut self.overlay, &folder, purpose);
            return;
        }
        self.documents.last_ticket += 1;
        let ticket = self.documents.last_ticket;
        let name = match purpose {
            Purpose::Open | Purpose::Param { .. } => String::new(),
            Purpose::Export(ref export) => export.file_name(),
            Purpose::Record(node) => self.recording_name(node),
            Purpose::Save => format!("{}{}", self.state.title(), crate::files::SUFFIX),
        };
        self.files.pick(Ask { purpose: purpose.clone(), folder, name }, ticket, window);
        self.documents.dialog = Some(Dialog { ticket, purpose, since: context.time(), has_lost_focus: false });
    }

    /// Takes in what the disk or the desktop answered.
    pub(super) fn take_in(&mut self, context: &egui::Context, event: FileEvent) {
        if event.ticket().is_some_and(|ticket| !self.state.jobs.end(ticket)) {
            return;
        }
        match event {
            FileEvent::Opened { path, outcome: Ok(opened), .. } => {
                self.show_document(Document::new(opened.pipeline));
                self.state.settings.remember_file(path.clone());
                for warning in opened.warnings {
                    self.log(format!("{}: {warning}", path.display()), false);
                }
                self.judge_stranger();
                self.documents.stamp = Some(opened.stamp);
                self.state.file = Some(path);
                self.overlay = Overlay::None;
            }
            FileEvent::Saved { path, revision, outcome: Ok(stamp), .. } => self.saved(context, path, revision, stamp),
            FileEvent::Opened { outcome: Err(why), .. } => self.not_saved(context, NotSaved::Failed(why)),
            FileEvent::Saved { outcome: Err(why), .. } => self.not_saved(context, why),
            FileEvent::Looked { path, stamp } => self.looked(context, &path, stamp),
            FileEvent::Written { path, outcome, .. } => self.written(context, &path, outcome),
            FileEvent::Inferred { node, param, outcome, .. } => self.inferred(context, node, param, outcome),
            FileEvent::Listed { folder, outcome } => {
                if let Overlay::File(dialog) = &mut self.overlay {
                    dialog.take_in(&folder, outcome);
                }
            }
            FileEvent::Picked { ticket, answer } => self.picked(context, ticket, answer),
            FileEvent::Lost { documents, unreadable } => {
                for why in unreadable {
                    self.log(trf("log.lost_unreadable", &[("why", &spoken(&why))]), true);
                }
                self.offer_lost(documents);
            }
            FileEvent::KeepFailed(why) => self.log(trf("log.not_kept", &[("why", &why)]), true),
            FileEvent::SettingsFailed(why) => self.log(trf("log.settings_unsaved", &[("why", &why)]), true),
        }
    }

    fn picked(&mut self, context: &egui::Context, ticket: u64, answer: Option<PathBuf>) {
        let Some(dialog) = self.documents.dialog.take_if(|dialog| dialog.ticket == ticket) else { return };
        match answer {
            Some(path) => self.chosen(dialog.purpose, path),
            None if !dialog.has_lost_focus && context.time() - dialog.since < TOO_FAST_SECS => {
                self.documents.has_no_desktop_dialog = true;
                let folder = self.documents.dialog_folder(&self.state);
                open_in_app(&mut self.files, &mut self.overlay, &folder, dialog.purpose);
            }
            None => self.documents.after_save = None,
        }
    }

    /// A file was chosen, in whichever dialog.
    fn chosen(&mut self, purpose: Purpose, path: PathBuf) {
        match purpose {
            Purpose::Open => self.open(path),
            Purpose::Save => self.save_to(with_suffix(path), None),
            Purpose::Export(export) => {
                let path = crate::files::with_extension(&path, &export.content);
                self.write(path, export.content);
            }
            Purpose::Record(node) => self.start_recording(node, path),
            Purpose::Param { node, param, .. } => self.set_path(node, &param, &path),
        }
    }

    /// Puts a path into a parameter: relative where it lies beside the pipeline, so that both can move together.
    fn set_path(&mut self, node: NodeId, param: &str, path: &Path) {
        let folder = self.state.folder();
        let written = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().into_owned();
        let Some(entry) = self.state.document.pipeline().node(node) else { return };
        let label = trf("file.param_edit", &[("name", &entry.name)]);
        if let Some(edit) = crate::inspector::set_at(node, &entry.params, param, written.into()) {
            self.propose(label, edit);
        }
    }

    fn saved(&mut self, context: &egui::Context, path: PathBuf, revision: u64, stamp: Stamp) {
        self.documents.stamp = Some(stamp);
        if self.documents.is_agreed {
            self.agree();
        }
        if self.state.document.revision() == revision {
            self.state.document.mark_saved();
        }
        self.toasts.add(context, Tone::Plain, trf("file.saved", &[("name", &file_name(&path))]));
        self.state.settings.remember_file(path.clone());
        if self.state.file.as_ref() != Some(&path) {
            self.state.file = Some(path);
            // Relative paths count from the new folder now.
            self.seen_revision = None;
        }
        if let Some(intent) = self.documents.after_save.take() {
            self.ask_or_proceed(context, None, intent);
        }
    }

    /// Takes in what was answered in a dialog of the window itself.
    pub(super) fn take_answers(&mut self, context: &egui::Context, answers: OverlayAnswers) {
        if let Some((intent, answer)) = answers.unsaved {
            match answer {
                UnsavedAnswer::Save => {
                    self.documents.after_save = Some(intent);
                    self.pending.push(Action::Command(Command::Save));
                    context.request_repaint();
                }
                UnsavedAnswer::Discard => self.proceed(context, None, intent),
                UnsavedAnswer::Cancel => {}
            }
        }
        if let Some((now, answer)) = answers.disk {
            self.answer_disk(now, answer);
            context.request_repaint();
        }
        if let Some(command) = answers.agreed {
            self.agree();
            self.pending.push(Action::Command(command));
            context.request_repaint();
        }
        if let Some((label, edit)) = answers.given_up {
            self.edit_at_once(label, edit);
            context.request_repaint();
        }
        if let Some(answer) = answers.recovered {
            self.recover(context, answer);
        }
        if let Some((folder, extensions)) = answers.list {
            self.request(FileRequest::List { folder, extensions });
        }
        if let Some((purpose, path)) = answers.chosen {
            self.chosen(purpose, path);
        }
        if answers.cancelled {
            self.documents.after_save = None;
        }
        if let Some(show) = answers.show_welcome {
            self.state.settings.show_welcome = show;
        }
    }

    /// Shows a sample as a document without a file.
    pub(super) fn show_sample(&mut self, name: &str) {
        let Some(sample) = samples::find(name) else {
            self.toasts.queue(Tone::Error, trf("file.no_sample", &[("name", name)]));
            return;
        };
        match sample.load() {
            Ok(pipeline) => {
                self.show_document(Document::new(pipeline));
                let folder = self.documents.sample_folder.clone();
                self.state.sample = Some(SampleOrigin { name: sample.name.to_owned(), folder });
            }
            Err(why) => self.toasts.queue(Tone::Error, why),
        }
    }

    /// Another document takes the place of the present one; its run ends with it.
    pub(super) fn show_document(&mut self, document: Document) {
        self.runner.forget();
        self.state.live.forget_run();
        self.state.document = document;
        self.journaling.forget();
        self.documents.stamp = None;
        self.documents.is_agreed = true;
        self.state.file = None;
        self.state.sample = None;
        self.state.selection = Selection::default();
        self.state.level = None;
        self.state.watched = None;
        self.state.probes.clear();
        self.state.staged = None;
        self.state.recording = None;
        self.state.recordings.clear();
        self.views.canvas = crate::canvas::Canvas::default();
        self.views.inspector = crate::inspector::Inspector::default();
        self.views.plots = crate::plots::Plots::default();
        self.seen_revision = None;
    }

    pub(super) fn log(&mut self, message: String, is_error: bool) {
        self.state.live.note(LogLine { time: None, node: None, name: None, batch: None, is_error, message });
    }
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
