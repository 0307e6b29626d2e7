//! The last rows of a key, counted instead of timed.

use serde::Deserialize;

use crate::nodes::grouping::{find, missing};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use crate::window::{CountWindow, LinkWindow};

/// Most rows of a window, and between two windows.
const MAX_ROWS: i64 = 1_000_000_000;

/// `window.count`.
pub const KIND: NodeKind = NodeKind {
    id: "window.count",
    title: "Count window",
    summary: "Looks at the last rows of a key, again after every so many.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2 4 L 14 4 L 14 12 L 2 12 Z D 5 8 1.2 D 8 8 1.2 D 11 8 1.2",
    base_name: "window",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows, as windows.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new(
            "rows",
            "Rows",
            "How many rows a window holds. May be changed while it runs.",
            ParamKind::Integer { min: 1, max: MAX_ROWS },
        )
        .default(Default::Integer(100)),
        ParamSpec::new(
            "slide",
            "Slide",
            "After how many rows there is a window again; as many as a window holds if left empty. May be changed while \
             it runs.",
            ParamKind::Integer { min: 1, max: MAX_ROWS },
        )
        .default(Default::Absent),
        ParamSpec::new(
            "per",
            "Windows per",
            "The columns of which every combination has windows of its own. Without any: those that the node behind \
             groups by.",
            ParamKind::Columns { accepts: Accepts::Any },
        )
        .default(Default::Json("[]")),
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
What is behind this node sees the last **rows** rows of a key, each time after **slide** more of them have arrived. \
The first windows of a key hold as many rows as there are. Without a slide, windows follow one another without overlap. \
A window that is not full waits: there is no result for the rows in it yet.

The last 3 rows of `n`, with a slide of 2, behind it **Aggregate** with `count` and `sum` of `n`:

| rows | out: `window_start`, `window_end`, `count`, `sum_n` |
|---|---|
| `1` at 0 s | |
| `2` at 1 s | `0 s`, `1 s`, `2`, `3` |
| `3` at 2 s | |
| `4` at 3 s | `1 s`, `3 s`, `3`, `9` |

`window_start` is when the first of the rows arrived, and `window_end` the microsecond after the last did (left out \
above). Several windows of one batch come in the order of the rows that completed them.

Whose rows are counted, the node behind says by what it groups by. With **windows per** `user` and groups by `page`, \
rows of a user are counted, and each window gives one result per page; the user's column stands in front. Nodes that \
want rows (Sort, Table) see the rows of a window when it is due; without **windows per** all rows are one key to them.

Rows are aggregated once, in blocks of as many as divide both numbers: a slide that divides the window is cheap. \
When **rows** or **slide** change while it runs, the rows held stay; a new slide is counted from the change on.

Flink: `countWindow(rows, slide)`. Spark has none.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    rows: u64,
    slide: Option<u64>,
    per: Vec<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Count = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Count {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        if input.window.is_some() {
            let sentence = "its input is windowed already; put a Group or an Aggregate between the two windows";
            return Err(vec![Diagnostic::error(sentence).port("in")]);
        }
        let unknown = self.per.iter().filter(|name| find(&input.schema, name).is_none());
        let problems: Vec<_> =
            unknown.map(|name| Diagnostic::error(missing(&input.schema, name)).param("per")).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let slide = self.slide.unwrap_or(self.rows);
        let window = CountWindow { rows: self.rows, slide, per: self.per.clone() };
        let output = LinkType { window: Some(LinkWindow::Count(window)), ..input.clone() };
        let mut planned = Planned::new(vec![output], Stage::Relabel);
        planned.warnings.extend(input.counted_again());
        if slide > self.rows {
            let sentence = format!(
                "the slide ({slide} rows) is longer than the window ({} rows): rows in between are in no window",
                self.rows
            );
            planned.warnings.push(Diagnostic::warning(sentence).param("slide"));
        }
        Ok(planned)
    }
}

#[cfg(test)]
mod tests;
