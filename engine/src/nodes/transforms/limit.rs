//! `limit`: lets the first rows pass, of each batch or of the stream.

use std::any::Any;
use std::sync::Arc;

use serde::Deserialize;

use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, StateFate, WindowUse,
};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "limit",
    title: "Limit",
    summary: "Lets the first rows pass, of each batch or of the whole stream.",
    doc: "Counts rows and drops those beyond the limit. The limit holds for each **batch**, counted anew every time, or \
          for the **stream**: then nothing passes any more once so many rows have.\n\n\
          With `rows` = 3:\n\n\
          | batch | in | per batch | per stream |\n|---|---|---|---|\n| 0 | `a`, `b` | `a`, `b` | `a`, `b` |\n\
          | 1 | `c`, `d`, `e`, `f` | `c`, `d`, `e` | `c` |\n| 2 | `g` | `g` | |\n\n\
          Which rows are the first is a matter of their order; to keep the greatest, use *Sort* with a limit. Behind a \
          window it counts the rows of the windows that fire in the batch. While it runs, a higher limit lets more rows pass; what has \
          passed stays counted. Spark: `DataFrame.limit` of a stream counts over the stream, `rdd.take` in `transform` \
          over the batch.",
    category: Category::Transform,
    icon: "M 2.5 4 L 9 4 M 2.5 8 L 9 8 M 2.5 12 L 6 12 M 11.5 2.5 L 11.5 13.5",
    base_name: "first",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The first rows.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new("rows", "Rows", "How many rows pass.", ParamKind::Integer { min: 1, max: 1_000_000_000_000 })
            .default(Default::Integer(10)),
        ParamSpec::new(
            "scope",
            "Of each",
            "What the limit is counted over.",
            ParamKind::Choice {
                options: &[
                    Choice::new("batch", "batch", "So many rows of every batch or window."),
                    Choice::new("stream", "stream", "So many rows since the run began."),
                ],
            },
        )
        .default(Default::Text("batch")),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Limit>(params.into())
            .map(|limit| Box::new(limit) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    rows: u64,
    scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Batch,
    Stream,
}

impl Node for Limit {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let output = LinkType::plain(Arc::clone(&context.input()?.schema));
        let operator = LimitOperator { rows: self.rows, scope: self.scope, passed: 0 };
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(operator))))
    }
}

struct LimitOperator {
    rows: u64,
    scope: Scope,
    /// Rows that passed: since the run began, whatever the scope, so that it can be changed.
    passed: u64,
}

impl Operator for LimitOperator {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle]) };
        let mut room = match self.scope {
            Scope::Batch => self.rows,
            Scope::Stream => self.rows.saturating_sub(self.passed),
        };
        let mut kept = Vec::new();
        for chunk in chunks {
            let len = chunk.rows.num_rows().min(usize::try_from(room).unwrap_or(usize::MAX));
            if len == 0 {
                break;
            }
            room -= len as u64;
            self.passed = self.passed.saturating_add(len as u64);
            kept.push(Chunk::new(chunk.rows.slice(0, len), chunk.arrived));
        }
        Ok(vec![Flow::Fired(kept)])
    }

    fn remembers(&self) -> bool {
        self.scope == Scope::Stream
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() {
            self.passed = old.passed;
        }
        StateFate::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, shown};

    fn limit(params: &str) -> Box<dyn Operator> {
        operator(&KIND, params, &LinkType::plain(ints(&[]).schema()))
    }

    /// The batches of the documentation's example, the second in two chunks.
    fn feed(limit: &mut dyn Operator) -> [Vec<String>; 3] {
        let mut driver = Driver::new(1.0);
        let batches = [vec![vec![1, 2]], vec![vec![3], vec![4, 5, 6]], vec![vec![7]]];
        batches.map(|batch| {
            let chunks = batch.into_iter().map(|rows| (0.0, ints(&rows))).collect();
            let out = driver.feed(limit, chunks);
            assert!(out.fired(), "a batch of which nothing passes still fires");
            shown(&out)
        })
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let [first, second, third] = feed(&mut *limit(r#"{"rows":3}"#));
        assert_eq!((first, second, third), (lines("12"), lines("345"), lines("7")));
        let [first, second, third] = feed(&mut *limit(r#"{"rows":3,"scope":"stream"}"#));
        assert_eq!((first, second, third), (lines("12"), lines("3"), lines("")));
    }

    #[test]
    fn a_higher_limit_lets_more_pass_and_what_has_passed_counts() {
        let mut driver = Driver::new(1.0);
        let mut old = limit(r#"{"rows":2,"scope":"stream"}"#);
        assert_eq!(shown(&driver.feed(&mut *old, vec![(0.0, ints(&[1, 2, 3]))])), lines("12"));
        let mut new = limit(r#"{"rows":3,"scope":"stream"}"#);
        assert_eq!(new.take_over(old), StateFate::Kept);
        assert_eq!(shown(&driver.feed(&mut *new, vec![(1.0, ints(&[4, 5]))])), lines("4"));
    }

    #[test]
    fn a_limit_on_a_stream_counts_as_sparks_does() {
        // structured/limit_append of the recorded behaviour.
        let mut limit = limit(r#"{"rows":3,"scope":"stream"}"#);
        let mut driver = Driver::new(1.0);
        let batches: [&[i64]; 5] = [&[1], &[2, 2], &[], &[3], &[4]];
        let out = batches.map(|batch| shown(&driver.feed(&mut *limit, vec![(0.0, ints(batch))])));
        assert_eq!(out, [lines("1"), lines("22"), lines(""), lines(""), lines("")]);
    }

    fn lines(digits: &str) -> Vec<String> {
        digits.chars().map(String::from).collect()
    }
}
