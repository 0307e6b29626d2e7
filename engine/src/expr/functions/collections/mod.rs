//! Functions of arrays, maps, structures and JSON.

mod combine;
mod contains;
mod extreme;
mod generate;
mod item;
pub(in crate::expr) mod json;
mod keys;
mod lambda;
mod list;
mod map;
mod rearrange;
mod sequence;
mod size;
mod structure;
mod unify;

use super::Entry;

/// All of them, by file.
pub(super) const ENTRIES: &[&[Entry]] = &[
    combine::ENTRIES,
    contains::ENTRIES,
    extreme::ENTRIES,
    generate::ENTRIES,
    item::ENTRIES,
    json::FROM,
    json::KEYS,
    json::PATH,
    json::SCHEMA,
    json::TO,
    lambda::AGGREGATE,
    lambda::LISTS,
    lambda::MAPS,
    lambda::SORT,
    lambda::ZIPPED,
    map::ENTRIES,
    rearrange::ENTRIES,
    sequence::ENTRIES,
    size::ENTRIES,
    structure::ENTRIES,
];

#[cfg(test)]
mod tests;
