//! Words in English and Chinese. Every string a person reads goes through [`tr`] or [`trf`] from the first day.
//!
//! Translations lie in `assets/i18n/<area>.json`, one file per area of the window, each key with both languages:
//! `{"toolbar.run": {"en": "Run", "zh-CN": "运行"}}`. Words of node kinds come from the kinds themselves (English)
//! and `assets/i18n/nodes.json`. The language belongs to the thread that draws: there is one window per process, and
//! two tests in one process do not disturb each other.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// 简体中文.
    Chinese,
    /// English with every text two fifths longer: shows what a translation into a wordier language would break. Only
    /// tests choose it.
    Stretched,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its name in itself.
    pub fn native_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
            Self::Stretched => "Stretched",
        }
    }

    /// As the settings file writes it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
            Self::Stretched => "x-stretched",
        }
    }

    /// The language of a tag such as `zh-CN`, `zh_Hans` or `en-GB`; what is not Chinese is English.
    pub fn from_tag(tag: &str) -> Self {
        if tag == Self::Stretched.tag() {
            return Self::Stretched;
        }
        let is_chinese = tag.split(['-', '_', '.']).next().is_some_and(|base| base.eq_ignore_ascii_case("zh"));
        if is_chinese { Self::Chinese } else { Self::English }
    }

    /// The language of the system.
    pub fn of_system() -> Self {
        sys_locale::get_locale().map_or(Self::English, |tag| Self::from_tag(&tag))
    }
}

/// The area files, by name.
const AREAS: [(&str, &str); 6] = [
    ("shell", include_str!("../../assets/i18n/shell.json")),
    ("canvas", include_str!("../../assets/i18n/canvas.json")),
    ("inspector", include_str!("../../assets/i18n/inspector.json")),
    ("plots", include_str!("../../assets/i18n/plots.json")),
    ("nodes", include_str!("../../assets/i18n/nodes.json")),
    ("instruments", include_str!("../../assets/i18n/instruments.json")),
];

/// One text in all languages. Texts of node kinds have no English here: the kind's definition is the English.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    en: Option<String>,
    #[serde(rename = "zh-CN")]
    chinese: Option<String>,
    /// Made from the English when it is first asked for.
    #[serde(skip)]
    stretched: OnceLock<Option<String>>,
}

impl Text {
    fn get(&self, language: Language) -> Option<&str> {
        match language {
            Language::English => self.en.as_deref(),
            Language::Chinese => self.chinese.as_deref(),
            Language::Stretched => self.stretched.get_or_init(|| self.en.as_deref().map(stretched)).as_deref(),
        }
    }
}

/// A text made two fifths longer, its placeholders untouched.
fn stretched(text: &str) -> String {
    let extra = text.chars().count() * 2 / 5;
    let padding: String = "~ lorem ".chars().cycle().take(extra.max(1)).collect();
    format!("{text}{padding}")
}

static TEXTS: LazyLock<HashMap<String, Text>> = LazyLock::new(|| {
    // A file that does not parse shows as bare keys; a test finds it before anyone sees that.
    AREAS.iter().flat_map(|(_, text)| serde_json::from_str::<HashMap<String, Text>>(text).unwrap_or_default()).collect()
});

thread_local! {
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language in force.
pub fn language() -> Language {
    CURRENT.get()
}

/// Switches the language; the next frame shows it.
pub fn set_language(language: Language) {
    CURRENT.set(language);
}

/// All Chinese texts with their keys: what the bundled font must be able to show.
#[cfg(test)]
pub(crate) fn all_chinese() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.iter().filter_map(|(key, text)| Some((key.as_str(), text.chinese.as_deref()?)))
}

/// The text of a key in the language in force; the key itself where it is missing (a test finds such keys).
pub fn tr(key: &'static str) -> &'static str {
    TEXTS.get(key).and_then(|text| text.get(language())).unwrap_or(key)
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
    match language() {
        Language::English | Language::Stretched => english,
        Language::Chinese => chinese(path).unwrap_or(english),
    }
}

/// The Chinese of a key, whatever the language in force.
pub(crate) fn chinese(key: &str) -> Option<&'static str> {
    TEXTS.get(key).and_then(|text| text.get(Language::Chinese))
}

#[cfg(test)]
#[path = "i18n_tests.rs"]
mod tests;
