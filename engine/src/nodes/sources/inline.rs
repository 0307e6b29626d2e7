//! `source.inline`: rows typed by a person, batch by batch. The source to learn and to test with.

mod batches;
mod source;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::rows::{FieldParam, NAMED, check_fields, schema_of};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Default, Diagnostic, Language, ParamKind, ParamSpec, Params, PortSpec};
use source::InlineSource;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.inline",
    title: "Typed rows",
    summary: "Rows you type here, batch by batch: to learn, to try and to test.",
    doc: DOC,
    category: Category::Source,
    icon: "M 3 13 L 4 10 L 11 3 L 13 5 L 6 12 Z M 9.4 4.6 L 11.4 6.6",
    base_name: "rows",
    inputs: &[],
    outputs: &[PortSpec::OUT],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Gives the rows you type, one entry of the list per batch. Each batch is a list of rows; a row is a \
list with one value per field, an object by field name, or just the value where there is a single field. An empty \
list is an empty batch. After the last batch the source is done, unless it repeats.

With the one field `value` of type string,

```json
[[\"a b\", \"a\"], [], [\"c\"]]
```

gives the rows `a b` and `a` in the first batch, nothing in the second, and `c` in the third. With the fields `word` \
(string) and `count` (bigint),

```json
[[[\"a\", 2], {\"word\": \"b\", \"count\": 1}]]
```

gives one batch of two rows. A value that is left out of an object, and `null`, give null. Timestamps are written \
`\"2026-01-01T12:00:00Z\"`.

All rows of a batch arrive at its beginning. While it runs, a change of the rows holds from the batch of the same \
number on.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("fields", "Fields", "The columns and their types.", ParamKind::Rows { fields: NAMED })
        .default(Default::Json(r#"[{"name": "value", "type": "string"}]"#)),
    ParamSpec::new(
        "batches",
        "Batches",
        "A JSON list of batches, each a list of rows: `[[\"a b\", \"a\"], [], [\"c\"]]`.",
        ParamKind::Code { language: Language::Json },
    )
    .default(Default::Text(r#"[["to be or not to be"], ["that is the question"]]"#)),
    ParamSpec::new("repeat", "Repeat", "Begins again after the last batch, without end.", ParamKind::Toggle)
        .default(Default::Toggle(false)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inline {
    fields: Vec<FieldParam>,
    batches: String,
    repeat: bool,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Inline = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Inline {
    fn plan(&self, _: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let problems = check_fields(&self.fields);
        if !problems.is_empty() {
            return Err(problems);
        }
        let batches = batches::parse(&self.fields, &self.batches)
            .map_err(|problems| problems.into_iter().map(|problem| problem.param("batches")).collect::<Vec<_>>())?;
        let outputs = vec![LinkType::plain(schema_of(&self.fields))];
        Ok(Planned::new(outputs, Stage::Source(Box::new(InlineSource::new(batches, self.repeat)))))
    }
}
