//! `source.replay`: one file, again as a stream: as fast as possible, at a rate, or as its own times say.

mod csv;
mod decode;
mod file;
mod pace;
mod source;
#[cfg(test)]
mod tests;
mod whole;

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use serde::Deserialize;

use super::rows::{FieldParam, FieldType, NAME, PATH, TYPE, check_fields, schema_of};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use pace::Pace;
use source::ReplaySource;
pub(in crate::nodes) use whole::{Stamp, WholeFile, WholeRows};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.replay",
    title: "Replay file",
    summary: "Reads one file of text, CSV or JSON lines as a stream, at its own pace.",
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
is missing is null. A row that does not fit is left out and counted, and the node says which one it was.

For example, with the fields `sensor` (string), `temperature` (double) and `time` (timestamp), the line

```json
{\"sensor\": \"s1\", \"temperature\": 20.5, \"time\": \"2026-01-01T00:00:03Z\"}
```

becomes one row. Paced by event time with the column `time` and a speed of 60, a row that is one minute later in the \
file comes one second later. A row never overtakes the row before it in the file. The source is done at the end of \
the file, unless it loops.

Pace and speed can change while it runs without losing the place; another file or other fields begin at the beginning.";

const TYPED: &[&str] = &["auto", "csv", "json_lines"];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "File",
        "The file; a relative path counts from the pipeline's folder.",
        ParamKind::File { writes: false, extensions: &["txt", "log", "csv", "tsv", "json", "jsonl", "ndjson"] },
    ),
    ParamSpec::new(
        "format",
        "Format",
        "What the file holds.",
        ParamKind::Choice {
            options: &[
                Choice::new(
                    "auto",
                    "By its suffix",
                    "csv and tsv: CSV; json, jsonl and ndjson: JSON lines; else text.",
                ),
                Choice::new("text", "Text", "Lines of text in one column `value`."),
                Choice::new("csv", "CSV", "Values separated by commas, one row per line."),
                Choice::new("json_lines", "JSON lines", "One JSON object per line."),
            ],
        },
    )
    .default(Default::Text("auto")),
    ParamSpec::new(
        "fields",
        "Fields",
        "The columns and their types, for CSV and JSON lines.",
        ParamKind::Rows { fields: &[NAME, TYPE, PATH] },
    )
    .default(Default::Json("[]"))
    .when("format", TYPED),
    HEADER,
    DELIMITER,
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
    ParamSpec::new(
        "max_line_bytes",
        "Longest line",
        "Lines longer than so many bytes are cut there.",
        ParamKind::Integer { min: 16, max: 64 << 20 },
    )
    .default(Default::Integer(1 << 20)),
];

/// The parameter `header` of files that may be CSV.
pub(in crate::nodes) const HEADER: ParamSpec =
    ParamSpec::new("header", "Header", "The first line of the CSV file names its columns.", ParamKind::Toggle)
        .default(Default::Toggle(true))
        .when("format", &["auto", "csv"]);

/// The parameter `delimiter` of files that may be CSV.
pub(in crate::nodes) const DELIMITER: ParamSpec = ParamSpec::new(
    "delimiter",
    "Delimiter",
    "What separates the values of a CSV row: one character, or \\t for a tab.",
    ParamKind::Text,
)
.default(Default::Text(","))
.when("format", &["auto", "csv"]);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    path: String,
    format: FormatChoice,
    fields: Vec<FieldParam>,
    header: bool,
    delimiter: String,
    pace: PaceChoice,
    rows_per_batch: u64,
    rate: f64,
    #[serde(default)]
    event_time: Option<String>,
    speed: f64,
    #[serde(rename = "loop")]
    loops: bool,
    max_line_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum FormatChoice {
    /// By the file's suffix.
    Auto,
    /// Lines of text.
    Text,
    /// Delimited values.
    Csv,
    /// A JSON object per line.
    JsonLines,
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
struct Content {
    path: PathBuf,
    format: Format,
    fields: Vec<FieldParam>,
    loops: bool,
    max_line_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Csv { has_header: bool, delimiter: char },
    JsonLines,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Replay = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl FormatChoice {
    /// The choice for this file: by its suffix, where that is asked for.
    pub(in crate::nodes) fn of(self, path: &str) -> Self {
        let suffix = Path::new(path).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        match (self, suffix.to_ascii_lowercase().as_str()) {
            (Self::Auto, "csv" | "tsv") => Self::Csv,
            (Self::Auto, "json" | "jsonl" | "ndjson") => Self::JsonLines,
            (Self::Auto, _) => Self::Text,
            (choice, _) => choice,
        }
    }
}

/// The character that [`DELIMITER`] stands for.
pub(in crate::nodes) fn delimiter_of(text: &str) -> Result<char, Diagnostic> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("\\t" | "tab", ..) => Ok('\t'),
        (_, Some(delimiter), None) if delimiter != '"' => Ok(delimiter),
        _ => {
            let wrong = format!("`{text}` is no delimiter; enter one character, or \\t for a tab");
            Err(Diagnostic::error(wrong).param("delimiter"))
        }
    }
}

impl Replay {
    fn format(&self, problems: &mut Vec<Diagnostic>) -> Format {
        match self.format.of(&self.path) {
            FormatChoice::Auto | FormatChoice::Text => Format::Text,
            FormatChoice::JsonLines => Format::JsonLines,
            FormatChoice::Csv => {
                let delimiter = delimiter_of(&self.delimiter).unwrap_or_else(|problem| {
                    problems.push(problem);
                    ','
                });
                Format::Csv { has_header: self.header, delimiter }
            }
        }
    }

    fn pace(&self, format: Format, problems: &mut Vec<Diagnostic>) -> Pace {
        match self.pace {
            PaceChoice::Fast => Pace::Fast { rows_per_batch: self.rows_per_batch },
            PaceChoice::Rate => Pace::Rate { rows_per_sec: self.rate },
            PaceChoice::EventTime => {
                let name = self.event_time.as_deref().unwrap_or_default();
                let column = self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name));
                let kind = column.and_then(|column| self.fields.get(column)).map(|field| field.kind);
                let wrong = match kind {
                    _ if format == Format::Text => {
                        Some("a text file has no column of times; choose another pace or format".to_owned())
                    }
                    None => Some(format!("`{name}` is not among the fields; declare it as timestamp")),
                    Some(FieldType::Timestamp) => None,
                    Some(other) => {
                        Some(format!("`{name}` is a {}; declare it as timestamp to pace by it", other.name()))
                    }
                };
                problems.extend(wrong.map(|wrong| Diagnostic::error(wrong).param("event_time")));
                Pace::EventTime { column: column.unwrap_or(0), speed: self.speed }
            }
        }
    }
}

impl Node for Replay {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let format = self.format(&mut problems);
        if format != Format::Text {
            problems.extend(check_fields(&self.fields));
        }
        let pace = self.pace(format, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let file = Content {
            path: context.folder.join(&self.path),
            format,
            fields: self.fields.clone(),
            loops: self.loops,
            max_line_bytes: self.max_line_bytes,
        };
        let output = LinkType::plain(file.schema());
        let source = ReplaySource::new(file, pace);
        let mut planned = Planned::new(vec![output], Stage::Source(Box::new(source)));
        if format == Format::Text && !self.fields.is_empty() {
            let sentence = "a text file has the one column `value`; the fields have no effect";
            planned.warnings.push(Diagnostic::warning(sentence).param("fields"));
        }
        Ok(planned)
    }
}

impl Content {
    fn schema(&self) -> SchemaRef {
        match self.format {
            Format::Text => LinkType::lines().schema,
            Format::Csv { .. } | Format::JsonLines => schema_of(&self.fields),
        }
    }
}
