//! `sink.table`: shows the rows of each batch as a table.

use serde::Deserialize;

use super::shown::ShownSink;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.table",
    title: "Table",
    summary: "Shows the rows of each batch as a table.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 2 3 L 14 3 L 14 13 L 2 13 Z M 2 6.3 L 14 6.3 M 2 9.6 L 14 9.6 M 7 3 L 7 13",
    base_name: "table",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::Table,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Shows the first rows of each batch as a table, live: in the designer in the Data panel, on the \
command line under a heading per batch, as `print` does for a DStream.

For example, behind a count per word with 20 rows shown, a batch looks like

```text
word  count
a     2
b     1
```

All columns are shown, whatever their types. To see the largest rows first, put a *Sort* in front. A batch in which \
nothing fired shows nothing; one that fired without rows shows an empty table.";

const PARAMS: &[ParamSpec] = &[ParamSpec::new(
    "rows",
    "Rows shown",
    "How many rows of each batch to show. The rest is counted, not shown.",
    ParamKind::Integer { min: 1, max: 100_000 },
)
.default(Default::Integer(20))];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rows: u64,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Table = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Table {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        context.input()?;
        Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(ShownSink { rows: Some(self.rows) }))))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::pipeline::Settings;
    use crate::plan::LinkType;
    use crate::spec::with_defaults;

    fn plan(inputs: &[Vec<LinkType>]) -> Result<Planned, Vec<Diagnostic>> {
        let settings = Settings::default();
        let context =
            PlanContext { name: "table", inputs, input_names: &[], settings: &settings, folder: Path::new(".") };
        build(with_defaults(PARAMS, &Params::new())).unwrap().plan(&context)
    }

    #[test]
    fn twenty_rows_are_shown_unless_told_otherwise() {
        let Stage::Sink(sink) = plan(&[vec![LinkType::lines()]]).unwrap().stage else { panic!("a sink") };
        assert_eq!(sink.shown_rows(), Some(20));
    }

    #[test]
    fn without_a_wire_it_says_to_draw_one() {
        let problems = plan(&[vec![]]).err().unwrap();
        assert!(problems[0].message.contains("draw a wire"), "{}", problems[0].message);
    }
}
