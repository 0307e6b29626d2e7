//! `weir functions`: what expressions may call, from the engine's registry.

use std::io::{self, Write};

use serde_json::Value;
use weir_engine::expr::{FunctionInfo, Group, catalogue, functions as all};

use super::console::{CliError, Console, Exit};
use super::nearest::suggestion;

/// Lists all functions, or explains one.
pub(super) fn functions(name: Option<&str>, as_json: bool, console: &mut Console<'_>) -> Result<Exit, CliError> {
    let all = all();
    let one = match name {
        None => None,
        Some(name) => Some(all.iter().find(|function| function.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let near = suggestion(&name.to_lowercase(), all.iter().map(|function| function.name.as_str()));
            CliError::Usage(format!("there is no function `{name}`{near}; `weir functions` lists all"))
        })?),
    };
    match (one, as_json) {
        (Some(function), true) => write_json(&catalogue::function_json(function), console.out)?,
        (None, true) => write_json(&catalogue::functions_json(), console.out)?,
        (Some(function), false) => write!(console.out, "{}", catalogue::function_text(function))?,
        (None, false) => list(&all, console.out)?,
    }
    Ok(Exit::Done)
}

fn list(all: &[FunctionInfo], out: &mut dyn Write) -> io::Result<()> {
    for group in Group::ALL {
        let listed: Vec<_> =
            all.iter().filter(|function| function.group == group && function.alias_of.is_none()).collect();
        let width = listed.iter().map(|function| function.signature.chars().count()).max().unwrap_or(0);
        writeln!(out, "{}", group.title())?;
        for function in listed {
            writeln!(out, "  {:width$}  {}", function.signature, function.doc)?;
        }
    }
    Ok(())
}

fn write_json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}
