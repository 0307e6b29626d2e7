//! What may be meant while an expression is typed: columns of the input with their types, and functions.
//!
//! [`completions`] is pure; egui's own completion popup shows what it gives and puts the chosen one in place of the
//! word at the caret.

use std::sync::LazyLock;

use eframe::egui::{self, RichText};
use weir_engine::expr::{self, FunctionInfo, type_name};
use weir_engine::plan::LinkType;

use crate::sentences::spoken;

/// Candidates shown at most.
const MAX_CANDIDATES: usize = 40;

/// A column that may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in Spark's words.
    pub type_word: String,
}

/// One thing that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is called.
    pub name: String,
    /// What takes the place of the word.
    pub insert: String,
    /// A column's type, or a function's signature and what it gives.
    pub detail: String,
}

/// What `word`, which ends at the caret, may mean. `before` is the text before the word. Columns come before
/// functions, and names that start with the word before those that only contain it. Nothing is offered for an empty
/// word, for a word that is complete, for a number, and within quotes.
pub fn completions(before: &str, word: &str, columns: &[Column], functions: &[FunctionInfo]) -> Vec<Candidate> {
    let is_in_quotes = before.matches('\'').count() % 2 == 1;
    if word.is_empty() || is_in_quotes || word.starts_with(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let columns = columns.iter().map(|column| Candidate {
        name: column.name.clone(),
        insert: quoted(&column.name),
        detail: column.type_word.clone(),
    });
    let functions = functions.iter().map(|function| Candidate {
        name: function.name.clone(),
        insert: format!("{}(", function.name),
        detail: match first_sentence(&spoken(&function.doc)) {
            "" => function.signature.clone(),
            doc => format!("{} — {doc}", function.signature),
        },
    });
    let mut ranked: Vec<(u8, Candidate)> = Vec::new();
    for (floor, candidate) in columns.map(|one| (0, one)).chain(functions.map(|one| (1, one))) {
        let name = candidate.name.to_lowercase();
        if name == word && floor == 0 {
            return Vec::new();
        }
        match name.find(&word) {
            Some(0) => ranked.push((floor, candidate)),
            Some(_) => ranked.push((floor + 2, candidate)),
            None => {}
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, candidate)| candidate).take(MAX_CANDIDATES).collect()
}

/// The first sentence of a function's doc: what fits on a line.
fn first_sentence(doc: &str) -> &str {
    let line = doc.lines().next().unwrap_or_default();
    let first = line.split_once(". ").map_or(line, |(first, _)| first);
    first.split_once('。').map_or(first, |(first, _)| first).trim_end_matches('.')
}

/// A column's name as an expression must write it: in backticks unless it is a plain identifier.
fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Whether a character ends a word of an expression.
pub(super) fn is_boundary(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_')
}

/// The columns of a link, as far as it is known.
pub(super) fn columns_of(input: Option<&LinkType>) -> Vec<Column> {
    let fields = input.into_iter().flat_map(|link| link.schema.fields());
    fields.map(|field| Column { name: field.name().clone(), type_word: type_name(field.data_type()) }).collect()
}

/// The functions expressions may call; the engine makes the list anew each time, so it is kept.
pub(super) fn functions() -> &'static [FunctionInfo] {
    static FUNCTIONS: LazyLock<Vec<FunctionInfo>> = LazyLock::new(expr::functions);
    &FUNCTIONS
}

/// A candidate as a line of the popup.
pub(super) fn suggestion(candidate: Candidate) -> egui::text_edit::Suggestion {
    let name = RichText::new(candidate.name).monospace();
    egui::text_edit::Suggestion::new(candidate.insert)
        .content(name)
        .description(RichText::new(candidate.detail).small())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, type_word: &str) -> Column {
        Column { name: name.to_owned(), type_word: type_word.to_owned() }
    }

    fn function(name: &str) -> FunctionInfo {
        FunctionInfo {
            name: name.to_owned(),
            alias_of: None,
            aliases: Vec::new(),
            signature: format!("{name}(x)"),
            doc: String::new(),
            group: expr::Group::Text,
        }
    }

    fn offered(before: &str, word: &str) -> Vec<String> {
        let columns = [column("word", "string"), column("count", "bigint"), column("page views", "bigint")];
        let functions = [function("count_if"), function("upper"), function("crosswords")];
        completions(before, word, &columns, &functions).into_iter().map(|one| one.insert).collect()
    }

    #[test]
    fn columns_come_before_functions_and_beginnings_before_middles() {
        assert_eq!(offered("", "wo"), ["word", "crosswords("]);
        assert_eq!(offered("1 + ", "cou"), ["count", "count_if("]);
    }

    #[test]
    fn a_function_says_how_it_is_called_and_what_it_gives() {
        let upper = FunctionInfo { doc: "Upper case. Of any text.".to_owned(), ..function("upper") };
        assert_eq!(completions("", "up", &[], &[upper])[0].detail, "upper(x) — Upper case");
        assert_eq!(completions("", "up", &[], &[function("upper")])[0].detail, "upper(x)");
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(offered("", "UPP"), ["upper("]);
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        assert_eq!(offered("", "page"), ["`page views`"]);
    }

    #[test]
    fn nothing_is_offered_where_nothing_can_be_meant() {
        assert!(offered("", "").is_empty(), "an empty word");
        assert!(offered("", "word").is_empty(), "a complete word");
        assert!(offered("word = '", "wo").is_empty(), "within quotes");
        assert!(offered("", "1e").is_empty(), "a number");
        assert_eq!(offered("word = 'x' AND ", "wo").len(), 2, "after closed quotes");
    }
}
