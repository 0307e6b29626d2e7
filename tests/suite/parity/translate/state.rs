//! Steps that remember. The functions of these steps are in words in the cases; they are mapped by hand here.

use serde_json::{Value, json};

use super::{Step, Translator};

impl Translator<'_> {
    pub(super) fn drop_duplicates(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.dedup(step.texts("columns")?, false)
    }

    pub(super) fn drop_duplicates_within_watermark(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.dedup(step.texts("columns")?, true)
    }

    /// Lets only the first row of a key pass; `within_delay`: the first for as long as the watermark may still lack it.
    pub(super) fn dedup(&mut self, by: Vec<String>, within_delay: bool) -> Result<(), String> {
        let source = self.current()?;
        let params = match &source.watermark {
            Some(watermark) if within_delay => json!({"by": by, "keep_for": "within", "within": watermark.delay}),
            Some(watermark) if by.contains(&watermark.column) => json!({"by": by, "keep_for": "watermark"}),
            Some(_) | None => json!({"by": by, "keep_for": "ever"}),
        };
        let stream = self.behind(&source, "dedup", params, source.columns.clone());
        self.watch_late(&stream.port, None);
        self.current = Some(stream);
        Ok(())
    }

    pub(super) fn update_state_by_key(&mut self, step: &Step<'_>) -> Result<(), String> {
        let update = step.text("update")?;
        let remove_when = step.value("remove_when").and_then(Value::as_str);
        let initial = step.value("initial").map(|_| step.list("initial")).transpose()?;
        let columns = self.current()?.columns;
        match (update, remove_when, columns.as_slice()) {
            ("state + sum(values)", None, [key, value]) => {
                let sum = json!([{"function": "sum", "argument": value, "name": value}]);
                let mut params = json!({"by": [key], "aggregates": sum, "emit": "all"});
                if let Some(rows) = initial {
                    params["initial"] = json!(Value::from(rows.clone()).to_string());
                }
                self.then("running", params, columns.clone())
            }
            ("state + count(values)", None, [key]) => {
                let count = json!([{"function": "count", "name": "count"}]);
                let params = json!({"by": [key], "aggregates": count, "emit": "all"});
                self.then("running", params, vec![key.clone(), "count".to_owned()])
            }
            ("idle = 0 if values else idle + 1; total += sum(values)", Some("idle > 2"), [_, _]) => {
                Err("not mapped yet".to_owned())
            }
            _ => Err(format!("the function `{update}` is not mapped")),
        }
    }

    pub(super) fn map_with_state(&mut self, step: &Step<'_>) -> Result<(), String> {
        step.value("initial");
        step.value("remove_when");
        step.value("timeout_batches");
        step.value("checkpoint_batches");
        Err(format!("the function `{}` is not mapped", step.text("update")?))
    }
}
