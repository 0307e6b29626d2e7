//! The functions as text and as data, made from nothing but the registry.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{FunctionInfo, Group, functions};

/// All functions as one page of markdown.
pub fn functions_markdown() -> String {
    let mut page = String::from(
        "# Functions\n\nWhat expressions may call, made from the registry; do not edit by hand. Each means what it means in \
         Spark SQL with ANSI mode on; what is not listed is refused while editing.\n",
    );
    let all = functions();
    for group in Group::ALL {
        let _ = write!(page, "\n## {}\n\n| Call | What it gives |\n|---|---|\n", group.title());
        for function in all.iter().filter(|function| function.group == group && function.alias_of.is_none()) {
            let _ = writeln!(page, "| `{}` | {} |", function.signature.replace('|', "\\|"), sentence(function));
        }
    }
    page
}

/// What it gives, and what else it is called.
fn sentence(function: &FunctionInfo) -> String {
    let doc = function.doc.replace('|', "\\|");
    if function.aliases.is_empty() {
        return doc;
    }
    let names: Vec<_> = function.aliases.iter().map(|name| format!("`{name}`")).collect();
    format!("{doc} Also called {}.", names.join(", "))
}

/// All functions as data, each once.
pub fn functions_json() -> Value {
    Value::Array(functions().iter().filter(|function| function.alias_of.is_none()).map(function_json).collect())
}

/// One function as data.
pub fn function_json(function: &FunctionInfo) -> Value {
    json!({
        "name": function.name,
        "aliases": function.aliases,
        "signature": function.signature,
        "doc": function.doc,
        "group": function.group.title(),
    })
}

/// One function as text.
pub fn function_text(function: &FunctionInfo) -> String {
    let mut text = format!("{}\n  {}\n", function.signature, function.doc);
    if !function.aliases.is_empty() {
        let _ = writeln!(text, "  Also called: {}", function.aliases.join(", "));
    }
    text
}
