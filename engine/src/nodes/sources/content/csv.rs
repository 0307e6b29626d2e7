//! One line of CSV to its values, after RFC 4180 without line breaks inside quotes.

use std::borrow::Cow;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CsvValue<'a> {
    /// Without quotes.
    pub(super) text: Cow<'a, str>,
    /// Whether it was quoted: an empty value that was not is null.
    pub(super) is_quoted: bool,
}

/// The values of a line, or what is wrong with it.
pub(super) fn split(line: &str, delimiter: char) -> Result<Vec<CsvValue<'_>>, String> {
    let mut values = Vec::new();
    let mut rest = line;
    loop {
        let (value, after) = if let Some(inner) = rest.strip_prefix('"') {
            quoted(inner)?
        } else {
            let (text, after) = rest.split_at(rest.find(delimiter).unwrap_or(rest.len()));
            (CsvValue { text: Cow::Borrowed(text), is_quoted: false }, after)
        };
        values.push(value);
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(values),
            None => return Err(format!("value {} goes on behind its closing quote", values.len())),
        }
    }
}

/// A value from behind its opening quote on, and what follows its closing one. A doubled quote stands for one.
fn quoted(inner: &str) -> Result<(CsvValue<'_>, &str), String> {
    let mut text = Cow::Borrowed("");
    let mut rest = inner;
    loop {
        let (piece, closing) = rest.split_once('"').ok_or("a quote is opened but not closed")?;
        if text.is_empty() {
            text = Cow::Borrowed(piece);
        } else {
            text.to_mut().push_str(piece);
        }
        match closing.strip_prefix('"') {
            Some(next) => {
                text.to_mut().push('"');
                rest = next;
            }
            None => return Ok((CsvValue { text, is_quoted: true }, closing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line, ',').unwrap().into_iter().map(|value| value.text.into_owned()).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_reads_back(values in prop::collection::vec("[a-c\",; ]{0,6}", 1..5)) {
            let line: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(texts(&line.join(",")), values);
        }

        #[test]
        fn no_line_makes_it_panic(line in "[ab\",]{0,20}") {
            let _ = split(&line, ',');
        }
    }

    #[test]
    fn values_without_quotes_are_what_lies_between_delimiters() {
        assert_eq!(texts("a,,b c,"), ["a", "", "b c", ""]);
        assert_eq!(texts(""), [""]);
        let quoted: Vec<_> = split("\"\",", ',').unwrap().iter().map(|value| value.is_quoted).collect();
        assert_eq!(quoted, [true, false]);
    }

    #[test]
    fn broken_quotes_say_what_is_wrong() {
        assert_eq!(split("\"a", ',').unwrap_err(), "a quote is opened but not closed");
        assert_eq!(split("x,\"a\"b", ',').unwrap_err(), "value 2 goes on behind its closing quote");
    }
}
