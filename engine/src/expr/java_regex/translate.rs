//! Rewrites a Java pattern for the `regex` crate, piece by piece, or says what it cannot be.

use super::classes::{self, LINE_ENDS};
use super::flags::Flags;
use crate::expr::ExprError;

/// A pattern the crate understands, and what its texts must not hold for it to mean what Java means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub pattern: String,
    /// It looks at ends of lines (`$`, `(?m)^`), which Java also sees before a last line end.
    pub minds_line_ends: bool,
}

/// Deepest nesting of groups.
const MAX_DEPTH: usize = 100;

/// The pattern for the `regex` crate.
pub(super) fn translate(java: &str) -> Result<Translated, ExprError> {
    let mut translator = Translator {
        rest: java.chars().collect(),
        at: 0,
        out: String::with_capacity(java.len() * 2),
        flags: Flags::default(),
        open: Vec::new(),
        minds_line_ends: false,
    };
    while let Some(c) = translator.next() {
        translator.piece(c)?;
    }
    if !translator.open.is_empty() {
        return Err(ExprError::new("the regular expression has a `(` without its `)`"));
    }
    Ok(Translated { pattern: translator.out, minds_line_ends: translator.minds_line_ends })
}

struct Translator {
    rest: Vec<char>,
    at: usize,
    out: String,
    flags: Flags,
    /// The flags to return to at each `)`.
    open: Vec<Flags>,
    minds_line_ends: bool,
}

fn refused(what: &str) -> ExprError {
    ExprError::new(format!(
        "{what} cannot be used in regular expressions here; they run in linear time, without going back"
    ))
}

impl Translator {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    /// The text up to `end`, which is taken too.
    fn until(&mut self, end: char) -> Option<String> {
        let length = self.rest.get(self.at..)?.iter().position(|c| *c == end)?;
        let text = self.rest.get(self.at..self.at + length)?.iter().collect();
        self.at += length + 1;
        Some(text)
    }

    fn piece(&mut self, c: char) -> Result<(), ExprError> {
        match c {
            '\\' => self.escape()?,
            '[' => {
                let class = self.class(0)?;
                self.out.push_str(&class);
            }
            '(' => self.group()?,
            ')' => {
                self.flags = self
                    .open
                    .pop()
                    .ok_or_else(|| ExprError::new("the regular expression has a `)` without its `(`"))?;
                self.out.push(')');
            }
            '.' if self.flags.dot_takes_all => self.out.push_str("(?s:.)"),
            '.' => self.out.push_str(&format!("[^{LINE_ENDS}]")),
            '^' => {
                self.minds_line_ends |= self.flags.by_line;
                self.out.push_str(if self.flags.by_line { "(?m:^)" } else { r"\A" });
            }
            '$' => {
                self.minds_line_ends = true;
                self.out.push_str(if self.flags.by_line { "(?m:$)" } else { r"\z" });
            }
            '*' | '+' | '?' => {
                self.out.push(c);
                self.after_repetition()?;
            }
            '{' => {
                let bounds = self.until('}').filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
                let bounds = bounds.filter(|text| text.chars().all(|c| c.is_ascii_digit() || c == ','));
                let bounds = bounds.ok_or_else(|| ExprError::new("`{` in a regular expression begins a repetition such as `{2,3}`; write `\\{` for the brace itself"))?;
                self.out.push_str(&format!("{{{bounds}}}"));
                self.after_repetition()?;
            }
            '|' => self.out.push('|'),
            c => self.out.push_str(&classes::literal(c, self.flags)),
        }
        Ok(())
    }

    fn after_repetition(&mut self) -> Result<(), ExprError> {
        if self.take('+') {
            return Err(refused("possessive repetitions (`*+`)"));
        }
        if self.take('?') {
            self.out.push('?');
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), ExprError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ExprError::new("the regular expression nests too deep"));
        }
        let outer = self.flags;
        if !self.take('?') {
            self.out.push('(');
            self.open.push(outer);
            return Ok(());
        }
        match self.peek() {
            Some('=' | '!') => Err(refused("look-ahead (`(?=`, `(?!`)")),
            Some('>') => Err(refused("atomic groups (`(?>`)")),
            Some('<') => {
                self.at += 1;
                if matches!(self.peek(), Some('=' | '!')) {
                    return Err(refused("look-behind (`(?<=`, `(?<!`)"));
                }
                let name = self.until('>').unwrap_or_default();
                let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric());
                if !is_name {
                    return Err(ExprError::new(
                        "the name of a group of a regular expression is made of letters and digits: `(?<name>...)`",
                    ));
                }
                self.out.push_str(&format!("(?<{name}>"));
                self.open.push(outer);
                Ok(())
            }
            _ => self.flag_group(outer),
        }
    }

    fn flag_group(&mut self, outer: Flags) -> Result<(), ExprError> {
        let mut letters = String::new();
        loop {
            match self.next() {
                Some(')') => {
                    self.flags = self.flags.changed(&letters)?;
                    return Ok(());
                }
                Some(':') => {
                    self.flags = self.flags.changed(&letters)?;
                    self.out.push_str("(?:");
                    self.open.push(outer);
                    return Ok(());
                }
                Some(letter) => letters.push(letter),
                None => return Err(ExprError::new("the regular expression ends within `(?`")),
            }
        }
    }

    /// What follows a backslash outside of brackets.
    fn escape(&mut self) -> Result<(), ExprError> {
        let c = self.next().ok_or_else(|| {
            ExprError::new("the regular expression ends with a `\\`; write `\\\\` for the backslash itself")
        })?;
        if let Some((members, negated)) = classes::escape(c) {
            self.out.push_str(&format!("[{}{members}]", if negated { "^" } else { "" }));
            return Ok(());
        }
        match c {
            'b' => self.out.push_str(r"\b"),
            'B' => self.out.push_str(r"\B"),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            'Z' => {
                self.minds_line_ends = true;
                self.out.push_str(r"\z");
            }
            'R' => self.out.push_str(&format!(r"(?:\r\n|[\x0B\x0C{LINE_ENDS}])")),
            'p' | 'P' => {
                let (members, negated) = self.property(c == 'P')?;
                self.out.push_str(&format!("[{}{members}]", if negated { "^" } else { "" }));
            }
            'Q' => {
                while let Some(c) = self.next() {
                    if c == '\\' && self.take('E') {
                        break;
                    }
                    self.out.push_str(&classes::literal(c, self.flags));
                }
            }
            '1'..='9' => return Err(refused("back references (`\\1`)")),
            'k' => return Err(refused("back references (`\\k<name>`)")),
            'G' => return Err(refused("`\\G`")),
            'X' => return Err(refused("`\\X`")),
            c => {
                let c = self.escaped_character(c)?;
                self.out.push_str(&classes::literal(c, self.flags));
            }
        }
        Ok(())
    }

    /// `\p{name}` or `\pL`: the members, and whether all others are meant.
    fn property(&mut self, negated: bool) -> Result<(String, bool), ExprError> {
        let name = match self.next() {
            Some('{') => self.until('}').unwrap_or_default(),
            Some(letter) => letter.to_string(),
            None => String::new(),
        };
        if self.flags.ignores_case && matches!(name.as_str(), "Lower" | "Upper" | "Ll" | "Lu" | "Lt") {
            return Err(ExprError::new(format!(
                "`\\p{{{name}}}` together with the flag `i` is not supported; write the letters as `[a-z]`"
            )));
        }
        match classes::property(&name) {
            Some(members) => Ok((members, negated)),
            None => Err(ExprError::new(format!(
                "regular expressions know no property `{name}`; there are `Alpha`, `Digit`, `L`, `Lu`, `IsHan` and their like"
            ))),
        }
    }

    /// The character an escape stands for.
    fn escaped_character(&mut self, c: char) -> Result<char, ExprError> {
        let code = match c {
            't' => 9,
            'n' => 10,
            'r' => 13,
            'f' => 12,
            'a' => 7,
            'e' => 27,
            'x' if self.take('{') => u32::from_str_radix(&self.until('}').unwrap_or_default(), 16).unwrap_or(u32::MAX),
            'x' => self.hexadecimal(2),
            'u' => self.hexadecimal(4),
            '0' => self.octal(),
            'c' => self.next().map_or(u32::MAX, |c| u32::from(c) ^ 64),
            c if c.is_ascii_alphanumeric() => u32::MAX,
            c => u32::from(c),
        };
        char::from_u32(code).ok_or_else(|| ExprError::new(format!("`\\{c}` means nothing in a regular expression")))
    }

    fn hexadecimal(&mut self, digits: usize) -> u32 {
        let text: Option<String> = self.rest.get(self.at..self.at + digits).map(|digits| digits.iter().collect());
        self.at += digits;
        text.and_then(|text| u32::from_str_radix(&text, 16).ok()).unwrap_or(u32::MAX)
    }

    fn octal(&mut self) -> u32 {
        let mut code = None;
        for _ in 0..3 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            let next = code.unwrap_or(0) * 8 + digit;
            if next > 0o377 {
                break;
            }
            code = Some(next);
            self.at += 1;
        }
        code.unwrap_or(u32::MAX)
    }

    /// A class, after its `[`, with both brackets.
    fn class(&mut self, depth: usize) -> Result<String, ExprError> {
        if depth > MAX_DEPTH {
            return Err(ExprError::new("the regular expression nests too deep"));
        }
        let unfinished = || ExprError::new("the regular expression has a `[` without its `]`");
        let mut out = String::from(if self.take('^') { "[^" } else { "[" });
        let mut is_first = true;
        loop {
            let c = self.next().ok_or_else(unfinished)?;
            match c {
                ']' if !is_first => break,
                '[' => out.push_str(&self.class(depth + 1)?),
                '&' if self.peek() == Some('&') => return Err(refused("intersections of classes (`&&`)")),
                '\\' if self.peek().is_some_and(|c| classes::escape(c).is_some()) => {
                    let (members, negated) = self.next().and_then(classes::escape).unwrap_or_default();
                    out.push_str(&if negated { format!("[^{members}]") } else { members.to_owned() });
                }
                '\\' if matches!(self.peek(), Some('p' | 'P')) => {
                    let negated = self.next() == Some('P');
                    let (members, negated) = self.property(negated)?;
                    out.push_str(&if negated { format!("[^{members}]") } else { members });
                }
                '\\' if self.peek() == Some('Q') => return Err(refused("`\\Q` between brackets")),
                c => {
                    let first = self.member(c)?;
                    let goes_on =
                        self.peek() == Some('-') && !matches!(self.rest.get(self.at + 1), None | Some(']' | '['));
                    let last = if goes_on {
                        self.at += 1;
                        let c = self.next().ok_or_else(unfinished)?;
                        self.member(c)?
                    } else {
                        first
                    };
                    if last < first {
                        return Err(ExprError::new(format!(
                            "the range `{first}-{last}` of a regular expression runs backwards"
                        )));
                    }
                    out.push_str(&classes::range(first, last, self.flags));
                }
            }
            is_first = false;
        }
        out.push(']');
        Ok(out)
    }

    fn member(&mut self, c: char) -> Result<char, ExprError> {
        if c != '\\' {
            return Ok(c);
        }
        let c = self.next().ok_or_else(|| ExprError::new("the regular expression has a `[` without its `]`"))?;
        self.escaped_character(c)
    }
}
