//! One place of a format, such as `%-8.2f`, and how a value is written into it.

use super::chars::check_length;
use super::digits::{grouped, rounded_half_up};
use crate::expr::ExprError;

/// A part of a format.
pub(super) enum Piece {
    Text(String),
    Place(Placeholder),
}

/// A value to be written.
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Boolean(bool),
    /// With the bits of its type.
    Whole(i64, u32),
    Fraction(f64),
}

/// Where a value goes, and how.
#[derive(Default)]
pub(super) struct Placeholder {
    /// The argument named by `2$`, from 0.
    pub argument: Option<usize>,
    flags: String,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

/// The parts of a format.
pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, ExprError> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (text, behind) = rest.split_at(at);
        pieces.push(Piece::Text(text.to_owned()));
        let (place, behind) = Placeholder::read(&behind[1..])?;
        pieces.push(match place.conversion {
            'n' => Piece::Text("\n".to_owned()),
            '%' => Piece::Text(place.padded("%".to_owned())),
            _ => Piece::Place(place),
        });
        rest = behind;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

impl Placeholder {
    /// Reads what follows a `%`.
    fn read(text: &str) -> Result<(Self, &str), ExprError> {
        let mut place = Self::default();
        let mut rest = text;
        if let Some((number, behind)) = digits(rest)
            && let Some(behind) = behind.strip_prefix('$')
        {
            place.argument = Some(
                number.checked_sub(1).ok_or_else(|| ExprError::new("values of a format are counted from 1: `%1$s`"))?,
            );
            rest = behind;
        }
        let flags = rest.find(|c| !"-+ 0,(#".contains(c)).unwrap_or(rest.len());
        rest[..flags].clone_into(&mut place.flags);
        rest = &rest[flags..];
        if let Some((width, behind)) = digits(rest) {
            (place.width, rest) = (width, behind);
        }
        if let Some((precision, behind)) = rest.strip_prefix('.').and_then(digits) {
            (place.precision, rest) = (Some(precision), behind);
        }
        check_length(i64::try_from(place.width.max(place.precision.unwrap_or(0))).unwrap_or(i64::MAX))?;
        let mut chars = rest.chars();
        match chars.next() {
            Some(c) if "sSdxXocbBeEfn%".contains(c) => place.conversion = c,
            Some(c) => {
                let message =
                    format!("`%{c}` is not taken in a format; there are %s %d %x %X %o %c %b %e %E %f %n and %%");
                return Err(ExprError::new(message));
            }
            None => return Err(ExprError::new("the format ends within a `%`; write `%%` for the sign itself")),
        }
        Ok((place, chars.as_str()))
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// Writes a value.
    pub(super) fn write(&self, value: &Value<'_>, out: &mut String) -> Result<(), ExprError> {
        let text = match (self.conversion, value) {
            ('s' | 'S', value) => self.text(value),
            ('b' | 'B', value) => {
                let truth = !matches!(value, Value::Null | Value::Boolean(false));
                self.cut(truth.to_string())
            }
            (_, Value::Null) => self.cut("null".to_owned()),
            ('d', Value::Whole(number, _)) => {
                out.push_str(&self.signed(&number.to_string()));
                return Ok(());
            }
            ('x' | 'X' | 'o', Value::Whole(number, bits)) => {
                let text = self.unsigned(*number, *bits);
                let filled = if self.has('0') { self.zeros(text) } else { text };
                out.push_str(&self.padded(if self.conversion == 'X' { filled.to_uppercase() } else { filled }));
                return Ok(());
            }
            ('c', Value::Whole(number, _)) => {
                let c = u32::try_from(*number).ok().and_then(char::from_u32);
                c.ok_or_else(|| ExprError::new(format!("{number} is the number of no character")))?.to_string()
            }
            ('f' | 'e' | 'E', Value::Fraction(number)) => {
                out.push_str(&self.fraction(*number));
                return Ok(());
            }
            (conversion, value) => {
                let what = match value {
                    Value::Text(_) => "a text",
                    Value::Boolean(_) => "a boolean",
                    Value::Whole(_, _) => "a whole number",
                    Value::Fraction(_) | Value::Null => "a fraction",
                };
                return Err(ExprError::new(format!("`%{conversion}` cannot write {what}; convert it with CAST")));
            }
        };
        let is_large = matches!(self.conversion, 'S' | 'B');
        out.push_str(&self.padded(if is_large { text.to_uppercase() } else { text }));
        Ok(())
    }

    fn text(&self, value: &Value<'_>) -> String {
        self.cut(match value {
            Value::Null => "null".to_owned(),
            Value::Text(text) => (*text).to_owned(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Whole(number, _) => number.to_string(),
            Value::Fraction(number) => crate::expr::cast::double_text(*number),
        })
    }

    fn cut(&self, text: String) -> String {
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        }
    }

    fn padded(&self, text: String) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        let blanks = " ".repeat(missing);
        if self.has('-') { text + &blanks } else { blanks + &text }
    }

    fn zeros(&self, text: String) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        "0".repeat(missing) + &text
    }

    fn unsigned(&self, number: i64, bits: u32) -> String {
        let number = if bits < 64 && number < 0 { number + (1i64 << bits) } else { number };
        match self.conversion {
            'o' => format!("{}{number:o}", if self.has('#') { "0" } else { "" }),
            _ => format!("{}{number:x}", if self.has('#') { "0x" } else { "" }),
        }
    }

    /// A number with its sign, as the flags want it.
    fn signed(&self, number: &str) -> String {
        let (is_negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
        let mut digits = if self.has(',') { grouped(digits) } else { digits.to_owned() };
        let (before, behind) = match (is_negative, self.has('(')) {
            (true, true) => ("(", ")"),
            (true, false) => ("-", ""),
            (false, _) if self.has('+') => ("+", ""),
            (false, _) if self.has(' ') => (" ", ""),
            (false, _) => ("", ""),
        };
        if self.has('0') {
            let missing = self.width.saturating_sub(digits.chars().count() + before.len() + behind.len());
            digits.insert_str(0, &"0".repeat(missing));
        }
        self.padded(format!("{before}{digits}{behind}"))
    }

    fn fraction(&self, number: f64) -> String {
        if number.is_nan() {
            return self.padded("NaN".to_owned());
        }
        if number.is_infinite() {
            let text = match (number > 0.0, self.has('(')) {
                (true, _) if self.has('+') => "+Infinity",
                (true, _) => "Infinity",
                (false, true) => "(Infinity)",
                (false, false) => "-Infinity",
            };
            return self.padded(text.to_owned());
        }
        let precision = self.precision.unwrap_or(6);
        if self.conversion == 'f' {
            return self.signed(&rounded_half_up(&format!("{number}"), precision));
        }
        let text = self.signed(&scientific(number, precision));
        if self.conversion == 'E' { text.to_uppercase() } else { text }
    }
}

/// `1.234560e+01`.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut exponent: i32 = exponent.parse().unwrap_or(0);
    let mut digits = rounded_half_up(digits, precision);
    // 9.99 rounds up to 10.0: the point moves.
    if digits.trim_start_matches('-').starts_with("10") {
        digits = rounded_half_up(&digits.replacen("10", "1.0", 1).replacen("1.0.", "1.0", 1), precision);
        exponent += 1;
    }
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text.get(..end)?;
    if number.is_empty() || number.starts_with('0') {
        return (number == "0").then(|| (0, &text[end..]));
    }
    Some((number.parse().unwrap_or(usize::MAX), &text[end..]))
}
