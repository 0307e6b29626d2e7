//! Weir's expressions against Spark's recorded ones: every entry of `tests/parity/expressions.json`, row by row.
//!
//! An entry is equal (every row has Spark's value and type, or fails where Spark fails), or it is refused while editing
//! and listed with the reason in `expressions_listed.json`. Nothing may differ silently: where Spark's answer is an
//! accident and Weir gives another one on purpose, it is listed with the reason as well. With `WEIR_PARITY_DIR` set, the
//! `expressions.json` of that folder is run as well; with `--nocapture` every group is a line and so is every entry that
//! is not equal; with `WEIR_BLESS=1` the list is written anew, but only of what is refused.

mod aggregates;
mod cells;
mod corpus;
mod docs;
mod generators;
mod scalars;

use std::collections::BTreeMap;
use std::path::Path;

use corpus::Corpus;
use serde_json::Value;

use crate::files::{must_be_fresh, root, text_of};

/// How an entry compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As Spark.
    Equal,
    /// Refused while editing, though Spark takes it.
    Refused(String),
    /// Something else than Spark's answer.
    Different(String),
}

/// An entry's verdict, by the group and the text of the entry.
pub struct Found {
    pub group: String,
    pub expr: String,
    pub verdict: Verdict,
}

/// The entries that are not equal and the reasons, by `group: expression`.
#[derive(Debug, Default)]
pub struct Listed {
    /// Those that differ on purpose.
    pub differs: BTreeMap<String, String>,
    /// Those that are refused.
    pub refused: BTreeMap<String, String>,
}

impl Listed {
    fn read() -> Self {
        let text = text_of(&root().join("tests/parity/expressions_listed.json"));
        let file: Value = serde_json::from_str(&text).expect("the list is JSON");
        let part = |key: &str| serde_json::from_value(file[key].clone()).unwrap_or_default();
        Self { differs: part("differs"), refused: part("refused") }
    }

    fn written(&self) -> String {
        let file = serde_json::json!({"differs": self.differs, "refused": self.refused});
        serde_json::to_string_pretty(&file).expect("texts are JSON") + "\n"
    }
}

impl Found {
    fn key(&self) -> String {
        format!("{}: {}", self.group, self.expr)
    }
}

fn all(corpus: &Corpus) -> Vec<Found> {
    let mut found = scalars::compare(corpus);
    found.extend(generators::compare(corpus));
    found.extend(aggregates::compare(corpus));
    found
}

/// One line per group, then what is not equal.
#[expect(clippy::print_stdout, reason = "what `--nocapture` is asked for")]
fn report(title: &str, found: &[Found]) {
    for (group, shares) in docs::shares(found) {
        println!("{title} {group}: {} equal, {} refused, {} different", shares.equal, shares.refused, shares.different);
    }
    for entry in found {
        match &entry.verdict {
            Verdict::Equal => {}
            Verdict::Refused(why) => println!("REFUSED   {}: {why}", entry.key()),
            Verdict::Different(why) => println!("DIFFERENT {}: {why}", entry.key()),
        }
    }
}

#[test]
fn every_recorded_expression_is_equal_or_refused_and_listed() {
    let found = all(&Corpus::read(&root().join("tests/parity")));
    report("expressions", &found);
    let differs = Listed::read().differs;
    let different: Vec<String> = found
        .iter()
        .filter_map(|entry| match (&entry.verdict, differs.contains_key(&entry.key())) {
            (Verdict::Different(why), false) => Some(format!("{}: {why}", entry.key())),
            (Verdict::Equal | Verdict::Refused(_), true) => {
                Some(format!("{}: listed, but does not differ", entry.key()))
            }
            (Verdict::Equal | Verdict::Refused(_), false) | (Verdict::Different(_), true) => None,
        })
        .collect();
    assert!(different.is_empty(), "{} expressions differ silently:\n{}", different.len(), different.join("\n"));
    let refused = found.iter().filter_map(|entry| match &entry.verdict {
        Verdict::Refused(why) => Some((entry.key(), why.clone())),
        Verdict::Equal | Verdict::Different(_) => None,
    });
    let listed = Listed { differs, refused: refused.collect() };
    must_be_fresh("tests/parity/expressions_listed.json", &listed.written());
    for (group, shares) in docs::shares(&found) {
        assert!(group == "generators" || shares.percent() >= 80, "{group}: only {} % are equal", shares.percent());
    }
}

#[test]
fn the_expressions_of_another_folder_do_not_differ_silently() {
    let Some(folder) = std::env::var_os("WEIR_PARITY_DIR") else { return };
    let folder = Path::new(&folder);
    if !folder.join("expressions.json").exists() {
        return;
    }
    let found = all(&Corpus::read(folder));
    report("other expressions", &found);
    let differs = Listed::read().differs;
    let is_silent =
        |entry: &&Found| matches!(entry.verdict, Verdict::Different(_)) && !differs.contains_key(&entry.key());
    let different = found.iter().filter(is_silent).count();
    assert_eq!(different, 0, "expressions of {} differ silently", folder.display());
}

#[test]
fn the_page_about_expressions_is_fresh() {
    let found = all(&Corpus::read(&root().join("tests/parity")));
    must_be_fresh("docs/expressions.md", &docs::markdown(&found, &Listed::read()));
}

/// Short enough for a line.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}
