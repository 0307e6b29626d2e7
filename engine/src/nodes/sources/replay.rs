//! `source.replay`: one file, again as a stream: as fast as possible, at a rate, or as its own times say.

mod pace;
mod recorded;
mod source;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::content::{
    COMMENT, Content, DELIMITER, ESCAPE, FIELDS, FORMAT, Format, HEADER, InferredField, MAX_LINE_BYTES, NULL_TEXT,
    QUOTE, Reading, fields_of,
};
use super::rows::FieldType;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use pace::Pace;
pub use recorded::{arrival_field, replay_of};
use source::ReplaySource;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.replay",
    title: "Replay file",
    summary: "Reads one file of text, CSV, JSON lines, Parquet or Arrow as a stream, at its own pace.",
    doc: DOC,
    category: Category::Source,
    icon: "M 4 2 L 10 2 L 12.5 4.5 L 12.5 14 L 4 14 Z M 7 6.5 L 10.5 9 L 7 11.5 Z",
    base_name: "replay",
    inputs: &[],
    outputs: &[PortSpec::OUT],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Reads a file and gives its rows batch by batch. A relative path counts from the folder of the \
pipeline's file; the file is opened when the pipeline runs, never before.

**Text** gives each line in one column `value`. **CSV** and **JSON lines** give the declared fields. In CSV a field is \
found by the header's name (or by its position, without a header), an empty value that is not quoted is null, and a \
row is one line. In JSON lines each line is an object, and a path like `user.city` or `items.0` reaches into it; what \
is missing is null. **Parquet** and **Arrow** (an Arrow IPC file, Feather 2) give the declared fields of their columns, \
found by name or by a path into structures; lists and structures become JSON text where the field is a string, and a \
column that cannot be read as its field's type without losing something is refused with the type to declare. Fields \
that are not declared are ignored, and their values counted. A row that does not fit is left out and counted, and the \
node says which one it was.

Files of lines may be packed with gzip (`.gz`) or Zstandard (`.zst`): `events.jsonl.gz`. Where a packed file breaks \
off, or a part of a Parquet or Arrow file is damaged, the rows that can be read come and the rest is counted. Text is \
UTF-8; bytes that are not become `\u{FFFD}`, and the line is counted.

For example, with the fields `sensor` (string), `temperature` (double) and `time` (timestamp), the line

```json
{\"sensor\": \"s1\", \"temperature\": 20.5, \"time\": \"2026-01-01T00:00:03Z\"}
```

becomes one row. Paced by event time with the column `time` and a speed of 60, a row that is one minute later in the \
file comes one second later. A row never overtakes the row before it in the file. The source is done at the end of \
the file, unless it loops.

Pace and speed can change while it runs without losing the place; another file or other fields begin at the beginning.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "File",
        "The file; a relative path counts from the pipeline's folder.",
        ParamKind::File {
            writes: false,
            extensions: &[
                "txt", "log", "csv", "tsv", "json", "jsonl", "ndjson", "parquet", "arrow", "ipc", "feather", "gz",
                "zst",
            ],
        },
    ),
    FORMAT,
    FIELDS,
    HEADER,
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULL_TEXT,
    COMMENT,
    ParamSpec::new(
        "pace",
        "Pace",
        "How fast the rows come.",
        ParamKind::Choice {
            options: &[
                Choice::new("fast", "As fast as possible", "A fixed number of rows in every batch."),
                Choice::new("rate", "Rows per second", "So many rows per second."),
                Choice::new("event_time", "By event time", "As far apart as the times in a column, times a speed."),
            ],
        },
    )
    .default(Default::Text("fast")),
    ParamSpec::new(
        "rows_per_batch",
        "Rows per batch",
        "How many rows each batch takes.",
        ParamKind::Integer { min: 1, max: 10_000_000 },
    )
    .default(Default::Integer(10_000))
    .when("pace", &["fast"]),
    ParamSpec::new(
        "rate",
        "Rate",
        "Rows per second.",
        ParamKind::Number { min: 0.0, max: 10_000_000.0, unit: "rows/s" },
    )
    .default(Default::Number(1_000.0))
    .when("pace", &["rate"]),
    ParamSpec::new(
        "event_time",
        "Event time",
        "The field of type timestamp that says when a row happened.",
        ParamKind::Column { accepts: Accepts::Time },
    )
    .when("pace", &["event_time"]),
    ParamSpec::new(
        "speed",
        "Speed",
        "2 is twice as fast as it happened.",
        ParamKind::Number { min: 0.001, max: 1_000_000.0, unit: "×" },
    )
    .default(Default::Number(1.0))
    .when("pace", &["event_time"]),
    ParamSpec::new("loop", "Loop", "Begins again at the end of the file, without end.", ParamKind::Toggle)
        .default(Default::Toggle(false)),
    MAX_LINE_BYTES,
];

#[derive(Debug)]
struct Replay {
    own: Own,
    reading: Reading,
}

/// What only this kind asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    path: String,
    pace: PaceChoice,
    rows_per_batch: u64,
    rate: f64,
    #[serde(default)]
    event_time: Option<String>,
    speed: f64,
    #[serde(rename = "loop")]
    loops: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaceChoice {
    Fast,
    Rate,
    EventTime,
}

/// The file and how its rows are read: as long as this stays, so does the place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recording {
    path: PathBuf,
    content: Content,
    loops: bool,
}

/// Suggests the fields of the file.
pub(in crate::nodes) fn infer(params: Params, folder: &Path) -> Result<Vec<InferredField>, String> {
    let Replay { own, reading } = Replay::read(params)?;
    let mut problems = Vec::new();
    let format = reading.format(&own.path, &mut problems);
    match problems.into_iter().next() {
        Some(problem) => Err(problem.message),
        None => fields_of(&folder.join(&own.path), &format).map_err(|error| error.message),
    }
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Replay::read(params)?))
}

impl Replay {
    fn read(mut params: Params) -> Result<Self, String> {
        let reading = Reading::take(&mut params)?;
        let own = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
        Ok(Self { own, reading })
    }

    fn pace(&self, format: &Format, problems: &mut Vec<Diagnostic>) -> Pace {
        match self.own.pace {
            PaceChoice::Fast => Pace::Fast { rows_per_batch: self.own.rows_per_batch },
            PaceChoice::Rate => Pace::Rate { rows_per_sec: self.own.rate },
            PaceChoice::EventTime => {
                let name = self.own.event_time.as_deref().unwrap_or_default();
                let column = self.reading.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name));
                let kind = column.and_then(|column| self.reading.fields.get(column)).map(|field| field.kind);
                let wrong = match kind {
                    _ if *format == Format::Text => {
                        Some("a text file has no column of times; choose another pace or format".to_owned())
                    }
                    None => Some(format!("`{name}` is not among the fields; declare it as timestamp")),
                    Some(FieldType::Timestamp) => None,
                    Some(other) => {
                        Some(format!("`{name}` is a {}; declare it as timestamp to pace by it", other.name()))
                    }
                };
                problems.extend(wrong.map(|wrong| Diagnostic::error(wrong).param("event_time")));
                Pace::EventTime { column: column.unwrap_or(0), speed: self.own.speed }
            }
        }
    }
}

impl Node for Replay {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let content = self.reading.content(&self.own.path, &mut problems);
        let pace = self.pace(&content.format, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let output = LinkType::plain(content.schema());
        let warning = self.reading.warning(&content);
        let recording = Recording { path: context.folder.join(&self.own.path), content, loops: self.own.loops };
        let source = ReplaySource::new(recording, pace);
        let mut planned = Planned::new(vec![output], Stage::Source(Box::new(source)));
        planned.warnings.extend(warning);
        Ok(planned)
    }
}
