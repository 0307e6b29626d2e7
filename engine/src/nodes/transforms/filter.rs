//! `filter`: keeps the rows for which a condition holds.
//!
//! Null counts as false, as in SQL's `WHERE`. Chunks that pass whole are handed on as they are.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::{filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::DataType;
use serde::Deserialize;

use super::rowwise;
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
          Spark: `DStream.filter`, `DataFrame.where`.",
    category: Category::Transform,
    icon: "M 2.5 3 L 13.5 3 L 9.5 8.2 L 9.5 13 L 6.5 11.2 L 6.5 8.2 Z",
    base_name: "kept",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows for which the condition holds.", ..PortSpec::OUT }],
    params: &[ParamSpec::new(
        "condition",
        "Condition",
        "An expression that is true for the rows to keep: `length(word) > 3`.",
        ParamKind::Expression { yields: Yields::Boolean },
    )],
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
        let output = LinkType::plain(Arc::clone(schema));
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(FilterOperator { condition }))))
    }
}

struct FilterOperator {
    condition: Expression,
}

impl Operator for FilterOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let scope = rowwise::scope(context);
        let kept = rowwise::map_chunks(inputs, context, |chunk| {
            let holds = rowwise::evaluate(&self.condition, &chunk.rows, &scope)?;
            let holds = without_nulls(holds.as_boolean());
            if holds.true_count() == holds.len() {
                return Ok(chunk.rows.clone());
            }
            Ok(filter_record_batch(&chunk.rows, &holds)?)
        })?;
        Ok(vec![kept])
    }
}

fn without_nulls(holds: &BooleanArray) -> BooleanArray {
    if holds.null_count() == 0 { holds.clone() } else { prep_null_mask_filter(holds) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{batch, int, ints, problems, run, text, try_run};
    use crate::plan::Flow;

    fn requests() -> arrow::record_batch::RecordBatch {
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

    #[test]
    fn a_failing_row_is_shown() {
        let error = try_run(&KIND, json!({"condition": "1 div (status - 200) = 0"}), requests()).unwrap_err();
        assert!(error.message.contains("division by zero") && error.message.contains("status = 200"), "{error}");
    }
}
