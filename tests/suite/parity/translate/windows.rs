//! Windows: of batches by processing time, and by event time behind a watermark.

use serde_json::{Value, json};

use super::{Step, Stream, Translator, Watermark};
use crate::parity::case::Mode;

impl Translator<'_> {
    pub(super) fn window(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (input, stream) = self.input_of(step)?;
        let windowed = self.windowed(&stream, step)?;
        self.put(input, windowed);
        Ok(())
    }

    /// A window of so many batches at every so many.
    fn windowed(&mut self, stream: &Stream, step: &Step<'_>) -> Result<Stream, String> {
        let (length, slide) = (step.whole("window_batches")?, step.whole("slide_batches")?);
        let columns = stream.columns.clone();
        Ok(if length == slide {
            self.behind(stream, "window.tumbling", json!({"length": self.batches(length)}), columns)
        } else {
            let params = json!({"length": self.batches(length), "slide": self.batches(slide)});
            self.behind(stream, "window.sliding", params, columns)
        })
    }

    fn move_into_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        let stream = self.current()?;
        self.current = Some(self.windowed(&stream, step)?);
        Ok(())
    }

    /// The JVM counts an empty window as 0; Python has no row for it.
    pub(super) fn count_by_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.move_into_window(step)?;
        let when_empty = if self.case.is_jvm { "row" } else { "nothing" };
        let params = json!({"aggregates": [{"function": "count"}], "when_empty": when_empty});
        self.then("aggregate", params, vec!["count".to_owned()])
    }

    pub(super) fn count_by_value_and_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.move_into_window(step)?;
        self.count_by_value()
    }

    pub(super) fn reduce_by_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.move_into_window(step)?;
        // How a window is kept up to date is the engine's own affair.
        step.value("inverse");
        self.reduce(step)
    }

    pub(super) fn reduce_by_key_and_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.move_into_window(step)?;
        step.value("inverse");
        let columns = self.current()?.columns;
        let [key, column] = columns.as_slice() else { return Err("these are no pairs".to_owned()) };
        self.reduce_pairs(key, Some(column), step.text("reduce")?)?;
        match step.value("filter").and_then(Value::as_str) {
            Some(condition) => self.then("filter", json!({"condition": condition}), columns.clone()),
            None => Ok(()),
        }
    }

    pub(super) fn group_by_key_and_window(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.move_into_window(step)?;
        let columns = self.current()?.columns;
        let [key, column] = columns.as_slice() else { return Err("these are no pairs".to_owned()) };
        self.reduce_pairs(key, Some(column), "collect_list")
    }

    pub(super) fn with_watermark(&mut self, step: &Step<'_>) -> Result<(), String> {
        let (input, stream) = self.input_of(step)?;
        let watermark = Watermark { column: step.text("column")?.to_owned(), delay: duration(step.text("delay")?) };
        let params = json!({"column": watermark.column, "delay": watermark.delay});
        let marked = self.behind(&stream, "watermark", params, stream.columns.clone());
        let marked = Stream { watermark: Some(watermark), ..marked };
        self.put(input, marked);
        Ok(())
    }

    /// A window or session of event time.
    pub(super) fn event_window(&mut self, window: &Value) -> Result<(), String> {
        let window = Step::new(window)?;
        let Stream { columns, watermark, .. } = self.current()?;
        let mut params = json!({"time": "event"});
        match (window.text("column")?, &watermark) {
            // What the results of a window carry on.
            ("window_time(window)", Some(_)) => {}
            (column, Some(watermark)) if column == watermark.column => {}
            (column, _) => params["event_time"] = json!(column),
        }
        if window.value("session").is_some() {
            let gap = window.text("session")?;
            if gap.contains("CASE") {
                params["gap_expression"] = json!(gap);
            } else {
                params["gap"] = json!(duration(gap));
            }
            self.then("window.session", params, columns)?;
        } else {
            let length = duration(window.text("window")?);
            let slide = window.value("slide").and_then(Value::as_str).map_or_else(|| length.clone(), duration);
            params["length"] = json!(length);
            if let Some(offset) = window.value("offset").and_then(Value::as_str) {
                params["offset"] = json!(duration(offset));
            }
            if slide == length {
                self.then("window.tumbling", params, columns)?;
            } else {
                params["slide"] = json!(slide);
                self.then("window.sliding", params, columns)?;
            }
        }
        window.must_be_read()
    }

    /// When windows by event time give their results.
    pub(super) fn emit(&self) -> &'static str {
        match self.case.mode {
            Mode::Append => "close",
            Mode::Update => "change",
            Mode::Complete => "whole",
        }
    }

    /// When an aggregation over everything so far gives its results.
    pub(super) fn running_emit(&self) -> &'static str {
        match self.case.mode {
            Mode::Append => "close",
            Mode::Update => "changed",
            Mode::Complete => "all",
        }
    }
}

/// Spark's `10 seconds` as Weir reads it; it has no weeks.
pub(super) fn duration(text: &str) -> String {
    match text.strip_suffix(" week").or_else(|| text.strip_suffix(" weeks")).map(str::parse::<i64>) {
        Some(Ok(weeks)) => format!("{}d", weeks * 7),
        Some(Err(_)) | None => text.to_owned(),
    }
}
