//! What goes in: the rows of a case, typed batch by batch.

use std::fs;

use serde_json::{Value, json};

use super::{Step, Stream, Translator};
use crate::parity::case::Column;

impl Translator<'_> {
    /// A source of these rows.
    pub(super) fn typed_rows(
        &mut self,
        name: &str,
        columns: &[Column],
        batches: &[Vec<Value>],
    ) -> Result<Stream, String> {
        let params = json!({"fields": fields(columns)?, "batches": Value::from(batches.to_vec()).to_string()});
        self.draw = std::mem::take(&mut self.draw).node(name, "source.inline", params);
        let columns = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Stream { port: name.to_owned(), columns, watermark: None })
    }

    /// A queue that is taken at once, or that has something to give when it has run out.
    pub(super) fn queue_input(&mut self, step: &Step<'_>) -> Result<(), String> {
        let [input] = self.case.inputs.as_slice() else { return Err("several queues".to_owned()) };
        let mut batches = input.batches.clone();
        if step.value("one_at_a_time") == Some(&Value::Bool(false)) {
            batches = vec![batches.concat()];
        }
        if step.value("default").is_some() {
            batches.resize(self.case.ticks(), step.list("default")?.clone());
        }
        let queue = self.typed_rows("queue", &input.columns, &batches)?;
        self.current = Some(queue);
        Ok(())
    }

    /// A file of these rows, as JSON lines; its path.
    pub(super) fn file(&mut self, columns: &[&str], rows: &[Value]) -> Result<String, String> {
        let mut lines = String::new();
        for row in rows {
            let cells = row.as_array().ok_or_else(|| format!("{row} is no row"))?;
            let object = columns.iter().map(|name| (*name).to_owned()).zip(cells.iter().cloned());
            lines.push_str(&Value::Object(object.collect()).to_string());
            lines.push('\n');
        }
        let path = self.folder.path().join("table.jsonl");
        fs::write(&path, lines).map_err(|error| error.to_string())?;
        Ok(path.display().to_string())
    }
}

/// Columns as a source declares them.
pub(super) fn fields(columns: &[Column]) -> Result<Vec<Value>, String> {
    let field = |column: &Column| {
        let kind = match column.kind.as_str() {
            "long" => "bigint",
            kind @ ("int" | "string" | "double" | "boolean" | "timestamp" | "date") => kind,
            other => return Err(format!("rows of type `{other}` cannot be typed")),
        };
        Ok(json!({"name": column.name, "type": kind}))
    };
    columns.iter().map(field).collect()
}
