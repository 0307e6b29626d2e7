//! Windows that follow one another without overlap: every row is in exactly one.

use serde::Deserialize;

use super::{MAX_MILLIS, MIN_MILLIS, plan_window, read};
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, WindowUse};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `window.tumbling`.
pub const KIND: NodeKind = NodeKind {
    id: "window.tumbling",
    title: "Tumbling window",
    summary: "Cuts the stream into windows of equal length by time of arrival.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2 5 L 14 5 L 14 11 L 2 11 Z M 6 5 L 6 11 M 10 5 L 10 11",
    base_name: "window",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec::OUT],
    params: &[ParamSpec::new(
        "length",
        "Length",
        "How long a window is. May be changed while it runs.",
        ParamKind::Duration { min_millis: MIN_MILLIS, max_millis: MAX_MILLIS },
    )
    .default(Default::Text("10s"))],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
What is behind this node sees the rows of a whole window instead of a batch, once per **length**. Rows belong to a \
window by their time of arrival; windows count from the start of the run.

A window of 3 s, counted by **Aggregate**, with batches of 1 s:

| at | rows in the batch | out: `window_start`, `window_end`, `count` |
|---|---|---|
| 1 s | 5 | |
| 2 s | 1 | |
| 3 s | 2 | `0 s`, `3 s`, `8` |
| 4 s | 7 | |

The length need not be a multiple of the batch interval. When it changes, the next window ends one new length later, \
with the rows that are still held.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tumbling {
    length: String,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Tumbling = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Tumbling {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let length = read("length", &self.length)?;
        plan_window(context, length, length).map_err(|problems| {
            // The slide of a tumbling window is its length.
            let at_length =
                |problem: Diagnostic| if problem.param.is_some() { problem.param("length") } else { problem };
            problems.into_iter().map(at_length).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, plan, shown};
    use crate::nodes::transforms::aggregate;
    use crate::plan::LinkType;

    #[test]
    fn the_example_of_the_documentation_holds() {
        let planned = plan(&KIND, r#"{"length":"3s"}"#, &LinkType::plain(ints(&[]).schema())).unwrap();
        let mut counts = operator(&aggregate::KIND, "{}", &planned.outputs[0]);
        let mut driver = Driver::new(1.0);
        assert!(!driver.feed(&mut *counts, vec![(0.5, ints(&[0; 5]))]).fired());
        assert!(!driver.feed(&mut *counts, vec![(1.5, ints(&[0; 1]))]).fired());
        assert_eq!(shown(&driver.feed(&mut *counts, vec![(2.5, ints(&[0; 2]))])), ["0 3 8"]);
        assert!(!driver.feed(&mut *counts, vec![(3.5, ints(&[0; 7]))]).fired());
    }
}
