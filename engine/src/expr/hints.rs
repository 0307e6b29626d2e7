//! What people write who know another language better, and what it is called here. A parser only says where it stopped;
//! these say what to write instead.

use datafusion_expr::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::functions::{advice, find, is_aggregate, names};
use super::{ExprError, nearest, place};

/// Names of other languages' functions, in lower case, with what they are called here.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["tolower", "to_lower", "tolowercase", "lowercase"], "`lower(text)`"),
    (&["toupper", "to_upper", "touppercase", "uppercase"], "`upper(text)`"),
    (&["strlen", "string_length", "char_count"], "`length(text)`"),
    (&["indexof", "index_of", "strpos", "str_pos"], "`position(part IN text)`"),
    (&["iif", "cond", "choose"], "`if(condition, then, otherwise)`"),
    (&["tostring", "to_string", "str", "text"], "`CAST(x AS STRING)`"),
    (&["toint", "to_int", "parseint", "parse_int", "integer"], "`CAST(x AS INT)`"),
    (&["tofloat", "to_float", "parsefloat", "to_double", "number"], "`CAST(x AS DOUBLE)`"),
    (&["getdate", "sysdate", "current_datetime", "localtime"], "`now()`"),
    (&["strftime", "format_date", "dateformat"], "`date_format(time, 'yyyy-MM-dd')`"),
    (&["strptime", "parse_date", "str_to_date", "parse_timestamp"], "`to_timestamp(text, 'yyyy-MM-dd')`"),
    (&["epoch", "to_epoch", "unix_time", "to_unixtime"], "`unix_timestamp(time)`"),
    (&["json_extract", "json_value", "jsonpath"], "`get_json_object(json, '$.a')`"),
    (&["starts_with", "begins_with"], "`startswith(text, part)`"),
    (&["ends_with"], "`endswith(text, part)`"),
    (&["is_nan"], "`isnan(x)`"),
    (&["is_null"], "`x IS NULL`"),
    (&["matches", "regex_match", "regexp_match"], "`text RLIKE 'pattern'`"),
    (&["append", "push", "list_append"], "`array_append(array, item)`"),
    (&["list", "make_array"], "`array(1, 2)`"),
    (&["count_items", "array_length"], "`size(array)`"),
    (&["switch"], "`CASE x WHEN 1 THEN 'a' ELSE 'b' END`"),
];

/// Units of time as they follow a number.
const UNITS: [&str; 9] = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"];

/// What a function of this lower-case name, known elsewhere, is called here.
fn foreign(name: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(names, _)| names.contains(&name)).map(|(_, here)| *here)
}

/// Why there is no such function, and what may be meant.
pub(super) fn no_function(written: &str) -> String {
    let name = written.to_lowercase();
    if let Some(advice) = advice(&name) {
        return format!("`{written}` is left out: {advice}");
    }
    if is_aggregate(&name) {
        return format!("`{written}` summarises many rows, an expression sees one; use a group or an aggregate node");
    }
    if matches!(
        name.as_str(),
        "unnest" | "explode" | "explode_outer" | "posexplode" | "posexplode_outer" | "inline" | "stack" | "json_tuple"
    ) {
        return format!("`{written}` makes several rows of one; use a flat map node");
    }
    if let Some(here) = foreign(&name) {
        return format!("no function `{written}`; here it is {here}");
    }
    if let Some((value, method)) = written.rsplit_once('.')
        && let Some(entry) = find(&method.to_lowercase()).filter(|entry| !entry.doc.is_empty())
    {
        return format!("`{method}` takes its values in parentheses: `{}`, so `{method}({value})`", entry.form);
    }
    match nearest(&name, names()) {
        Some(near) => format!("no function `{written}`; did you mean `{near}`?"),
        None => format!("no function `{written}`; the completion and `weir functions` list all there are"),
    }
}

/// Refuses signs that no expression has, each in its place.
pub(super) fn check_signs(source: &str, tokens: &[TokenWithSpan]) -> Result<(), ExprError> {
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).filter(|next| next.span.start == token.span.end).map(|next| &next.token);
        let Some(sentence) = sign(&token.token, next) else { continue };
        return Err(ExprError::new(sentence).at(place::range(source, token.span)));
    }
    Ok(())
}

fn sign(token: &Token, next: Option<&Token>) -> Option<String> {
    let instead = |written: &str, here: &str| Some(format!("`{written}` is written {here}"));
    match token {
        Token::Overlap => instead("&&", "`AND`"),
        Token::Mul if next == Some(&Token::Mul) => instead("**", "`power(base, exponent)`"),
        Token::Char(c) => match c {
            '≥' => instead("≥", "`>=`"),
            '≤' => instead("≤", "`<=`"),
            '≠' => instead("≠", "`<>`"),
            '×' => instead("×", "`*`"),
            '÷' => instead("÷", "`/`"),
            '−' | '–' => instead(&c.to_string(), "`-`, the plain minus"),
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' => {
                instead(&c.to_string(), "`'`: texts stand in straight quotes")
            }
            '，' => instead("，", "`,`"),
            '（' | '）' => instead(&c.to_string(), "`(` and `)`"),
            '＝' => instead("＝", "`=`"),
            '；' | '。' => Some(format!("leave the `{c}` out: an expression ends where it ends")),
            _ => None,
        },
        _ => None,
    }
}

/// What is meant where a whole expression is followed by something else: `before` is the source up to it.
pub(super) fn left_over(token: &Token, before: &str) -> String {
    let lower = before.to_lowercase();
    let mut words = lower.trim_end().rsplit(|c: char| !c.is_alphanumeric() && c != '_');
    let last = words.next().unwrap_or_default();
    let is_interval = words.find(|word| !word.is_empty()) == Some("interval");
    match token {
        Token::RArrow => "`=>` is no comparison; greater or equal is written `>=`".to_owned(),
        Token::Comma => "an expression gives one value; write the other one as a column of its own".to_owned(),
        Token::SemiColon => "leave the `;` out: an expression ends where it ends".to_owned(),
        Token::Question | Token::Placeholder(_) => {
            "`?` is no operator; choose with `if(condition, a, b)`, replace nulls with `coalesce(a, b)`".to_owned()
        }
        Token::RParen => "a `)` too many: none is open here".to_owned(),
        Token::Number(digits, _) if digits.starts_with('.') => {
            let index = digits.trim_start_matches('.');
            format!("an item of a list is written with brackets: `[{index}]`")
        }
        _ if last == "select" => {
            "an expression is one value, without SELECT; a whole query belongs into an SQL node".to_owned()
        }
        _ if last == "if" => {
            "write `if(condition, then, otherwise)`, or `CASE WHEN ... THEN ... ELSE ... END`".to_owned()
        }
        Token::Word(word) => word_left_over(&word.value, last, is_interval),
        other => format!("`{other}` is not expected here; is an operator missing?"),
    }
}

/// A word behind `last`, which is the number of an interval or not.
fn word_left_over(word: &str, last: &str, is_interval: bool) -> String {
    let lower = word.to_lowercase();
    let is_number = !last.is_empty() && last.chars().all(|c| c.is_ascii_digit());
    if is_number && UNITS.contains(&lower.trim_end_matches('s')) {
        return format!("a span of time is written `INTERVAL {last} {}`", lower.to_uppercase());
    }
    if is_number && is_interval {
        return format!("`{word}` is no unit of time; there are {}", UNITS.join(", "));
    }
    match (lower.as_str(), find(&lower), foreign(&lower)) {
        ("as", ..) => "an expression has no `AS`; the column's name stands in the field beside it".to_owned(),
        ("matches" | "match", ..) => "patterns are compared with `RLIKE`: `text RLIKE '^a+$'`".to_owned(),
        (_, Some(entry), _) if !entry.doc.is_empty() => {
            format!("`{word}` is a function, its values stand in parentheses behind it: `{}`", entry.form)
        }
        (_, _, Some(here)) => format!("`{word}` is written {here}"),
        _ => format!("`{word}` is not expected here; is an operator missing?"),
    }
}

/// What a parser's complaint means to people: `Expected: ), found: EOF`.
pub(super) fn sentence(message: &str) -> String {
    if let Some(known) = unfinished(message) {
        return known.to_owned();
    }
    let Some(rest) = message.strip_prefix("Expected: ") else {
        let mut chars = message.trim_end_matches('.').chars();
        return chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect());
    };
    // Signs and words of the language stand in quotes, descriptions do not.
    let quoted = |expected: &str| {
        let is_literal = !expected.contains(|c: char| c.is_lowercase());
        if is_literal { format!("`{expected}`") } else { expected.to_owned() }
    };
    match rest.rsplit_once(", found: ") {
        Some(("an expression", "EOF")) => "the expression ends too early; a value is missing".to_owned(),
        Some((expected, "EOF")) => format!("{} is missing at the end", quoted(expected)),
        Some(("an expression", found)) => format!("a value is expected instead of `{found}`"),
        Some((expected, found)) => format!("{} is expected instead of `{found}`", quoted(expected)),
        None => format!("{} is expected", quoted(rest)),
    }
}

fn unfinished(message: &str) -> Option<&'static str> {
    if message.starts_with("Unterminated string literal") {
        Some("the text that begins here does not end; close it, and double a quote within it: 'it''s'")
    } else if message.starts_with("Expected close delimiter") {
        Some("the name that begins here does not end; close it with a backtick")
    } else if message.starts_with("Unexpected EOF while in a multi-line comment") {
        Some("the comment does not end; close it with `*/`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
