//! The parameters that say what a file holds, and the check that makes a [`Content`] of them.

use std::path::Path;

use serde::Deserialize;

use super::{Content, CsvOptions, Format, Packing};
use crate::nodes::sources::rows::{FieldParam, PLACED, check_fields, check_no_lists};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params};

const TYPED: &[&str] = &["auto", "csv", "json_lines", "parquet", "arrow"];

const TEXT: Choice = Choice::new("text", "Text", "Lines of text in one column `value`.");
const CSV: Choice = Choice::new("csv", "CSV", "Values separated by commas, one row per line.");
const JSON_LINES: Choice = Choice::new("json_lines", "JSON lines", "One JSON object per line.");

/// `format` of whole files.
pub(in crate::nodes::sources) const FORMAT: ParamSpec = ParamSpec::new(
    "format",
    "Format",
    "What the file holds.",
    ParamKind::Choice {
        options: &[
            Choice::new(
                "auto",
                "By its suffix",
                "csv and tsv: CSV; json, jsonl and ndjson: JSON lines; parquet: Parquet; arrow, ipc and feather: \
                 Arrow; else text.",
            ),
            TEXT,
            CSV,
            JSON_LINES,
            Choice::new("parquet", "Parquet", "Columns, packed as Spark writes them."),
            Choice::new("arrow", "Arrow", "Columns, in an Arrow IPC file (Feather 2)."),
        ],
    },
)
.default(Default::Text("auto"));

/// `format` of files that are read line by line.
pub(in crate::nodes::sources) const LINE_FORMAT: ParamSpec = ParamSpec {
    kind: ParamKind::Choice {
        options: &[
            Choice::new("auto", "By its suffix", "csv and tsv: CSV; json, jsonl and ndjson: JSON lines; else text."),
            TEXT,
            CSV,
            JSON_LINES,
        ],
    },
    ..FORMAT
};

/// `fields`.
pub(in crate::nodes::sources) const FIELDS: ParamSpec = ParamSpec::new(
    "fields",
    "Fields",
    "The columns and their types, for all formats but text.",
    ParamKind::Rows { fields: PLACED },
)
.default(Default::Json("[]"))
.when("format", TYPED);

/// `fields` of files that are read line by line.
pub(in crate::nodes::sources) const LINE_FIELDS: ParamSpec =
    ParamSpec { doc: "The columns and their types, for CSV and JSON lines.", ..FIELDS }
        .when("format", &["auto", "csv", "json_lines"]);

/// `header`.
pub(in crate::nodes) const HEADER: ParamSpec =
    ParamSpec::new("header", "Header", "The first line of the CSV file names its columns.", ParamKind::Toggle)
        .default(Default::Toggle(true))
        .when("format", &["auto", "csv"]);

/// `delimiter`.
pub(in crate::nodes) const DELIMITER: ParamSpec = ParamSpec::new(
    "delimiter",
    "Delimiter",
    "What separates the values of a CSV row: one character, or \\t for a tab.",
    ParamKind::Text,
)
.default(Default::Text(","))
.when("format", &["auto", "csv"]);

/// `quote`.
pub(in crate::nodes) const QUOTE: ParamSpec = ParamSpec::new(
    "quote",
    "Quote",
    "What a CSV value is put in that holds the delimiter: one character, doubled within; `none` for no such character.",
    ParamKind::Text,
)
.default(Default::Text("\""))
.when("format", &["auto", "csv"]);

/// `escape`.
pub(in crate::nodes) const ESCAPE: ParamSpec = ParamSpec::new(
    "escape",
    "Escape",
    "A character that lets the quote behind it stand for itself, such as a backslash; empty: only doubling does.",
    ParamKind::Text,
)
.default(Default::Absent)
.when("format", &["auto", "csv"]);

/// `null_text`.
pub(in crate::nodes) const NULL_TEXT: ParamSpec = ParamSpec::new(
    "null_text",
    "Null text",
    "What stands for null in a CSV value that is not quoted, such as `NA`. An empty value is null in any case.",
    ParamKind::Text,
)
.default(Default::Absent)
.when("format", &["auto", "csv"]);

/// `comment`.
pub(in crate::nodes) const COMMENT: ParamSpec = ParamSpec::new(
    "comment",
    "Comment",
    "A character that begins lines of a CSV file which are no rows, such as `#`; empty: every line is a row.",
    ParamKind::Text,
)
.default(Default::Absent)
.when("format", &["auto", "csv"]);

/// `max_line_bytes`.
pub(in crate::nodes::sources) const MAX_LINE_BYTES: ParamSpec = ParamSpec::new(
    "max_line_bytes",
    "Longest line",
    "Lines longer than so many bytes are cut there.",
    ParamKind::Integer { min: 16, max: 64 << 20 },
)
.default(Default::Integer(1 << 20));

/// The value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum FormatChoice {
    /// As the suffix says.
    Auto,
    /// Lines.
    Text,
    /// Comma-separated values.
    Csv,
    /// JSON objects.
    JsonLines,
    /// Columns.
    Parquet,
    /// Columns.
    Arrow,
}

/// The values of all these parameters but the path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::nodes::sources) struct Reading {
    format: FormatChoice,
    /// The declared columns.
    pub(in crate::nodes::sources) fields: Vec<FieldParam>,
    header: bool,
    delimiter: String,
    quote: String,
    #[serde(default)]
    escape: Option<String>,
    #[serde(default)]
    null_text: Option<String>,
    #[serde(default)]
    comment: Option<String>,
    max_line_bytes: usize,
}

impl Reading {
    /// Takes its values out of those of a kind.
    pub(in crate::nodes::sources) fn take(params: &mut Params) -> Result<Self, String> {
        let specs = [FORMAT, FIELDS, HEADER, DELIMITER, QUOTE, ESCAPE, NULL_TEXT, COMMENT, MAX_LINE_BYTES]
            .map(|spec| spec.name);
        let own: Params = specs.into_iter().filter_map(|name| Some((name.to_owned(), params.remove(name)?))).collect();
        serde_json::from_value(own.into()).map_err(|error| error.to_string())
    }

    /// The content that these values describe; where the format goes by the suffix, by that of `path`, which may be a
    /// pattern of names. What is wrong with them goes to `problems`.
    pub(in crate::nodes::sources) fn content(&self, path: &str, problems: &mut Vec<Diagnostic>) -> Content {
        let format = self.format(path, problems);
        if format != Format::Text {
            problems.extend(check_fields(&self.fields));
        }
        if matches!(format, Format::Csv(_)) {
            problems.extend(check_no_lists(&self.fields, "CSV"));
        }
        Content { format, fields: self.fields.clone(), max_line_bytes: self.max_line_bytes }
    }

    /// A word where fields are declared and text has no use for them.
    pub(in crate::nodes::sources) fn warning(&self, content: &Content) -> Option<Diagnostic> {
        (content.format == Format::Text && !self.fields.is_empty()).then(|| {
            let sentence = "a text file has the one column `value`; the fields have no effect";
            Diagnostic::warning(sentence).param("fields")
        })
    }

    /// The format these values describe.
    pub(in crate::nodes::sources) fn format(&self, path: &str, problems: &mut Vec<Diagnostic>) -> Format {
        let format = match self.format.of(path) {
            FormatChoice::Auto | FormatChoice::Text => Format::Text,
            FormatChoice::JsonLines => Format::JsonLines,
            FormatChoice::Csv => Format::Csv(self.csv().dialect(problems)),
            FormatChoice::Parquet => Format::Parquet,
            FormatChoice::Arrow => Format::Arrow,
        };
        let (packing, _) = Packing::of(path);
        if matches!(format, Format::Parquet | Format::Arrow) && packing != Packing::None {
            let sentence = "files of columns are packed inside; unpack this one, and name it without the last suffix";
            problems.push(Diagnostic::error(sentence).param("format"));
        }
        format
    }

    fn csv(&self) -> CsvOptions<'_> {
        CsvOptions {
            header: self.header,
            delimiter: &self.delimiter,
            quote: &self.quote,
            escape: self.escape.as_deref().unwrap_or_default(),
            null_text: self.null_text.as_deref().unwrap_or_default(),
            comment: self.comment.as_deref().unwrap_or_default(),
        }
    }
}

impl FormatChoice {
    /// The choice for this file: by its suffix, where that is asked for. The suffix of a packing does not count.
    pub(in crate::nodes) fn of(self, path: &str) -> Self {
        let (_, path) = Packing::of(path);
        let suffix = Path::new(path).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        match (self, suffix.to_ascii_lowercase().as_str()) {
            (Self::Auto, "csv" | "tsv") => Self::Csv,
            (Self::Auto, "json" | "jsonl" | "ndjson") => Self::JsonLines,
            (Self::Auto, "parquet") => Self::Parquet,
            (Self::Auto, "arrow" | "ipc" | "feather") => Self::Arrow,
            (Self::Auto, _) => Self::Text,
            (choice, _) => choice,
        }
    }
}
