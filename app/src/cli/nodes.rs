//! `weir nodes`: the catalogue of node kinds, from their own definitions.

use std::io::{self, Write};

use serde_json::Value;
use weir_engine::nodes::{self, KINDS, catalogue};
use weir_engine::plan::Category;

use super::console::{CliError, Console, Exit};
use super::nearest::suggestion;

/// Headings of the list.
const CATEGORIES: [(Category, &str); 5] = [
    (Category::Source, "Sources"),
    (Category::Transform, "Transforms"),
    (Category::Window, "Windows"),
    (Category::State, "State"),
    (Category::Sink, "Sinks"),
];

/// Lists all kinds, or explains one.
pub(super) fn nodes(id: Option<&str>, as_json: bool, console: &mut Console<'_>) -> Result<Exit, CliError> {
    let one = match id {
        None => None,
        Some(id) => Some(nodes::kind(id).ok_or_else(|| {
            let near = suggestion(id, KINDS.iter().map(|kind| kind.id));
            CliError::Usage(format!("there is no kind `{id}`{near}; `weir nodes` lists all"))
        })?),
    };
    match (one, as_json) {
        (Some(kind), true) => write_json(&catalogue::node_json(kind), console.out)?,
        (None, true) => write_json(&catalogue::nodes_json(), console.out)?,
        (Some(kind), false) => write!(console.out, "{}", catalogue::node_markdown(kind))?,
        (None, false) => list(console.out)?,
    }
    Ok(Exit::Done)
}

fn list(out: &mut dyn Write) -> io::Result<()> {
    let width = KINDS.iter().map(|kind| kind.id.len()).max().unwrap_or(0);
    for (category, title) in CATEGORIES {
        let mut kinds = KINDS.iter().filter(|kind| kind.category == category).peekable();
        if kinds.peek().is_some() {
            writeln!(out, "{title}")?;
        }
        for kind in kinds {
            writeln!(out, "  {:width$}  {}", kind.id, kind.summary)?;
        }
    }
    writeln!(out, "\n`weir nodes` and a name explain one: with an example, its ports and its parameters.")?;
    Ok(())
}

fn write_json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}
