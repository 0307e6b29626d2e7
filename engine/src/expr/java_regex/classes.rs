//! Character classes of Java patterns, written for the `regex` crate.
//!
//! Java's `\d`, `\w`, `\s` and `\p{Alpha}` are ASCII; those of the crate are Unicode. So every class is spelt out.

use super::flags::Flags;

/// What `.` does not match: Java's ends of lines.
pub(super) const LINE_ENDS: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// The members of an escape such as `\d`, as they stand between brackets, and whether it means all others.
pub(super) fn escape(letter: char) -> Option<(&'static str, bool)> {
    Some(match letter {
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        'w' => ("a-zA-Z_0-9", false),
        'W' => ("a-zA-Z_0-9", true),
        's' => (r" \t\n\x0B\x0C\r", false),
        'S' => (r" \t\n\x0B\x0C\r", true),
        'h' => (HORIZONTAL, false),
        'H' => (HORIZONTAL, true),
        'v' => (VERTICAL, false),
        'V' => (VERTICAL, true),
        _ => return None,
    })
}

const HORIZONTAL: &str = r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}";

/// The members of `\p{name}`. Names both sides give the same meaning are handed on.
pub(super) fn property(name: &str) -> Option<String> {
    let posix = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-~",
        "Graph" => "!-~",
        "Print" => r"\x20-~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r" \t\n\x0B\x0C\r",
        _ => "",
    };
    if !posix.is_empty() {
        return Some(posix.to_owned());
    }
    let is_category = |name: &str| CATEGORIES.contains(&name);
    let bare = name.strip_prefix("Is").unwrap_or(name);
    if is_category(bare) {
        return Some(format!(r"\p{{{bare}}}"));
    }
    let script =
        name.strip_prefix("Is").or_else(|| name.strip_prefix("script=")).or_else(|| name.strip_prefix("sc="))?;
    match script {
        "Alphabetic" | "Ideographic" | "Lowercase" | "Uppercase" | "White_Space" => Some(format!(r"\p{{{script}}}")),
        script if SCRIPTS.iter().any(|known| known.eq_ignore_ascii_case(script)) => Some(format!(r"\p{{sc={script}}}")),
        _ => None,
    }
}

/// Unicode's general categories.
const CATEGORIES: [&str; 37] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn", "LC",
];

/// The scripts people name.
const SCRIPTS: [&str; 14] = [
    "Arabic",
    "Armenian",
    "Bengali",
    "Cyrillic",
    "Devanagari",
    "Georgian",
    "Greek",
    "Han",
    "Hangul",
    "Hebrew",
    "Hiragana",
    "Katakana",
    "Latin",
    "Thai",
];

/// A character outside of brackets.
pub(super) fn literal(c: char, flags: Flags) -> String {
    if flags.ignores_case && c.is_ascii_alphabetic() {
        format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase())
    } else {
        escaped(c)
    }
}

/// A character that stands for itself, in or outside of brackets.
pub(super) fn escaped(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) }
}

/// A range between brackets; where case is ignored, with its letters' other case.
pub(super) fn range(first: char, last: char, flags: Flags) -> String {
    let mut text = format!("{}-{}", escaped(first), escaped(last));
    if flags.ignores_case {
        for (from, to, other) in [('a', 'z', 'A'), ('A', 'Z', 'a')] {
            let (low, high) = (first.max(from), last.min(to));
            if low <= high {
                let shift = |c: char| char::from_u32(u32::from(c) - u32::from(from) + u32::from(other)).unwrap_or(c);
                text.push_str(&format!("{}-{}", shift(low), shift(high)));
            }
        }
    }
    text
}
