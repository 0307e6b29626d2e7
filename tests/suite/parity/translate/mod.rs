//! From the neutral steps of a case to a pipeline.
//!
//! One function per step, grouped by what they need. Every field of a step must be read by its translation; a step
//! without a translation is an error, so a case can never pass because something of it was left out.

mod groups;
mod joins;
mod rows;
mod sources;
mod state;
mod windows;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::TempDir;
use weir_engine::pipeline::{Edit, Pipeline, Setting, WatermarkPolicy};
use weir_engine::spec::Span;

use super::case::{Case, Interface, Mode};
use super::step::Step;
use crate::support::Draw;

/// A pipeline that does what a case's program does, and where to look.
pub struct Program {
    pub pipeline: Pipeline,
    pub results: Vec<Shown>,
    /// The nodes whose watermarks, taken together, are the query's.
    pub watermarks: Vec<String>,
    /// Per stateful step, in order, where the rows it dropped as late come out.
    pub late: Vec<Late>,
    /// Where the files lie that the pipeline reads.
    _folder: TempDir,
}

/// A sink that shows a result.
pub struct Shown {
    /// The case's name of the output.
    pub output: String,
    /// The sink's name.
    pub sink: String,
    /// The columns of the sink that hold the output's, in its order.
    pub columns: Vec<String>,
}

/// Where a stateful step's late rows come out.
pub struct Late {
    /// The sink's name.
    pub sink: String,
    pub counted: Counted,
}

/// How Spark counts late rows.
pub enum Counted {
    /// Rows, except those without a time in any of these columns: Spark keeps such rows, which match nothing.
    Rows { times: Vec<String> },
    /// By these columns it had put rows together before.
    Per(Vec<String>),
}

/// A stream on the way.
#[derive(Debug, Clone)]
struct Stream {
    /// Where it comes from: a node, with `.port` where it is not `out`.
    port: String,
    /// Its columns as the program knows them, without those a window puts in front.
    columns: Vec<String>,
    /// The watermark upstream.
    watermark: Option<Watermark>,
}

/// What a step said of a watermark.
#[derive(Debug, Clone)]
struct Watermark {
    column: String,
    delay: String,
}

/// A translation under way.
struct Translator<'a> {
    case: &'a Case,
    draw: Draw,
    names: BTreeMap<String, u32>,
    /// The inputs by their names, as far as steps have got with each.
    inputs: BTreeMap<String, Stream>,
    /// The stream that the next step works on, where it does not say.
    current: Option<Stream>,
    results: Vec<(String, Stream)>,
    watermarks: Vec<String>,
    late: Vec<Late>,
    folder: TempDir,
}

/// Translates a case.
pub fn translate(case: &Case) -> Result<Program, String> {
    let mut translator = Translator::new(case)?;
    translator.steps(&case.steps)?;
    translator.finish()
}

impl<'a> Translator<'a> {
    fn new(case: &'a Case) -> Result<Self, String> {
        let mut translator = Self {
            case,
            draw: Draw::new().interval(case.interval_millis),
            names: BTreeMap::new(),
            inputs: BTreeMap::new(),
            current: None,
            results: Vec::new(),
            watermarks: Vec::new(),
            late: Vec::new(),
            folder: TempDir::new().map_err(|error| error.to_string())?,
        };
        if case.meets_in_highest {
            translator.draw.apply(&Edit::Set(Setting::WatermarkPolicy(WatermarkPolicy::Max)));
        }
        for input in &case.inputs {
            let stream = translator.typed_rows(&input.name, &input.columns, &case.arrivals(input))?;
            translator.inputs.insert(input.name.clone(), stream);
        }
        if let [input] = case.inputs.as_slice() {
            translator.current = translator.inputs.get(&input.name).cloned();
        }
        Ok(translator)
    }

    fn steps(&mut self, steps: &[Value]) -> Result<(), String> {
        for step in steps {
            let step = Step::new(step)?;
            match step.value("branch").and_then(Value::as_str) {
                Some(output) => self.branch(output, &step)?,
                None => self.step(&step)?,
            }
            step.must_be_read()?;
        }
        Ok(())
    }

    /// A branch starts where the program has got to, and ends in an output of its own.
    fn branch(&mut self, output: &str, step: &Step<'_>) -> Result<(), String> {
        let before = self.current.clone();
        self.steps(step.list("steps")?)?;
        let result = self.current.take().ok_or("the branch leads nowhere")?;
        self.results.push((output.to_owned(), result));
        self.current = before;
        Ok(())
    }

    fn step(&mut self, step: &Step<'_>) -> Result<(), String> {
        match step.text("op")? {
            "queue_input" => self.queue_input(step),
            "filter" => self.filter(step),
            "map" | "select" => self.map(step),
            "map_values" => self.map_values(step),
            "flat_map" => self.flat_map(step),
            "flat_map_values" => self.flat_map_values(step),
            "explode" => self.explode(step),
            "union" => self.union(step),
            "repartition" => self.repartition(step),
            "sort" => self.sort(step),
            "limit" => self.limit(step),
            "distinct" => self.distinct(),
            "count" => self.count(),
            "count_by_value" => self.count_by_value(),
            "reduce" => self.reduce(step),
            "reduce_by_key" => self.reduce_by_key(step),
            "combine_by_key" => self.combine_by_key(step),
            "group_by_key" => self.group_by_key(step),
            "map_partitions" => self.map_partitions(step),
            "aggregate" => self.aggregate(step),
            "window" => self.window(step),
            "count_by_window" => self.count_by_window(step),
            "count_by_value_and_window" => self.count_by_value_and_window(step),
            "reduce_by_window" => self.reduce_by_window(step),
            "reduce_by_key_and_window" => self.reduce_by_key_and_window(step),
            "group_by_key_and_window" => self.group_by_key_and_window(step),
            "with_watermark" => self.with_watermark(step),
            "join" => self.join(step),
            "cogroup" => self.cogroup(step),
            "subtract" => self.subtract(step),
            "join_static" => self.join_static(step),
            "drop_duplicates" => self.drop_duplicates(step),
            "drop_duplicates_within_watermark" => self.drop_duplicates_within_watermark(step),
            "update_state_by_key" => self.update_state_by_key(step),
            "map_with_state" => self.map_with_state(step),
            "node" => self.node(step),
            "nothing" => {
                self.current = None;
                Ok(())
            }
            other => Err(format!("there is no translation for the step `{other}`")),
        }
    }

    /// The pipeline with a sink at every result.
    fn finish(mut self) -> Result<Program, String> {
        if let Some(current) = self.current.take().filter(|_| self.results.is_empty()) {
            match self.case.outputs.as_slice() {
                [output] => self.results.push((output.name.clone(), current)),
                // Only the plan is looked at.
                [] => _ = self.sink(&current.port),
                _ => return Err("one stream for several outputs".to_owned()),
            }
        }
        let mut results = Vec::new();
        for (name, stream) in std::mem::take(&mut self.results) {
            let output = self.case.outputs.iter().find(|output| output.name == name);
            let output = output.ok_or_else(|| format!("there is no output `{name}`"))?;
            let columns = match self.case.interface {
                // DStreams hold values without names.
                Interface::DStream => stream.columns.clone(),
                Interface::Structured => output.columns.iter().map(|column| named(&stream, &column.name)).collect(),
            };
            if columns.len() != output.columns.len() {
                return Err(format!("`{name}` has the columns {columns:?}"));
            }
            let sink = self.sink(&stream.port);
            if self.watermarks.is_empty() {
                self.watermarks.push(sink.clone());
            }
            results.push(Shown { output: name, sink, columns });
        }
        let Self { draw, watermarks, late, folder, .. } = self;
        Ok(Program { pipeline: draw.pipeline, results, watermarks, late, _folder: folder })
    }

    fn current(&self) -> Result<Stream, String> {
        self.current.clone().ok_or_else(|| "no step has said which input the next one works on".to_owned())
    }

    /// The stream a step names as `input`, or the current one.
    fn input_of(&self, step: &Step<'_>) -> Result<(Option<String>, Stream), String> {
        match step.value("input").and_then(Value::as_str) {
            Some(name) => Ok((Some(name.to_owned()), self.input(name)?)),
            None => Ok((None, self.current()?)),
        }
    }

    fn input(&self, name: &str) -> Result<Stream, String> {
        self.inputs.get(name).cloned().ok_or_else(|| format!("there is no input `{name}`"))
    }

    /// Puts a stream in place of the input it comes from, or makes it the current one.
    fn put(&mut self, input: Option<String>, stream: Stream) {
        match input {
            Some(name) => _ = self.inputs.insert(name, stream),
            None => self.current = Some(stream),
        }
    }

    /// Adds a node and gives its name.
    fn add(&mut self, kind: &str, params: Value) -> String {
        let base: String = kind.replace('.', "_");
        let count = self.names.entry(base.clone()).or_insert(0);
        *count += 1;
        let name = format!("{base}_{count}");
        self.draw = std::mem::take(&mut self.draw).node(&name, kind, params);
        name
    }

    fn wire(&mut self, from: &str, to: &str) {
        self.draw = std::mem::take(&mut self.draw).wire(from, to);
    }

    /// Adds a node behind a stream.
    fn behind(&mut self, stream: &Stream, kind: &str, params: Value, columns: Vec<String>) -> Stream {
        let port = self.add(kind, params);
        self.wire(&stream.port, &port);
        Stream { port, columns, watermark: stream.watermark.clone() }
    }

    /// Adds a node behind the current stream, which thereby moves on.
    fn then(&mut self, kind: &str, params: Value, columns: Vec<String>) -> Result<(), String> {
        let stream = self.current()?;
        self.current = Some(self.behind(&stream, kind, params, columns));
        Ok(())
    }

    /// Adds a table behind a port and gives its name.
    fn sink(&mut self, port: &str) -> String {
        let sink = self.add("sink.table", json!({}));
        self.wire(port, &sink);
        sink
    }

    /// Shows what a node tells as late.
    fn watch_late(&mut self, node: &str, counted: Counted) {
        if self.case.has_late_rows() {
            let sink = self.sink(&format!("{node}.late"));
            self.late.push(Late { sink, counted });
        }
    }

    fn is_append(&self) -> bool {
        self.case.interface == Interface::Structured && self.case.mode == Mode::Append
    }

    /// So many batches, as people write durations.
    fn batches(&self, count: i64) -> String {
        Span::from_millis(count * self.case.interval_millis).to_string()
    }

    /// Any node behind a stream, perhaps as an input of its own that later steps name: for the programs that Spark
    /// refuses.
    fn node(&mut self, step: &Step<'_>) -> Result<(), String> {
        let params = step.value("params").cloned().unwrap_or_else(|| json!({}));
        let columns = step.value("columns").map(|_| step.texts("columns")).transpose()?;
        let (input, behind) = match step.value("inputs").and_then(Value::as_object) {
            None => {
                let (input, stream) = self.input_of(step)?;
                let columns = columns.unwrap_or_else(|| stream.columns.clone());
                (input, self.behind(&stream, step.text("kind")?, params, columns))
            }
            Some(inputs) => {
                let columns = columns.unwrap_or_default();
                let node = self.add(step.text("kind")?, params);
                for (port, input) in inputs {
                    let from = self.input(input.as_str().ok_or("an input is called by its name")?)?.port;
                    self.wire(&from, &format!("{node}.{port}"));
                }
                (None, Stream { port: node, columns, watermark: None })
            }
        };
        let name = step.value("as").and_then(Value::as_str).map(str::to_owned);
        self.put(name.or(input), behind);
        Ok(())
    }
}

/// The column of a stream that Spark calls so: a window's bounds have other names there.
fn named(stream: &Stream, name: &str) -> String {
    let is_own = stream.columns.iter().any(|column| column == name);
    match name {
        "start" if !is_own => "window_start".to_owned(),
        "end" if !is_own => "window_end".to_owned(),
        _ => name.to_owned(),
    }
}
