//! `sink.file`: one file per batch in a folder, visible only once the whole batch has succeeded.

mod csv;
mod folder;
mod format;
mod sink;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use crate::nodes::sources::content::{self, CsvDialect, CsvOptions};
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use folder::{Folder, IfExists};
use format::{Compression, Encoding, Format};
use sink::FileSink;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.file",
    title: "Files",
    summary: "Writes each batch as one file into a folder: text, CSV, JSON lines, Parquet or Arrow.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 4 2 L 10 2 L 12.5 4.5 L 12.5 14 L 4 14 Z M 8.2 6 L 8.2 11.2 M 6 9 L 8.2 11.2 L 10.4 9",
    base_name: "files",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Writes the rows of each batch into one file of a folder: batch 12 becomes \
`part-000000000012.csv`. A file appears under its name all at once, when the whole batch has succeeded and its bytes \
are on the disk; before that it is a hidden file that a later run removes. Writing a batch again replaces its file, so \
nothing ever appears twice. A batch without rows writes no file, unless *Empty files* is on.

**CSV** begins with a header, unless that is off, and has the delimiter, quote, escape and null text that are asked for; \
null is nothing without a null text, and an empty text is `\"\"`, so the two stay apart when it is read back. A value \
with a line break takes several lines, which not every reader joins again. **JSON lines** writes one object per row and leaves nulls out; **text** writes the one \
text column of its input line by line; **Parquet** and **Arrow** keep the columns with their types. Lines can be packed \
with gzip or Zstandard: `part-000000000012.csv.gz`. For example, words and their counts as JSON lines:

```json
{\"word\":\"a\",\"count\":2}
{\"word\":\"b\",\"count\":1}
```

A relative path counts from the folder of the pipeline's file. The folder is made if it is missing, but not the one \
around it. Where files of an earlier run lie in it already, the sink refuses to start, replaces them, or appends: then \
its files are numbered on behind them.";

const CSV: &[&str] = &["csv"];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "Folder",
        "The folder for the files; a relative path counts from the pipeline's folder.",
        ParamKind::File { writes: true, extensions: &[] },
    ),
    ParamSpec::new(
        "format",
        "Format",
        "How rows are written.",
        ParamKind::Choice {
            options: &[
                Choice::new("text", "Text", "The one text column, a line per row."),
                Choice::new("csv", "CSV", "A header, then values separated by commas."),
                Choice::new("json_lines", "JSON lines", "One JSON object per line."),
                Choice::new("parquet", "Parquet", "Columns, as Spark and most others read them."),
                Choice::new("arrow", "Arrow", "Columns, as an Arrow IPC file (Feather 2)."),
            ],
        },
    )
    .default(Default::Text("csv")),
    ParamSpec { doc: "The first line of each CSV file names its columns.", ..content::HEADER }.when("format", CSV),
    content::DELIMITER.when("format", CSV),
    ParamSpec {
        doc: "What a CSV value is put in where it must be: one character, doubled within; `none` for no such character.",
        ..content::QUOTE
    }
    .when("format", CSV),
    ParamSpec {
        doc: "What stands before a quote within a quoted CSV value, such as a backslash; empty: the quote is doubled.",
        ..content::ESCAPE
    }
    .when("format", CSV),
    ParamSpec { doc: "What is written for null in CSV, such as `NA`; empty: nothing.", ..content::NULL_TEXT }
        .when("format", CSV),
    ParamSpec::new(
        "compression",
        "Compression",
        "How files are packed: around the lines, which shows in the suffix, or within the columns.",
        ParamKind::Choice {
            options: &[
                Choice::new("none", "None", "Files are as large as their rows."),
                Choice::new("gzip", "gzip", "Everything can unpack it."),
                Choice::new("zstd", "Zstandard", "Smaller and faster."),
            ],
        },
    )
    .default(Default::Text("none")),
    ParamSpec::new(
        "if_exists",
        "If there are files",
        "What to do when files of an earlier run lie in the folder.",
        ParamKind::Choice {
            options: &[
                Choice::new("refuse", "Refuse", "Does not start: nothing is lost by accident."),
                Choice::new("append", "Append", "Puts new files behind the old ones."),
                Choice::new("replace", "Replace", "Removes the old files first. Files of other names stay."),
            ],
        },
    )
    .default(Default::Text("refuse")),
    ParamSpec::new("empty_files", "Empty files", "Writes a file also for a batch without rows.", ParamKind::Toggle)
        .default(Default::Toggle(false)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    format: Format,
    header: bool,
    delimiter: String,
    quote: String,
    #[serde(default)]
    escape: Option<String>,
    #[serde(default)]
    null_text: Option<String>,
    compression: Compression,
    if_exists: IfExists,
    empty_files: bool,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: File = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl File {
    fn dialect(&self, problems: &mut Vec<Diagnostic>) -> CsvDialect {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (escape, null_text) = (text(&self.escape), text(&self.null_text));
        let options = CsvOptions {
            header: self.header,
            delimiter: &self.delimiter,
            quote: &self.quote,
            escape: &escape,
            null_text: &null_text,
            comment: "none",
        };
        let dialect = options.dialect(problems);
        let breaks = |c: char| c == dialect.delimiter || Some(c) == dialect.quote || c == '\n' || c == '\r';
        if self.format == Format::Csv && null_text.contains(breaks) {
            let sentence = "the null text holds the delimiter, the quote or a line break; enter another, such as `NA`";
            problems.push(Diagnostic::error(sentence).param("null_text"));
        }
        dialect
    }
}

impl Node for File {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let mut problems = Vec::new();
        let dialect = self.dialect(&mut problems);
        let encoding = Encoding { format: self.format, dialect, compression: self.compression };
        if let Some((param, wrong)) = encoding.check(schema) {
            problems.push(Diagnostic::error(wrong).param(param));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let folder = Folder::new(context.folder.join(&self.path), encoding.suffix());
        let schema = std::sync::Arc::clone(schema);
        let sink = FileSink::new(folder, encoding, schema, self.if_exists, self.empty_files);
        Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(sink))))
    }
}
