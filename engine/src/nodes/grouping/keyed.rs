//! Windows that every key has for itself: whose keys they are, and the rows as their states take them.

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::SchemaRef;

use super::nearest::{find, missing};
use crate::aggregate::Rows;
use crate::plan::{LinkType, NodeError};
use crate::spec::Diagnostic;
use crate::window::LinkWindow;

/// The columns to group by behind a link: those a person chose, and in front of them those of the window's own key
/// that are not among them. A result always says whose window it is of.
pub(in crate::nodes) fn keys_behind(input: &LinkType, by: &[String]) -> Result<Vec<String>, Vec<Diagnostic>> {
    let per: &[String] = match &input.window {
        Some(LinkWindow::Session(window)) => &window.per,
        Some(LinkWindow::Count(window)) => &window.per,
        Some(LinkWindow::Arrival(_) | LinkWindow::Event(_)) | None => &[],
    };
    positions_of(per, &input.schema).map_err(|problem| vec![problem])?;
    let is_chosen = |name: &&String| !by.iter().any(|chosen| chosen.eq_ignore_ascii_case(name));
    Ok(per.iter().filter(is_chosen).chain(by).cloned().collect())
}

/// Where the columns of a window's key are, ascending.
pub(in crate::nodes) fn positions_of(per: &[String], schema: &SchemaRef) -> Result<Vec<usize>, Diagnostic> {
    let mut positions = Vec::with_capacity(per.len());
    for name in per {
        let Some(position) = find(schema, name) else {
            let sentence = format!(
                "every `{name}` has windows of its own, but {}; keep the column in the nodes between the window and \
                 this one",
                missing(schema, name)
            );
            return Err(Diagnostic::error(sentence).port("in"));
        };
        positions.push(position);
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

/// Rows of several chunks one after the other.
pub(super) fn joined(mut parts: Vec<Rows>) -> Result<Rows, NodeError> {
    if parts.len() <= 1 {
        return Ok(parts.pop().unwrap_or_else(|| Rows { keys: Vec::new(), arguments: Vec::new(), len: 0 }));
    }
    let join = |columns_of: fn(&Rows) -> &[ArrayRef]| -> Result<Vec<ArrayRef>, NodeError> {
        let width = parts.first().map_or(0, |part| columns_of(part).len());
        let mut whole = Vec::with_capacity(width);
        for index in 0..width {
            let columns: Vec<&dyn Array> =
                parts.iter().filter_map(|part| columns_of(part).get(index)).map(AsRef::as_ref).collect();
            whole.push(concat(&columns)?);
        }
        Ok(whole)
    };
    Ok(Rows {
        keys: join(|part| &part.keys)?,
        arguments: join(|part| &part.arguments)?,
        len: parts.iter().map(|part| part.len).sum(),
    })
}
