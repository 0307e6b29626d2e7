//! A secret: only the name of an environment variable is ever stored, so only that can be typed.

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::spec::Severity;

use crate::i18n::{tr, trf};

use super::draft;
use super::field::Field;
use super::problems;
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let id = field.id("secret");
    let theme = field.theme();
    let stored = field.text();
    let mut name = draft::load(ui, id, &stored, |stored| variable(stored).unwrap_or(stored).to_owned());
    let edit = TextEdit::singleline(&mut name)
        .id(id)
        .desired_width(f32::INFINITY)
        .prefix(RichText::new("${env:").monospace().color(theme.text_weak))
        .suffix(RichText::new("}").monospace().color(theme.text_weak))
        .hint_text("NAME");
    let response = field.named(ui.add(edit));
    let mut touch = Touch::none();
    if response.changed() {
        // What cannot be a variable's name may be the secret itself, and must not even reach the undo history.
        let now = if name.is_empty() { String::new() } else { format!("${{env:{name}}}") };
        if is_name(&name) || name.is_empty() {
            touch = Touch::typed(id, now.clone());
            draft::store(ui, id, name.clone(), now);
        } else {
            draft::store(ui, id, name.clone(), stored);
        }
    }
    if !name.is_empty() && !is_name(&name) {
        problems::sentence_ui(ui, Severity::Error, tr("inspector.secret.not_a_name"), theme);
    } else if !name.is_empty() && std::env::var_os(&name).is_none() {
        let text = trf("inspector.secret.not_set", &[("name", &name)]);
        problems::sentence_ui(ui, Severity::Info, &text, theme);
    } else if !field.is_compact {
        problems::sentence_ui(ui, Severity::Info, tr("inspector.secret.help"), theme);
    }
    touch
}

/// The variable a stored secret names.
fn variable(stored: &str) -> Option<&str> {
    stored.strip_prefix("${env:")?.strip_suffix('}')
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_variables_pass() {
        assert!(is_name("KAFKA_PASSWORD") && is_name("_x1"));
        for text in ["", "1x", "hunter 2", "p@ss", "${env:X}"] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn a_stored_secret_shows_its_variable() {
        assert_eq!(variable("${env:TOKEN}"), Some("TOKEN"));
        assert_eq!(variable("TOKEN"), None);
    }
}
