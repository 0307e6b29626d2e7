//! `lookup`: joins each row with a file that is held in memory.

mod operator;
mod origin;
mod reload;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::joining::{JoinKeys, Keeps, NULL_KEYS, NullKeys, OnRow, Shape, Sides};
use crate::nodes::sources::content::{
    COMMENT, CsvOptions, DELIMITER, ESCAPE, FormatChoice, HEADER, InferredField, NULL_TEXT, QUOTE, WholeFile,
    infer_fields,
};
use crate::nodes::sources::rows::{FieldParam, PLACED, check_fields, check_no_lists, schema_of};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, duration};
use operator::{LookupOperator, Reloading, Wanted};
use origin::{Origin, SqliteTable};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "lookup",
    title: "Look up",
    summary: "Adds the columns of a file's rows with the same key, or keeps rows by whether the file has their key.",
    doc: DOC,
    category: Category::Transform,
    icon: "M 3 2.5 L 9 2.5 L 9 6 M 3 2.5 L 3 13 L 6.5 13 M 5 5.5 L 7 5.5 M 5 8 L 6 8 C 9.5 9.5 3 M 11.7 11.7 L 14 14",
    base_name: "looked_up",
    inputs: &[PortSpec { doc: "The rows to look up.", ..PortSpec::IN }],
    outputs: &[PortSpec { doc: "The rows with what was found.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Lookup>(params.into())
            .map(|lookup| Box::new(lookup) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const DOC: &str = "\
Reads a small file once and keeps it in memory; every row then finds the file's rows with the same key. The **fields** \
declare the file's columns as in *Replay file*: nothing is read before the pipeline runs.

With the file `names.csv`

```text
key,name
a,Alpha
b,Beta
b,Bravo
```

its fields `key` and `name`, and **on** `key`:

| in: `key`, `amount` | inner: `key`, `amount`, `name` | left | left anti |
|---|---|---|---|
| `a`, 1 | `a`, 1, `Alpha` | the same | |
| `b`, 2 | `b`, 2, `Beta` and `b`, 2, `Bravo` | the same | |
| `c`, 3 | | `c`, 3, null | `c`, 3 |

Rows keep their order; a key that the file has twice gives two rows. Columns are named as by *Join*. The file may be \
CSV, JSON lines, Parquet or Arrow (lines also packed: `.gz`, `.zst`), or a table in an SQLite database (`.db`), whose \
columns the fields name.

With **reload** the file is looked at every so often and read again when it has changed; changing the **edition** has it \
read again at once. Batches go on with what was read before until the new rows are there; a file that cannot be read \
then is counted as a failed reload, and what was read before stays. If it cannot be read when the run starts, the node tries again with \
every batch. Lines that do not fit the fields are left out and counted as *unreadable_rows*.

Behind a window the stream stays windowed. Spark: `transform(rdd.join(table))`, `DataFrame.join(broadcast(table))`.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "File",
        "The file; a relative path counts from the pipeline's folder.",
        ParamKind::File {
            writes: false,
            extensions: &["csv", "tsv", "json", "jsonl", "ndjson", "parquet", "arrow", "ipc", "feather", "gz", "zst"],
        },
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
                    "csv and tsv: CSV; json, jsonl and ndjson: JSON lines; parquet: Parquet; arrow, ipc and feather: \
                     Arrow; db, sqlite and sqlite3: SQLite.",
                ),
                Choice::new("csv", "CSV", "Values separated by commas, one row per line."),
                Choice::new("json_lines", "JSON lines", "One JSON object per line."),
                Choice::new("parquet", "Parquet", "Columns, packed as Spark writes them."),
                Choice::new("arrow", "Arrow", "Columns, in an Arrow IPC file (Feather 2)."),
                Choice::new("sqlite", "SQLite", "A table in an SQLite database."),
            ],
        },
    )
    .default(Default::Text("auto")),
    ParamSpec::new("table", "Table", "The table or view in the SQLite database.", ParamKind::Text)
        .default(Default::Absent)
        .when("format", &["auto", "sqlite"]),
    HEADER,
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULL_TEXT,
    COMMENT,
    ParamSpec::new("fields", "Fields", "The file's columns and their types.", ParamKind::Rows { fields: PLACED }),
    ParamSpec::new(
        "on",
        "On",
        "The columns that must be equal, pair by pair.",
        ParamKind::Rows {
            fields: &[
                ParamSpec::new("left", "Column", "A column of the input.", ParamKind::Column { accepts: Accepts::Any }),
                ParamSpec::new(
                    "right",
                    "Field of the file",
                    "The field that must be equal; empty if it is called the same.",
                    ParamKind::Text,
                )
                .default(Default::Absent),
            ],
        },
    ),
    ParamSpec::new(
        "how",
        "How",
        "Which rows come out.",
        ParamKind::Choice {
            options: &[
                Choice::new("inner", "inner", "Rows whose key the file has, with its columns."),
                Choice::new("left", "left", "All rows; the file's columns are null where it lacks the key."),
                Choice::new("left_semi", "left semi", "Rows whose key the file has, as they are."),
                Choice::new("left_anti", "left anti", "Rows whose key the file lacks, as they are."),
            ],
        },
    )
    .default(Default::Text("inner")),
    NULL_KEYS,
    ParamSpec::new(
        "reload",
        "Reload",
        "How often to look whether the file has changed; empty: never.",
        ParamKind::Duration { min_millis: 100, max_millis: 86_400_000 },
    )
    .default(Default::Absent),
    ParamSpec::new(
        "edition",
        "Edition",
        "Change this number while it runs to have the file read again at once.",
        ParamKind::Integer { min: 0, max: 1_000_000_000 },
    )
    .default(Default::Integer(0)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    path: String,
    format: LookupFormat,
    #[serde(default)]
    table: Option<String>,
    header: bool,
    delimiter: String,
    quote: String,
    #[serde(default)]
    escape: Option<String>,
    #[serde(default)]
    null_text: Option<String>,
    #[serde(default)]
    comment: Option<String>,
    fields: Vec<FieldParam>,
    on: Vec<OnRow>,
    how: How,
    null_keys: NullKeys,
    reload: Option<String>,
    edition: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LookupFormat {
    Auto,
    Csv,
    JsonLines,
    Parquet,
    Arrow,
    Sqlite,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Inner,
    Left,
    LeftSemi,
    LeftAnti,
}

/// Suggests the fields of the file.
pub(in crate::nodes) fn infer(params: Params, folder: &Path) -> Result<Vec<InferredField>, String> {
    let node: Lookup = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    match node.origin(folder).map_err(|problem| problem.message)? {
        Origin::File(file) => infer_fields(&file).map_err(|error| error.message),
        Origin::Sqlite(table) => SqliteTable::infer(&table.path, &table.table),
    }
}

impl Lookup {
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

    fn origin(&self, folder: &Path) -> Result<Origin, Diagnostic> {
        let (path, fields) = (folder.join(&self.path), self.fields.clone());
        let choice = match self.format {
            LookupFormat::Auto => FormatChoice::Auto,
            LookupFormat::Csv => FormatChoice::Csv,
            LookupFormat::JsonLines => FormatChoice::JsonLines,
            LookupFormat::Parquet => FormatChoice::Parquet,
            LookupFormat::Arrow => FormatChoice::Arrow,
            LookupFormat::Sqlite => FormatChoice::Text,
        };
        let no_lists = |format: &str| check_no_lists(&self.fields, format).into_iter().next().map_or(Ok(()), Err);
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default().to_lowercase();
        let is_database = ["db", "sqlite", "sqlite3"].contains(&suffix.as_str());
        if self.format == LookupFormat::Sqlite || (self.format == LookupFormat::Auto && is_database) {
            let table = self.table.clone().filter(|table| !table.trim().is_empty());
            let sentence = "an SQLite database has many tables; enter the name of one";
            let table = table.ok_or_else(|| Diagnostic::error(sentence).param("table"))?;
            no_lists("SQLite")?;
            return Ok(Origin::Sqlite(SqliteTable { path, table, fields }));
        }
        Ok(Origin::File(match choice.of(&self.path) {
            FormatChoice::Csv => {
                let mut problems = Vec::new();
                let dialect = self.csv().dialect(&mut problems);
                no_lists("CSV")?;
                match problems.into_iter().next() {
                    Some(problem) => return Err(problem),
                    None => WholeFile::csv(path, fields, dialect),
                }
            }
            FormatChoice::JsonLines => WholeFile::json_lines(path, fields),
            FormatChoice::Parquet => WholeFile::parquet(path, fields),
            FormatChoice::Arrow => WholeFile::arrow(path, fields),
            FormatChoice::Auto | FormatChoice::Text => {
                let sentence = format!("`{}` does not say what it holds; choose a format", self.path);
                return Err(Diagnostic::error(sentence).param("format"));
            }
        }))
    }

    fn wanted(&self, keys: &JoinKeys, sides: &Sides<'_>) -> Wanted {
        let pairs = |left| Wanted::Pairs {
            shape: Shape::new(keys, sides.left, sides.right, Keeps { left, right: false }),
            keeps_left: left,
        };
        match self.how {
            How::Inner => pairs(false),
            How::Left => pairs(true),
            How::LeftSemi => Wanted::Left { with_partner: true },
            How::LeftAnti => Wanted::Left { with_partner: false },
        }
    }
}

impl Node for Lookup {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let left = &context.input()?.schema;
        let mut problems = check_fields(&self.fields);
        let origin = self.origin(context.folder).map_err(|problem| problems.push(problem)).ok();
        let reload = self.reload.as_deref().map(duration::parse).transpose();
        let reload = reload.map_err(|wrong| problems.push(Diagnostic::error(wrong).param("reload"))).ok().flatten();
        if self.on.is_empty() {
            problems.push(Diagnostic::error("nothing says what to look up; add a pair of columns").param("on"));
        }
        let right = schema_of(&self.fields);
        let sides = Sides { left, right: &right, right_name: "the file", meets_windows: false };
        let keys = match JoinKeys::resolve(&self.on, self.null_keys, &sides) {
            Ok(keys) => Some(keys),
            Err(wrong) => {
                problems.extend(wrong);
                None
            }
        };
        let (Some(origin), Some(keys), true) = (origin, keys, problems.is_empty()) else { return Err(problems) };
        let wanted = self.wanted(&keys, &sides);
        let schema = match &wanted {
            Wanted::Pairs { shape, .. } => Arc::clone(shape.schema()),
            Wanted::Left { .. } => Arc::clone(left),
        };
        let operator = LookupOperator::new(origin, keys, wanted, Reloading { every: reload, edition: self.edition });
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
    }
}
