//! The functions expressions may call: an allow-list. What is in it means what Spark means, which the recorded corpus
//! or a test of its own holds; anything else is refused while editing, with the nearest name.
//!
//! No function is volatile and none reads the wall clock: a row evaluated again gives the same value. A function is a
//! file in the folder of its group, listed in that folder's `ENTRIES`.

#![allow(clippy::unnecessary_wraps, reason = "kernels and rules have one signature, whether they can fail or not")]

mod batch;
pub mod catalogue;
mod collections;
mod conditional;
mod entry;
mod length;
mod math;
mod prelude;
mod refused;
#[cfg(test)]
mod testing;
mod text;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

pub use entry::Group;
pub(super) use entry::{Entry, Gives, Param, Run, Takes};
pub(super) use length::bounded_length;
pub(super) use refused::advice;
pub(super) use time::{Pattern as TimePattern, months_on};

/// All of them, by group.
const GROUPS: [(Group, &[&[Entry]]); 6] = [
    (Group::Math, math::ENTRIES),
    (Group::Text, text::ENTRIES),
    (Group::Time, time::ENTRIES),
    (Group::Collections, collections::ENTRIES),
    (Group::Conditional, conditional::ENTRIES),
    (Group::Batch, batch::ENTRIES),
];

/// All of them.
fn all() -> impl Iterator<Item = &'static Entry> {
    GROUPS.into_iter().flat_map(|(_, files)| files.iter().copied().flatten())
}

/// By every name they may be called.
static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Entry>> = LazyLock::new(|| {
    all().flat_map(|entry| entry.aliases.iter().chain([&entry.name]).map(move |name| (*name, entry))).collect()
});

static AGGREGATES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let library = datafusion_functions_aggregate::all_default_aggregate_functions();
    let names =
        library.iter().flat_map(|function| function.aliases().iter().cloned().chain([function.name().to_owned()]));
    let sparks = [
        "collect_list",
        "collect_set",
        "count_if",
        "mode",
        "any_value",
        "max_by",
        "min_by",
        "every",
        "some",
        "skewness",
        "kurtosis",
        "listagg",
        "percentile",
        "first",
        "last",
        "std",
        "try_sum",
        "try_avg",
        "percentile_approx",
        "approx_percentile",
        "percentile_disc",
        "percentile_cont",
        "count_distinct",
        "bool_and",
        "bool_or",
        "string_agg",
        "try_avg",
        "product",
    ];
    names.map(|name| name.to_lowercase()).chain(sparks.map(str::to_owned)).filter(|name| find(name).is_none()).collect()
});

/// One function, as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name, lower case.
    pub name: String,
    /// The name it is another one for.
    pub alias_of: Option<String>,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// How it is called: `substring(text, start[, length])`.
    pub signature: String,
    /// What it gives.
    pub doc: String,
    /// What it is about.
    pub group: Group,
}

/// All functions, sorted by name; other names of one are listed as well.
pub fn functions() -> Vec<FunctionInfo> {
    let mut list = Vec::new();
    for (group, files) in GROUPS {
        for entry in files.iter().copied().flatten().filter(|entry| is_public(entry)) {
            let info = |name: &str, alias_of: Option<&str>| FunctionInfo {
                name: name.to_owned(),
                alias_of: alias_of.map(str::to_owned),
                aliases: entry.aliases.iter().map(|alias| (*alias).to_owned()).filter(|alias| alias != name).collect(),
                signature: entry.form.replacen(entry.name, name, 1),
                doc: entry.doc.to_owned(),
                group,
            };
            list.push(info(entry.name, None));
            list.extend(entry.aliases.iter().map(|alias| info(alias, Some(entry.name))));
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

/// Whether people may call it; the others stand for forms of the syntax.
fn is_public(entry: &Entry) -> bool {
    !entry.doc.is_empty()
}

/// The function of this lower-case name.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    BY_NAME.get(name).copied()
}

/// All names that may be called.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.iter().filter(|(_, entry)| is_public(entry)).map(|(name, _)| *name)
}

/// Whether this lower-case name is an aggregate's.
pub(super) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_taken_twice_and_all_say_how_they_are_called() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            for name in entry.aliases.iter().chain([&entry.name]) {
                assert!(seen.insert(*name), "{name} is listed twice");
                assert_eq!(name.to_lowercase(), **name);
            }
            assert!(!is_public(entry) || entry.form.starts_with(entry.name), "{}", entry.form);
            assert!(!is_public(entry) || entry.doc.ends_with('.'), "{}", entry.name);
        }
    }
}
