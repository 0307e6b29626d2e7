//! The parameters that say what a file holds, and the check that makes a [`Content`] of them.

use std::path::Path;

use serde::Deserialize;

use super::{Content, Format};
use crate::nodes::sources::rows::{FieldParam, NAME, PATH, TYPE, check_fields};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec};

const TYPED: &[&str] = &["auto", "csv", "json_lines"];

/// `format`.
pub(in crate::nodes::sources) const FORMAT: ParamSpec = ParamSpec::new(
    "format",
    "Format",
    "What the file holds.",
    ParamKind::Choice {
        options: &[
            Choice::new("auto", "By its suffix", "csv and tsv: CSV; json, jsonl and ndjson: JSON lines; else text."),
            Choice::new("text", "Text", "Lines of text in one column `value`."),
            Choice::new("csv", "CSV", "Values separated by commas, one row per line."),
            Choice::new("json_lines", "JSON lines", "One JSON object per line."),
        ],
    },
)
.default(Default::Text("auto"));

/// `fields`.
pub(in crate::nodes::sources) const FIELDS: ParamSpec = ParamSpec::new(
    "fields",
    "Fields",
    "The columns and their types, for CSV and JSON lines.",
    ParamKind::Rows { fields: &[NAME, TYPE, PATH] },
)
.default(Default::Json("[]"))
.when("format", TYPED);

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
}

/// The values of all these parameters.
pub(in crate::nodes::sources) struct Reading<'a> {
    /// The path, or the pattern of the file names: where `auto` looks for a suffix.
    pub(in crate::nodes::sources) path: &'a str,
    /// What is chosen.
    pub(in crate::nodes::sources) format: FormatChoice,
    /// The declared columns.
    pub(in crate::nodes::sources) fields: &'a [FieldParam],
    /// Whether the first line of CSV names the columns.
    pub(in crate::nodes::sources) header: bool,
    /// What separates the values of CSV.
    pub(in crate::nodes::sources) delimiter: &'a str,
    /// Where a line is cut.
    pub(in crate::nodes::sources) max_line_bytes: usize,
}

impl Reading<'_> {
    /// The content these values describe. What is wrong with them goes to `problems`.
    pub(in crate::nodes::sources) fn content(&self, problems: &mut Vec<Diagnostic>) -> Content {
        let format = self.format(problems);
        if format != Format::Text {
            problems.extend(check_fields(self.fields));
        }
        Content { format, fields: self.fields.to_vec(), max_line_bytes: self.max_line_bytes }
    }

    /// A word where fields are declared and text has no use for them.
    pub(in crate::nodes::sources) fn warning(&self, content: &Content) -> Option<Diagnostic> {
        (content.format == Format::Text && !self.fields.is_empty()).then(|| {
            let sentence = "a text file has the one column `value`; the fields have no effect";
            Diagnostic::warning(sentence).param("fields")
        })
    }

    fn format(&self, problems: &mut Vec<Diagnostic>) -> Format {
        match self.format.of(self.path) {
            FormatChoice::Auto | FormatChoice::Text => Format::Text,
            FormatChoice::JsonLines => Format::JsonLines,
            FormatChoice::Csv => {
                let delimiter = delimiter_of(self.delimiter).unwrap_or_else(|problem| {
                    problems.push(problem);
                    ','
                });
                Format::Csv { has_header: self.header, delimiter }
            }
        }
    }
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
