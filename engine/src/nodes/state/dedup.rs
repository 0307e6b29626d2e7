//! `dedup`: the first row of every key passes, all further ones are set aside.
//!
//! What is remembered is the keys alone, in a table that forgets each when its time is over. How long that is decides
//! between a state that grows for ever and one that follows the watermark.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use serde::Deserialize;

mod operator;
#[cfg(test)]
mod tests;

use operator::{Dedup, Keep};

use super::columns::positions;
use super::event_time::EventColumn;
use crate::aggregate::{KeySet, key_schema};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{
    Accepts, Arity, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Span, duration,
};

/// `dedup`.
pub const KIND: NodeKind = NodeKind {
    id: "dedup",
    title: "Deduplicate",
    summary: "Lets the first row of every key pass.",
    doc: DOC,
    category: Category::State,
    icon: "M 3 3 L 9 3 L 9 9 L 3 9 Z M 7 11 L 7 13 L 13 13 L 13 7 L 11 7 M 4.5 6 L 5.7 7.2 L 7.8 4.8",
    base_name: "unique",
    inputs: &[PortSpec::IN],
    outputs: &[
        PortSpec { doc: "The first row of every key.", ..PortSpec::OUT },
        PortSpec { name: "duplicates", doc: "The rows whose key had come before.", arity: Arity::Many },
        PortSpec { name: "late", doc: "The rows that came behind the watermark.", arity: Arity::Many },
    ],
    params: &[
        ParamSpec::new(
            "by",
            "Key",
            "The columns whose values make two rows duplicates. Without any: all columns.",
            ParamKind::Columns { accepts: Accepts::Any },
        )
        .default(Default::Json("[]")),
        ParamSpec::new(
            "keep_for",
            "Remember",
            "How long a key is remembered.",
            ParamKind::Choice {
                options: &[
                    Choice::new("ever", "for ever", "As long as the run lasts: memory grows with the keys."),
                    Choice::new(
                        "watermark",
                        "until the watermark",
                        "Until the watermark passes the row's time, which must be part of the key.",
                    ),
                    Choice::new("within", "for a time", "Until the watermark is so far behind the key's first row."),
                ],
            },
        )
        .default(Default::Text("ever")),
        ParamSpec::new(
            "within",
            "Time",
            "How far apart in event time duplicates are recognised. With the watermark's own delay, every duplicate \
             that is not late is found.",
            ParamKind::Duration { min_millis: 0, max_millis: 7 * 86_400_000 },
        )
        .default(Default::Text("10s"))
        .when("keep_for", &["within"]),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Lets the first row of every key pass, in order of arrival; further rows of the key go to **duplicates**. Null is a key \
like any other.

By `key`, remembered *for a time* of 10 s, behind a watermark with a delay of 10 s:

| row | watermark | goes to | why |
|---|---|---|---|
| `a` at 10:00:01 | | out | the first |
| `a` at 10:00:02 | | duplicates | remembered until the watermark reaches 10:00:11 |
| `c` at 10:00:30 | 10:00:20 | out | the first; now `a` is forgotten |
| `a` at 10:00:31 | 10:00:21 | out | the first again |
| `b` at 10:00:12 | 10:00:21 | late | the watermark had passed it |

*For ever* needs no watermark. *Until the watermark* is for keys that contain the event time: a row with that time \
would be late once the watermark has passed, so the key can go without changing a result. Rows without event time are \
never late and never forgotten.

Behind a watermark, late rows go to **late** whatever is remembered. Behind a window it sees each window's rows, with \
`window_start` and `window_end` among the columns.

Spark: `dropDuplicates`, `dropDuplicatesWithinWatermark`, `distinct`.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deduplicate {
    by: Vec<String>,
    keep_for: KeepFor,
    within: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeepFor {
    Ever,
    Watermark,
    Within,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Deduplicate = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Deduplicate {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        let columns = if self.by.is_empty() {
            (0..input.schema.fields().len()).collect()
        } else {
            positions(&input.schema, &self.by, "by")?
        };
        let time = EventColumn::of(input);
        let keep = self.keep(time, &columns, &input.schema)?;
        let keys = KeySet::new(&key_schema(&input.schema, &columns)).map_err(|error| {
            vec![Diagnostic::error(format!("these columns cannot be compared: {error}; leave one out")).param("by")]
        })?;
        let outputs = vec![LinkType::plain(Arc::clone(&input.schema)); 3];
        let is_bounded = time.is_some_and(|time| columns.contains(&time.index));
        let mut planned = Planned::new(outputs, Stage::Operator(Box::new(Dedup::new(columns, keys, time, keep))));
        if keep == Keep::Ever && is_bounded {
            planned.warnings.push(
                Diagnostic::warning(
                    "every key is remembered for ever, although its event time will pass; choose `until the \
                     watermark`, which gives the same rows from bounded memory",
                )
                .param("keep_for"),
            );
        }
        Ok(planned)
    }
}

impl Deduplicate {
    fn keep(&self, time: Option<EventColumn>, columns: &[usize], schema: &SchemaRef) -> Result<Keep, Vec<Diagnostic>> {
        let refuse = |sentence: String| Err(vec![Diagnostic::error(sentence).param("keep_for")]);
        match (self.keep_for, time) {
            (KeepFor::Ever, _) => Ok(Keep::Ever),
            (KeepFor::Watermark | KeepFor::Within, None) => refuse(
                "forgetting goes by a watermark, and none is upstream; put a Watermark before, or remember for ever"
                    .to_owned(),
            ),
            (KeepFor::Watermark, Some(time)) if columns.contains(&time.index) => Ok(Keep::UntilWatermark),
            (KeepFor::Watermark, Some(time)) => refuse(format!(
                "the key does not contain the event time `{}`, so the watermark says nothing about it; add it to the \
                 key, or remember for a time",
                schema.field(time.index).name()
            )),
            (KeepFor::Within, Some(_)) => {
                let within = duration::parse(self.within.as_deref().unwrap_or_default())
                    .map_err(|wrong| vec![Diagnostic::error(wrong).param("within")])?;
                Ok(Keep::Within(Span(within.0)))
            }
        }
    }
}
