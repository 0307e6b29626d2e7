//! `sort`: puts the rows of a batch or window in order, or keeps the first `n` of that order.
//!
//! The sort keys are encoded as byte strings whose order is the wanted one (Arrow's row format). With a limit, a
//! selection finds the first `n` in linear time and only these are sorted. Rows of equal keys keep their order: the
//! row's position is the last key, so that the result is one and the same however it is computed.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::{SortOptions, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use serde::Deserialize;

use super::on_error::{self, ON_ERROR, OnError, REJECTED, Sieve, Tally, rejected_link};
use super::refusal::refused;
use crate::expr::Expression;
use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, WindowUse,
};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Timestamp, Yields};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sort",
    title: "Sort",
    summary: "Puts the rows of a batch or window in order; with a limit, keeps the first.",
    doc: "Sorts by one or more expressions; the first one counts most. Rows that are equal in all keep their order. With a \
          limit only the first rows remain: sorting counts downwards with the limit 10 gives the ten most frequent \
          words.\n\nBy `count` descending, limit 2:\n\n\
          | word | count | | word | count |\n|---|---|---|---|---|\n| `be` | 2 | | `to` | 5 |\n\
          | `to` | 5 | | `or` | 3 |\n| `or` | 3 | | | |\n\n\
          A row on which an expression fails has no place in the order: it goes to `rejected` with the `reason`. *On \
          error* chooses null, which stands where nulls stand, or a stop instead.\n\n\
          Behind a window it sorts the rows of each window. Spark: `RDD.sortBy` in `transform`, `orderBy`, `limit`.",
    category: Category::Transform,
    icon: "M 5 3 L 5 13 M 2.8 10.8 L 5 13 L 7.2 10.8 M 11 13 L 11 3 M 8.8 5.2 L 11 3 L 13.2 5.2",
    base_name: "sorted",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows in order.", ..PortSpec::OUT }, REJECTED],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Sort>(params.into())
            .map(|sort| Box::new(sort) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "by",
        "Order by",
        "What the order goes by; the first line counts most.",
        ParamKind::Rows {
            fields: &[
                ParamSpec::new(
                    "expression",
                    "Expression",
                    "A column, or a computation: `length(word)`.",
                    ParamKind::Expression { yields: Yields::Any },
                ),
                ParamSpec::new(
                    "direction",
                    "Direction",
                    "Which end comes first.",
                    ParamKind::Choice {
                        options: &[
                            Choice::new("asc", "ascending", "Smallest first."),
                            Choice::new("desc", "descending", "Largest first."),
                        ],
                    },
                )
                .default(Default::Text("asc")),
                ParamSpec::new(
                    "nulls",
                    "Nulls",
                    "Where rows without a value stand.",
                    ParamKind::Choice {
                        options: &[
                            Choice::new("first", "first", "Before all values."),
                            Choice::new("last", "last", "Behind all values."),
                        ],
                    },
                )
                .default(Default::Text("last")),
            ],
        },
    ),
    ParamSpec::new(
        "limit",
        "Limit",
        "Keep only so many rows of each batch or window.",
        ParamKind::Integer { min: 1, max: 1_000_000_000 },
    )
    .default(Default::Absent),
    ON_ERROR,
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sort {
    by: Vec<By>,
    limit: Option<usize>,
    on_error: OnError,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    expression: String,
    direction: Direction,
    nulls: Nulls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Asc,
    Desc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Nulls {
    First,
    Last,
}

impl Node for Sort {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        if self.by.is_empty() {
            return Err(vec![Diagnostic::error("nothing to sort by; add a column or an expression").param("by")]);
        }
        let mut keys = Vec::new();
        let mut problems = Vec::new();
        for (index, by) in self.by.iter().enumerate() {
            let param = format!("by[{index}].expression");
            match Expression::compile(&by.expression, schema) {
                Err(error) => problems.push(refused(param, error)),
                Ok(expression) => match by.sort_field(expression.field().data_type()) {
                    Ok(field) => keys.push((expression, field)),
                    Err(message) => problems.push(Diagnostic::error(message).param(param)),
                },
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (expressions, fields) = keys.into_iter().unzip();
        let outputs = vec![LinkType::plain(Arc::clone(schema)), rejected_link(schema)];
        let operator = SortOperator {
            schema: Arc::clone(schema),
            rejects: Arc::clone(&outputs[1].schema),
            expressions,
            fields,
            limit: self.limit,
            on_error: self.on_error,
            tally: Tally::default(),
        };
        Ok(Planned::new(outputs, Stage::Operator(Box::new(operator))))
    }
}

impl By {
    fn sort_field(&self, data_type: &DataType) -> Result<SortField, String> {
        let options =
            SortOptions { descending: self.direction == Direction::Desc, nulls_first: self.nulls == Nulls::First };
        let field = SortField::new_with_options(data_type.clone(), options);
        if RowConverter::supports_fields(std::slice::from_ref(&field)) {
            return Ok(field);
        }
        Err(format!("values of the type {data_type} have no order; sort by one of their parts"))
    }
}

struct SortOperator {
    schema: SchemaRef,
    rejects: SchemaRef,
    expressions: Vec<Expression>,
    fields: Vec<SortField>,
    limit: Option<usize>,
    on_error: OnError,
    tally: Tally,
}

impl SortOperator {
    /// The positions of the wanted rows by these columns, in order.
    fn order(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u32>, NodeError> {
        let keys = RowConverter::new(self.fields.clone())?.convert_columns(columns)?;
        let count = u32::try_from(rows).map_err(|_| {
            NodeError::data("more than 4 billion rows cannot be sorted at once; shorten the batch or the window")
        })?;
        let mut order: Vec<u32> = (0..count).collect();
        let by_key = |a: &u32, b: &u32| keys.row(*a as usize).cmp(&keys.row(*b as usize)).then(a.cmp(b));
        if let Some(limit) = self.limit
            && limit < order.len()
        {
            order.select_nth_unstable_by(limit, by_key);
            order.truncate(limit);
        }
        order.sort_unstable_by(by_key);
        Ok(order)
    }
}

impl Operator for SortOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.tally = Tally::default();
        let flow = inputs.into_iter().next().and_then(|wires| wires.into_iter().next()).unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle, Flow::Idle]) };
        // The rows of one result have no arrival of their own any more; the oldest keeps latency honest.
        let Some(arrived) = chunks.iter().map(|chunk| chunk.arrived).min() else {
            return Ok(vec![Flow::Fired(Vec::new()), Flow::Fired(Vec::new())]);
        };
        let rows = concat_batches(&self.schema, chunks.iter().map(|chunk| &chunk.rows))?;
        let mut sieve = Sieve::new(&rows, self.on_error, context);
        for (number, expression) in (1..).zip(&self.expressions) {
            sieve.compute(&format!("order {number}"), expression)?;
        }
        let sifted = sieve.finish();
        let (rejected, tally) = on_error::refused(&rows, sifted.rest, &self.rejects, arrived)?;
        self.tally = tally;
        let order = UInt32Array::from(self.order(&sifted.columns, sifted.rows.num_rows())?);
        Ok(vec![sorted(&sifted.rows, &order, arrived)?, rejected])
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.tally.counters()
    }
}

fn sorted(rows: &RecordBatch, order: &UInt32Array, arrived: Timestamp) -> Result<Flow, NodeError> {
    let rows = take_record_batch(rows, order)?;
    Ok(Flow::Fired(if rows.num_rows() == 0 { Vec::new() } else { vec![Chunk::new(rows, arrived)] }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{
        batch, check_schemas, chunk, context, int, ints, operator, problems, run, table, text,
    };

    fn counts() -> RecordBatch {
        batch(vec![
            ("word", text([Some("be"), Some("to"), None, Some("or"), Some("not")])),
            ("n", int([2, 5, 1, 2, 9])),
        ])
    }

    #[test]
    fn equal_rows_keep_their_order() {
        let out = run(&KIND, json!({"by": [{"expression": "n"}]}), counts());
        assert_eq!(table(&out[0]), ["null | 1", "be | 2", "or | 2", "to | 5", "not | 9"]);
    }

    #[test]
    fn a_limit_keeps_the_first() {
        let params = json!({"by": [{"expression": "n", "direction": "desc"}], "limit": 4});
        assert_eq!(table(&run(&KIND, params, counts())[0]), ["not | 9", "to | 5", "be | 2", "or | 2"]);
        let params = json!({"by": [{"expression": "n", "direction": "desc"}], "limit": 50});
        assert_eq!(ints(&run(&KIND, params, counts())[0], "n"), [9, 5, 2, 2, 1]);
    }

    #[test]
    fn nulls_stand_where_they_are_wanted_and_later_keys_break_ties() {
        let by = |direction: &str, nulls: &str| {
            let params = json!({"by": [{"expression": "length(word)", "direction": direction, "nulls": nulls},
                                       {"expression": "word"}]});
            ints(&run(&KIND, params, counts())[0], "n")
        };
        assert_eq!(by("asc", "last"), [2, 2, 5, 9, 1]);
        assert_eq!(by("asc", "first"), [1, 2, 2, 5, 9]);
        assert_eq!(by("desc", "last"), [9, 2, 2, 5, 1]);
        assert_eq!(by("desc", "first"), [1, 9, 2, 2, 5]);
    }

    #[test]
    fn all_chunks_of_a_batch_are_sorted_together() {
        let (mut sort, schemas) = operator(&KIND, json!({"by": [{"expression": "n"}]}), &[counts().schema()]);
        let chunks = vec![chunk(counts().slice(0, 2)), chunk(counts().slice(2, 3))];
        let out = sort.process(vec![vec![Flow::Fired(chunks)]], &context()).unwrap();
        check_schemas(&out, &schemas);
        assert_eq!(ints(&out[0], "n"), [1, 2, 2, 5, 9]);
        assert!(!sort.process(vec![vec![Flow::Idle]], &context()).unwrap()[0].fired());
        assert!(sort.process(vec![vec![Flow::Fired(vec![])]], &context()).unwrap()[0].fired());
    }

    #[test]
    fn nothing_to_sort_by_and_typos_are_told() {
        assert!(problems(&KIND, json!({"by": []}), &counts().schema())[0].message.contains("nothing to sort by"));
        let found = problems(&KIND, json!({"by": [{"expression": "m"}]}), &counts().schema());
        assert_eq!(found[0].param.as_deref(), Some("by[0].expression"));
    }

    #[test]
    fn a_row_that_has_no_place_in_the_order_is_rejected_with_the_reason() {
        let by = json!([{"expression": "100 div (n - 2)"}]);
        let out = run(&KIND, json!({"by": by}), counts());
        assert_eq!(table(&out[0]), ["null | 1", "not | 9", "to | 5"]);
        let reason = "division by zero in order 1: 100 div (n - 2)";
        assert_eq!(table(&out[1]), [format!("be | 2 | {reason}"), format!("or | 2 | {reason}")]);
        let (mut sort, _) = operator(&KIND, json!({"by": by, "on_error": "null"}), &[counts().schema()]);
        let out = sort.process(vec![vec![Flow::Fired(vec![chunk(counts())])]], &context()).unwrap();
        assert_eq!(ints(&out[0], "n"), [1, 9, 5, 2, 2], "nulls last, in their order");
        assert_eq!(sort.counters(), [("rejected", 0), ("nulled", 2)]);
        let error = crate::nodes::testing::try_run(&KIND, json!({"by": by, "on_error": "stop"}), counts()).unwrap_err();
        assert!(error.message.contains("division by zero") && error.message.contains("n = 2"), "{error}");
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(values in prop::collection::vec(-5i32..5, 0..200), limit in 1usize..250) {
            let rows = batch(vec![("n", int(values.clone())), ("at", int(0..i32::try_from(values.len()).unwrap()))]);
            let params = json!({"by": [{"expression": "n", "direction": "desc"}], "limit": limit});
            let mut wanted: Vec<(i32, i32)> = values.iter().copied().zip(0..).collect();
            wanted.sort_by_key(|(value, _)| -*value);
            wanted.truncate(limit);
            prop_assert_eq!(ints(&run(&KIND, params, rows)[0], "at"), wanted.into_iter().map(|(_, at)| at).collect::<Vec<_>>());
        }
    }
}
