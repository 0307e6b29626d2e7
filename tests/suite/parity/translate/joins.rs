//! Joins: of two batches, of two streams within a time range, and with a table that does not change.

use serde_json::{Value, json};

use super::{Counted, Step, Stream, Translator};
use crate::parity::case::Interface;

impl Translator<'_> {
    pub(super) fn join(&mut self, step: &Step<'_>) -> Result<(), String> {
        match self.case.interface {
            Interface::DStream => self.join_batches(step),
            Interface::Structured => self.join_streams(step),
        }
    }

    /// A join of the batches of the same tick. Null keys meet there, as all values do.
    fn join_batches(&mut self, step: &Step<'_>) -> Result<(), String> {
        let right = step.value("with").and_then(Value::as_str).unwrap_or("right");
        let (left, right) = (self.input("left")?, self.input(right)?);
        let key = step.text("key")?;
        let how = how(step.text("how")?)?;
        let joined = self.joined(&left, &right, how, &[key], true);
        self.current = Some(joined);
        Ok(())
    }

    pub(super) fn cogroup(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (left, right) = (self.input("left")?, self.input("right")?);
        let joined = self.joined(&left, &right, "cogroup", &[step.text("key")?], true);
        self.current = Some(joined);
        Ok(())
    }

    pub(super) fn subtract(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (left, right) = (self.input(step.text("left")?)?, self.input(step.text("right")?)?);
        let keys: Vec<&str> = left.columns.iter().map(String::as_str).collect();
        let joined = self.joined(&left, &right, "left_anti", &keys, true);
        self.current = Some(joined);
        Ok(())
    }

    pub(super) fn join_static(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (key, name) = (step.text("key")?, "name");
        let path = self.file(&[key, name], step.list("static")?)?;
        let mut columns = self.current()?.columns;
        let how = match (how(step.text("how")?)?, step.value("side").and_then(Value::as_str)) {
            (how @ ("inner" | "left" | "left_semi" | "left_anti"), None) => how,
            // The rows of the stream are kept, whichever side the table is on.
            ("right", Some("static_left")) => "left",
            (how, side) => return Err(format!("a table cannot be joined {how} ({side:?})")),
        };
        let fields: Vec<Value> = [key, name].iter().map(|field| json!({"name": field, "type": "string"})).collect();
        let nulls_meet = self.case.interface == Interface::DStream;
        let params = json!({
            "path": path, "fields": fields, "on": [{"left": key}], "how": how, "null_keys": null_keys(nulls_meet),
        });
        if matches!(how, "inner" | "left") {
            columns.push(name.to_owned());
        }
        self.then("lookup", params, columns)
    }

    /// A join of two streams by equal names; the keys appear once.
    fn joined(&mut self, left: &Stream, right: &Stream, how: &str, keys: &[&str], nulls_meet: bool) -> Stream {
        let on: Vec<Value> = keys.iter().map(|key| json!({"left": key, "right": key})).collect();
        let join = self.add("join", json!({"how": how, "on": on, "null_keys": null_keys(nulls_meet)}));
        self.wire(&left.port, &format!("{join}.left"));
        self.wire(&right.port, &format!("{join}.right"));
        let mut columns = left.columns.clone();
        if !matches!(how, "left_semi" | "left_anti") {
            columns.extend(right.columns.iter().filter(|column| !keys.contains(&column.as_str())).cloned());
        }
        Stream { port: join, columns, watermark: None }
    }

    /// A join of all rows of two streams, within a time range if the condition has one.
    fn join_streams(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (left, right) = (self.input("left")?, self.input("right")?);
        let how = how(step.text("how")?)?;
        let condition = Condition::read(step.text("on")?, &left)?;
        // Spark's full outer join lets null keys meet, whatever the condition says.
        let nulls_meet = condition.nulls_meet || how == "full";
        let mut params = json!({"how": how, "on": condition.keys, "null_keys": null_keys(nulls_meet)});
        match &condition.range {
            Some((lower, upper)) => {
                params["lower"] = json!(lower);
                params["upper"] = json!(upper);
            }
            None => params["within"] = json!("ever"),
        }
        let join = self.add("interval_join", params);
        self.wire(&left.port, &format!("{join}.left"));
        self.wire(&right.port, &format!("{join}.right"));
        let watermarks = [&left, &right].map(|side| side.watermark.as_ref().map(|watermark| watermark.column.clone()));
        self.watch_late(&join, Counted::Rows { times: watermarks.into_iter().flatten().collect() });
        // What flows on carries the times of both rows, so its watermark is lower than the query's.
        self.watermarks = vec![left.port.clone(), right.port.clone()];
        let mut columns = left.columns.clone();
        if how != "left_semi" {
            columns.extend(right.columns.iter().cloned());
        }
        self.current = Some(Stream { port: join, columns, watermark: None });
        Ok(())
    }
}

/// The condition of a stream-stream join, taken apart.
struct Condition {
    keys: Vec<Value>,
    nulls_meet: bool,
    /// From when until when, counted from the left row's time, the right row's time may be.
    range: Option<(String, String)>,
}

impl Condition {
    fn read(text: &str, left: &Stream) -> Result<Self, String> {
        let mut condition = Self { keys: Vec::new(), nulls_meet: false, range: None };
        let (mut lower, mut upper) = (None, None);
        let is_left = |column: &str| left.columns.iter().any(|name| name == column);
        for part in text.split(" AND ") {
            let words: Vec<&str> = part.split(' ').collect();
            match words.as_slice() {
                [a, "=" | "<=>", b] if is_left(a) && !is_left(b) => {
                    condition.nulls_meet |= words[1] == "<=>";
                    condition.keys.push(json!({"left": a, "right": b}));
                }
                [_, ">=", b] if is_left(b) => lower = Some("0s".to_owned()),
                [_, "<=", b, "+", "INTERVAL", count, "SECONDS"] if is_left(b) => upper = Some(format!("{count}s")),
                _ => return Err(format!("there is no translation for the condition `{part}`")),
            }
        }
        condition.range = match (lower, upper) {
            (Some(lower), Some(upper)) => Some((lower, upper)),
            (None, None) => None,
            _ => return Err(format!("`{text}` bounds the time on one side only")),
        };
        Ok(condition)
    }
}

fn how(spark: &str) -> Result<&'static str, String> {
    Ok(match spark {
        "inner" => "inner",
        "left_outer" => "left",
        "right_outer" => "right",
        "full_outer" => "full",
        "left_semi" => "left_semi",
        "left_anti" => "left_anti",
        other => return Err(format!("there is no translation for the join `{other}`")),
    })
}

fn null_keys(meet: bool) -> &'static str {
    if meet { "equal" } else { "never" }
}
