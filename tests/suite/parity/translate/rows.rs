//! Steps that work on the rows of a batch.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Step, Stream, Translator};
use crate::parity::case::Interface;

impl Translator<'_> {
    pub(super) fn filter(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        self.then("filter", json!({"condition": step.text("where")?}), columns)
    }

    pub(super) fn map(&mut self, step: &Step<'_>) -> Result<(), String> {
        let pairs = step.pairs("columns")?;
        let expression = |text: &str| match text {
            // Said in words: which batch it is.
            "batch_index" => "batch_id()".to_owned(),
            // The last moment of a window, which its results count as.
            "window_time(window)" => "window_end - INTERVAL '1 microsecond'".to_owned(),
            text => text.to_owned(),
        };
        let computed: Vec<Value> =
            pairs.iter().map(|(name, text)| json!({"name": name, "expression": expression(text)})).collect();
        let columns = pairs.into_iter().map(|(name, _)| name).collect();
        self.then("map", json!({"columns": computed, "keep": "replace"}), columns)
    }

    pub(super) fn map_values(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let [_, value] = columns.as_slice() else { return Err("these are no pairs".to_owned()) };
        let computed = json!([{"name": value, "expression": step.text("expr")?}]);
        self.then("map", json!({"columns": computed, "keep": "keep"}), columns)
    }

    pub(super) fn flat_map(&mut self, step: &Step<'_>) -> Result<(), String> {
        if step.value("repeat").is_some() {
            return self.repeat(step);
        }
        let word = step.text("as")?;
        // Pieces without a letter stay in both interfaces; the JVM's split drops those at the end.
        step.flag("keep_empty");
        let drop = if step.flag("drop_trailing_empty") { "trailing" } else { "none" };
        let params =
            json!({"column": step.text("column")?, "separator": step.text("split")?, "drop": drop, "as": word});
        self.then("flat_map", params, vec![word.to_owned()])
    }

    /// Copies of a row, numbered from 0.
    fn repeat(&mut self, step: &Step<'_>) -> Result<(), String> {
        let mut columns = self.current()?.columns;
        let (count, limit) = (step.text("repeat")?, step.whole("limit")?);
        let mut copies = "CASE".to_owned();
        for copy in (1..=limit).rev() {
            let numbers: Vec<String> = (0..copy).map(|number| number.to_string()).collect();
            write!(copies, " WHEN {count} >= {copy} THEN '{}'", numbers.join(",")).expect("a text takes all");
        }
        copies.push_str(" END");
        columns.push("copy".to_owned());
        self.then("map", json!({"columns": [{"name": "copies", "expression": copies}]}), columns.clone())?;
        let split = json!({"column": "copies", "separator": ",", "as": "copy", "keep": true});
        self.then("flat_map", split, columns.clone())?;
        self.then("map", json!({"columns": [{"name": "copy", "expression": "CAST(copy AS BIGINT)"}]}), columns)
    }

    pub(super) fn flat_map_values(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let [_, value] = columns.as_slice() else { return Err("these are no pairs".to_owned()) };
        step.flag("keep_empty");
        let params =
            json!({"column": value, "separator": step.text("split")?, "drop": "none", "as": value, "keep": true});
        self.then("flat_map", params, columns.clone())
    }

    pub(super) fn explode(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (list, item) = (step.text("column")?, step.text("as")?);
        // Splitting and unfolding are one node.
        let parts = list.strip_prefix("split(").and_then(|rest| rest.strip_suffix("')")?.split_once(", '"));
        let (column, separator) = parts.ok_or_else(|| format!("there is no translation for unfolding `{list}`"))?;
        self.then("flat_map", json!({"column": column, "separator": separator, "as": item}), vec![item.to_owned()])
    }

    pub(super) fn union(&mut self, step: &Step<'_>) -> Result<(), String> {
        let names = step.texts("of")?;
        let union = self.add("union", json!({}));
        self.current = Some(Stream { port: union.clone(), columns: Vec::new(), watermark: None });
        for name in names {
            let stream = self.input(&name)?;
            self.wire(&stream.port, &union);
            self.current = Some(Stream { port: union.clone(), ..stream });
        }
        Ok(())
    }

    pub(super) fn repartition(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        self.then("repartition", json!({"pieces": step.whole("partitions")?}), columns)
    }

    pub(super) fn sort(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let by: Result<Vec<Value>, String> =
            step.pairs("by")?.iter().map(|(column, how)| order_by(column, how)).collect();
        self.then("sort", json!({"by": by?}), columns)
    }

    /// A query's limit holds for the whole stream; over a batch, or a result that is given whole, it holds for that.
    pub(super) fn limit(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let scope = if self.is_append() { "stream" } else { "batch" };
        self.then("limit", json!({"rows": step.whole("rows")?, "scope": scope}), columns)
    }

    /// Over a batch a transform; over a whole query it needs state.
    pub(super) fn distinct(&mut self) -> Result<(), String> {
        let columns = self.current()?.columns;
        match self.case.interface {
            Interface::DStream => self.then("distinct", json!({}), columns),
            Interface::Structured => self.dedup(columns, false),
        }
    }
}

/// A line of a sort, with Spark's place for nulls where it says nothing.
fn order_by(column: &str, how: &str) -> Result<Value, String> {
    let (direction, nulls) = match how {
        "asc" | "asc nulls first" => ("asc", "first"),
        "desc" | "desc nulls last" => ("desc", "last"),
        "asc nulls last" => ("asc", "last"),
        "desc nulls first" => ("desc", "first"),
        other => return Err(format!("`{other}` is no order")),
    };
    Ok(json!({"expression": column, "direction": direction, "nulls": nulls}))
}
