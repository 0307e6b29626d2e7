//! What goes in: the rows of a case, typed batch by batch.

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
        Ok(Stream { port: name.to_owned(), columns: columns.iter().map(|column| column.name.clone()).collect() })
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

    /// The same few rows in every batch.
    pub(super) fn table(&mut self, columns: &[&str], rows: &[Value]) -> Stream {
        let fields: Vec<Value> = columns.iter().map(|name| json!({"name": name, "type": "string"})).collect();
        let batches = Value::from(vec![rows.to_vec()]).to_string();
        let port = self.add("source.inline", json!({"fields": fields, "batches": batches, "repeat": true}));
        Stream { port, columns: columns.iter().map(|name| (*name).to_owned()).collect() }
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
