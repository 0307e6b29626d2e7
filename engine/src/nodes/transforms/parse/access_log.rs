//! Access logs of Apache and nginx, in the Common and the Combined format.
//!
//! `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x/" "Mozilla/4.08"`, the last
//! two only in the Combined format. A lone `-` is null everywhere.

use std::borrow::Cow;

use chrono::DateTime;

use super::cells::{Cell, FieldType, ParsedField};
use crate::expr::shorten;

const COLUMNS: [(&str, FieldType); 11] = [
    ("ip", FieldType::String),
    ("ident", FieldType::String),
    ("user", FieldType::String),
    ("time", FieldType::Timestamp),
    ("method", FieldType::String),
    ("path", FieldType::String),
    ("protocol", FieldType::String),
    ("status", FieldType::Int),
    ("bytes", FieldType::Bigint),
    ("referer", FieldType::String),
    ("agent", FieldType::String),
];

/// The columns of every access log.
pub(super) fn fields() -> Vec<ParsedField> {
    COLUMNS.map(|(name, field_type)| ParsedField { name: name.to_owned(), field_type }).to_vec()
}

/// The cells of one line.
pub(super) fn read<'a>(line: &'a str, cells: &mut Vec<Cell<'a>>) -> Result<(), String> {
    let mut rest = line.trim_end();
    for name in ["ip", "ident", "user"] {
        cells.push(text(word(&mut rest, name)?));
    }
    cells.push(time(&mut rest)?);
    request(quoted(&mut rest, "request")?, cells)?;
    let status = word(&mut rest, "status")?;
    cells.push(number(status, "status", |text| text.parse().ok().map(Cell::Int))?);
    let bytes = word(&mut rest, "bytes")?;
    cells.push(number(bytes, "bytes", |text| text.parse().ok().map(Cell::Bigint))?);
    if rest.is_empty() {
        cells.extend([Cell::Null, Cell::Null]);
        return Ok(());
    }
    for name in ["referer", "agent"] {
        cells.push(unescaped(quoted(&mut rest, name)?));
    }
    // What some servers append behind the Combined format is theirs.
    Ok(())
}

/// The next word, up to a blank.
fn word<'a>(rest: &mut &'a str, name: &str) -> Result<&'a str, String> {
    let (found, after) = rest.split_once(' ').unwrap_or((rest, ""));
    if found.is_empty() {
        return Err(format!("the line ends before the {name}"));
    }
    *rest = after;
    Ok(found)
}

/// The next text in quotes, in which a backslash escapes.
fn quoted<'a>(rest: &mut &'a str, name: &str) -> Result<&'a str, String> {
    let body = rest.strip_prefix('"').ok_or_else(|| format!("the {name} in quotes is missing"))?;
    let mut is_escaped = false;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                let after = &body[at + 1..];
                *rest = after.strip_prefix(' ').unwrap_or(after);
                return Ok(&body[..at]);
            }
            _ => {}
        }
    }
    Err(format!("the quote around the {name} is never closed"))
}

fn text(value: &str) -> Cell<'_> {
    if value == "-" { Cell::Null } else { Cell::Text(Cow::Borrowed(value)) }
}

/// Text from quotes with `\"` and `\\` taken back.
fn unescaped(value: &str) -> Cell<'_> {
    if !value.contains('\\') {
        return text(value);
    }
    Cell::Text(Cow::Owned(value.replace("\\\"", "\"").replace("\\\\", "\\")))
}

fn time<'a>(rest: &mut &str) -> Result<Cell<'a>, String> {
    let body = rest.strip_prefix('[').ok_or("the time in brackets is missing")?;
    let (stamp, after) = body.split_once(']').ok_or("the bracket around the time is never closed")?;
    let time = DateTime::parse_from_str(stamp, "%d/%b/%Y:%H:%M:%S %z")
        .map_err(|_| format!("`{stamp}` is not a time like 10/Oct/2000:13:55:36 -0700"))?;
    *rest = after.trim_start();
    Ok(Cell::Timestamp(time.timestamp_micros()))
}

/// `GET /path HTTP/1.1`; the protocol is absent in HTTP/0.9.
fn request<'a>(request: &'a str, cells: &mut Vec<Cell<'a>>) -> Result<(), String> {
    if request == "-" || request.is_empty() {
        cells.extend([Cell::Null, Cell::Null, Cell::Null]);
        return Ok(());
    }
    let wrong = || format!("the request `{}` is not `METHOD path protocol`", shorten(request));
    let (method, rest) = request.split_once(' ').ok_or_else(wrong)?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    if !is_method || rest.is_empty() {
        return Err(wrong());
    }
    let (path, protocol) = match rest.rsplit_once(' ') {
        Some((path, protocol)) if protocol.starts_with("HTTP/") => (path, Cell::Text(Cow::Borrowed(protocol))),
        Some(_) | None => (rest, Cell::Null),
    };
    cells.extend([Cell::Text(Cow::Borrowed(method)), unescaped(path), protocol]);
    Ok(())
}

fn number<'a>(text: &str, name: &str, parse: impl Fn(&str) -> Option<Cell<'a>>) -> Result<Cell<'a>, String> {
    if text == "-" {
        return Ok(Cell::Null);
    }
    parse(text).ok_or_else(|| format!("the {name} `{}` is not a number", shorten(text)))
}
