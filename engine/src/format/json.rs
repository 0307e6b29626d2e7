//! Reads JSON strictly, remembering where everything stands.
//!
//! Three things a file needs and a general parser does not give: the place of every value, so that a wrong one can be
//! pointed at; refusal of a key given twice instead of silently taking the last; and numbers that mean exactly what
//! they say, so that a saved file reads back to the same bytes. The grammar is RFC 8259.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

/// Deeper nesting is refused: no parameter needs it, and reading and printing recurse.
const MAX_DEPTH: usize = 100;

/// A value and the byte at which it starts.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) at: usize,
    pub(super) tree: Tree,
}

/// A value with places inside.
#[derive(Debug)]
pub(super) enum Tree {
    /// `null`, a truth value, a number or text.
    Plain(Value),
    /// A list.
    List(Vec<Located>),
    /// An object, in the order of the file; no name appears twice.
    Object(Vec<Field>),
}

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    /// Where the name starts.
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) value: Located,
}

/// What is wrong at which byte.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) at: usize,
    pub(super) message: String,
}

/// Reads one value that fills the whole text.
pub(super) fn read(text: &str) -> Result<Located, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return reader.fail("more text follows after the end; remove it");
    }
    Ok(value)
}

/// The line and the column, both from 1, of a byte.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl Located {
    /// The same without places.
    pub(super) fn to_value(&self) -> Value {
        match &self.tree {
            Tree::Plain(value) => value.clone(),
            Tree::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Tree::Object(fields) => Value::Object(to_map(fields)),
        }
    }

    /// What it is, for a sentence.
    pub(super) fn what(&self) -> &'static str {
        match &self.tree {
            Tree::Plain(Value::Null) => "null",
            Tree::Plain(Value::Bool(_)) => "true or false",
            Tree::Plain(Value::Number(_)) => "a number",
            Tree::Plain(Value::String(_)) => "text",
            Tree::Plain(Value::Array(_)) | Tree::List(_) => "a list",
            Tree::Plain(Value::Object(_)) | Tree::Object(_) => "an object",
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Plain(value) => value.as_str(),
            Tree::List(_) | Tree::Object(_) => None,
        }
    }

    /// The whole number from 0 on, if it is one.
    pub(super) fn as_u64(&self) -> Option<u64> {
        match &self.tree {
            Tree::Plain(value) => value.as_u64(),
            Tree::List(_) | Tree::Object(_) => None,
        }
    }
}

/// The fields without places.
pub(super) fn to_map(fields: &[Field]) -> Map<String, Value> {
    fields.iter().map(|field| (field.name.clone(), field.value.to_value())).collect()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        if self.at >= self.text.len() {
            let message = "the file ends in the middle; it was cut off: restore it from a copy".to_owned();
            return Err(SyntaxError { at: self.at, message });
        }
        Err(SyntaxError { at: self.at, message: message.into() })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Steps over this byte if it comes next, after blanks.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Located, SyntaxError> {
        self.skip_blanks();
        if depth > MAX_DEPTH {
            return self.fail(format!("nested more than {MAX_DEPTH} levels deep, which no pipeline is; flatten it"));
        }
        let at = self.at;
        let tree = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Tree::Plain(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Tree::Plain(Value::Number(self.number()?)),
            Some(_) | None => Tree::Plain(self.word()?),
        };
        Ok(Located { at, tree })
    }

    fn object(&mut self, depth: usize) -> Result<Tree, SyntaxError> {
        self.at += 1;
        let mut fields: Vec<Field> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        if self.takes(b'}') {
            return Ok(Tree::Object(fields));
        }
        loop {
            self.skip_blanks();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return self.fail("a name in double quotes must stand here; check for a comma too many");
            }
            let name = self.string()?;
            if let Some(first) = places.insert(name.clone(), at) {
                let (line, column) = place(self.text, first);
                let message = format!(
                    "`{name}` appears twice in the same object, first at line {line}, column {column}; \
                     remove or rename one of them"
                );
                return Err(SyntaxError { at, message });
            }
            if !self.takes(b':') {
                return self.fail("a colon is missing after the name; insert it");
            }
            let value = self.value(depth + 1)?;
            fields.push(Field { at, name, value });
            if self.takes(b'}') {
                return Ok(Tree::Object(fields));
            }
            if !self.takes(b',') {
                return self.fail("a comma or a closing `}` is missing before this; insert it");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Tree, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.takes(b']') {
            return Ok(Tree::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.takes(b']') {
                return Ok(Tree::List(items));
            }
            if !self.takes(b',') {
                return self.fail("a comma or a closing `]` is missing before this; insert it");
            }
        }
    }

    /// `true`, `false` or `null`; anything else is told apart for the sentence only.
    fn word(&mut self) -> Result<Value, SyntaxError> {
        let rest = &self.text[self.at..];
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(20).collect();
        match rest.chars().next() {
            Some('/' | '#') => self.fail("JSON has no comments; remove this one (a frame's note is a good place)"),
            Some('\'') => self.fail("text must be in double quotes; replace the single ones"),
            Some(']' | '}' | ',') => self.fail("a value is missing before this; enter it or remove the comma"),
            Some(_) if !word.is_empty() => {
                self.fail(format!("`{word}` is no value; write a number, true, false, null, or text in double quotes"))
            }
            Some(_) | None => self.fail("a value must stand here; enter one"),
        }
    }

    fn number(&mut self) -> Result<Number, SyntaxError> {
        const WRONG: &str = "this is not a number; write it like 12, -3.5 or 1e6";
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let digits_at = self.at;
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.text.as_bytes()[digits_at] == b'0') {
            self.at = start;
            return self.fail(WRONG);
        }
        let mut is_whole = true;
        if self.peek() == Some(b'.') {
            is_whole = false;
            self.at += 1;
            if self.digits() == 0 {
                return self.fail(WRONG);
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            is_whole = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return self.fail(WRONG);
            }
        }
        let text = &self.text[start..self.at];
        let number = if is_whole && text != "-0" {
            text.parse::<u64>().ok().map(Number::from).or_else(|| text.parse::<i64>().ok().map(Number::from))
        } else {
            text.parse::<f64>().ok().and_then(Number::from_f64)
        };
        number.ok_or_else(|| SyntaxError {
            at: start,
            message: "this number is too large to be kept exactly; write it as text in double quotes".to_owned(),
        })
    }

    /// Steps over digits and tells how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
            // The piece ends before an ASCII byte, hence between two characters.
            text.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => {
                    return self.fail("text must not contain line breaks or control characters; write \\n or \\u");
                }
                None => return self.fail(""),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        const WRONG: &str = "no such escape; write a backslash itself as \\\\";
        let start = self.at;
        self.at += 1;
        let Some(byte) = self.peek() else { return self.fail(WRONG) };
        self.at += 1;
        let found = match byte {
            b'"' => Some('"'),
            b'\\' => Some('\\'),
            b'/' => Some('/'),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'u' => self.unicode_escape(),
            _ => None,
        };
        found.map_or_else(
            || {
                self.at = start;
                self.fail(WRONG)
            },
            Ok,
        )
    }

    /// Four hexadecimal digits, or two groups of them for a character beyond the first 65,536.
    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let second = self.hex().filter(|second| (0xdc00..0xe000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
