//! A JSON value as it was written: keys in their order and as often as they stand, numbers in their digits.

use crate::expr::cast::double_text;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 256;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::expr) enum Json {
    Null,
    Boolean(bool),
    /// Its digits.
    Number(String),
    Text(String),
    /// With the text it was read from, for those who want it as it was written.
    Array(Vec<Json>, String),
    /// With the text it was read from.
    Object(Vec<(String, Json)>, String),
}

impl Json {
    /// Reads the value at the beginning of a text; what stands behind it is not looked at. `None` where there is none.
    pub(in crate::expr) fn read(text: &str, takes_single_quotes: bool) -> Option<Self> {
        let mut reader = Reader { text, at: 0, takes_single_quotes };
        reader.blanks();
        let value = reader.value(0)?;
        // A number or word must end where it ends.
        let is_word = matches!(value, Self::Null | Self::Boolean(_) | Self::Number(_));
        let follows = reader.peek();
        let is_end = follows.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | ',' | ']' | '}'));
        (!is_word || is_end).then_some(value)
    }

    /// The text Spark makes of it: compact, doubles as Java shows them.
    pub(in crate::expr) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(&number_text(digits)),
            Self::Text(text) => write_text(text, out),
            Self::Array(items, _) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields, _) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The same as a text of its own.
    pub(in crate::expr) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// A fraction goes through a double, a whole number stays.
pub(super) fn number_text(digits: &str) -> String {
    if digits.contains(['.', 'e', 'E']) { double_text(digits.parse().unwrap_or(f64::NAN)) } else { digits.to_owned() }
}

/// A text in quotes, escaped as Jackson escapes.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    takes_single_quotes: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is_there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(wanted));
        self.at += if is_there { wanted.len() } else { 0 };
        is_there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            '{' => {
                let start = self.at;
                let fields = self.object(depth)?;
                Some(Json::Object(fields, self.text.get(start..self.at)?.to_owned()))
            }
            '[' => {
                let start = self.at;
                let items = self.array(depth)?;
                Some(Json::Array(items, self.text.get(start..self.at)?.to_owned()))
            }
            quote if self.is_quote(quote) => self.quoted().map(Json::Text),
            't' => self.take("true").then_some(Json::Boolean(true)),
            'f' => self.take("false").then_some(Json::Boolean(false)),
            'n' => self.take("null").then_some(Json::Null),
            _ => self.number(),
        }
    }

    fn is_quote(&self, c: char) -> bool {
        c == '"' || c == '\'' && self.takes_single_quotes
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(String, Json)>> {
        self.next()?;
        let mut fields = Vec::new();
        self.blanks();
        if self.take("}") {
            return Some(fields);
        }
        loop {
            self.blanks();
            if !self.is_quote(self.peek()?) {
                return None;
            }
            let name = self.quoted()?;
            self.blanks();
            if !self.take(":") {
                return None;
            }
            self.blanks();
            fields.push((name, self.value(depth + 1)?));
            self.blanks();
            match self.next()? {
                ',' => {}
                '}' => return Some(fields),
                _ => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Json>> {
        self.next()?;
        let mut items = Vec::new();
        self.blanks();
        if self.take("]") {
            return Some(items);
        }
        loop {
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.next()? {
                ',' => {}
                ']' => return Some(items),
                _ => return None,
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.next()?;
        let mut out = String::new();
        loop {
            match self.next()? {
                c if c == quote => return Some(out),
                '\\' => out.push(self.escape()?),
                c if c < ' ' => return None,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            c @ ('"' | '\\' | '/') => c,
            '\'' if self.takes_single_quotes => '\'',
            'u' => {
                let first = self.unit()?;
                let mut units = vec![first];
                if (0xD800..0xDC00).contains(&first) && self.take("\\u") {
                    units.push(self.unit()?);
                }
                // Half a pair alone is no character.
                char::decode_utf16(units).next()?.ok()?
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        self.take("-");
        let whole = self.digits();
        if whole == 0 || whole > 1 && self.text.get(self.at - whole..)?.starts_with('0') {
            return None;
        }
        if self.take(".") && self.digits() == 0 {
            return None;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            if self.digits() == 0 {
                return None;
            }
        }
        self.text.get(start..self.at).map(|digits| Json::Number(digits.to_owned()))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some('0'..='9')) {
            self.at += 1;
        }
        self.at - start
    }
}
