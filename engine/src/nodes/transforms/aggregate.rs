//! Aggregates all rows as one group: count and reduce.

use serde::Deserialize;

use super::group::{Gives, plan_grouping};
use crate::nodes::grouping::{
    AGGREGATES, AggregateRow, COVERAGE, EMIT, Emit, ON_FAILING, Request, keys_behind, resolve,
};
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `aggregate`.
pub const KIND: NodeKind = NodeKind {
    id: "aggregate",
    title: "Aggregate",
    summary: "Counts, adds up or otherwise aggregates all rows of a batch or window.",
    doc: DOC,
    category: Category::Transform,
    icon: "M 12 4.5 L 12 3 L 4 3 L 8.5 8 L 4 13 L 12 13 L 12 11.5",
    base_name: "totals",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec::OUT],
    params: &[
        AGGREGATES,
        EMIT,
        ON_FAILING,
        ParamSpec::new(
            "when_empty",
            "When empty",
            "What a batch or window without rows gives.",
            ParamKind::Choice {
                options: &[
                    Choice::new("row", "a row", "One row all the same: counts are 0, the others null."),
                    Choice::new("nothing", "nothing", "No row."),
                ],
            },
        )
        .default(Default::Text("row")),
        COVERAGE,
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
Computes the **aggregates** of all rows together: one row per batch, or per slide behind a window.

With `count` and `sum` of `n`:

| batch | in: `n` | out: `count`, `sum_n` |
|---|---|---|
| 0 | `3`, `4` | `2 7` |
| 1 | *(nothing)* | `0 null` |

**When empty** says whether the second row appears. Behind a window the result carries `window_start` and \
`window_end` in front, and stays right when length, slide or batch interval change while it runs.

Behind a window by event time there is one row per window, from the first row that falls into it; **Emit** says when: \
*on close* once, *on change* in every batch that changed it, *whole* in every batch. *Whole* keeps all windows for \
ever, and without a watermark *on change* does too. See **Group** for an example.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aggregate {
    aggregates: Vec<AggregateRow>,
    emit: Emit,
    on_error: OnFailure,
    when_empty: WhenEmpty,
    coverage: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhenEmpty {
    Row,
    Nothing,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Aggregate = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Aggregate {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        let by = keys_behind(input, &[])?;
        let (on_error, is_windowed) = (self.on_error, input.window.is_some());
        let request = Request { by: &by, aggregates: &self.aggregates, on_error, is_windowed };
        let spec = resolve(&request, &input.schema)?;
        let emits_empty = self.when_empty == WhenEmpty::Row;
        plan_grouping(spec, input, &Gives { emit: self.emit, emits_empty, coverage: self.coverage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, shown};
    use crate::plan::LinkType;
    use crate::spec::Span;
    use crate::window::WindowSpec;

    const ALL: &str = r#"{"aggregates":[{"function":"count"},{"function":"sum","argument":"n"},
        {"function":"max","argument":"n"},{"function":"first","argument":"n"},
        {"function":"collect_list","argument":"n"}]}"#;

    #[test]
    fn an_empty_batch_gives_a_row_of_nothing() {
        let mut totals = operator(&KIND, ALL, &LinkType::plain(ints(&[]).schema()));
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.feed(&mut *totals, vec![(0.1, ints(&[3, 4]))])), ["2 7 4 3 [3,4]"]);
        assert_eq!(shown(&driver.feed(&mut *totals, vec![])), ["0 null null null []"]);
    }

    #[test]
    fn an_empty_batch_gives_nothing_if_asked_to() {
        let params = r#"{"when_empty":"nothing"}"#;
        let mut totals = operator(&KIND, params, &LinkType::plain(ints(&[]).schema()));
        let empty = Driver::new(1.0).feed(&mut *totals, vec![]);
        assert!(empty.fired() && empty.row_count() == 0);
    }

    #[test]
    fn an_empty_window_gives_a_row_of_nothing() {
        let secs = Span::from_secs;
        let window = WindowSpec { length: secs(1), slide: secs(1), retain: secs(10) };
        let input = LinkType { window: Some(window.into()), ..LinkType::plain(ints(&[]).schema()) };
        let mut totals = operator(&KIND, ALL, &input);
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.feed(&mut *totals, vec![])), ["0 1 0 null null null []"]);
        assert_eq!(shown(&driver.feed(&mut *totals, vec![(1.1, ints(&[3, 4]))])), ["1 2 2 7 4 3 [3,4]"]);
        assert_eq!(shown(&driver.feed(&mut *totals, vec![])), ["2 3 0 null null null []"]);
    }
}
