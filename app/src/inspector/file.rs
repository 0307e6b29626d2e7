//! A path, typed or picked in the system's dialog. Nothing is opened here.

use eframe::egui::{self, TextEdit};

use crate::action::Action;
use crate::i18n::trf;

use super::field::Field;
use super::signs;
use super::touch::Touch;

/// Width of the button that opens the dialog.
const BROWSE_BUTTON: f32 = 30.0;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, writes: bool, extensions: &'static [&'static str]) -> Touch {
    let mut text = field.text();
    let id = field.id("file");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let edit = TextEdit::singleline(&mut text)
            .id(id)
            .desired_width(ui.available_width() - BROWSE_BUTTON - ui.spacing().item_spacing.x)
            .hint_text(field.hint());
        let response = field.named(ui.add(edit));
        let name = trf("inspector.file.browse", &[("param", &field.name())]);
        let browse = ui.button(signs::sign(signs::BROWSE)).on_hover_text(&name).accessible_name(name);
        if browse.clicked() {
            let ask = Action::BrowseFile { node: field.context.node, param: field.path.clone(), writes, extensions };
            return Touch { ask: Some(ask), ..Touch::none() };
        }
        if response.changed() { Touch::typed(id, text) } else { Touch::none() }
    })
    .inner
}
