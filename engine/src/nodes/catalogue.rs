//! The catalogue of node kinds as text and as data, made from nothing but their definitions.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::KINDS;
use crate::plan::{Category, NodeKind, Presents};
use crate::spec::{Arity, Default, ParamKind, ParamSpec, PortSpec};

/// All kinds as one page of markdown.
pub fn nodes_markdown() -> String {
    let mut page = String::from("# Nodes\n\nMade from the definitions of the node kinds; do not edit by hand.\n");
    for category in Category::ALL {
        let kinds: Vec<_> = KINDS.iter().filter(|kind| kind.category == category).collect();
        if kinds.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {}\n", heading(category));
        for kind in kinds {
            write_kind(&mut page, kind);
        }
    }
    page
}

/// One kind as markdown.
pub fn node_markdown(kind: &NodeKind) -> String {
    let mut page = String::new();
    write_kind(&mut page, kind);
    page.trim_start().to_owned()
}

/// All kinds as data.
pub fn nodes_json() -> Value {
    Value::Array(KINDS.iter().map(|kind| node_json(kind)).collect())
}

/// One kind as data.
pub fn node_json(kind: &NodeKind) -> Value {
    json!({
        "id": kind.id,
        "title": kind.title,
        "summary": kind.summary,
        "doc": kind.doc,
        "category": category_name(kind.category),
        "presents": match kind.presents {
            Presents::None => Value::Null,
            Presents::Table => json!("table"),
            Presents::Console => json!("console"),
            Presents::Chart => json!("chart"),
            Presents::Alert => json!("alert"),
        },
        "inputs": kind.inputs.iter().map(|port| port_json(port, true)).collect::<Vec<_>>(),
        "outputs": kind.outputs.iter().map(|port| port_json(port, false)).collect::<Vec<_>>(),
        "params": kind.params.iter().map(param_json).collect::<Vec<_>>(),
    })
}

fn heading(category: Category) -> &'static str {
    match category {
        Category::Source => "Sources",
        Category::Transform => "Transforms",
        Category::Window => "Windows",
        Category::State => "State",
        Category::Sink => "Sinks",
    }
}

fn category_name(category: Category) -> &'static str {
    match category {
        Category::Source => "source",
        Category::Transform => "transform",
        Category::Window => "window",
        Category::State => "state",
        Category::Sink => "sink",
    }
}

fn write_kind(page: &mut String, kind: &NodeKind) {
    let _ = write!(page, "\n### {} · `{}`\n\n{}\n\n{}\n", kind.title, kind.id, kind.summary, kind.doc.trim());
    if !kind.inputs.is_empty() || !kind.outputs.is_empty() {
        page.push_str("\n| Port | | What flows |\n|---|---|---|\n");
        for port in kind.inputs {
            let direction = match port.arity {
                Arity::One => "in",
                Arity::Many => "in, any number of wires",
            };
            let _ = writeln!(page, "| `{}` | {direction} | {} |", port.name, cell(port.doc));
        }
        for port in kind.outputs {
            let _ = writeln!(page, "| `{}` | out | {} |", port.name, cell(port.doc));
        }
    }
    if !kind.params.is_empty() {
        page.push_str("\n| Parameter | Takes | Default | Meaning |\n|---|---|---|---|\n");
        write_params(page, "", kind.params);
    }
}

fn write_params(page: &mut String, prefix: &str, specs: &[ParamSpec]) {
    for spec in specs {
        let name = spec.name;
        let condition = spec.visible_when.map_or_else(String::new, |condition| {
            let values: Vec<_> = condition.is_any_of.iter().map(|value| format!("`{value}`")).collect();
            format!(" Only while `{}` is {}.", condition.param, values.join(" or "))
        });
        let shown = if prefix.is_empty() { format!("`{name}`") } else { format!("{prefix} › `{name}`") };
        let (takes, default) = (cell(&takes(spec.kind)), cell(&default(spec.default)));
        let _ = writeln!(page, "| {shown} | {takes} | {default} | {}{} |", cell(spec.doc), cell(&condition));
        if let ParamKind::Rows { fields } = spec.kind {
            write_params(page, &shown, fields);
        }
    }
}

/// What a parameter takes, in a few words.
fn takes(kind: ParamKind) -> String {
    match kind {
        ParamKind::Text => "text".to_owned(),
        ParamKind::Code { .. } => "lines of text".to_owned(),
        ParamKind::Port => format!("whole number, 1 to {}", u16::MAX),
        ParamKind::Integer { min, max: i64::MAX } => format!("whole number from {min}"),
        ParamKind::Integer { min, max } => format!("whole number, {min} to {max}"),
        ParamKind::Number { min, max, unit } => format!("number, {min} to {max} {unit}").trim_end().to_owned(),
        ParamKind::Duration { min_millis, max_millis } => format!(
            "duration, {} to {}",
            crate::spec::Span::from_millis(min_millis),
            crate::spec::Span::from_millis(max_millis)
        ),
        ParamKind::Toggle => "true or false".to_owned(),
        ParamKind::Choice { options } => {
            options.iter().map(|option| format!("`{}`", option.value)).collect::<Vec<_>>().join(", ")
        }
        ParamKind::Column { .. } => "a column".to_owned(),
        ParamKind::Columns { .. } => "columns".to_owned(),
        ParamKind::Expression { .. } => "expression".to_owned(),
        ParamKind::File { writes: true, .. } => "path to write".to_owned(),
        ParamKind::File { writes: false, .. } => "path to read".to_owned(),
        ParamKind::Secret => "`${env:NAME}`".to_owned(),
        ParamKind::Rows { .. } => "rows".to_owned(),
    }
}

fn default(default: Default) -> String {
    match default {
        Default::Required => "required".to_owned(),
        Default::Absent => String::new(),
        Default::Toggle(on) => format!("`{on}`"),
        Default::Integer(number) => format!("`{number}`"),
        Default::Number(number) => format!("`{number}`"),
        Default::Text(text) | Default::Json(text) => format!("`{text}`"),
    }
}

/// Text as a table's cell takes it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn port_json(port: &PortSpec, is_input: bool) -> Value {
    let many = match port.arity {
        Arity::One => !is_input,
        Arity::Many => true,
    };
    json!({ "name": port.name, "doc": port.doc, "many": many })
}

fn param_json(spec: &ParamSpec) -> Value {
    let mut data = json!({
        "name": spec.name,
        "title": spec.title,
        "doc": spec.doc,
        "required": matches!(spec.default, Default::Required),
        "default": spec.default.to_json(),
    });
    if let Some(condition) = spec.visible_when {
        data["visible_when"] = json!({ "param": condition.param, "is_any_of": condition.is_any_of });
    }
    let (kind, details) = kind_json(spec.kind);
    data["type"] = json!(kind);
    if let (Value::Object(data), Value::Object(details)) = (&mut data, details) {
        data.extend(details);
    }
    data
}

/// The name of a parameter's type, and what else belongs to it.
fn kind_json(kind: ParamKind) -> (&'static str, Value) {
    match kind {
        ParamKind::Text => ("text", Value::Null),
        ParamKind::Code { .. } => ("code", Value::Null),
        ParamKind::Integer { min, max } => ("integer", json!({ "min": min, "max": max })),
        ParamKind::Port => ("port", json!({ "min": 1, "max": u16::MAX })),
        ParamKind::Number { min, max, unit } => ("number", json!({ "min": min, "max": max, "unit": unit })),
        ParamKind::Duration { min_millis, max_millis } => {
            ("duration", json!({ "min_millis": min_millis, "max_millis": max_millis }))
        }
        ParamKind::Toggle => ("toggle", Value::Null),
        ParamKind::Choice { options } => {
            let options = options.iter().map(|o| json!({ "value": o.value, "title": o.title, "doc": o.doc }));
            ("choice", json!({ "options": options.collect::<Vec<_>>() }))
        }
        ParamKind::Column { .. } => ("column", Value::Null),
        ParamKind::Columns { .. } => ("columns", Value::Null),
        ParamKind::Expression { .. } => ("expression", Value::Null),
        ParamKind::File { writes, extensions } => ("file", json!({ "writes": writes, "extensions": extensions })),
        ParamKind::Secret => ("secret", Value::Null),
        ParamKind::Rows { fields } => ("rows", json!({ "fields": fields.iter().map(param_json).collect::<Vec<_>>() })),
    }
}
