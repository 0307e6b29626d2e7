//! The recorded cases, as their files give them. What a file says and nobody reads is an error: nothing recorded may be
//! passed over in silence.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::step::Step;

/// Which of Spark's two interfaces a case was recorded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// Batches and windows of batches.
    DStream,
    /// Queries by event time.
    Structured,
}

/// When a structured query gives its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Append,
    Update,
    Complete,
}

/// One recorded program with what went in and what came out.
pub struct Case {
    /// `dstream/count`.
    pub id: String,
    pub interface: Interface,
    /// Recorded from the JVM's interface, where that differs from Python's.
    pub is_jvm: bool,
    pub interval_millis: i64,
    /// Append for DStreams.
    pub mode: Mode,
    /// Whether several watermarks meet in the highest.
    pub meets_in_highest: bool,
    pub inputs: Vec<Input>,
    pub steps: Vec<Value>,
    pub outputs: Vec<Output>,
    /// One entry per micro-batch; empty for DStreams.
    pub progress: Vec<Progress>,
}

/// One stream that goes in.
#[derive(Debug, Clone)]
pub struct Input {
    pub name: String,
    pub columns: Vec<Column>,
    pub batches: Vec<Vec<Value>>,
}

/// A column and its type by Spark's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: String,
}

/// One stream that comes out.
pub struct Output {
    pub name: String,
    pub columns: Vec<Column>,
    pub is_ordered: bool,
    /// Per tick its rows; `None` where it did not fire.
    pub batches: Vec<Option<Vec<Value>>>,
}

/// The facts of one micro-batch.
pub struct Progress {
    /// Which batch of every input it read; `None` for a batch without data.
    pub input_batch: Option<usize>,
    /// The watermark it ran with, as text.
    pub watermark: Option<String>,
    /// Rows dropped as late by each stateful operator, in the order of the steps.
    pub dropped: Vec<u64>,
}

impl Case {
    /// All cases of a folder laid out as the corpus is, sorted by id.
    pub fn all(corpus: &Path) -> Vec<Self> {
        let mut cases = Vec::new();
        for folder in ["dstream", "structured"] {
            for path in files(&corpus.join(folder)) {
                let name = path.file_stem().expect("a file").to_string_lossy();
                if name == "illegal" || name == "scala_illegal" {
                    continue;
                }
                let id = format!("{folder}/{name}");
                let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{id}: {error}"));
                cases.push(Self::read(&id, &value).unwrap_or_else(|error| panic!("{id}: {error}")));
            }
        }
        cases
    }

    fn read(id: &str, value: &Value) -> Result<Self, String> {
        let file = Step::new(value)?;
        for about in ["name", "reference", "what", "program", "notes"] {
            file.value(about);
        }
        // A restart is nothing the engine could notice: what a query knew is there again.
        file.value("restart_after_batches");
        // Which batches came when is told by `progress`.
        file.value("pacing");
        let interface = if id.starts_with("dstream/") { Interface::DStream } else { Interface::Structured };
        let case = Self {
            id: id.to_owned(),
            interface,
            is_jvm: file.value("api").is_some_and(|api| api == "scala"),
            interval_millis: if interface == Interface::DStream { file.whole("batch_interval_ms")? } else { 1_000 },
            mode: file.value("output_mode").map_or(Ok(Mode::Append), Mode::read)?,
            meets_in_highest: file.value("settings").map_or(Ok(false), meets_in_highest)?,
            inputs: named(&file, "inputs")?
                .iter()
                .map(|(name, input)| Input::read(name, input))
                .collect::<Result<_, _>>()?,
            steps: file.list("steps")?.clone(),
            outputs: named(&file, "outputs")?
                .iter()
                .map(|(name, output)| Output::read(name, output))
                .collect::<Result<_, _>>()?,
            progress: match file.value("progress") {
                Some(_) => file.list("progress")?.iter().map(Progress::read).collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
        };
        file.must_be_read()?;
        Ok(case)
    }

    /// How many ticks it takes.
    pub fn ticks(&self) -> usize {
        self.outputs.iter().map(|output| output.batches.len()).max().unwrap_or(0)
    }

    /// The rows of an input per tick.
    pub fn arrivals(&self, input: &Input) -> Vec<Vec<Value>> {
        let batch =
            |index: Option<usize>| index.and_then(|index| input.batches.get(index)).cloned().unwrap_or_default();
        match self.interface {
            Interface::DStream => (0..self.ticks()).map(|tick| batch(Some(tick))).collect(),
            Interface::Structured => self.progress.iter().map(|entry| batch(entry.input_batch)).collect(),
        }
    }

    /// Whether any row was dropped as late.
    pub fn has_late_rows(&self) -> bool {
        self.progress.iter().flat_map(|entry| &entry.dropped).any(|dropped| *dropped > 0)
    }
}

impl Mode {
    pub fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("append") => Ok(Self::Append),
            Some("update") => Ok(Self::Update),
            Some("complete") => Ok(Self::Complete),
            _ => Err(format!("{value} is no output mode")),
        }
    }
}

impl Input {
    pub fn read(name: &str, value: &Value) -> Result<Self, String> {
        let input = Step::new(value)?;
        let batches = input.list("batches")?.iter().map(rows_of).collect::<Result<_, _>>()?;
        let columns = columns_of(&input)?;
        input.must_be_read()?;
        Ok(Self { name: name.to_owned(), columns, batches })
    }
}

impl Output {
    fn read(name: &str, value: &Value) -> Result<Self, String> {
        let output = Step::new(value)?;
        let fired = |batch: &Value| if batch.is_null() { Ok(None) } else { rows_of(batch).map(Some) };
        let read = Self {
            name: name.to_owned(),
            columns: columns_of(&output)?,
            is_ordered: output.value("ordered") == Some(&Value::Bool(true)),
            batches: output.list("batches")?.iter().map(fired).collect::<Result<_, _>>()?,
        };
        output.must_be_read()?;
        Ok(read)
    }
}

impl Progress {
    fn read(value: &Value) -> Result<Self, String> {
        let entry = Step::new(value)?;
        // Spark's own bookkeeping, which follows from the rows.
        for about in ["batch_id", "num_input_rows", "event_time_min", "event_time_max"] {
            entry.value(about);
        }
        let mut dropped = Vec::new();
        for operator in entry.list("state_operators")? {
            let late = operator.get("rows_dropped_by_watermark").and_then(Value::as_u64);
            dropped.push(late.ok_or("an operator does not say how many rows it dropped")?);
        }
        // Spark lists the last operator of a query first.
        dropped.reverse();
        let input_batch = entry.value("input_batch").and_then(Value::as_u64);
        let read = Self {
            input_batch: input_batch.map(|index| usize::try_from(index).expect("a small number")),
            watermark: entry.value("watermark").and_then(Value::as_str).map(str::to_owned),
            dropped,
        };
        entry.must_be_read()?;
        Ok(read)
    }
}

/// The JSON files of a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn named<'a>(file: &Step<'a>, key: &str) -> Result<&'a Map<String, Value>, String> {
    file.value(key).and_then(Value::as_object).ok_or_else(|| format!("there are no `{key}`"))
}

fn columns_of(step: &Step<'_>) -> Result<Vec<Column>, String> {
    Ok(step.pairs("columns")?.into_iter().map(|(name, kind)| Column { name, kind }).collect())
}

fn rows_of(batch: &Value) -> Result<Vec<Value>, String> {
    batch.as_array().cloned().ok_or_else(|| format!("{batch} is no list of rows"))
}

fn meets_in_highest(settings: &Value) -> Result<bool, String> {
    let settings = Step::new(settings)?;
    let highest = match settings.text("spark.sql.streaming.multipleWatermarkPolicy")? {
        "max" => true,
        "min" => false,
        other => return Err(format!("`{other}` is no policy of watermarks")),
    };
    settings.must_be_read()?;
    Ok(highest)
}
