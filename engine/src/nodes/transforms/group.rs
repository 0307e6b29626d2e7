//! Groups rows by columns and computes aggregates per group: reduceByKey, groupByKey and countByValue in one node.
//!
//! Over a plain stream every batch stands alone. Over a windowed stream the node ends the window: it keeps panes and
//! gives one result per slide, or by event time when the watermark has passed.

use serde::Deserialize;

use crate::nodes::event_time::EventColumn;
use crate::nodes::grouping::{
    AGGREGATES, AggregateRow, COVERAGE, EMIT, Emit, GroupBatches, GroupCounts, GroupEventWindows, GroupSessions,
    GroupWindows, ON_FAILING, Request, check_coverage, keys_behind, resolve,
};
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use crate::window::{EventTime, EventWindow, LinkWindow, Mode};

/// `group`.
pub const KIND: NodeKind = NodeKind {
    id: "group",
    title: "Group",
    summary: "Counts, adds up or otherwise aggregates rows per key.",
    doc: DOC,
    category: Category::Transform,
    icon: "M 2.5 3.5 L 7 3.5 M 2.5 6 L 7 6 M 2.5 10 L 7 10 M 2.5 12.5 L 7 12.5 M 9 3 L 9 6.5 M 9 9.5 L 9 13 D 12 4.8 1.5 D 12 11.2 1.5",
    base_name: "groups",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec::OUT],
    params: &[
        ParamSpec::new(
            "by",
            "Group by",
            "The columns that make up a key. Rows of equal keys are aggregated together.",
            ParamKind::Columns { accepts: Accepts::Any },
        ),
        AGGREGATES,
        EMIT,
        COVERAGE,
        ON_FAILING,
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
Puts rows with equal values in the **group by** columns together and computes the **aggregates** of each group. \
Null is a key of its own. The groups come out in the order in which their keys were first seen.

Counting words, batch by batch:

| batch | in: `word` | out: `word`, `count` |
|---|---|---|
| 0 | `a`, `b`, `a` | `a 2`, `b 1` |
| 1 | `b` | `b 1` |
| 2 | *(nothing)* | *(nothing)* |

To group by an expression, compute it as a column with **Map** first. An aggregate may work on an expression right \
away: `sum` of `price * quantity`. Aggregates pass over nulls, except `count` without a column, `first` and `last`. \
`sum` of whole numbers is `bigint`, `avg` is `double`; decimals stay decimals. Functions of two values (`corr`, \
`covar_pop`, `regr_slope` and their like) take the second one under **and**; a pair of which one is null does not count. \
`percentile` and `median` keep all values until the result is due, `percentile_approx` a summary of bounded size.

**Behind a window** the groups are those of the whole window, at every slide, with `window_start` and `window_end` in \
front. With a length of 2 s and a slide of 1 s, the words above give:

| at | window | out |
|---|---|---|
| 1 s | `[-1, 1)` | `a 2`, `b 1` |
| 2 s | `[0, 2)` | `a 2`, `b 2` |
| 3 s | `[1, 3)` | `b 1` |

Length, slide and batch interval may change while it runs: what has arrived stays. A window longer than the history \
held so far shows what there is; **coverage column** adds how much that is. A new aggregate begins with the rows that \
follow, and one that was taken away and comes back goes on where it was; other key columns begin anew.

**Behind a window by event time** there is one result per window and key. **Emit** says when: *on close* once, when the \
watermark has reached the window's end; *on change* in every batch for the windows and keys that its rows changed; \
*whole* in every batch for all windows there are. With windows of 10 s and a watermark 10 s behind:

| batch | happened | watermark | on close | on change |
|---|---|---|---|---|
| 0 | `a` 12:00:01, `b` 12:00:09 | *(none)* | | `[:00, :10) a 1`, `[:00, :10) b 1` |
| 1 | `a` 12:00:25, `a` 12:00:05 | 11:59:59 | | `[:00, :10) a 2`, `[:20, :30) a 1` |
| 2 | *(nothing)* | 12:00:15 | `[:00, :10) a 2`, `[:00, :10) b 1` | |

Only *on close* gives every result once, so only its results can go into another window by event time (they happened \
in their window's last moment) and should go into files. Closed windows stay as history that a longer window can reach \
back into, as far as memory allows. *Whole* keeps all windows for ever and counts late rows too, and without a \
watermark *on change* lets nothing go either: their state only grows. \
Within a window, `first`, `last` and lists follow the order of time from pane to pane and of arrival within each.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    by: Vec<String>,
    aggregates: Vec<AggregateRow>,
    emit: Emit,
    coverage: bool,
    on_error: OnFailure,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Group = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Group {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        if self.by.is_empty() {
            let sentence = "choose at least one column to group by; to aggregate all rows as one, use Aggregate";
            return Err(vec![Diagnostic::error(sentence).param("by")]);
        }
        let by = keys_behind(input, &self.by)?;
        let (on_error, is_windowed) = (self.on_error, input.window.is_some());
        let request = Request { by: &by, aggregates: &self.aggregates, on_error, is_windowed };
        let spec = resolve(&request, &input.schema)?;
        plan_grouping(spec, input, &Gives { emit: self.emit, emits_empty: false, coverage: self.coverage })
    }
}

/// When and what a grouping gives.
pub(super) struct Gives {
    pub(super) emit: Emit,
    /// Without keys, a batch or window without rows still gives its one row.
    pub(super) emits_empty: bool,
    /// Whether the coverage of its window stands behind each result.
    pub(super) coverage: bool,
}

/// The stage of a grouping over this link.
pub(super) fn plan_grouping(
    spec: std::sync::Arc<crate::aggregate::GroupSpec>,
    input: &LinkType,
    gives: &Gives,
) -> Result<Planned, Vec<Diagnostic>> {
    let emits_empty = gives.emits_empty;
    if gives.coverage {
        check_coverage(input.window.as_ref(), spec.aggregation().output())?;
    }
    if let Some(LinkWindow::Event(window)) = &input.window {
        EventColumn::find(&window.time, &input.schema).map_err(|lost| vec![Diagnostic::error(lost).port("in")])?;
    }
    let emit = gives.emit.over(input)?;
    let Some(window) = &input.window else {
        let output = LinkType::plain(std::sync::Arc::clone(spec.aggregation().output()));
        return Ok(Planned::new(vec![output], Stage::Operator(Box::new(GroupBatches::new(spec, emits_empty)))));
    };
    match window {
        LinkWindow::Arrival(window) => {
            let operator = GroupWindows::new(spec, window.clone(), emits_empty, gives.coverage)
                .map_err(|error| vec![Diagnostic::error(error.0).param("aggregates")])?;
            let output = LinkType::plain(std::sync::Arc::clone(operator.output()));
            Ok(Planned::new(vec![output], Stage::Operator(Box::new(operator))))
        }
        LinkWindow::Event(window) => plan_event_windows(spec, window, input, emit, gives.coverage),
        LinkWindow::Session(window) => GroupSessions::plan(spec, window, input, emit),
        LinkWindow::Count(window) => GroupCounts::plan(spec, window),
    }
}

/// The stage of a grouping over event-time windows.
fn plan_event_windows(
    spec: std::sync::Arc<crate::aggregate::GroupSpec>,
    window: &EventWindow,
    input: &LinkType,
    emit: Emit,
    shows_coverage: bool,
) -> Result<Planned, Vec<Diagnostic>> {
    let mode = match emit {
        Emit::Auto | Emit::Close => Mode::Close,
        Emit::Change => Mode::Change,
        Emit::Whole => Mode::Whole,
    };
    let operator = GroupEventWindows::new(spec, window, mode, &input.schema, shows_coverage)
        .map_err(|error| vec![Diagnostic::error(error.0).port("in")])?;
    let mut output = LinkType::plain(std::sync::Arc::clone(operator.output()));
    // Only final results may be counted again, by windows behind this one.
    if mode == Mode::Close {
        output.event_time = Some(EventTime::of_window());
    } else {
        output = output.revised();
    }
    Ok(Planned::new(vec![output], Stage::Operator(Box::new(operator))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, operator, refusals, shown, words};
    use crate::plan::{Flow, StateFate};
    use crate::spec::Span;
    use crate::window::WindowSpec;

    fn plain() -> LinkType {
        LinkType::plain(words(&[]).schema())
    }

    fn windowed(length: i64, slide: i64) -> LinkType {
        let secs = Span::from_secs;
        LinkType {
            window: Some(WindowSpec { length: secs(length), slide: secs(slide), retain: secs(60) }.into()),
            ..plain()
        }
    }

    #[test]
    fn words_are_counted_batch_by_batch() {
        let mut group = operator(&KIND, r#"{"by":["word"]}"#, &plain());
        let mut driver = Driver::new(1.0);
        let first = driver.feed(&mut *group, vec![(0.1, words(&[("a", 1), ("b", 1)])), (0.2, words(&[("a", 1)]))]);
        assert_eq!(shown(&first), ["a 2", "b 1"]);
        assert_eq!(shown(&driver.feed(&mut *group, vec![(1.1, words(&[("b", 1)]))])), ["b 1"]);
        let empty = driver.feed(&mut *group, vec![]);
        assert!(empty.fired() && empty.row_count() == 0);
        assert!(!driver.step(&mut *group, Flow::Idle).fired());
    }

    #[test]
    fn the_example_of_the_documentation_holds_for_windows() {
        let mut group = operator(&KIND, r#"{"by":["word"]}"#, &windowed(2, 1));
        let mut driver = Driver::new(1.0);
        let first = driver.feed(&mut *group, vec![(0.5, words(&[("a", 1), ("b", 1), ("a", 1)]))]);
        assert_eq!(shown(&first), ["-1 1 a 2", "-1 1 b 1"]);
        assert_eq!(shown(&driver.feed(&mut *group, vec![(1.5, words(&[("b", 1)]))])), ["0 2 a 2", "0 2 b 2"]);
        assert_eq!(shown(&driver.feed(&mut *group, vec![])), ["1 3 b 1"]);
    }

    #[test]
    fn several_aggregates_stand_beside_each_other() {
        let params = r#"{"by":["WORD"],"aggregates":[{"function":"count"},{"function":"sum","argument":"n"},
            {"function":"avg","argument":"n","name":"mean"},{"function":"collect_list","argument":"N"}]}"#;
        let mut group = operator(&KIND, params, &plain());
        let rows = words(&[("a", 1), ("b", 5), ("a", 2)]);
        assert_eq!(shown(&Driver::new(1.0).feed(&mut *group, vec![(0.1, rows)])), ["a 2 3 1.5 [1,2]", "b 1 5 5 [5]"]);
    }

    #[test]
    fn a_percentile_lies_between_the_values_next_to_it() {
        let params = r#"{"by":["word"],"aggregates":[{"function":"percentile","argument":"n","percent":25},
            {"function":"percentile","argument":"n"},{"function":"percentile","argument":"n","percent":99.9},
            {"function":"percentile","argument":"n","percent":0,"name":"least"}]}"#;
        let names = |link: &LinkType| -> Vec<String> {
            link.schema.fields().iter().map(|field| field.name().clone()).collect()
        };
        let planned = crate::nodes::testdrive::plan(&KIND, params, &plain()).unwrap();
        assert_eq!(names(&planned.outputs[0]), ["word", "p25_n", "p50_n", "p99_9_n", "least"]);
        let rows: Vec<(&str, i64)> = [30, 10, 20, 40, 50].into_iter().map(|n| ("a", n)).collect();
        let mut group = operator(&KIND, params, &plain());
        let out = shown(&Driver::new(1.0).feed(&mut *group, vec![(0.1, words(&rows))]));
        let cells: Vec<f64> = out[0].split(' ').skip(1).map(|cell| cell.parse().unwrap()).collect();
        for (cell, expected) in cells.iter().zip([20.0, 30.0, 49.96, 10.0]) {
            assert!((cell - expected).abs() < 1e-4, "{out:?}");
        }
        let text =
            refusals(&KIND, r#"{"by":["n"],"aggregates":[{"function":"percentile","argument":"word"}]}"#, &plain());
        assert!(text[0].contains("works on numbers"), "{text:?}");
    }

    #[test]
    fn a_percentile_over_windows_is_that_of_all_their_rows() {
        let params = r#"{"by":["word"],"aggregates":[{"function":"percentile","argument":"n","percent":50}]}"#;
        let mut group = operator(&KIND, params, &windowed(2, 1));
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.feed(&mut *group, vec![(0.5, words(&[("a", 1), ("a", 5)]))])), ["-1 1 a 3"]);
        assert_eq!(shown(&driver.feed(&mut *group, vec![(1.5, words(&[("a", 9)]))])), ["0 2 a 5"]);
        assert_eq!(shown(&driver.feed(&mut *group, vec![])), ["1 3 a 9"]);
    }

    #[test]
    fn an_argument_that_fails_stops_the_node_or_counts_as_null() {
        let rows = || words(&[("a", 2), ("a", 0), ("a", 5), ("b", 0)]);
        let with = |on_error: &str| {
            let params = format!(
                r#"{{"by":["word"],"on_error":"{on_error}","aggregates":[{{"function":"sum","argument":"10 div n","name":"s"}},{{"function":"count"}}]}}"#
            );
            operator(&KIND, &params, &plain())
        };
        let mut lenient = with("null");
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.feed(&mut *lenient, vec![(0.5, rows())])), ["a 7 3", "b null 1"]);
        assert_eq!(lenient.counters(), [("nulled", 2)]);
        driver.feed(&mut *lenient, vec![]);
        assert_eq!(lenient.counters(), []);
        let inputs = vec![vec![crate::nodes::testing::flow(rows())]];
        let error = with("stop").process(inputs, &crate::nodes::testing::context()).unwrap_err();
        assert!(error.message.contains("division by zero") && error.message.contains("n = 0"), "{error}");
    }

    #[test]
    fn mistakes_are_told_all_at_once_with_what_to_do() {
        let params = r#"{"by":["wrod"],"aggregates":[{"function":"sum"},{"function":"count","name":"x"},
            {"function":"count","name":"X"},{"function":"max","argument":"m"}]}"#;
        let sentences = refusals(&KIND, params, &plain());
        assert_eq!(sentences.len(), 4, "{sentences:?}");
        assert!(sentences[0].contains("did you mean `word`?"));
        assert!(refusals(&KIND, r#"{"by":[]}"#, &plain())[0].contains("use Aggregate"));
        let text = refusals(&KIND, r#"{"by":["n"],"aggregates":[{"function":"sum","argument":"word"}]}"#, &plain());
        assert!(text[0].contains("CAST"), "{text:?}");
    }

    #[test]
    fn an_added_aggregate_starts_with_what_follows_and_the_others_go_on() {
        let mut driver = Driver::new(1.0);
        let mut before = operator(&KIND, r#"{"by":["word"]}"#, &windowed(10, 1));
        driver.feed(&mut *before, vec![(0.5, words(&[("a", 5)]))]);
        let params =
            r#"{"by":["word"],"aggregates":[{"function":"sum","argument":"n"},{"function":"count","name":"rows"}]}"#;
        let mut after = operator(&KIND, params, &windowed(10, 1));
        let StateFate::Migrated(moved) = after.take_over(before) else { panic!("must be kept by column") };
        assert_eq!((moved.kept, moved.begun), (vec!["rows".to_owned()], vec!["sum_n".to_owned()]));
        assert_eq!(shown(&driver.feed(&mut *after, vec![(1.5, words(&[("a", 2)]))])), ["-8 2 a 2 2"]);
    }

    #[test]
    fn other_keys_begin_anew_and_say_so() {
        let mut driver = Driver::new(1.0);
        let mut before = operator(&KIND, r#"{"by":["word"]}"#, &windowed(10, 1));
        driver.feed(&mut *before, vec![(0.5, words(&[("a", 5)]))]);
        let mut after = operator(&KIND, r#"{"by":["n"]}"#, &windowed(10, 1));
        assert!(matches!(after.take_over(before), StateFate::Reset(_)));
        assert_eq!(shown(&driver.feed(&mut *after, vec![(1.5, words(&[("a", 2)]))])), ["-8 2 2 1"]);
    }
}
