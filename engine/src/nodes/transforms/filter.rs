//! `filter`: keeps the rows for which a condition holds.
//!
//! Null counts as false, as in SQL's `WHERE`. Chunks that pass whole are handed on as they are.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::{filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::on_error::{self, ON_ERROR, OnError, REJECTED, Rest, Sieve, Tally, rejected_link};
use crate::expr::Expression;
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Diagnostic, ParamKind, ParamSpec, PortSpec, Yields};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "filter",
    title: "Filter",
    summary: "Keeps the rows for which a condition holds.",
    doc: "Keeps the rows for which the condition is true; rows where it is false or null are dropped. The columns stay \
          as they are.\n\nWith the condition `status >= 500 AND path <> '/health'`:\n\n\
          | path | status | | kept |\n|---|---|---|---|\n\
          | `/buy` | 503 | | yes |\n| `/buy` | 200 | | no |\n| `/health` | 500 | | no |\n| `/buy` | null | | no |\n\n\
          A row on which the condition fails is neither true nor false: it goes to `rejected` with the `reason`, as \
          `division by zero in the condition: 10 / status > 1`. *On error* chooses null, which drops the row, or a stop \
          instead. Spark: `DStream.filter`, `DataFrame.where`; there a failing row stops the query.",
    category: Category::Transform,
    icon: "M 2.5 3 L 13.5 3 L 9.5 8.2 L 9.5 13 L 6.5 11.2 L 6.5 8.2 Z",
    base_name: "kept",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows for which the condition holds.", ..PortSpec::OUT }, REJECTED],
    params: &[
        ParamSpec::new(
            "condition",
            "Condition",
            "An expression that is true for the rows to keep: `length(word) > 3`.",
            ParamKind::Expression { yields: Yields::Boolean },
        ),
        ON_ERROR,
    ],
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Filter>(params.into())
            .map(|filter| Box::new(filter) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    condition: String,
    on_error: OnError,
}

impl Node for Filter {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let condition = Expression::compile(&self.condition, schema)
            .map_err(|error| vec![super::refusal::refused("condition", error)])?;
        let data_type = condition.field().data_type();
        if *data_type != DataType::Boolean {
            let message =
                format!("the condition must be true or false, but it gives {data_type}; compare it with something");
            return Err(vec![Diagnostic::error(message).param("condition")]);
        }
        let outputs = vec![LinkType::plain(Arc::clone(schema)), rejected_link(schema)];
        let rejects = Arc::clone(&outputs[1].schema);
        let operator = FilterOperator { condition, on_error: self.on_error, rejects, tally: Tally::default() };
        Ok(Planned::new(outputs, Stage::Operator(Box::new(operator))))
    }
}

struct FilterOperator {
    condition: Expression,
    on_error: OnError,
    rejects: SchemaRef,
    tally: Tally,
}

impl FilterOperator {
    fn filter(&self, rows: &RecordBatch, context: &BatchContext) -> Result<(RecordBatch, Rest), NodeError> {
        let mut sieve = Sieve::new(rows, self.on_error, context);
        sieve.compute("the condition", &self.condition)?;
        let sifted = sieve.finish();
        let holds = sifted.columns.first().and_then(|holds| holds.as_boolean_opt()).map(without_nulls);
        let kept = match holds {
            Some(holds) if holds.true_count() < holds.len() => filter_record_batch(&sifted.rows, &holds)?,
            Some(_) | None => sifted.rows,
        };
        Ok((kept, sifted.rest))
    }
}

impl Operator for FilterOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.tally = Tally::default();
        let this = &*self;
        let (outputs, tally) =
            on_error::sift(inputs, context, &this.rejects, |chunk| this.filter(&chunk.rows, context))?;
        self.tally = tally;
        Ok(outputs)
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.tally.counters()
    }
}

fn without_nulls(holds: &BooleanArray) -> BooleanArray {
    if holds.null_count() == 0 { holds.clone() } else { prep_null_mask_filter(holds) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{batch, context, flow, int, ints, operator, problems, run, table, text, try_run};
    use crate::plan::Flow;

    fn requests() -> RecordBatch {
        batch(vec![
            ("path", text(["/buy", "/buy", "/health", "/buy"])),
            ("status", int([Some(503), Some(200), Some(500), None])),
        ])
    }

    #[test]
    fn only_rows_for_which_the_condition_is_true_pass() {
        let out = run(&KIND, json!({"condition": "status >= 500 AND path <> '/health'"}), requests());
        assert_eq!(ints(&out[0], "status"), [503]);
    }

    #[test]
    fn a_batch_of_which_nothing_is_kept_still_fires() {
        let out = run(&KIND, json!({"condition": "status > 999"}), requests());
        assert!(matches!(&out[0], Flow::Fired(chunks) if chunks.is_empty()));
    }

    #[test]
    fn a_condition_that_is_no_truth_value_is_refused() {
        let found = problems(&KIND, json!({"condition": "status + 1"}), &requests().schema());
        assert_eq!(found[0].param.as_deref(), Some("condition"));
        assert!(found[0].message.contains("must be true or false"), "{found:?}");
    }

    #[test]
    fn a_typo_is_underlined_where_it_stands() {
        let found = problems(&KIND, json!({"condition": "1 < statsu"}), &requests().schema());
        assert_eq!(found[0].at, Some(4..10));
        assert!(found[0].message.contains("did you mean `status`?"), "{found:?}");
    }

    const FAILING: &str = "1 div (status - 200) = 0";

    #[test]
    fn a_row_whose_condition_fails_is_rejected_and_a_null_one_is_dropped() {
        let out = run(&KIND, json!({"condition": FAILING}), requests());
        assert_eq!(ints(&out[0], "status"), [503, 500]);
        assert_eq!(table(&out[1]), [format!("/buy | 200 | division by zero in the condition: {FAILING}")]);
    }

    #[test]
    fn a_failing_condition_may_count_as_null() {
        let params = json!({"condition": format!("NOT {FAILING}"), "on_error": "null"});
        let (mut filter, _) = operator(&KIND, params, &[requests().schema()]);
        let out = filter.process(vec![vec![flow(requests())]], &context()).unwrap();
        assert_eq!((out[0].row_count(), out[1].row_count()), (0, 0));
        assert_eq!(filter.counters(), [("rejected", 0), ("nulled", 1)]);
    }

    #[test]
    fn a_filter_that_is_told_to_stop_shows_the_row() {
        let params = json!({"condition": FAILING, "on_error": "stop"});
        let error = try_run(&KIND, params, requests()).unwrap_err();
        assert!(error.message.contains("division by zero") && error.message.contains("status = 200"), "{error}");
    }

    #[test]
    fn what_a_condition_guards_against_never_fails() {
        let rows = batch(vec![("n", int((0..2_000).map(|n| n % 4)))]);
        for on_error in ["reject", "stop"] {
            let params = json!({"condition": "n <> 0 AND 10 div n > 4", "on_error": on_error});
            let out = run(&KIND, params, rows.clone());
            assert_eq!((out[0].row_count(), out[1].row_count()), (1_000, 0));
        }
    }
}
