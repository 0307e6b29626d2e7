//! Steps that remember. The functions of these steps are in words in the cases; they are mapped by hand here.

use serde_json::{Value, json};

use super::{Counted, Step, Stream, Translator};

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
        self.watch_late(&stream.port, Counted::Rows { times: Vec::new() });
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
            ("idle = 0 if values else idle + 1; total += sum(values)", Some("idle > 2"), [key, value]) => {
                let state = json!([
                    {"name": "total", "type": "bigint", "initial": "0", "update": format!("total + {value}")},
                    {"name": "idle", "type": "bigint", "initial": "0", "update": "0", "idle": "idle + 1"},
                ]);
                let params = json!({"by": [key], "state": state, "emit": "keys", "remove_when": "idle > 2"});
                self.then("fold", params, vec![key.clone(), "total".to_owned(), "idle".to_owned()])
            }
            _ => Err(format!("the function `{update}` is not mapped")),
        }
    }

    /// A running sum that gives a row for each row, and what it knows of all keys at every batch.
    pub(super) fn map_with_state(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (update, source) = (step.text("update")?, self.current()?);
        let ("state + value", [key, value]) = (update, source.columns.as_slice()) else {
            return Err(format!("the function `{update}` is not mapped"));
        };
        let sum = json!({"name": "total", "type": "bigint", "initial": "0", "update": format!("total + {value}")});
        let mut fold = json!({"by": [key], "state": [sum], "emit": "rows"});
        if step.value("initial").is_some() {
            fold["initial"] = json!(Value::from(step.list("initial")?.clone()).to_string());
        }
        let pairs = vec![key.clone(), "total".to_owned()];
        let noted = vec![key.clone(), "total".to_owned(), "note".to_owned()];
        let note = |text: &str| json!({"columns": [{"name": "note", "expression": text}]});
        let mapped = if step.value("remove_when").is_some() {
            let "total <= 0 and the key had a state" = step.text("remove_when")? else {
                return Err("the condition is not mapped".to_owned());
            };
            let seen = json!({"name": "seen", "type": "bigint", "initial": "0", "update": "seen + 1"});
            fold["state"].as_array_mut().expect("a list").push(seen);
            fold["remove_when"] = json!("total <= 0 AND seen > 1");
            let folded = self.behind(&source, "fold", fold.clone(), pairs.clone());
            let text = "CASE WHEN total <= 0 AND seen > 1 THEN 'removed' ELSE 'kept' END";
            self.behind(&folded, "map", note(text), noted)
        } else if step.value("timeout_batches").is_some() {
            // When Spark looks for idle keys, every so many batches, is its own affair.
            step.whole("checkpoint_batches")?;
            fold["expire_after"] = json!(self.batches(step.whole("timeout_batches")?));
            let folded = self.behind(&source, "fold", fold.clone(), pairs.clone());
            let removed = Stream { port: format!("{}.removed", folded.port), ..folded.clone() };
            // The wider port also has the row's own columns.
            let narrow = json!({"keep": "replace", "columns": [
                {"name": key, "expression": key}, {"name": "total", "expression": "total"},
                {"name": "note", "expression": "'live'"},
            ]});
            let live = self.behind(&folded, "map", narrow, noted.clone());
            let timed_out = self.behind(&removed, "map", note("'timing out'"), noted);
            let union = self.behind(&live, "union", json!({}), live.columns.clone());
            self.wire(&timed_out.port, &union.port);
            union
        } else {
            self.behind(&source, "fold", fold.clone(), pairs.clone())
        };
        let is_plain = ["initial", "remove_when", "timeout_batches"].iter().all(|way| step.value(way).is_none());
        let snapshots = if is_plain {
            self.behind(&mapped, "snapshot", json!({"by": [key], "every": 1}), pairs)
        } else {
            fold["emit"] = json!("keys");
            self.behind(&source, "fold", fold, pairs)
        };
        self.results.extend([("mapped".to_owned(), mapped), ("snapshots".to_owned(), snapshots)]);
        Ok(())
    }
}
