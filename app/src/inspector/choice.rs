//! One of a closed list: buttons side by side for up to three options, a drop-down for more.

use eframe::egui::{self, RichText};
use weir_engine::spec::Choice;

use super::field::Field;
use super::touch::Touch;

/// Beyond so many options, buttons would wrap.
const MAX_BUTTONS: usize = 3;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, options: &'static [Choice]) -> Touch {
    let effective = field.effective();
    let chosen = effective.as_deref().and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    if options.len() <= MAX_BUTTONS && !field.is_compact {
        buttons_ui(ui, field, options, &chosen)
    } else {
        drop_down_ui(ui, field, options, &chosen)
    }
}

fn buttons_ui(ui: &mut egui::Ui, field: &Field<'_>, options: &'static [Choice], chosen: &str) -> Touch {
    let theme = field.theme();
    let mut touch = Touch::none();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for option in options {
            let is_chosen = option.value == chosen;
            let color = if is_chosen { theme.on_accent } else { theme.text };
            let mut button = egui::Button::new(RichText::new(field.option_title(option)).color(color));
            if is_chosen {
                button = button.fill(theme.accent);
            }
            let response = ui.add(button.selected(is_chosen)).on_hover_text(field.option_doc(option));
            if response.clicked() && !is_chosen {
                touch = Touch::set(option.value);
            }
        }
    });
    touch
}

fn drop_down_ui(ui: &mut egui::Ui, field: &Field<'_>, options: &'static [Choice], chosen: &str) -> Touch {
    let theme = field.theme();
    let known = options.iter().find(|option| option.value == chosen);
    let shown = match known {
        Some(option) => RichText::new(field.option_title(option)),
        None => RichText::new(field.text()).color(theme.error),
    };
    let mut touch = Touch::none();
    let combo = egui::ComboBox::from_id_salt(field.id("choice"))
        .selected_text(shown)
        .width(ui.available_width())
        .truncate()
        .show_ui(ui, |ui| {
            for option in options {
                let is_chosen = option.value == chosen;
                let response = ui.selectable_label(is_chosen, field.option_title(option));
                if response.on_hover_text(field.option_doc(option)).clicked() && !is_chosen {
                    touch = Touch::set(option.value);
                }
            }
        });
    let response = field.named(combo.response);
    if let Some(option) = known {
        response.on_hover_text(field.option_doc(option));
    }
    touch
}
