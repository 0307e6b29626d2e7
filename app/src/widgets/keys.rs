//! A shortcut as it is printed on the keys: `Ctrl+,` and not `Ctrl+Comma`.

use eframe::egui::{self, Key, KeyboardShortcut};

/// The shortcut in words, with the signs of those keys that bear one.
pub fn keys_text(context: &egui::Context, shortcut: &KeyboardShortcut) -> String {
    signed(&context.format_shortcut(shortcut), shortcut.logical_key)
}

fn signed(text: &str, key: Key) -> String {
    // Every other key is called by its name: arrows and the like have signs that not all fonts know.
    let sign = match key {
        Key::Comma => ",",
        Key::Period => ".",
        Key::Slash => "/",
        Key::Plus => "+",
        Key::Minus => "-",
        Key::Equals => "=",
        _ => return text.to_owned(),
    };
    text.strip_suffix(key.name()).map_or_else(|| text.to_owned(), |modifiers| format!("{modifiers}{sign}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_by_what_is_printed_on_them() {
        for (text, key, shown) in [
            ("Ctrl+Comma", Key::Comma, "Ctrl+,"),
            ("Ctrl+Minus", Key::Minus, "Ctrl+-"),
            ("Ctrl+Shift+P", Key::P, "Ctrl+Shift+P"),
            ("Shift+F5", Key::F5, "Shift+F5"),
        ] {
            assert_eq!(signed(text, key), shown);
        }
    }
}
