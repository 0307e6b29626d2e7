//! Windows that overlap: at every slide, what arrived, or happened, within the window's length.

use serde::Deserialize;

use super::planning::{EVENT_TIME, OFFSET, OUTPUTS, Request, TIME, Time, plan_window};
use super::{MAX_MILLIS, MIN_MILLIS, read};
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, WindowUse};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `window.sliding`.
pub const KIND: NodeKind = NodeKind {
    id: "window.sliding",
    title: "Sliding window",
    summary: "Looks at what arrived or happened in the last while, again and again.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2 4 L 9 4 L 9 9 L 2 9 Z M 7 7 L 14 7 L 14 12 L 7 12 Z",
    base_name: "window",
    inputs: &[PortSpec::IN],
    outputs: OUTPUTS,
    params: &[
        ParamSpec::new(
            "length",
            "Length",
            "How far back a window reaches. May be changed while it runs.",
            ParamKind::Duration { min_millis: MIN_MILLIS, max_millis: MAX_MILLIS },
        )
        .default(Default::Text("30s")),
        ParamSpec::new(
            "slide",
            "Slide",
            "Time between two windows. May be changed while it runs.",
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
What is behind this node sees, once per **slide**, the rows of the last **length**.

**By time of arrival** slides count from the start of the run; a changed slide counts from the batch at which it \
changed.

A length of 3 s and a slide of 1 s, counted by **Aggregate**, with batches of 1 s:

| at | rows in the batch | out: `window_start`, `window_end`, `count` |
|---|---|---|
| 1 s | 5 | `-2 s`, `1 s`, `5` |
| 2 s | 1 | `-1 s`, `2 s`, `6` |
| 3 s | 2 | `0 s`, `3 s`, `8` |
| 4 s | 7 | `1 s`, `4 s`, `10` |

Neither length nor slide need be multiples of the batch interval. A slide shorter than the interval gives several \
windows per batch, in order; more than 1,000 are refused. History beyond the window is \
kept as far as the memory of the node behind allows, so that a window made longer while it runs is whole at once; where \
history is shorter it shows what there is and fills up.

**By event time**, behind a **Watermark**, a window starts at every multiple of the slide since 1970 (plus the \
**offset**), and a row is in every window that covers the time at which it happened. Many windows are open at once. \
With a length of 10 s and a slide of 5 s:

| happened | in the windows |
|---|---|
| 12:00:07 | `[12:00:00, 12:00:10)`, `[12:00:05, 12:00:15)` |
| 12:00:12 | `[12:00:05, 12:00:15)`, `[12:00:10, 12:00:20)` |

A window closes when the watermark reaches its end. A row that comes later goes to `late`, once for each window it \
missed; the windows that are still open count it. Length, slide and offset may change while it runs: what is held \
stays, a longer window reaches back into those that have closed, and these do not come back.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sliding {
    length: String,
    slide: String,
    time: Time,
    offset: String,
    event_time: Option<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Sliding = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Sliding {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let request = Request {
            length: read("length", &self.length)?,
            slide: read("slide", &self.slide)?,
            time: self.time,
            offset: &self.offset,
            event_time: self.event_time.as_deref(),
        };
        plan_window(context, &request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, plan, refusals, shown};
    use crate::nodes::transforms::aggregate;
    use crate::plan::LinkType;

    fn input() -> LinkType {
        LinkType::plain(ints(&[]).schema())
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let planned = plan(&KIND, r#"{"length":"3s","slide":"1s"}"#, &input()).unwrap();
        let mut counts = operator(&aggregate::KIND, "{}", &planned.outputs[0]);
        let mut driver = Driver::new(1.0);
        for (at, rows, out) in [(0.5, 5, "-2 1 5"), (1.5, 1, "-1 2 6"), (2.5, 2, "0 3 8"), (3.5, 7, "1 4 10")] {
            assert_eq!(shown(&driver.feed(&mut *counts, vec![(at, ints(&vec![0; rows]))])), [out]);
        }
    }

    #[test]
    fn several_windows_may_end_in_one_batch() {
        let planned = plan(&KIND, r#"{"length":"1s","slide":"500ms"}"#, &input()).unwrap();
        let mut counts = operator(&aggregate::KIND, "{}", &planned.outputs[0]);
        let mut driver = Driver::new(1.0);
        let flow = driver.feed(&mut *counts, vec![(0.2, ints(&[1])), (0.7, ints(&[2, 3]))]);
        assert_eq!(shown(&flow), ["-0.5 0.5 1", "0 1 3"]);
    }

    #[test]
    fn gaps_are_warned_about_and_floods_refused() {
        let planned = plan(&KIND, r#"{"length":"1s","slide":"2s"}"#, &input()).unwrap();
        assert!(planned.warnings[0].message.contains("no window"));
        let windowed = planned.outputs[0].clone();
        assert!(refusals(&KIND, "{}", &windowed)[0].contains("windowed already"));
        let interval = crate::spec::Span::from_secs(60);
        let settings = crate::pipeline::Settings { interval, ..crate::pipeline::Settings::default() };
        let inputs = [vec![input()]];
        let node = Sliding {
            length: "1s".to_owned(),
            slide: "50ms".to_owned(),
            time: Time::Auto,
            offset: "0s".to_owned(),
            event_time: None,
        };
        let folder = std::path::Path::new(".");
        let context = PlanContext { name: "w", inputs: &inputs, input_names: &[], settings: &settings, folder };
        let problems = node.plan(&context).err().unwrap();
        assert!(problems[0].message.contains("1200 windows"), "{problems:?}");
    }
}
