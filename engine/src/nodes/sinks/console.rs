//! `sink.console`: shows the rows of each batch as lines of text.

use serde::Deserialize;

use super::shown::ShownSink;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.console",
    title: "Console",
    summary: "Shows the rows of each batch as lines of text, one below the other.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 2 3 L 14 3 L 14 13 L 2 13 Z M 4.5 6 L 6.8 8 L 4.5 10 M 8 10.5 L 11.5 10.5",
    base_name: "console",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::Console,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Shows rows as lines of text under a heading per batch, so that what came earlier stays in sight \
above what came later. A row of a single column is shown as its value, a row of several as its values in brackets. \
For example, words and their counts look like

```text
(a, 2)
(b, 1)
```

It is made for logs and messages; *Table* keeps columns apart and shows only the newest batch.";

const PARAMS: &[ParamSpec] = &[ParamSpec::new(
    "rows",
    "Rows shown",
    "How many rows of each batch to show. The rest is counted, not shown.",
    ParamKind::Integer { min: 1, max: 100_000 },
)
.default(Default::Integer(100))];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Console {
    rows: u64,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Console = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Console {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        context.input()?;
        Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(ShownSink { rows: Some(self.rows) }))))
    }
}
