//! Aggregates per key over everything so far: updateStateByKey without writing the update.
//!
//! The state is a table of keys and a column per part of each aggregate; a batch costs what it touches.

use std::any::Any;
use std::sync::Arc;

use serde::Deserialize;

use crate::aggregate::{AggregateError, BatchGrouper, GroupSpec, RunningState};
use crate::nodes::grouping::{AGGREGATES, AggregateRow, Request, arrival, batches_of, fate_of, resolve, scope_of};
use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, StateFate, StateSize, WINDOW_END, WindowUse,
};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `running`.
pub const KIND: NodeKind = NodeKind {
    id: "running",
    title: "Running",
    summary: "Aggregates per key over all batches so far.",
    doc: DOC,
    category: Category::State,
    icon: "M 13 8 L 12 11 L 9.5 12.8 L 6.5 12.8 L 4 11 L 3 8 L 4 5 L 6.5 3.2 L 9.5 3.2 L 12 5 M 12.4 2 L 12 5 L 9 4.8",
    base_name: "running",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec::OUT],
    params: &[
        ParamSpec::new(
            "by",
            "Group by",
            "The columns that make up a key. Without any, all rows are one group.",
            ParamKind::Columns { accepts: Accepts::Any },
        )
        .default(Default::Json("[]")),
        AGGREGATES,
        ParamSpec::new(
            "emit",
            "Emit",
            "Which groups each batch shows.",
            ParamKind::Choice {
                options: &[
                    Choice::new("changed", "changed", "The groups that had rows in the batch."),
                    Choice::new("all", "all", "Every group there is."),
                ],
            },
        )
        .default(Default::Text("changed")),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Like **Group**, but over everything since the run began: the state lives on from batch to batch.

Counting words:

| batch | in: `word` | out, emit *changed* | out, emit *all* |
|---|---|---|---|
| 0 | `a`, `b`, `a` | `a 2`, `b 1` | `a 2`, `b 1` |
| 1 | `b` | `b 2` | `a 2`, `b 2` |
| 2 | *(nothing)* | *(nothing)* | `a 2`, `b 2` |

A group counts as changed when it had a row, even if its values stayed the same. Without **group by** there is one \
group, shown at every batch. *Changed* groups come in the batch's order, *all* groups in the order in which their \
keys were first seen.

Aggregates may be added and removed while it runs: those that stay keep what they counted, a new one begins with the \
rows that follow. Other key columns begin anew. The number of keys is not limited: memory grows with it.

Behind a window it sees the rows of every window, so a row that is in several windows is counted in each.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Running {
    by: Vec<String>,
    aggregates: Vec<AggregateRow>,
    emit: Emit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Emit {
    Changed,
    All,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Running = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Running {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        let request = Request { by: &self.by, aggregates: &self.aggregates, is_windowed: false };
        let spec = resolve(&request, &input.schema)?;
        let output = LinkType::plain(Arc::clone(spec.aggregation().output()));
        let operator = RunningGroups::new(spec, self.emit)
            .map_err(|error| vec![Diagnostic::error(error.0).param("aggregates")])?;
        let mut planned = Planned::new(vec![output], Stage::Operator(Box::new(operator)));
        let is_per_window = self.by.iter().any(|name| name.eq_ignore_ascii_case(WINDOW_END));
        if input.schema.field_with_name(WINDOW_END).is_ok() && !is_per_window {
            planned.warnings.push(
                Diagnostic::warning(
                    "its input comes once per window: what is in several windows is counted in each; \
                     group by `window_end` too, or connect it before the window",
                )
                .param("by"),
            );
        }
        Ok(planned)
    }
}

struct RunningGroups {
    grouper: BatchGrouper,
    state: RunningState,
    emit: Emit,
}

impl RunningGroups {
    fn new(spec: Arc<GroupSpec>, emit: Emit) -> Result<Self, AggregateError> {
        let state = RunningState::new(spec.aggregation())?;
        Ok(Self { grouper: BatchGrouper::new(spec), state, emit })
    }
}

impl Operator for RunningGroups {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        if !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let grouped = self.grouper.partial(&batches_of(&inputs), &scope_of(context), &context.pool)?;
        let changed = self.state.absorb(&grouped)?;
        let rows = match self.emit {
            Emit::Changed => self.state.evaluate(&changed)?,
            Emit::All => self.state.evaluate(&self.state.groups())?,
        };
        let chunks = if rows.num_rows() == 0 { Vec::new() } else { vec![Chunk::new(rows, arrival(&inputs, context))] };
        Ok(vec![Flow::Fired(chunks)])
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.len() as u64, bytes: self.state.size() as u64 }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        match (old as Box<dyn Any>).downcast::<Self>() {
            Ok(old) => fate_of(self.state.take_over(old.state)),
            Err(_) => StateFate::Kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::nodes::testdrive::{Driver, operator, shown, words};

    fn input() -> LinkType {
        LinkType::plain(words(&[]).schema())
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        for (emit, out) in [
            ("changed", [vec!["a 2", "b 1"], vec!["b 2"], vec![]]),
            ("all", [vec!["a 2", "b 1"], vec!["a 2", "b 2"], vec!["a 2", "b 2"]]),
        ] {
            let mut running = operator(&KIND, &format!(r#"{{"by":["word"],"emit":"{emit}"}}"#), &input());
            let mut driver = Driver::new(1.0);
            let first = words(&[("a", 1), ("b", 1), ("a", 1)]);
            assert_eq!(shown(&driver.feed(&mut *running, vec![(0.1, first)])), out[0]);
            assert_eq!(shown(&driver.feed(&mut *running, vec![(1.1, words(&[("b", 1)]))])), out[1]);
            assert_eq!(shown(&driver.feed(&mut *running, vec![])), out[2]);
        }
    }

    #[test]
    fn without_keys_the_one_group_shows_at_every_batch() {
        let mut running = operator(&KIND, "{}", &input());
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.feed(&mut *running, vec![])), ["0"]);
        assert_eq!(shown(&driver.feed(&mut *running, vec![(1.1, words(&[("b", 1)]))])), ["1"]);
        assert_eq!(shown(&driver.feed(&mut *running, vec![])), ["1"]);
    }

    #[test]
    fn an_edit_keeps_what_stays() {
        let params = r#"{"by":["word"],"aggregates":[{"function":"count"},{"function":"max","argument":"n"}]}"#;
        let mut before = operator(&KIND, params, &input());
        let mut driver = Driver::new(1.0);
        driver.feed(&mut *before, vec![(0.1, words(&[("a", 7), ("b", 1)]))]);
        let params = r#"{"by":["word"],"emit":"all",
            "aggregates":[{"function":"max","argument":"n"},{"function":"sum","argument":"n"}]}"#;
        let mut after = operator(&KIND, params, &input());
        assert!(matches!(after.take_over(before), StateFate::Partly(_)));
        let shown = shown(&driver.feed(&mut *after, vec![(1.1, words(&[("a", 2)]))]));
        assert_eq!(shown, ["a 7 2", "b 1 null"]);
    }

    proptest! {
        #[test]
        fn a_run_equals_counting_everything_anew(
            batches in prop::collection::vec(prop::collection::vec((0u8..40, -50i64..50), 0..60), 1..20),
        ) {
            let params = r#"{"by":["word"],"emit":"all","aggregates":[{"function":"count"},
                {"function":"sum","argument":"n"},{"function":"min","argument":"n"},
                {"function":"last","argument":"n"},{"function":"count_distinct","argument":"n"}]}"#;
            let mut running = operator(&KIND, params, &input());
            let mut driver = Driver::new(1.0);
            let mut rows_of: BTreeMap<String, Vec<i64>> = BTreeMap::new();
            for batch in batches {
                let batch: Vec<(String, i64)> =
                    batch.into_iter().map(|(word, n)| (format!("a word of some length {word}"), n)).collect();
                let rows: Vec<(&str, i64)> = batch.iter().map(|(word, n)| (word.as_str(), *n)).collect();
                let flow = driver.feed(&mut *running, vec![(0.0, words(&rows))]);
                for (word, n) in &batch {
                    rows_of.entry(word.clone()).or_default().push(*n);
                }
                let mut out = shown(&flow);
                out.sort();
                let expected: Vec<String> = rows_of.iter().map(|(word, values)| {
                    let mut distinct = values.clone();
                    distinct.sort_unstable();
                    distinct.dedup();
                    let sum: i64 = values.iter().sum();
                    let last = values[values.len() - 1];
                    format!("{word} {} {sum} {} {last} {}", values.len(), distinct[0], distinct.len())
                }).collect();
                let mut expected = expected;
                expected.sort();
                prop_assert_eq!(out, expected);
            }
        }
    }
}
