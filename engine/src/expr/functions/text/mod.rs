//! Functions of text.

mod alike;
mod base64;
mod bytes;
mod case;
mod chars;
mod code;
mod concat;
mod conv;
mod digest;
mod digits;
mod elt;
mod find;
mod format_number;
mod format_string;
mod hex;
mod length;
mod like;
mod mask;
mod pad;
pub(super) mod pieces;
mod placeholder;
mod regexp;
mod regexp_replace;
mod replace;
mod reverse;
mod split;
mod substring;
mod substring_index;
mod trim;
mod url;

use super::Entry;

/// All of them, by file.
pub(super) const ENTRIES: &[&[Entry]] = &[
    alike::ENTRIES,
    base64::ENTRIES,
    case::ENTRIES,
    code::ENTRIES,
    concat::ENTRIES,
    conv::ENTRIES,
    digest::ENTRIES,
    elt::ENTRIES,
    find::ENTRIES,
    format_number::ENTRIES,
    format_string::ENTRIES,
    hex::ENTRIES,
    length::ENTRIES,
    like::ENTRIES,
    mask::ENTRIES,
    pad::ENTRIES,
    regexp::ENTRIES,
    regexp_replace::ENTRIES,
    replace::ENTRIES,
    reverse::ENTRIES,
    split::ENTRIES,
    substring::ENTRIES,
    substring_index::ENTRIES,
    trim::ENTRIES,
    url::ENTRIES,
];

#[cfg(test)]
mod tests;
