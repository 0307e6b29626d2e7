//! Windows that follow one another without overlap: every row is in exactly one.

use serde::Deserialize;

use super::planning::{EVENT_TIME, OFFSET, OUTPUTS, Request, TIME, Time, plan_window};
use super::{MAX_MILLIS, MIN_MILLIS, read};
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, WindowUse};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `window.tumbling`.
pub const KIND: NodeKind = NodeKind {
    id: "window.tumbling",
    title: "Tumbling window",
    summary: "Cuts the stream into windows of equal length, by time of arrival or by event time.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2 5 L 14 5 L 14 11 L 2 11 Z M 6 5 L 6 11 M 10 5 L 10 11",
    base_name: "window",
    inputs: &[PortSpec::IN],
    outputs: OUTPUTS,
    params: &[
        ParamSpec::new(
            "length",
            "Length",
            "How long a window is. May be changed while it runs.",
            ParamKind::Duration { min_millis: MIN_MILLIS, max_millis: MAX_MILLIS },
        )
        .default(Default::Text("10s")),
        TIME,
        OFFSET,
        EVENT_TIME,
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
What is behind this node sees the rows of a whole window instead of a batch.

**By time of arrival** a window ends once per **length**, counted from the start of the run.

A window of 3 s, counted by **Aggregate**, with batches of 1 s:

| at | rows in the batch | out: `window_start`, `window_end`, `count` |
|---|---|---|
| 1 s | 5 | |
| 2 s | 1 | |
| 3 s | 2 | `0 s`, `3 s`, `8` |
| 4 s | 7 | |

The length need not be a multiple of the batch interval. When it changes, the next window ends one new length later, \
with the rows that are still held.

**By event time**, behind a **Watermark**, windows count from 1970 (plus the **offset**), and a row is in the window \
that covers the time at which it happened. Several windows are open at once; one closes when the watermark reaches its \
end. With a length of 10 s and a watermark 10 s behind, counted by **Aggregate**:

| batch | happened | watermark | out: `window_start`, `window_end`, `count` |
|---|---|---|---|
| 0 | 12:00:01, 12:00:09 | *(none)* | |
| 1 | 12:00:25, 12:00:05 | 11:59:59 | |
| 2 | *(nothing)* | 12:00:15 | `12:00:00`, `12:00:10`, `3` |

A row that comes after its window has closed goes to `late` with the window's bounds. A row without a usable time goes \
to `rejected` with the reason. Weeks begin on a Thursday, as 1970 did; an offset of `4d` makes them begin on a Monday.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tumbling {
    length: String,
    time: Time,
    offset: String,
    event_time: Option<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Tumbling = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Tumbling {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let length = read("length", &self.length)?;
        let request = Request {
            length,
            slide: length,
            time: self.time,
            offset: &self.offset,
            event_time: self.event_time.as_deref(),
        };
        plan_window(context, &request).map_err(|problems| {
            // The slide of a tumbling window is its length.
            let at_length = |problem: Diagnostic| match problem.param.as_deref() {
                Some("slide") => problem.param("length"),
                Some(_) | None => problem,
            };
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
