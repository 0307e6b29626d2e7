//! A compiled pattern, and matches in Java's order.

use std::sync::Arc;

use regex::{Captures, Regex, RegexBuilder};

use super::translate::translate;
use crate::expr::ExprError;

/// Largest compiled pattern.
const MAX_BYTES: usize = 1 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub(in crate::expr) struct Pattern {
    regex: Regex,
    minds_line_ends: bool,
}

impl Pattern {
    /// Compiles a Java pattern; what cannot mean the same here is refused.
    pub(in crate::expr) fn new(java: &str) -> Result<Self, ExprError> {
        let translated = translate(java)?;
        let built = RegexBuilder::new(&translated.pattern).size_limit(MAX_BYTES).build();
        let regex = built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                ExprError::new("the regular expression is too large; its repetitions count too high")
            }
            error => {
                let text = error.to_string();
                let reason = text.rsplit("error: ").next().unwrap_or_default().trim();
                ExprError::new(format!("`{java}` is no regular expression: {reason}"))
            }
        })?;
        Ok(Self { regex, minds_line_ends: translated.minds_line_ends })
    }

    /// How many groups it has, the whole not counted.
    pub(in crate::expr) fn groups(&self) -> usize {
        self.regex.captures_len() - 1
    }

    /// The number of a named group.
    pub(in crate::expr) fn group_named(&self, name: &str) -> Option<usize> {
        self.regex.capture_names().position(|found| found == Some(name))
    }

    /// Whether it matches anywhere in the text.
    pub(in crate::expr) fn is_in(&self, text: &str) -> Result<bool, ExprError> {
        self.check(text)?;
        Ok(self.regex.is_match(text))
    }

    /// The first match: its bytes.
    pub(in crate::expr) fn first(&self, text: &str) -> Result<Option<(usize, usize)>, ExprError> {
        self.check(text)?;
        Ok(self.regex.find(text).map(|found| (found.start(), found.end())))
    }

    /// The first match with its groups.
    pub(in crate::expr) fn first_groups<'t>(&self, text: &'t str) -> Result<Option<Captures<'t>>, ExprError> {
        self.check(text)?;
        Ok(self.regex.captures(text))
    }

    /// All matches with their groups, as Java's `find` gives them one after the other: behind an empty match it goes on
    /// a character later, and an empty match may follow at the end of another.
    pub(in crate::expr) fn all_groups<'t>(
        &self,
        text: &'t str,
    ) -> Result<impl Iterator<Item = Captures<'t>>, ExprError> {
        self.check(text)?;
        let mut from = Some(0);
        Ok(std::iter::from_fn(move || {
            let captures = self.regex.captures_at(text, from?)?;
            let whole = captures.get(0)?;
            from = after(text, whole.start(), whole.end());
            Some(captures)
        }))
    }

    /// All matches: their bytes.
    pub(in crate::expr) fn all(&self, text: &str) -> Result<impl Iterator<Item = (usize, usize)>, ExprError> {
        self.check(text)?;
        let mut from = Some(0);
        Ok(std::iter::from_fn(move || {
            let found = self.regex.find_at(text, from?)?;
            from = after(text, found.start(), found.end());
            Some((found.start(), found.end()))
        }))
    }

    /// The pieces of a text between the matches, at most so many, as Java's `String.split` cuts it: an empty match at the
    /// very beginning cuts nothing off.
    pub(in crate::expr) fn pieces<'t>(&self, text: &'t str, most: usize) -> Result<Vec<&'t str>, ExprError> {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for (start, end) in self.all(text)? {
            if pieces.len() + 1 >= most {
                break;
            }
            if from == 0 && start == 0 && end == 0 {
                continue;
            }
            pieces.extend(text.get(from..start));
            from = end;
        }
        pieces.extend(text.get(from..));
        Ok(pieces)
    }

    /// Java sees the end of a line also before the last line end of a text, and knows more line ends.
    fn check(&self, text: &str) -> Result<(), ExprError> {
        let is_odd = |c: char| matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if self.minds_line_ends && (text.ends_with('\n') || text.contains(is_odd)) {
            let message = "`$` and `(?m)` on a text with line ends differ from Spark's; trim the text, or end the pattern with `\\z`";
            return Err(ExprError::new(message));
        }
        Ok(())
    }
}

/// Where the search goes on.
fn after(text: &str, start: usize, end: usize) -> Option<usize> {
    if end > start {
        return Some(end);
    }
    text.get(end..)?.chars().next().map(|c| end + c.len_utf8())
}

/// The pattern of each row: compiled anew only where it changes.
#[derive(Debug, Default)]
pub(in crate::expr) struct Patterns {
    last: Option<(String, Arc<Pattern>)>,
}

impl Patterns {
    /// The compiled pattern.
    pub(in crate::expr) fn get(&mut self, java: &str) -> Result<Arc<Pattern>, ExprError> {
        match &self.last {
            Some((text, pattern)) if text == java => Ok(Arc::clone(pattern)),
            _ => {
                let pattern = Arc::new(Pattern::new(java)?);
                self.last = Some((java.to_owned(), Arc::clone(&pattern)));
                Ok(pattern)
            }
        }
    }
}
