//! The in-app file dialog, for desktops that have none: a path to type, the folder's list to click.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Button, Key, RichText, Sense, vec2};

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::files::{FolderEntry, Purpose, with_suffix};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::widgets::{Icon, empty_state};

const ROW_HEIGHT: f32 = 26.0;

/// A file being chosen.
#[derive(Debug)]
pub(crate) struct FileDialog {
    purpose: Purpose,
    folder: PathBuf,
    /// The name, or a whole path.
    typed: String,
    listing: Listing,
    /// A file that would be overwritten, and has been asked about.
    confirmed: Option<PathBuf>,
    had_focus: bool,
}

#[derive(Debug)]
enum Listing {
    Waiting,
    Failed(String),
    Ready(Vec<FolderEntry>),
}

impl FileDialog {
    /// A dialog that starts in this folder, whose list has been asked for.
    pub(crate) fn new(purpose: Purpose, folder: &Path) -> Self {
        let typed = match &purpose {
            Purpose::Export(export) => export.file_name(),
            Purpose::Record(_) => "input.jsonl".to_owned(),
            Purpose::Open | Purpose::Save | Purpose::Param { .. } => String::new(),
        };
        Self {
            purpose,
            folder: folder.to_path_buf(),
            typed,
            listing: Listing::Waiting,
            confirmed: None,
            had_focus: false,
        }
    }

    /// Takes in a folder's list, unless another folder was entered meanwhile.
    pub(crate) fn take_in(&mut self, folder: &Path, outcome: Result<Vec<FolderEntry>, String>) {
        if folder == self.folder {
            self.listing = outcome.map_or_else(Listing::Failed, Listing::Ready);
        }
    }

    /// Draws it; `true` once it is done with.
    pub(super) fn ui(
        &mut self,
        context: &egui::Context,
        state: &AppState,
        home: &Path,
        answers: &mut OverlayAnswers,
    ) -> bool {
        let mut chosen = None;
        let mut is_cancelled = false;
        let was_closed = modal(context, "file_dialog", 600.0, |ui| {
            ui.heading(self.purpose.title());
            self.folder_ui(ui, state, home, answers);
            let clicked = self.list_ui(ui, state, answers);
            chosen = self.name_ui(ui).or(clicked);
            if let Some(path) = &self.confirmed {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                ui.label(RichText::new(trf("file.overwrite", &[("name", &name)])).color(state.theme.warning));
            }
            answers_ui(ui, |ui| {
                let title = match (&self.purpose, &self.confirmed) {
                    (_, Some(_)) => tr("file.replace"),
                    (Purpose::Save | Purpose::Export(_) | Purpose::Record(_), None) => tr("unsaved.save"),
                    (Purpose::Open, None) => tr("file.open_button"),
                    (Purpose::Param { .. }, None) => tr("file.choose"),
                };
                let text = RichText::new(title).color(state.theme.on_accent).strong();
                let is_ready = !self.typed.trim().is_empty();
                if ui.add_enabled(is_ready, Button::new(text).fill(state.theme.accent)).clicked() {
                    chosen = Some(self.typed_path());
                }
                is_cancelled = ui.button(tr("dialog.cancel")).clicked();
            });
        });
        let accepted = chosen.and_then(|path| self.accept(path, answers));
        if let Some(path) = accepted {
            answers.chosen = Some((self.purpose.clone(), path));
            return true;
        }
        answers.cancelled = is_cancelled || was_closed;
        answers.cancelled
    }

    /// Where we are, and the way up.
    fn folder_ui(&mut self, ui: &mut egui::Ui, state: &AppState, home: &Path, answers: &mut OverlayAnswers) {
        ui.horizontal(|ui| {
            if ui.add_enabled(self.folder.parent().is_some(), Button::new(tr("file.up"))).clicked()
                && let Some(parent) = self.folder.parent()
            {
                self.enter(parent.to_path_buf(), answers);
            }
            if ui.button(tr("file.home")).clicked() {
                self.enter(home.to_path_buf(), answers);
            }
            let place = RichText::new(self.folder.display().to_string()).color(state.theme.text_weak);
            ui.add(egui::Label::new(place).truncate());
        });
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, state: &AppState, answers: &mut OverlayAnswers) -> Option<PathBuf> {
        let mut entered = None;
        let mut chosen = None;
        egui::Frame::NONE.fill(state.theme.background).corner_radius(6).inner_margin(4).show(ui, |ui| {
            ui.set_min_size(vec2(ui.available_width(), 280.0));
            ui.set_max_height(280.0);
            let entries = match &self.listing {
                Listing::Waiting => return,
                Listing::Failed(why) => return empty_state(ui, tr("file.no_folder"), why),
                Listing::Ready(entries) if entries.is_empty() => {
                    return empty_state(ui, tr("file.empty_folder"), tr("file.empty_folder_hint"));
                }
                Listing::Ready(entries) => entries,
            };
            egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW_HEIGHT, entries.len(), |ui, rows| {
                for entry in entries.get(rows).unwrap_or_default() {
                    let response = entry_ui(ui, state, entry, self.typed == entry.name);
                    if entry.is_folder && response.clicked() {
                        entered = Some(self.folder.join(&entry.name));
                    } else if response.double_clicked() {
                        chosen = Some(self.folder.join(&entry.name));
                    } else if response.clicked() {
                        self.typed.clone_from(&entry.name);
                        self.confirmed = None;
                    }
                }
            });
        });
        if let Some(folder) = entered {
            self.enter(folder, answers);
        }
        chosen
    }

    /// The name; Enter takes it.
    fn name_ui(&mut self, ui: &mut egui::Ui) -> Option<PathBuf> {
        let response = ui
            .add(
                egui::TextEdit::singleline(&mut self.typed)
                    .hint_text(tr("file.name_hint"))
                    .desired_width(f32::INFINITY)
                    .align(egui::Align2::LEFT_CENTER)
                    .min_size(vec2(0.0, 28.0)),
            )
            .accessible_name(tr("file.name"));
        if !self.had_focus {
            response.request_focus();
            self.had_focus = true;
        }
        if response.changed() {
            self.confirmed = None;
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        (is_entered && !self.typed.trim().is_empty()).then(|| self.typed_path())
    }

    /// What was typed, from this folder on. `~` is not expanded: the button leads home.
    fn typed_path(&self) -> PathBuf {
        self.folder.join(self.typed.trim())
    }

    fn enter(&mut self, folder: PathBuf, answers: &mut OverlayAnswers) {
        self.listing = Listing::Waiting;
        self.confirmed = None;
        answers.list = Some((folder.clone(), self.purpose.extensions()));
        self.folder = folder;
    }

    /// The file, if it may be taken: a folder is entered instead, and a file in the list is overwritten only when asked
    /// twice.
    fn accept(&mut self, path: PathBuf, answers: &mut OverlayAnswers) -> Option<PathBuf> {
        let entries = match &self.listing {
            Listing::Ready(entries) => entries.as_slice(),
            Listing::Waiting | Listing::Failed(_) => &[],
        };
        let known = entries.iter().find(|entry| self.folder.join(&entry.name) == path);
        if known.is_some_and(|entry| entry.is_folder) {
            self.typed.clear();
            self.enter(path, answers);
            return None;
        }
        if !self.purpose.is_save() {
            return Some(path);
        }
        let path = if self.purpose == Purpose::Save { with_suffix(path) } else { path };
        let exists = entries.iter().any(|entry| self.folder.join(&entry.name) == path);
        if exists && self.confirmed.as_ref() != Some(&path) {
            self.confirmed = Some(path);
            return None;
        }
        Some(path)
    }
}

fn entry_ui(ui: &mut egui::Ui, state: &AppState, entry: &FolderEntry, is_chosen: bool) -> egui::Response {
    let theme = &state.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &entry.name));
    if is_chosen || response.hovered() || response.has_focus() {
        let fill = if is_chosen { theme.accent_quiet() } else { theme.surface_raised };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    let (icon, color) = if entry.is_folder { (Icon::Folder, theme.text_weak) } else { (Icon::Document, theme.accent) };
    icon.paint(ui.painter(), egui::Rect::from_min_size(rect.min + vec2(8.0, 5.0), vec2(16.0, 16.0)), color);
    let font = egui::TextStyle::Body.resolve(ui.style());
    let at = egui::pos2(rect.left() + 32.0, rect.center().y);
    ui.painter().with_clip_rect(rect).text(at, egui::Align2::LEFT_CENTER, &entry.name, font, theme.text);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(purpose: Purpose) -> FileDialog {
        let mut dialog = FileDialog::new(purpose, Path::new("/home"));
        let entries = [("sub", true), ("a.weir.json", false)]
            .map(|(name, is_folder)| FolderEntry { name: name.to_owned(), is_folder });
        dialog.take_in(Path::new("/elsewhere"), Err("late".to_owned()));
        dialog.take_in(Path::new("/home"), Ok(entries.to_vec()));
        dialog
    }

    #[test]
    fn a_folder_is_entered_and_a_file_is_taken() {
        let mut dialog = dialog(Purpose::Open);
        let mut answers = OverlayAnswers::default();
        assert_eq!(dialog.accept("/home/a.weir.json".into(), &mut answers), Some("/home/a.weir.json".into()));
        assert_eq!(dialog.accept("/home/sub".into(), &mut answers), None);
        assert_eq!(answers.list.map(|(folder, _)| folder), Some("/home/sub".into()));
    }

    #[test]
    fn overwriting_is_asked_about_once() {
        let mut dialog = dialog(Purpose::Save);
        let mut answers = OverlayAnswers::default();
        assert_eq!(dialog.accept("/home/a".into(), &mut answers), None);
        assert_eq!(dialog.accept("/home/a".into(), &mut answers), Some("/home/a.weir.json".into()));
        assert_eq!(dialog.accept("/home/new".into(), &mut answers), Some("/home/new.weir.json".into()));
    }
}
