//! Steps that aggregate: of a batch, of a window, or over everything so far.

use serde_json::{Value, json};

use super::{Counted, Step, Stream, Translator};

impl Translator<'_> {
    pub(super) fn count(&mut self) -> Result<(), String> {
        self.then("aggregate", json!({"aggregates": [{"function": "count"}]}), vec!["count".to_owned()])
    }

    pub(super) fn count_by_value(&mut self) -> Result<(), String> {
        let mut columns = self.current()?.columns;
        let params = json!({"by": columns, "aggregates": [{"function": "count", "name": "count"}]});
        columns.push("count".to_owned());
        self.then("group", params, columns)
    }

    /// One row of all rows; none of none.
    pub(super) fn reduce(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let column = match step.value("column").and_then(Value::as_str) {
            Some(column) => column.to_owned(),
            None => columns.last().cloned().unwrap_or_default(),
        };
        match step.text("reduce")? {
            // Of equal amounts the greater key, as the program says.
            "max_by" => {
                let by = step.text("by")?;
                let order = [
                    json!({"expression": by, "direction": "desc"}),
                    json!({"expression": columns[0], "direction": "desc"}),
                ];
                self.then("sort", json!({"by": order, "limit": 1}), columns)
            }
            function => {
                let aggregates = [json!({"function": function, "argument": column, "name": column})];
                self.then("aggregate", json!({"aggregates": aggregates, "when_empty": "nothing"}), vec![column])
            }
        }
    }

    /// Partitions are the engine's own affair: what is computed per partition is computed of the batch. Spark's
    /// function gives 0 for an empty partition.
    pub(super) fn map_partitions(&mut self, step: &Step<'_>) -> Result<(), String> {
        let columns = self.current()?.columns;
        let [column] = columns.as_slice() else { return Err("these are no single values".to_owned()) };
        let aggregates = [json!({"function": step.text("reduce")?, "argument": column, "name": column})];
        self.then("aggregate", json!({"aggregates": aggregates}), columns.clone())?;
        let filled = json!([{"name": column, "expression": format!("coalesce({column}, 0)")}]);
        self.then("map", json!({"columns": filled}), columns.clone())
    }

    pub(super) fn reduce_by_key(&mut self, step: &Step<'_>) -> Result<(), String> {
        let key = step.text("key")?;
        let column = step.value("column").and_then(Value::as_str);
        self.reduce_pairs(key, column, step.text("reduce")?)
    }

    pub(super) fn combine_by_key(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.reduce_pairs(step.text("key")?, Some(step.text("column")?), step.text("combine")?)
    }

    pub(super) fn group_by_key(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.reduce_pairs(step.text("key")?, Some(step.text("column")?), "collect_list")
    }

    /// One aggregate per key, in the place of the value.
    pub(super) fn reduce_pairs(&mut self, key: &str, column: Option<&str>, function: &str) -> Result<(), String> {
        let name = column.unwrap_or(function);
        let aggregates = [match column {
            Some(column) => json!({"function": function, "argument": column, "name": name}),
            None => json!({"function": function, "name": name}),
        }];
        self.then("group", json!({"by": [key], "aggregates": aggregates}), vec![key.to_owned(), name.to_owned()])
    }

    /// A query's aggregation: by windows of event time, by sessions, or over everything so far.
    pub(super) fn aggregate(&mut self, step: &Step<'_>) -> Result<(), String> {
        let mut by = Vec::new();
        let mut is_windowed = false;
        for key in step.list("by")? {
            match key {
                Value::String(column) => by.push(column.clone()),
                window => {
                    self.event_window(window)?;
                    is_windowed = true;
                }
            }
        }
        let aggregates = Aggregates::read(&step.pairs("columns")?)?;
        let columns: Vec<String> = by.iter().cloned().chain(aggregates.names()).collect();
        let source = self.current()?;
        let stream = if is_windowed {
            self.group_windows(&source, &by, &aggregates, columns.clone())
        } else {
            self.group_everything(&source, &by, &aggregates, columns.clone())
        };
        self.current = Some(stream);
        match aggregates.finishing() {
            Some(finished) => self.then("map", json!({"columns": finished}), columns),
            None => Ok(()),
        }
    }

    fn group_windows(&mut self, source: &Stream, by: &[String], calls: &Aggregates, columns: Vec<String>) -> Stream {
        let emit = self.emit();
        let bounds = ["window_start", "window_end"].map(str::to_owned);
        self.watch_late(&source.port, Counted::Per(by.iter().cloned().chain(bounds).collect()));
        if by.is_empty() {
            self.behind(source, "aggregate", json!({"aggregates": calls.rows(), "emit": emit}), columns)
        } else {
            self.behind(source, "group", json!({"by": by, "aggregates": calls.rows(), "emit": emit}), columns)
        }
    }

    fn group_everything(&mut self, source: &Stream, by: &[String], calls: &Aggregates, columns: Vec<String>) -> Stream {
        let emit = self.running_emit();
        let stream =
            self.behind(source, "running", json!({"by": by, "aggregates": calls.rows(), "emit": emit}), columns);
        self.watch_late(&stream.port, Counted::Per(by.to_vec()));
        stream
    }
}

/// The aggregates of a query: what the node computes, and what is computed of that afterwards.
struct Aggregates {
    calls: Vec<Call>,
}

struct Call {
    name: String,
    function: String,
    argument: Option<String>,
    /// An expression over the result, with `?` in its place.
    finish: Option<&'static str>,
}

impl Aggregates {
    fn read(columns: &[(String, String)]) -> Result<Self, String> {
        Ok(Self { calls: columns.iter().map(|(name, text)| Call::read(name, text)).collect::<Result<_, _>>()? })
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.calls.iter().map(|call| call.name.clone())
    }

    fn rows(&self) -> Vec<Value> {
        let row = |call: &Call| match &call.argument {
            Some(argument) => json!({"function": call.function, "argument": argument, "name": call.name}),
            None => json!({"function": call.function, "name": call.name}),
        };
        self.calls.iter().map(row).collect()
    }

    /// The columns of a map behind, if any is needed.
    fn finishing(&self) -> Option<Vec<Value>> {
        let finished = |call: &Call| {
            let finish = call.finish?;
            Some(json!({"name": call.name, "expression": finish.replace('?', &call.name)}))
        };
        let finished: Vec<Value> = self.calls.iter().filter_map(finished).collect();
        (!finished.is_empty()).then_some(finished)
    }
}

impl Call {
    /// Reads `sum(value)`, and the few that are put together from others.
    fn read(name: &str, text: &str) -> Result<Self, String> {
        let parts = |text: &str| {
            let (function, rest) = text.split_once('(')?;
            Some((function.to_owned(), rest.strip_suffix(')')?.to_owned()))
        };
        let (mut function, mut argument) = parts(text).ok_or_else(|| format!("`{text}` is no aggregate"))?;
        let mut finish = None;
        if function == "sort_array" {
            (function, argument) = parts(&argument).ok_or_else(|| format!("`{text}` is no aggregate"))?;
            finish = Some("array_sort(?)");
        }
        if function == "collect_set" {
            "collect_list".clone_into(&mut function);
            finish = Some(if finish.is_some() { "array_sort(array_distinct(?))" } else { "array_distinct(?)" });
        }
        let argument = (argument != "*").then_some(argument);
        Ok(Self { name: name.to_owned(), function, argument, finish })
    }
}
