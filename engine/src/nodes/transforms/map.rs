//! `map`: computes columns from the columns of each row.
//!
//! All expressions see the input's columns, never each other's results, so their order does not matter. A new column
//! that is called as an existing one replaces it where it stands.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde::Deserialize;

use super::on_error::{self, ON_ERROR, OnError, REJECTED, Rest, Sieve, Tally, rejected_link};
use super::refusal::refused;
use crate::expr::Expression;
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Yields};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "map",
    title: "Map",
    summary: "Computes columns from the columns of each row.",
    doc: "Each row gives one row. Every line of the list is a column: its name and the expression that computes it. With \
          *keep*, the input's columns stay and new ones are added behind them (a column of the same name, whatever its \
          capitals, is replaced in place); with *replace*, only the listed columns remain.\n\n\
          With `gross` = `price * 1.2` and `item` = `upper(item)`, kept:\n\n\
          | item | price | | item | price | gross |\n|---|---|---|---|---|---|\n\
          | `tea` | 10.0 | | `TEA` | 10.0 | 12.0 |\n| `cup` | 2.5 | | `CUP` | 2.5 | 3.0 |\n\n\
          Expressions see the input's columns, not each other's results.\n\n\
          A row on which an expression fails goes to `rejected` as it came, with the `reason`: of `10 / price`, called \
          `n`, a price of 0 is rejected because of `division by zero in n: 10 / price`. Of several columns that fail the \
          first is told. *On error* chooses null or a stop instead. Spark: `DStream.map`, `DataFrame.select`, \
          `withColumn`; there a failing row stops the query.",
    category: Category::Transform,
    icon: "M 2.5 4 L 7 4 M 2.5 8 L 6 8 M 2.5 12 L 7 12 M 8.5 8 L 14 8 M 11.5 5.5 L 14 8 L 11.5 10.5",
    base_name: "mapped",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "One row for each input row that was not rejected.", ..PortSpec::OUT }, REJECTED],
    params: &[
        ParamSpec::new(
            "columns",
            "Columns",
            "The columns to compute.",
            ParamKind::Rows {
                fields: &[
                    ParamSpec::new("name", "Name", "What the column is called.", ParamKind::Text),
                    ParamSpec::new(
                        "expression",
                        "Expression",
                        "How it is computed from the input's columns: `price * quantity`.",
                        ParamKind::Expression { yields: Yields::Any },
                    ),
                ],
            },
        ),
        ParamSpec::new(
            "keep",
            "Other columns",
            "What becomes of the input's columns.",
            ParamKind::Choice {
                options: &[
                    Choice::new("keep", "keep", "They stay; new columns are added behind them."),
                    Choice::new("replace", "replace", "Only the listed columns remain."),
                ],
            },
        )
        .default(Default::Text("keep")),
        ON_ERROR,
    ],
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Map>(params.into())
            .map(|map| Box::new(map) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    columns: Vec<Computed>,
    keep: Keep,
    on_error: OnError,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Computed {
    name: String,
    expression: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Keep {
    Keep,
    Replace,
}

/// Where an output column comes from.
enum Origin {
    Input(usize),
    Computed(Expression),
}

impl Node for Map {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = &context.input()?.schema;
        let mut problems = self.repeated_names();
        if self.columns.is_empty() && self.keep == Keep::Replace {
            problems.push(Diagnostic::error("no columns would remain; add one").param("columns"));
        }
        let mut columns = Vec::new();
        if self.keep == Keep::Keep {
            let kept = input.fields().iter().enumerate();
            columns.extend(kept.map(|(index, field)| (field.as_ref().clone(), Origin::Input(index))));
        }
        for (index, column) in self.columns.iter().enumerate() {
            match Expression::compile(&column.expression, input) {
                Err(error) => problems.push(refused(format!("columns[{index}].expression"), error)),
                Ok(expression) => {
                    let field = expression.field().clone().with_name(&column.name);
                    let nullable = field.is_nullable() || self.on_error == OnError::Null;
                    let field = field.with_nullable(nullable);
                    let same = |name: &str| name.to_lowercase() == column.name.to_lowercase();
                    let place = columns.iter().position(|(field, _)| same(field.name()));
                    let computed = (field, Origin::Computed(expression));
                    match place {
                        Some(place) => columns[place] = computed,
                        None => columns.push(computed),
                    }
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (fields, origins): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let rejected = rejected_link(input);
        let operator = MapOperator {
            schema: Arc::clone(&schema),
            rejects: Arc::clone(&rejected.schema),
            origins,
            on_error: self.on_error,
            tally: Tally::default(),
        };
        Ok(Planned::new(vec![LinkType::plain(schema), rejected], Stage::Operator(Box::new(operator))))
    }
}

impl Map {
    fn repeated_names(&self) -> Vec<Diagnostic> {
        let lower: Vec<String> = self.columns.iter().map(|column| column.name.to_lowercase()).collect();
        let repeated = (0..lower.len()).filter(|&index| lower[..index].contains(&lower[index]));
        let problem = |index: usize| {
            let message = format!("`{}` is already computed above; give it another name", self.columns[index].name);
            Diagnostic::error(message).param(format!("columns[{index}].name"))
        };
        repeated.map(problem).collect()
    }
}

struct MapOperator {
    schema: SchemaRef,
    rejects: SchemaRef,
    origins: Vec<Origin>,
    on_error: OnError,
    tally: Tally,
}

impl MapOperator {
    fn map(&self, rows: &RecordBatch, context: &BatchContext) -> Result<(RecordBatch, Rest), NodeError> {
        let mut sieve = Sieve::new(rows, self.on_error, context);
        for (field, origin) in self.schema.fields().iter().zip(&self.origins) {
            if let Origin::Computed(expression) = origin {
                sieve.compute(field.name(), expression)?;
            }
        }
        let sifted = sieve.finish();
        let mut computed = sifted.columns.into_iter();
        let columns: Vec<ArrayRef> = self
            .origins
            .iter()
            .filter_map(|origin| match origin {
                Origin::Input(index) => sifted.rows.columns().get(*index).cloned(),
                Origin::Computed(_) => computed.next(),
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(sifted.rows.num_rows()));
        let mapped = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        Ok((mapped, sifted.rest))
    }
}

impl Operator for MapOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.tally = Tally::default();
        let this = &*self;
        let (outputs, tally) = on_error::sift(inputs, context, &this.rejects, |chunk| this.map(&chunk.rows, context))?;
        self.tally = tally;
        Ok(outputs)
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.tally.counters()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{
        batch, check_schemas, context, context_with, flow, int, names, operator, problems, run, table, text, try_run,
    };
    use crate::plan::Flow;

    fn items() -> RecordBatch {
        batch(vec![("Item", text(["tea", "cup"])), ("n", int([10, 2]))])
    }

    #[test]
    fn new_columns_stand_behind_and_same_names_are_replaced_in_place() {
        let params = json!({"columns": [
            {"name": "twice", "expression": "n * 2"},
            {"name": "item", "expression": "upper(item)"},
        ]});
        let out = run(&KIND, params.clone(), items());
        assert_eq!(table(&out[0]), ["TEA | 10 | 20", "CUP | 2 | 4"]);
        assert_eq!(names(&operator(&KIND, params, &[items().schema()]).1[0]), ["item", "n", "twice"]);
    }

    #[test]
    fn replace_leaves_only_the_listed_columns() {
        let params = json!({"keep": "replace", "columns": [
            {"name": "a", "expression": "n"}, {"name": "b", "expression": "batch_id()"}, {"name": "c", "expression": "'x'"},
        ]});
        assert_eq!(table(&run(&KIND, params, items())[0]), ["10 | 3 | x", "2 | 3 | x"]);
    }

    #[test]
    fn expressions_see_the_input_not_each_other() {
        let params = json!({"columns": [
            {"name": "n", "expression": "n + 1"}, {"name": "m", "expression": "n"},
        ]});
        assert_eq!(table(&run(&KIND, params, items())[0]), ["tea | 11 | 10", "cup | 3 | 2"]);
    }

    #[test]
    fn all_problems_are_told_at_once_each_at_its_place() {
        let params = json!({"columns": [
            {"name": "a", "expression": "nn"}, {"name": "A", "expression": "n"}, {"name": "c", "expression": "n +"},
        ]});
        let found = problems(&KIND, params, &items().schema());
        let mut places: Vec<_> = found.iter().filter_map(|problem| problem.param.as_deref()).collect();
        places.sort_unstable();
        assert_eq!(places, ["columns[0].expression", "columns[1].name", "columns[2].expression"]);
    }

    fn divided(on_error: &str) -> serde_json::Value {
        json!({"on_error": on_error, "columns": [
            {"name": "gross", "expression": "10 div n"}, {"name": "length", "expression": "CAST(item AS INT)"},
        ]})
    }

    fn amounts() -> RecordBatch {
        batch(vec![("Item", text(["1", "x", "3", "4"])), ("n", int([5, 0, 0, 2]))])
    }

    #[test]
    fn rows_that_fail_are_rejected_as_they_came_with_the_reason() {
        let input = batch(vec![("item", text(["7", "x", "8", "y"])), ("n", int([5, 0, 0, 2]))]);
        let (mut operator, schemas) = operator(&KIND, divided("reject"), &[input.schema()]);
        let out = operator.process(vec![vec![flow(input)]], &context()).unwrap();
        check_schemas(&out, &schemas);
        assert_eq!(table(&out[0]), ["7 | 5 | 2 | 7"]);
        let rejected = table(&out[1]);
        assert_eq!(rejected[0], "x | 0 | division by zero in gross: 10 div n");
        assert_eq!(rejected[1], "8 | 0 | division by zero in gross: 10 div n");
        assert!(rejected[2].starts_with("y | 2 | ") && rejected[2].ends_with("in length: CAST(item AS INT)"));
        assert_eq!(operator.counters(), [("rejected", 3), ("nulled", 0)]);
        operator.process(vec![vec![Flow::Idle]], &context()).unwrap();
        assert_eq!(operator.counters(), [("rejected", 0), ("nulled", 0)]);
    }

    #[test]
    fn null_stands_for_what_fails_and_is_counted() {
        let (mut operator, schemas) = operator(&KIND, divided("null"), &[amounts().schema()]);
        let out = operator.process(vec![vec![flow(amounts())]], &context()).unwrap();
        check_schemas(&out, &schemas);
        assert_eq!(table(&out[0]), ["1 | 5 | 2 | 1", "x | 0 | null | null", "3 | 0 | null | 3", "4 | 2 | 5 | 4"]);
        assert_eq!(operator.counters(), [("rejected", 0), ("nulled", 3)]);
    }

    #[test]
    fn a_node_that_is_told_to_stop_names_the_row() {
        let params = json!({"on_error": "stop", "columns": [{"name": "a", "expression": "CAST(item AS INT)"}]});
        let error = try_run(&KIND, params, items()).unwrap_err();
        assert!(error.message.contains("Item = tea"), "{error}");
    }

    #[test]
    fn an_expression_that_fails_everywhere_rejects_every_row() {
        let params = json!({"columns": [{"name": "a", "expression": "1 div 0"}]});
        let out = run(&KIND, params.clone(), items());
        assert_eq!((out[0].row_count(), out[1].row_count()), (0, 2));
        let none = run(&KIND, params, items().slice(0, 0));
        assert!(none[0].fired() && none[0].row_count() == 0 && none[1].row_count() == 0);
    }

    #[test]
    fn a_column_called_reason_keeps_its_name() {
        let input = batch(vec![("Reason", text(["x"]))]);
        let params = json!({"columns": [{"name": "a", "expression": "CAST(reason AS INT)"}]});
        assert_eq!(names(&operator(&KIND, params, &[input.schema()]).1[1]), ["Reason", "reject_reason"]);
    }

    #[test]
    fn what_is_rejected_does_not_depend_on_the_number_of_threads() {
        let rows = batch(vec![("n", int((0..100_000).map(|n| n % 997)))]);
        let params = json!({"keep": "replace", "columns": [{"name": "a", "expression": "10 div n"}]});
        let out = |threads| {
            let (mut operator, _) = operator(&KIND, params.clone(), &[rows.schema()]);
            let out = operator.process(vec![vec![flow(rows.clone())]], &context_with(threads)).unwrap();
            (table(&out[0]), table(&out[1]))
        };
        let one = out(1);
        assert_eq!((one.0.len(), one.1.len()), (100_000 - 101, 101));
        assert_eq!(one, out(2));
        assert_eq!(one, out(8));
    }

    proptest! {
        #[test]
        fn every_row_is_mapped_or_rejected_as_it_fails_alone(
            rows in prop::collection::vec((-2i32..4, prop::sample::select(vec!["1", "x", "", "-2"])), 0..400),
            cuts in prop::collection::vec(1usize..90, 1..6),
        ) {
            let (mut operator, _) = operator(&KIND, divided("reject"), &[amounts().schema()]);
            let (mut mapped, mut rejected) = (Vec::new(), Vec::new());
            let mut rest = rows.as_slice();
            for cut in cuts.iter().cycle().take_while(|_| !rows.is_empty()) {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                rest = after;
                let input = batch(vec![
                    ("Item", text(piece.iter().map(|(_, item)| *item))), ("n", int(piece.iter().map(|(n, _)| *n))),
                ]);
                let out = operator.process(vec![vec![flow(input)]], &context()).unwrap();
                mapped.extend(table(&out[0]));
                rejected.extend(table(&out[1]));
                if rest.is_empty() {
                    break;
                }
            }
            let fits = |(n, item): &&(i32, &str)| *n != 0 && item.parse::<i32>().is_ok();
            let wanted = rows.iter().filter(fits);
            let wanted: Vec<_> = wanted.map(|(n, item)| format!("{item} | {n} | {} | {}", 10 / n, item)).collect();
            prop_assert_eq!(mapped, wanted);
            let refused = rows.iter().filter(|row| !fits(row));
            let refused: Vec<_> = refused.map(|(n, item)| format!("{item} | {n} | ")).collect();
            prop_assert_eq!(rejected.len(), refused.len());
            prop_assert!(rejected.iter().zip(&refused).all(|(row, start)| row.starts_with(start)), "{:?}", rejected);
        }
    }
}
