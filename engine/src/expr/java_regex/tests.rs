//! What Java's documentation says of patterns, on texts where the two engines would differ if left alone.

use super::{Pattern, Replacement};

fn found(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    pattern.all(text).unwrap().map(|(start, end)| text[start..end].to_owned()).collect()
}

fn refused(pattern: &str) -> String {
    Pattern::new(pattern).map(|_| ()).unwrap_err().message
}

#[test]
fn the_short_classes_are_ascii() {
    assert_eq!(found(r"\d+", "12 ٣"), ["12"]);
    assert_eq!(found(r"\w+", "aé_1"), ["a", "_1"]);
    assert_eq!(found(r"\s", "a\u{a0}b c"), [" "]);
    assert_eq!(found(r"[\D]+", "1ab2"), ["ab"]);
    assert_eq!(found(r"\p{Alpha}+", "aé"), ["a"]);
    assert_eq!(found(r"\p{L}+", "aé1"), ["aé"]);
    assert_eq!(found(r"\p{IsHan}+", "a中文"), ["中文"]);
    assert_eq!(found(r"\P{Punct}+", "a.b"), ["a", "b"]);
}

#[test]
fn brackets_hold_what_javas_hold() {
    assert_eq!(found(r"[a-c[x-z]]+", "abxyq"), ["abxy"]);
    assert_eq!(found(r"[]a]+", "a]b"), ["a]"]);
    assert_eq!(found(r"[a\-c]+", "a-bc"), ["a-", "c"]);
    assert_eq!(found(r"[^\w]", "a-b"), ["-"]);
    assert_eq!(found(r"[[:alpha:]]+", "alp:z"), ["alp:"]);
    assert_eq!(found(r"[a~~b-]+", "~-z"), ["~-"]);
}

#[test]
fn case_is_ignored_in_ascii_only() {
    assert_eq!(found("(?i)k", "kK\u{212a}"), ["k", "K"]);
    assert_eq!(found("(?i)[a-c]+é", "ABcéaÉ"), ["ABcé"]);
    assert_eq!(found("(?i:A)b", "aBab"), ["ab"]);
    assert_eq!(found("a(?i)b(?-i)c", "aBc aBC"), ["aBc"]);
}

#[test]
fn the_dot_stops_at_every_line_end() {
    assert_eq!(found(".+", "a\rb\u{2028}c"), ["a", "b", "c"]);
    assert_eq!(found("(?s).+", "a\rb"), ["a\rb"]);
}

#[test]
fn escapes_and_quotes() {
    assert_eq!(found(r"\Qa.b\E+", "a.bb axb"), ["a.bb"]);
    assert_eq!(found(r"\x41\u0042\x{43}\0104\t", "ABCD\t"), ["ABCD\t"]);
    assert_eq!(found(r"a\.b\$\{", "a.b${"), ["a.b${"]);
    assert_eq!(found("]}", "a]}"), ["]}"]);
}

#[test]
fn empty_matches_come_as_javas_find_gives_them() {
    let starts = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().all(text).unwrap().collect::<Vec<_>>();
    assert_eq!(starts("a*", "baac"), [(0, 0), (1, 3), (3, 3), (4, 4)]);
    assert_eq!(starts("", "é"), [(0, 0), (2, 2)]);
}

#[test]
fn what_linear_time_cannot_do_is_refused() {
    for (pattern, words) in [
        ("(?=a)", "look-ahead"),
        ("(?<!a)", "look-behind"),
        ("(?>a)", "atomic"),
        ("a++", "possessive"),
        (r"(a)\1", "back references"),
        ("[a&&b]", "intersections"),
        ("(?x)a", "flag `x`"),
        ("(?iu)é", "flag `u`"),
        (r"\p{Nothing}", "property"),
        ("(", "without its `)`"),
        (")", "without its `(`"),
        ("[a", "without its `]`"),
        ("[z-a]", "backwards"),
        ("*a", "no regular expression"),
        ("a{,3}", "begins a repetition"),
        (r"a\", "ends with a"),
        (r"\y", "means nothing"),
        ("((a{1,999}){1,999}){1,999}", "too large"),
    ] {
        assert!(refused(pattern).contains(words), "{pattern}: {}", refused(pattern));
    }
    assert!(refused(&"(".repeat(10_000)).contains("deep"));
    assert!(refused(&"[".repeat(10_000)).contains("deep"));
}

#[test]
fn the_end_before_a_last_line_end_fails_instead_of_differing() {
    let pattern = Pattern::new("a$").unwrap();
    assert!(pattern.is_in("a").unwrap());
    assert!(pattern.is_in("a\n").unwrap_err().message.contains("line ends"));
    assert!(Pattern::new(r"a\z").unwrap().is_in("a\n").is_ok_and(|found| !found));
}

#[test]
fn replacements_name_groups() {
    let replaced = |pattern: &str, with: &str, text: &str| {
        let pattern = Pattern::new(pattern).unwrap();
        let replacement = Replacement::new(with, &pattern)?;
        let mut out = String::new();
        for captures in pattern.all_groups(text).unwrap() {
            replacement.write(&captures, &mut out);
        }
        Ok::<_, crate::expr::ExprError>(out)
    };
    assert_eq!(replaced("(a)(b)?", "<$1$2>", "aba").unwrap(), "<ab><a>");
    assert_eq!(replaced("(?<x>a)", "${x}$10", "a").unwrap(), "aa0");
    assert_eq!(replaced("a", r"\$0\\", "a").unwrap(), r"$0\");
    assert!(replaced("a", "$1", "a").is_err());
    assert!(replaced("a", "$", "a").is_err());
    assert!(replaced("a", "\\", "a").is_err());
}
