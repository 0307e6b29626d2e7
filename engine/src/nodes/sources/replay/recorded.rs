//! A recording in place of the source it was made of: the same rows, as far apart as they arrived.

use std::path::Path;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use serde_json::{Value, json};

use super::KIND;
use crate::expr::type_name;
use crate::pipeline::NodeEntry;
use crate::plan::LinkType;

/// The field of a recording that says when a row arrived.
const ARRIVED: &str = "arrived";

/// A name for the field of arrivals that no column has: `arrived`, else `arrived_2` and so on.
pub fn arrival_field(schema: &Schema) -> String {
    let is_taken = |name: &str| schema.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name));
    let names = std::iter::once(ARRIVED.to_owned()).chain((2..).map(|number| format!("{ARRIVED}_{number}")));
    let mut free = names.filter(|name| !is_taken(name));
    free.next().unwrap_or_else(|| ARRIVED.to_owned())
}

/// The node that replays a recording of this source, whose rows had these columns. Its rows have one column more: when
/// they arrived. The error is a sentence.
pub fn replay_of(source: &NodeEntry, columns: &Schema, recording: &Path) -> Result<NodeEntry, String> {
    let mut fields = columns.fields().iter().map(|field| declared(field)).collect::<Result<Vec<Value>, String>>()?;
    let arrived = arrival_field(columns);
    fields.push(json!({"name": arrived, "type": "timestamp"}));
    let params = json!({
        "path": recording.to_string_lossy(),
        "format": "json_lines",
        "fields": fields,
        "pace": "event_time",
        "event_time": arrived,
    });
    let mut node = source.clone();
    KIND.id.clone_into(&mut node.kind);
    node.params = params.as_object().cloned().unwrap_or_default();
    Ok(node)
}

fn declared(field: &Field) -> Result<Value, String> {
    let word = match field.data_type() {
        text if *text == LinkType::TEXT => "string",
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float64 => "double",
        DataType::Boolean => "boolean",
        DataType::Timestamp(TimeUnit::Microsecond, _) => "timestamp",
        DataType::Date32 => "date",
        other => {
            return Err(format!(
                "the column `{}` is of type {}, which a recording cannot give back; convert it with a Map behind the \
                 source, and record plain values",
                field.name(),
                type_name(other)
            ));
        }
    };
    Ok(json!({"name": field.name(), "type": word}))
}
