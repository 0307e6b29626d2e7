//! One line of CSV to its values: RFC 4180 without line breaks inside quotes, in the dialects that are in use.

use std::borrow::Cow;

use crate::spec::Diagnostic;

/// How values stand in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) struct CsvDialect {
    /// Whether the first line holds the names.
    pub(in crate::nodes) has_header: bool,
    /// What separates.
    pub(in crate::nodes) delimiter: char,
    /// What values are put in that hold the delimiter; `None`: nothing has a special meaning.
    pub(in crate::nodes) quote: Option<char>,
    /// What takes the meaning of the quote behind it, beside doubling it.
    pub(in crate::nodes) escape: Option<char>,
    /// What stands for null beside nothing at all.
    pub(in crate::nodes) null_text: String,
    /// What begins a line that is no row.
    pub(in crate::nodes) comment: Option<char>,
}

/// The parameters of a dialect as a person entered them.
#[derive(Debug, Clone, Copy)]
pub(in crate::nodes) struct CsvOptions<'a> {
    /// `header`.
    pub(in crate::nodes) header: bool,
    /// `delimiter`.
    pub(in crate::nodes) delimiter: &'a str,
    /// `quote`.
    pub(in crate::nodes) quote: &'a str,
    /// `escape`.
    pub(in crate::nodes) escape: &'a str,
    /// `null_text`.
    pub(in crate::nodes) null_text: &'a str,
    /// `comment`.
    pub(in crate::nodes) comment: &'a str,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CsvValue<'a> {
    /// Without quotes.
    pub(super) text: Cow<'a, str>,
    /// Whether it was quoted: then it is never null.
    pub(super) is_quoted: bool,
}

impl CsvOptions<'_> {
    /// The dialect. What is wrong goes to `problems`.
    pub(in crate::nodes) fn dialect(&self, problems: &mut Vec<Diagnostic>) -> CsvDialect {
        let delimiter = delimiter_of(self.delimiter).unwrap_or_else(|problem| {
            problems.push(problem);
            ','
        });
        let mut one = |param: &str, text: &str| {
            let mut chars = text.chars();
            let (first, second) = (chars.next(), chars.next());
            if second.is_some() || (first == Some(delimiter) && param != "comment") {
                let wrong = format!(
                    "`{text}` cannot be it; enter one character that is not the delimiter, or `none` for no such \
                     character"
                );
                problems.push(Diagnostic::error(wrong).param(param));
            }
            first
        };
        let mut chosen = |param: &str, text: &str| if text.trim() == NONE { None } else { one(param, text) };
        let (quote, escape, comment) =
            (chosen("quote", self.quote), chosen("escape", self.escape), chosen("comment", self.comment));
        let null_text = self.null_text.to_owned();
        CsvDialect { has_header: self.header, delimiter, quote, escape, null_text, comment }
    }
}

/// What stands in a parameter for 'no such character': an empty one would mean its default.
const NONE: &str = "none";

/// The character that `delimiter` stands for.
fn delimiter_of(text: &str) -> Result<char, Diagnostic> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("\\t" | "tab", ..) => Ok('\t'),
        (_, Some(delimiter), None) if delimiter != '"' => Ok(delimiter),
        _ => {
            let wrong = format!("`{text}` is no delimiter; enter one character, or \\t for a tab");
            Err(Diagnostic::error(wrong).param("delimiter"))
        }
    }
}

impl CsvDialect {
    /// Whether the line is no row.
    pub(super) fn is_comment(&self, line: &str) -> bool {
        self.comment.is_some_and(|comment| line.starts_with(comment))
    }

    /// Whether the line is meant to be one. Tabs between values that are all null are no blanks.
    pub(super) fn is_row(&self, line: &str) -> bool {
        let is_blank = |c: char| c.is_whitespace() && c != self.delimiter;
        !self.is_comment(line) && !line.chars().all(is_blank)
    }

    /// Whether the value stands for null.
    pub(super) fn is_null(&self, value: &CsvValue<'_>) -> bool {
        !value.is_quoted && (value.text.is_empty() || value.text == self.null_text)
    }

    /// The values of a line, or what is wrong with it.
    pub(super) fn split<'a>(&self, line: &'a str) -> Result<Vec<CsvValue<'a>>, String> {
        let mut values = Vec::new();
        let mut rest = line;
        loop {
            let opened = self.quote.and_then(|quote| Some((quote, rest.strip_prefix(quote)?)));
            let (value, after) = if let Some((quote, inner)) = opened {
                self.quoted(inner, quote)?
            } else {
                let (text, after) = rest.split_at(rest.find(self.delimiter).unwrap_or(rest.len()));
                (CsvValue { text: Cow::Borrowed(text), is_quoted: false }, after)
            };
            values.push(value);
            match after.strip_prefix(self.delimiter) {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(values),
                None => return Err(format!("value {} goes on behind its closing quote", values.len())),
            }
        }
    }

    /// A value from behind its opening quote on, and what follows its closing one. A doubled quote stands for one.
    fn quoted<'a>(&self, inner: &'a str, quote: char) -> Result<(CsvValue<'a>, &'a str), String> {
        let escape = self.escape.filter(|escape| *escape != quote);
        let mut text = Cow::Borrowed("");
        let mut rest = inner;
        loop {
            let special = |c: char| c == quote || Some(c) == escape;
            let at = rest.find(special).ok_or("a quote is opened but not closed")?;
            let (piece, found) = rest.split_at(at);
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().push_str(piece);
            }
            let mut chars = found.chars();
            let is_quote = chars.next() == Some(quote);
            let behind = chars.as_str();
            match chars.next() {
                Some(next) if next == quote || (!is_quote && Some(next) == escape) => {
                    text.to_mut().push(next);
                    rest = chars.as_str();
                }
                Some(_) | None if is_quote => return Ok((CsvValue { text, is_quoted: true }, behind)),
                // An escape before anything else is a character like others.
                Some(_) | None => {
                    text.to_mut().extend(escape);
                    rest = behind;
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4180.
    pub(in super::super) fn standard() -> CsvDialect {
        let options =
            CsvOptions { header: true, delimiter: ",", quote: "\"", escape: "none", null_text: "", comment: "none" };
        options.dialect(&mut Vec::new())
    }

    fn texts(line: &str) -> Vec<String> {
        standard().split(line).unwrap().into_iter().map(|value| value.text.into_owned()).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_reads_back(values in prop::collection::vec("[a-c\",; ]{0,6}", 1..5)) {
            let line: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(texts(&line.join(",")), values);
        }

        #[test]
        fn what_is_written_with_escapes_reads_back(values in prop::collection::vec("[a-c',\\\\ ]{0,6}", 1..5)) {
            let dialect = CsvDialect { quote: Some('\''), escape: Some('\\'), ..standard() };
            let written = |value: &String| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
            let line = values.iter().map(written).collect::<Vec<_>>().join(",");
            let read: Vec<_> = dialect.split(&line).unwrap().into_iter().map(|value| value.text.into_owned()).collect();
            prop_assert_eq!(read, values);
        }

        #[test]
        fn no_line_makes_it_panic(line in "[ab\",\\\\ä]{0,20}") {
            let _ = standard().split(&line);
            let _ = CsvDialect { escape: Some('\\'), ..standard() }.split(&line);
        }
    }

    #[test]
    fn values_without_quotes_are_what_lies_between_delimiters() {
        assert_eq!(texts("a,,b c,"), ["a", "", "b c", ""]);
        assert_eq!(texts(""), [""]);
        let quoted: Vec<_> = standard().split("\"\",").unwrap().iter().map(|value| value.is_quoted).collect();
        assert_eq!(quoted, [true, false]);
        let unquoted = CsvDialect { quote: None, ..standard() };
        assert_eq!(unquoted.split("\"a,b\"").unwrap().len(), 2, "without a quote it is a character like others");
    }

    #[test]
    fn broken_quotes_say_what_is_wrong() {
        assert_eq!(standard().split("\"a").unwrap_err(), "a quote is opened but not closed");
        assert_eq!(standard().split("x,\"a\"b").unwrap_err(), "value 2 goes on behind its closing quote");
    }

    #[test]
    fn nothing_and_the_null_text_are_null_unless_they_are_quoted() {
        let dialect = CsvDialect { null_text: "NA".to_owned(), comment: Some('#'), ..standard() };
        let nulls: Vec<_> =
            dialect.split("NA,,\"NA\",\"\",x").unwrap().iter().map(|value| dialect.is_null(value)).collect();
        assert_eq!(nulls, [true, true, false, false, false]);
        let tabs = CsvDialect { delimiter: '\t', ..standard() };
        assert!(tabs.is_row("\t\t") && !tabs.is_row("  ") && !standard().is_row("\t\t") && standard().is_row(",,"));
        assert!(dialect.is_comment("# a,b") && !dialect.is_comment("a,#") && !standard().is_comment("#"));
    }

    #[test]
    fn options_that_cannot_be_are_told_where_they_stand() {
        let mut problems = Vec::new();
        let options =
            CsvOptions { header: true, delimiter: ";;", quote: "ab", escape: ",", null_text: "", comment: "none" };
        options.dialect(&mut problems);
        let params: Vec<_> = problems.iter().filter_map(|problem| problem.param.as_deref()).collect();
        assert_eq!(params, ["delimiter", "quote", "escape"]);
    }
}
