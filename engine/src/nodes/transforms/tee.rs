//! `tee`: passes rows on and counts them: a gauge in the pipe.

use std::any::Any;
use std::sync::Arc;

use serde::Deserialize;

use crate::plan::{
    BatchContext, Category, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, StateFate, WindowUse,
};
use crate::spec::{Diagnostic, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "tee",
    title: "Tee",
    summary: "Passes all rows on and shows how many have passed and how fast.",
    doc: "A gauge in the pipe: put it where you want to watch. The rows pass unchanged, and the node counts them: \
          `total_rows` since the run began, and `rows_per_sec` in the last batch.\n\n\
          With batches of 2 s:\n\n\
          | batch | rows in and out | `total_rows` | `rows_per_sec` |\n|---|---|---|---|\n| 0 | 10 | 10 | 5 |\n\
          | 1 | 4 | 14 | 2 |\n| 2 | 0 | 14 | 0 |\n\n\
          An output feeds any number of wires by itself: the node is not needed to split a stream. It also gives a point \
          of the graph a name, and a place for wires to meet. Behind a window the stream stays windowed, and each row is \
          counted once. Spark: an accumulator in `transform`, `DataFrame.observe`.",
    category: Category::Transform,
    icon: "M 2 11 L 14 11 M 8 11 L 8 7.5 C 8 5 2.5 M 8 5 L 9.3 3.7",
    base_name: "watched",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "All rows, unchanged.", ..PortSpec::OUT }],
    params: &[],
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Tee>(params.into())
            .map(|tee| Box::new(tee) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tee {}

impl Node for Tee {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let output = LinkType::plain(Arc::clone(&context.input()?.schema));
        Ok(Planned::new(vec![output], Stage::Operator(Box::<TeeOperator>::default())))
    }
}

#[derive(Default)]
struct TeeOperator {
    total_rows: u64,
    rows_per_sec: u64,
}

impl Operator for TeeOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow: Flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let rows = flow.row_count();
        self.total_rows = self.total_rows.saturating_add(rows);
        let micros = u64::try_from(context.time.since(context.from).0).unwrap_or(0).max(1);
        let rate = u128::from(rows) * 1_000_000 / u128::from(micros);
        self.rows_per_sec = u64::try_from(rate).unwrap_or(u64::MAX);
        Ok(vec![flow])
    }

    /// A batch without rows has a rate of its own: none.
    fn runs_when_idle(&self) -> bool {
        true
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![("total_rows", self.total_rows), ("rows_per_sec", self.rows_per_sec)]
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() {
            *self = *old;
        }
        StateFate::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, shown};

    fn tee() -> Box<dyn Operator> {
        operator(&KIND, "{}", &LinkType::plain(ints(&[]).schema()))
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let (mut tee, mut driver) = (tee(), Driver::new(2.0));
        for (rows, total, rate) in [(10, 10, 5), (4, 14, 2), (0, 14, 0)] {
            let batch: Vec<i64> = (0..rows).collect();
            let out = driver.feed(&mut *tee, vec![(0.0, ints(&batch))]);
            assert_eq!(shown(&out), batch.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(tee.counters(), [("total_rows", total), ("rows_per_sec", rate)]);
        }
    }

    #[test]
    fn the_count_goes_on_when_the_pipeline_is_edited() {
        let (mut old, mut driver) = (tee(), Driver::new(1.0));
        driver.feed(&mut *old, vec![(0.0, ints(&[1, 2]))]);
        let mut new = tee();
        assert_eq!(new.take_over(old), StateFate::Kept);
        driver.feed(&mut *new, vec![(1.0, ints(&[3]))]);
        assert_eq!(new.counters()[0], ("total_rows", 3));
        assert!(!driver.step(&mut *new, Flow::Idle).fired());
    }
}
