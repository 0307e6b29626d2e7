//! `lookup`: joins each row with a file that is held in memory.

mod operator;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Deserialize;

use super::joining::{JoinKeys, Keeps, NULL_KEYS, NullKeys, OnRow, Shape, Sides};
use crate::nodes::sources::replay::{DELIMITER, FormatChoice, HEADER, WholeFile, delimiter_of};
use crate::nodes::sources::rows::{FieldParam, NAME, PATH, TYPE, check_fields, schema_of};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, duration};
use operator::{LookupOperator, Wanted};

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

Rows keep their order; a key that the file has twice gives two rows. Columns are named as by *Join*. With **reload** the \
file is looked at every so often and read again when it has changed; a file that cannot be read then is counted as a \
failed reload, and what was read before stays. If it cannot be read when the run starts, the node tries again with \
every batch. Lines that do not fit the fields are left out and counted as *unreadable_rows*.

Behind a window the stream stays windowed. Spark: `transform(rdd.join(table))`, `DataFrame.join(broadcast(table))`.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "File",
        "The file; a relative path counts from the pipeline's folder.",
        ParamKind::File { writes: false, extensions: &["csv", "tsv", "json", "jsonl", "ndjson"] },
    ),
    ParamSpec::new(
        "format",
        "Format",
        "What the file holds.",
        ParamKind::Choice {
            options: &[
                Choice::new("auto", "By its suffix", "csv and tsv: CSV; json, jsonl and ndjson: JSON lines."),
                Choice::new("csv", "CSV", "Values separated by commas, one row per line."),
                Choice::new("json_lines", "JSON lines", "One JSON object per line."),
            ],
        },
    )
    .default(Default::Text("auto")),
    HEADER,
    DELIMITER,
    ParamSpec::new(
        "fields",
        "Fields",
        "The file's columns and their types.",
        ParamKind::Rows { fields: &[NAME, TYPE, PATH] },
    ),
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
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    path: String,
    format: FormatChoice,
    header: bool,
    delimiter: String,
    fields: Vec<FieldParam>,
    on: Vec<OnRow>,
    how: How,
    null_keys: NullKeys,
    reload: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Inner,
    Left,
    LeftSemi,
    LeftAnti,
}

impl Lookup {
    fn file(&self, context: &PlanContext<'_>) -> Result<WholeFile, Diagnostic> {
        let path = context.folder.join(&self.path);
        match self.format.of(&self.path) {
            FormatChoice::Csv => {
                let delimiter = delimiter_of(&self.delimiter)?;
                Ok(WholeFile::csv(path, self.fields.clone(), self.header, delimiter))
            }
            FormatChoice::JsonLines => Ok(WholeFile::json_lines(path, self.fields.clone())),
            FormatChoice::Auto | FormatChoice::Text => {
                let sentence = format!("`{}` does not say what it holds; choose CSV or JSON lines", self.path);
                Err(Diagnostic::error(sentence).param("format"))
            }
        }
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
        let file = self.file(context).map_err(|problem| problems.push(problem)).ok();
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
        let (Some(file), Some(keys), true) = (file, keys, problems.is_empty()) else { return Err(problems) };
        let wanted = self.wanted(&keys, &sides);
        let schema = match &wanted {
            Wanted::Pairs { shape, .. } => Arc::clone(shape.schema()),
            Wanted::Left { .. } => Arc::clone(left),
        };
        let operator = LookupOperator::new(file, keys, wanted, reload);
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
    }
}
