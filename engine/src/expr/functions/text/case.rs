//! `lower`, `upper` and `initcap`, by Unicode's full mappings: `straße` becomes `STRASSE`.

use std::borrow::Cow;

use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("lower", "lower(text)", "The text in lower case.", ONE, Gives::Text, lower).also(&["lcase"]).total(),
    Entry::own("upper", "upper(text)", "The text in upper case.", ONE, Gives::Text, upper).also(&["ucase"]).total(),
    Entry::own(
        "initcap",
        "initcap(text)",
        "Every word behind a blank with a capital, the rest in lower case.",
        ONE,
        Gives::Text,
        initcap,
    )
    .total(),
];

fn each(args: &Args<'_>, change: impl Fn(&str) -> Cow<'_, str>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(&change)))
}

fn lower(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    each(args, |text| {
        let is_low = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_low { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
    })
}

fn upper(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    each(args, |text| {
        let is_high = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_lowercase());
        if is_high { Cow::Borrowed(text) } else { Cow::Owned(text.to_uppercase()) }
    })
}

fn initcap(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    each(args, |text| {
        let mut out = String::with_capacity(text.len());
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            push_capital(word, &mut out);
        }
        Cow::Owned(out)
    })
}

/// A word with its first letter in title case. Few letters have one of their own beside the upper case; where the upper
/// case is several letters (`ß`), only the first of them stays large.
fn push_capital(word: &str, out: &mut String) {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return };
    match first {
        'Ǆ' | 'ǅ' | 'ǆ' => out.push('ǅ'),
        'Ǉ' | 'ǈ' | 'ǉ' => out.push('ǈ'),
        'Ǌ' | 'ǋ' | 'ǌ' => out.push('ǋ'),
        'Ǳ' | 'ǲ' | 'ǳ' => out.push('ǲ'),
        first if first.is_uppercase() => out.push(first),
        first => {
            let mut upper = first.to_uppercase();
            out.extend(upper.next());
            out.extend(upper.flat_map(char::to_lowercase));
        }
    }
    // The rest is lowered together with the first letter, since a final sigma depends on what stands before it.
    let lowered = word.to_lowercase();
    let begun: usize = first.to_lowercase().map(char::len_utf8).sum();
    out.push_str(lowered.get(begun..).unwrap_or_default());
}
