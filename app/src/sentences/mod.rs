//! What the engine says, in the language in force.
//!
//! The engine has no languages: its problems, failures, fates and log lines are English sentences. They are kept as they
//! came and translated where they are shown, so that a switch of the language turns those on screen too. The
//! translations lie in `assets/sentences/<area>.json`, English template to Chinese template:
//! ``"the file {name} cannot be read: {error}": "无法读取文件 {name}：{error}"``. What the engine put into a sentence is
//! found by the words around it, is translated itself where it is a sentence, and else stays: names, numbers, code, and
//! what the operating system says. A sentence without a translation is shown in English.
//!
//! Two forms are for translations only: `{0:title}` takes the title of a kind or a parameter as the window shows it,
//! `{0:list}` turns the commas of a list.

mod book;
mod template;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use book::Book;

use crate::i18n::{Language, language};

/// Longer texts are no sentences: they stay as they are.
const MAX_BYTES: usize = 4 << 10;
/// Answers kept per thread: many more than a frame shows.
const MAX_KNOWN: usize = 1_024;

/// The area files.
const AREAS: [&str; 6] = [
    include_str!("../../../assets/sentences/analysis.json"),
    include_str!("../../../assets/sentences/expressions.json"),
    include_str!("../../../assets/sentences/formats.json"),
    include_str!("../../../assets/sentences/functions.json"),
    include_str!("../../../assets/sentences/nodes.json"),
    include_str!("../../../assets/sentences/runtime.json"),
];

static CHINESE: LazyLock<Book> = LazyLock::new(|| Book::new(pairs()));

thread_local! {
    /// What was asked for lately: the same sentences are drawn frame after frame.
    static KNOWN: RefCell<HashMap<String, Option<String>>> = RefCell::new(HashMap::new());
}

/// A sentence of the engine in the language in force; the sentence itself where there is no translation.
pub fn spoken(text: &str) -> Cow<'_, str> {
    match language() {
        Language::English | Language::Stretched => Cow::Borrowed(text),
        Language::Chinese if text.len() > MAX_BYTES => Cow::Borrowed(text),
        Language::Chinese => KNOWN.with_borrow_mut(|known| match known.get(text) {
            Some(answer) => answer.clone().map_or(Cow::Borrowed(text), Cow::Owned),
            None => {
                let answer = CHINESE.translate(text);
                if known.len() >= MAX_KNOWN {
                    known.clear();
                }
                known.insert(text.to_owned(), answer.clone());
                answer.map_or(Cow::Borrowed(text), Cow::Owned)
            }
        }),
    }
}

/// All templates with their translations.
fn pairs() -> impl Iterator<Item = (String, String)> {
    // A file that does not parse leaves its sentences English; a test finds it before anyone sees that.
    AREAS.into_iter().flat_map(|text| serde_json::from_str::<HashMap<String, String>>(text).unwrap_or_default())
}

/// All translations with their templates: what the bundled font must be able to show.
#[cfg(test)]
pub(crate) fn all_chinese() -> impl Iterator<Item = (String, String)> {
    pairs()
}

#[cfg(test)]
mod tests;
