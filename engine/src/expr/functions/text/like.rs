//! `LIKE` and `ILIKE`: `%` for any characters, `_` for one.

use memchr::memmem::Finder;

use crate::expr::args::Texts;
use crate::expr::functions::prelude::*;

const TAKES: Takes = Takes::these(&[Param::Text, Param::Text]).or(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "like",
        "like(text, pattern[, escape])",
        "Whether the text fits a pattern in which `%` is any text and `_` one character.",
        TAKES,
        Gives::Boolean,
        like,
    )
    .total(),
    Entry::own(
        "ilike",
        "ilike(text, pattern[, escape])",
        "Whether the text fits a pattern, whatever the case of its letters.",
        TAKES,
        Gives::Boolean,
        ilike,
    )
    .total(),
];

fn like(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    fits(args, false)
}

fn ilike(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    fits(args, true)
}

fn fits(args: &Args<'_>, ignores_case: bool) -> Result<ArrayRef, ExprError> {
    let (text, pattern) = (args.text(0)?, args.text(1)?);
    let escape = (args.len() > 2).then(|| args.text(2)).transpose()?;
    let known = escape.as_ref().map_or(Some(Some("\\")), Texts::constant);
    // A wrong pattern is told below, by the first row that needs it.
    if let (Some(Some(pattern)), Some(Some(escape))) = (pattern.constant(), known)
        && let Ok(wildcard) = Wildcard::new(pattern, escape, ignores_case)
    {
        return Ok(text.matching(args.rows(), |text| wildcard.takes(text, ignores_case)));
    }
    let mut last: Option<(String, String, Wildcard)> = None;
    booleans(args.rows(), |row| {
        let escape = escape.as_ref().map_or(Some("\\"), |escape| escape.get(row));
        let (Some(text), Some(pattern), Some(escape)) = (text.get(row), pattern.get(row), escape) else {
            return Ok(None);
        };
        let is_last = matches!(&last, Some((source, character, _)) if source == pattern && character == escape);
        if !is_last {
            let wildcard = Wildcard::new(pattern, escape, ignores_case)?;
            last = Some((pattern.to_owned(), escape.to_owned(), wildcard));
        }
        let Some((_, _, wildcard)) = &last else { return Ok(None) };
        Ok(Some(wildcard.takes(text, ignores_case)))
    })
}

/// A pattern, cut at its `%`.
#[derive(Debug)]
struct Wildcard {
    /// What must stand at the beginning, in between in this order, and at the end. One piece where there is no `%`.
    pieces: Vec<Piece>,
}

/// Characters between two `%`; `None` is any one character.
#[derive(Debug)]
enum Piece {
    Plain { text: String, finder: Box<Finder<'static>> },
    Holes(Vec<Option<char>>),
}

impl Wildcard {
    fn new(pattern: &str, escape: &str, ignores_case: bool) -> Result<Self, ExprError> {
        let mut escapes = escape.chars();
        let (Some(escape), None) = (escapes.next(), escapes.next()) else {
            return Err(ExprError::new("the escape of `LIKE` is one character"));
        };
        let lowered;
        let pattern = if ignores_case {
            lowered = pattern.to_lowercase();
            &lowered
        } else {
            pattern
        };
        let mut pieces = vec![Vec::new()];
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            let next = match c {
                c if c == escape => match chars.next() {
                    Some(c) if c == '%' || c == '_' || c == escape => Some(c),
                    Some(other) => return Err(bad_escape(pattern, escape, &format!("stands before `{other}`"))),
                    None => return Err(bad_escape(pattern, escape, "is its last character")),
                },
                '%' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '_' => None,
                c => Some(c),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(next);
            }
        }
        Ok(Self { pieces: pieces.into_iter().map(Piece::new).collect() })
    }

    fn takes(&self, text: &str, ignores_case: bool) -> bool {
        if ignores_case { self.fits(&text.to_lowercase()) } else { self.fits(text) }
    }

    fn fits(&self, text: &str) -> bool {
        let Some((first, others)) = self.pieces.split_first() else { return false };
        let Some(mut rest) = first.at_start(text) else { return false };
        let Some((last, between)) = others.split_last() else { return rest.is_empty() };
        for piece in between {
            match piece.anywhere(rest) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        last.at_end(rest)
    }
}

fn bad_escape(pattern: &str, escape: char, where_it_is: &str) -> ExprError {
    ExprError::new(format!(
        "in the pattern '{pattern}' the escape `{escape}` {where_it_is}; only `%`, `_` and itself can be escaped"
    ))
}

impl Piece {
    fn new(chars: Vec<Option<char>>) -> Self {
        match chars.iter().copied().collect::<Option<String>>() {
            Some(text) => Self::Plain { finder: Box::new(Finder::new(&text).into_owned()), text },
            None => Self::Holes(chars),
        }
    }

    /// What follows it at the beginning of the text.
    fn at_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain { text: plain, .. } => text.strip_prefix(plain.as_str()),
            Self::Holes(chars) => {
                let mut rest = text.chars();
                let fits =
                    chars.iter().all(|wanted| rest.next().is_some_and(|c| wanted.is_none_or(|wanted| wanted == c)));
                if fits { Some(rest.as_str()) } else { None }
            }
        }
    }

    /// What follows its first occurrence.
    fn anywhere<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain { text: plain, finder } => {
                finder.find(text.as_bytes()).and_then(|at| text.get(at + plain.len()..))
            }
            Self::Holes(_) => text.char_indices().find_map(|(at, _)| self.at_start(text.get(at..)?)),
        }
    }

    fn at_end(&self, text: &str) -> bool {
        match self {
            Self::Plain { text: plain, .. } => text.ends_with(plain.as_str()),
            Self::Holes(chars) => {
                let mut rest = text.chars().rev();
                chars.iter().rev().all(|wanted| rest.next().is_some_and(|c| wanted.is_none_or(|wanted| wanted == c)))
            }
        }
    }
}
