//! Addresses: `url_encode`, `url_decode`, `parse_url`.

use std::fmt::Write;

use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::Text]);
const PARSE: Takes = Takes::these(&[Param::Text, Param::Text]).or(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "url_encode",
        "url_encode(text)",
        "The text as it stands in the query of an address.",
        ONE,
        Gives::Text,
        encode,
    )
    .total(),
    Entry::own("url_decode", "url_decode(text)", "The text of a part of an address's query.", ONE, Gives::Text, decode)
        .total(),
    Entry::own(
        "try_url_decode",
        "try_url_decode(text)",
        "As `url_decode`; null where it is not well-formed.",
        ONE,
        Gives::Text,
        try_decode,
    ),
    Entry::own(
        "parse_url",
        "parse_url(address, part[, key])",
        "A part of an address: PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, FILE, QUERY (or one of its keys) or REF.",
        PARSE,
        Gives::Text,
        parse,
    ),
    Entry::own(
        "try_parse_url",
        "try_parse_url(address, part[, key])",
        "As `parse_url`; null where it is no address.",
        PARSE,
        Gives::Text,
        try_parse,
    ),
];

fn encode(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| {
        Ok(text.get(row).map(|text| {
            let mut out = String::with_capacity(text.len());
            for byte in text.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(char::from(byte)),
                    b' ' => out.push('+'),
                    byte => {
                        // Writing to a text cannot fail.
                        let _ = write!(out, "%{byte:02X}");
                    }
                }
            }
            out
        }))
    })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                out.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
            }
            byte => out.push(byte),
        }
    }
    // Bytes that are no UTF-8 become replacement characters, as in Java.
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn decode(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| {
        let decode = |text: &str| {
            let advice = "is not an encoded text: two hexadecimal digits follow a `%`; `try_url_decode` gives null";
            decoded(text).ok_or_else(|| ExprError::new(format!("`{}` {advice}", crate::expr::shorten(text))))
        };
        text.get(row).map(decode).transpose()
    })
}

fn try_decode(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).and_then(decoded)))
}

fn parse(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    parts(args, false)
}

fn try_parse(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    parts(args, true)
}

fn parts(args: &Args<'_>, is_try: bool) -> Result<ArrayRef, ExprError> {
    let (address, part) = (args.text(0)?, args.text(1)?);
    let key = (args.len() > 2).then(|| args.text(2)).transpose()?;
    texts(args.rows(), |row| {
        let key = match &key {
            Some(key) => match key.get(row) {
                Some(key) => Some(key),
                None => return Ok(None),
            },
            None => None,
        };
        let Some((address, part)) = address.get(row).zip(part.get(row)) else { return Ok(None) };
        match Address::read(address) {
            Some(found) => Ok(found.part(part, key)),
            None if is_try => Ok(None),
            None => {
                let shown = crate::expr::shorten(address);
                Err(ExprError::new(format!("`{shown}` is no address; `try_parse_url` gives null for it")))
            }
        }
    })
}

/// An address by the parts of RFC 2396, which is what Java's `URI` reads.
struct Address<'a> {
    protocol: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let is_legal = |c: char| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => true,
            c if c.is_ascii() => "-_.!~*'();/?:@&=+$,%#[]".contains(c),
            c => !c.is_control() && !c.is_whitespace(),
        };
        let bytes = text.as_bytes();
        let is_escaped =
            |at: usize| bytes.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        if !text.chars().all(is_legal) || text.match_indices('%').any(|(at, _)| !is_escaped(at)) {
            return None;
        }
        let (rest, fragment) = cut(text, '#');
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return None;
        }
        let (rest, query) = cut(rest, '?');
        let (protocol, rest) = match rest.find([':', '/']) {
            Some(at) if rest[at..].starts_with(':') => (Some(&rest[..at]), &rest[at + 1..]),
            Some(_) | None => (None, rest),
        };
        if protocol.is_some_and(|name| !name.starts_with(|c: char| c.is_ascii_alphabetic())) {
            return None;
        }
        // What follows a protocol without a slash is opaque to Java: it has none of the parts below.
        if protocol.is_some() && !rest.starts_with('/') {
            return if rest.is_empty() {
                None
            } else {
                Some(Self { protocol, authority: None, path: "", query: None, fragment })
            };
        }
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]).filter(|authority| !authority.is_empty()), &rest[end..])
            }
            None => (None, rest),
        };
        Some(Self { protocol, authority, path, query, fragment })
    }

    fn part(&self, part: &str, key: Option<&str>) -> Option<String> {
        if let Some(key) = key {
            let pair = |pair: &'a str| pair.split_once('=').filter(|(name, _)| *name == key);
            return if part == "QUERY" {
                self.query?.split('&').find_map(pair).map(|(_, value)| value.to_owned())
            } else {
                None
            };
        }
        match part {
            "PROTOCOL" => self.protocol.map(str::to_owned),
            "AUTHORITY" => self.authority.map(str::to_owned),
            "USERINFO" => self.authority?.rsplit_once('@').map(|(user, _)| user.to_owned()),
            "HOST" => self.host().map(str::to_owned),
            "PATH" => Some(self.path.to_owned()),
            "FILE" => Some(self.query.map_or_else(|| self.path.to_owned(), |query| format!("{}?{query}", self.path))),
            "QUERY" => self.query.map(str::to_owned),
            "REF" => self.fragment.map(str::to_owned),
            _ => None,
        }
    }

    /// The host, where it is made of what names of hosts are made of and its port is a number.
    fn host(&self) -> Option<&'a str> {
        let server = self.authority?.rsplit_once('@').map_or(self.authority?, |(_, server)| server);
        let end = server
            .strip_prefix('[')
            .and_then(|rest| rest.find(']'))
            .map_or_else(|| server.find(':'), |at| Some(at + 2));
        let (host, port) = server.split_at(end.unwrap_or(server.len()));
        let is_port = port.is_empty()
            || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        let is_name =
            host.starts_with('[') || host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        (is_port && is_name && !host.is_empty()).then_some(host)
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}
