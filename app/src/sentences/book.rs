//! All sentences that can be translated, found without trying each.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::template::{Form, Place, Template};
use crate::i18n;

/// Sentences within sentences are followed so deep.
const MAX_DEPTH: usize = 6;
/// Work one text may cost, in templates tried on a short text.
const MAX_WORK: usize = 20_000;
/// Ways tried to take a text apart at one joint.
const MAX_SPLITS: usize = 12;
/// Sentences with fewer letters of their own are joints: `{what}; {advice}`, `{0} to {1}`.
const FEW_LETTERS: usize = 4;

/// Templates with their translations.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Those without places.
    whole: HashMap<String, String>,
    /// Those that begin with words, by their first character; the heaviest first.
    begun: HashMap<char, Vec<Entry>>,
    /// Those that begin with a place, the heaviest first.
    open: Vec<Entry>,
    /// Those that only join others, the looser ones first.
    joints: Vec<Entry>,
    titles: HashMap<&'static str, &'static str>,
}

#[derive(Debug)]
struct Entry {
    english: Template,
    chinese: Template,
}

impl Entry {
    /// Whether it only joins others. What begins with a title in quotes is recognised by those.
    fn is_joint(&self) -> bool {
        self.english.letters() < FEW_LETTERS && !self.english.beginning().starts_with('“')
    }
}

/// A translation, and how much of the text was recognised: joints do not count.
#[derive(Debug, Clone)]
struct Found {
    text: String,
    known: usize,
}

/// Which of the values put into a sentence are sentences themselves.
#[derive(Debug, Clone, Copy)]
struct Told {
    any: bool,
    all: bool,
    last: bool,
}

impl Book {
    /// From pairs of templates.
    pub(super) fn new(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut book = Self { titles: titles(), ..Self::default() };
        for (english, chinese) in pairs {
            let entry = Entry { english: Template::new(&english), chinese: Template::new(&chinese) };
            if entry.english.places().is_empty() {
                let words = |template: &Template| template.beginning().to_owned();
                book.whole.insert(words(&entry.english), words(&entry.chinese));
            } else if entry.is_joint() {
                book.joints.push(entry);
            } else if let Some(first) = entry.english.beginning().chars().next() {
                book.begun.entry(first).or_default().push(entry);
            } else {
                book.open.push(entry);
            }
        }
        for entries in book.begun.values_mut().chain([&mut book.open, &mut book.joints]) {
            entries.sort_by(|one, other| other.english.rank().cmp(&one.english.rank()));
        }
        book
    }

    /// A text translated; `None` where nothing in it is known.
    pub(super) fn translate(&self, text: &str) -> Option<String> {
        let reader = Reader { book: self, work: Cell::new(0), seen: RefCell::default() };
        reader.read(text, MAX_DEPTH).map(|found| found.text)
    }

    /// Those that may be the text by how it begins, in two lists.
    fn candidates(&self, text: &str) -> [&[Entry]; 2] {
        let begun = text.chars().next().and_then(|first| self.begun.get(&first));
        [begun.map_or(&[][..], Vec::as_slice), &self.open]
    }
}

/// English titles of kinds and parameters with their Chinese. Where kinds translate one title in two ways, the first
/// counts: both are right, and a sentence does not say which kind it is about.
fn titles() -> HashMap<&'static str, &'static str> {
    let mut titles = HashMap::new();
    let mut add = |english, path: String| {
        if let Some(chinese) = i18n::chinese(&path) {
            titles.entry(english).or_insert(chinese);
        }
    };
    for kind in weir_engine::nodes::KINDS {
        add(kind.title, format!("{}.title", kind.id));
        for param in kind.params {
            add(param.title, format!("{}.param.{}.title", kind.id, param.name));
            if let weir_engine::spec::ParamKind::Rows { fields } = param.kind {
                for field in fields {
                    add(field.title, format!("{}.param.{}.{}.title", kind.id, param.name, field.name));
                }
            }
        }
    }
    titles
}

/// One text under way.
struct Reader<'a> {
    book: &'a Book,
    /// Work done so far.
    work: Cell<usize>,
    /// Parts looked at before.
    seen: RefCell<HashMap<String, Option<Found>>>,
}

impl Reader<'_> {
    fn read(&self, text: &str, depth: usize) -> Option<Found> {
        if let Some(chinese) = self.book.whole.get(text) {
            return Some(Found { text: chinese.clone(), known: text.len() });
        }
        if depth == 0 || !text.contains(' ') {
            return None;
        }
        if let Some(known) = self.seen.borrow().get(text) {
            return known.clone();
        }
        let found = match self.sentence(text, depth) {
            Some((found, true)) => Some(found),
            // What stands before its own words may be a sentence of its own: `Words added, Counts removed`.
            Some((sentence, false)) => {
                let joined = self.joined(text, depth, true).filter(|joined| joined.known >= sentence.known);
                Some(joined.unwrap_or(sentence))
            }
            None => self.joined(text, depth, false),
        };
        self.seen.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    /// Notes a piece of work on a text; `false` once it has been enough.
    fn works(&self, text: &str) -> bool {
        self.work.set(self.work.get() + 1 + text.len() / 64);
        self.work.get() <= MAX_WORK
    }

    /// The text as one sentence, and whether it begins with its own words: of those that fit the one by which most is
    /// recognised.
    fn sentence(&self, text: &str, depth: usize) -> Option<(Found, bool)> {
        let mut best: Option<(Found, bool)> = None;
        for entries in self.book.candidates(text) {
            let mut tried = entries.iter().take_while(|_| self.works(text));
            let Some((entry, values)) = tried.find_map(|entry| Some((entry, entry.english.values(text)?))) else {
                continue;
            };
            let (found, _) = self.filled(entry, &values, depth);
            if best.as_ref().is_none_or(|(best, _)| best.known < found.known) {
                best = Some((found, !entry.english.beginning().is_empty()));
            }
        }
        best
    }

    /// The text as sentences joined together: the way in which most is recognised. `has_rival`: it is a sentence of its
    /// own too, so that all parts must be ones, or what follows a name and a colon.
    fn joined(&self, text: &str, depth: usize, has_rival: bool) -> Option<Found> {
        let mut best: Option<Found> = None;
        for entry in &self.book.joints {
            if !self.works(text) {
                break;
            }
            for values in entry.english.all_values(text, MAX_SPLITS) {
                let (found, told) = self.filled(entry, &values, depth);
                let joins_words = entry.english.letters() > 0 && values.iter().all(|value| !value.contains(' '));
                let is_enough =
                    if has_rival { told.all || told.last && entry.english.is_colon() } else { told.any || joins_words };
                if is_enough && best.as_ref().is_none_or(|best| best.known < found.known) {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// An entry's translation with these values, and which of them were translated.
    fn filled(&self, entry: &Entry, values: &[&str], depth: usize) -> (Found, Told) {
        let places = entry.english.places();
        let read = |place: &Place, value: &str| (!place.is_quoted).then(|| self.read(value, depth - 1)).flatten();
        let told: Vec<_> = places.iter().zip(values).map(|(place, value)| read(place, value)).collect();
        let value_of = |place: &Place| {
            let Some(at) = places.iter().position(|known| known.name == place.name) else { return String::new() };
            let translated = told[at].as_ref().map(|found| found.text.clone());
            match place.form {
                Form::Plain => translated.unwrap_or_else(|| values[at].to_owned()),
                Form::Title => self.book.titles.get(values[at]).copied().unwrap_or(values[at]).to_owned(),
                Form::List => translated.unwrap_or_else(|| listed(values[at])),
            }
        };
        let text = entry.chinese.filled(value_of);
        let own = if entry.is_joint() { 0 } else { entry.english.weight() };
        let known = own + told.iter().flatten().map(|found| found.known).sum::<usize>();
        let told = Told {
            any: told.iter().any(Option::is_some),
            all: told.iter().all(Option::is_some),
            last: told.last().is_some_and(Option::is_some),
        };
        (Found { text, known }, told)
    }
}

/// A list as Chinese writes it.
fn listed(text: &str) -> String {
    text.replace(", ", "、").replace(" or ", " 或 ").replace(" and ", " 和 ")
}
