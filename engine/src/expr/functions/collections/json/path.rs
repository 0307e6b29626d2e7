//! `get_json_object`: the part of a JSON text at a path, by the rules of Spark, which are those of Hive: what one `[*]`
//! finds is an array only where it is more than one, two in a row flatten.

use super::value::Json;
use crate::expr::functions::prelude::*;

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::own(
    "get_json_object",
    "get_json_object(json, path)",
    "The part of a JSON text at a path such as '$.a.b[0]' or '$.list[*].name'; null where there is none.",
    Takes::these(&[Param::Text, Param::Text]),
    Gives::Text,
    get_json_object,
)];

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Named(String),
    AnyName,
    Index(usize),
    AnyItem,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::expr) struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// Reads a path; `None` where it is none.
    pub(in crate::expr) fn read(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, behind) = step(rest)?;
            steps.push(step);
            rest = behind;
        }
        Some(Self { steps })
    }

    /// What lies there, as text.
    pub(in crate::expr) fn find(&self, json: &Json) -> Option<String> {
        let mut out = Output::default();
        evaluate(json, &self.steps, Style::Raw, &mut out).then_some(out.text)
    }
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix(".") {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let step = if name == "*" { Step::AnyName } else { Step::Named(name.to_owned()) };
        return (!name.is_empty()).then_some((step, behind));
    }
    let rest = text.strip_prefix('[')?;
    if let Some(rest) = rest.strip_prefix('\'') {
        let (name, behind) = rest.split_once("']")?;
        let step = if name == "*" { Step::AnyName } else { Step::Named(name.to_owned()) };
        return (!name.is_empty() && !name.contains(['\'', '?'])).then_some((step, behind));
    }
    let (index, behind) = rest.split_once(']')?;
    let step = match index {
        "*" => Step::AnyItem,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Step::Index(digits.parse().ok()?),
        _ => return None,
    };
    Some((step, behind))
}

/// How a found text is written: alone without quotes, within an array with them, within one array made of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Raw,
    Quoted,
    Flatten,
}

/// What was found, with commas between.
#[derive(Default)]
struct Output {
    text: String,
    /// Whether each open array has an item.
    open: Vec<bool>,
}

impl Output {
    fn put(&mut self, write: impl FnOnce(&mut String)) {
        if let Some(has_items) = self.open.last_mut()
            && std::mem::replace(has_items, true)
        {
            self.text.push(',');
        }
        write(&mut self.text);
    }

    fn within_array(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        self.put(|text| text.push('['));
        self.open.push(false);
        let found = body(self);
        self.open.pop();
        self.text.push(']');
        found
    }
}

fn evaluate(json: &Json, path: &[Step], style: Style, out: &mut Output) -> bool {
    match (json, path) {
        (Json::Text(text), []) if style == Style::Raw => {
            out.put(|out| out.push_str(text));
            true
        }
        (Json::Array(items, _), []) if style == Style::Flatten => any(items, |item| evaluate(item, &[], style, out)),
        (json, []) => {
            out.put(|out| json.write(out));
            true
        }
        (Json::Object(fields, _), [step @ (Step::Named(_) | Step::AnyName), rest @ ..]) => {
            fields.iter().any(|(name, value)| match step {
                Step::Named(wanted) => name == wanted && *value != Json::Null && evaluate(value, rest, style, out),
                Step::AnyName | Step::Index(_) | Step::AnyItem => evaluate(value, rest, style, out),
            })
        }
        (Json::Array(items, _), [Step::AnyItem, Step::AnyItem, rest @ ..]) => {
            out.within_array(|out| any(items, |item| evaluate(item, rest, Style::Flatten, out)))
        }
        (Json::Array(items, _), [Step::AnyItem, rest @ ..]) if style != Style::Quoted => {
            let inner = if style == Style::Raw { Style::Quoted } else { Style::Flatten };
            let mut found = Output { text: String::new(), open: vec![false] };
            let count = items.iter().filter(|item| evaluate(item, rest, inner, &mut found)).count();
            match count {
                0 => {}
                1 => out.put(|text| text.push_str(&found.text)),
                _ => out.put(|text| text.push_str(&format!("[{}]", found.text))),
            }
            count > 0
        }
        (Json::Array(items, _), [Step::AnyItem, rest @ ..]) => {
            out.within_array(|out| any(items, |item| evaluate(item, rest, Style::Quoted, out)))
        }
        (Json::Array(items, _), [Step::Index(index), rest @ ..]) => {
            let style = if matches!(rest.first(), Some(Step::AnyItem)) { Style::Quoted } else { style };
            items.get(*index).is_some_and(|item| evaluate(item, rest, style, out))
        }
        _ => false,
    }
}

/// Whether one was found; all are looked at.
fn any(items: &[Json], mut find: impl FnMut(&Json) -> bool) -> bool {
    items.iter().filter(|item| find(item)).count() > 0
}

fn get_json_object(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (json, path) = (args.text(0)?, args.text(1)?);
    let constant = path.constant().map(|path| path.and_then(Path::read));
    texts(args.rows(), |row| {
        let Some((json, path)) = json.get(row).zip(path.get(row)) else { return Ok(None) };
        let own;
        let path = match &constant {
            Some(path) => path.as_ref(),
            None => {
                own = Path::read(path);
                own.as_ref()
            }
        };
        Ok(path.and_then(|path| path.find(&Json::read(json, true)?)))
    })
}

/// A field of an object as text, the last of its name; null, as in `json_tuple`, where it is null or missing.
pub(in crate::expr) fn field_text(json: &Json, name: &str) -> Option<String> {
    let Json::Object(fields, _) = json else { return None };
    match fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value)? {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        value => Some(value.text()),
    }
}
