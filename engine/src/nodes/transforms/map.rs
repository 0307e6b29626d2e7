//! `map`: computes columns from the columns of each row.
//!
//! All expressions see the input's columns, never each other's results, so their order does not matter. A new column
//! that is called as an existing one replaces it where it stands.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde::Deserialize;

use super::refusal::refused;
use super::rowwise;
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
          Expressions see the input's columns, not each other's results. Spark: `DStream.map`, `DataFrame.select`, \
          `withColumn`.",
    category: Category::Transform,
    icon: "M 2.5 4 L 7 4 M 2.5 8 L 6 8 M 2.5 12 L 7 12 M 8.5 8 L 14 8 M 11.5 5.5 L 14 8 L 11.5 10.5",
    base_name: "mapped",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "One row for each input row.", ..PortSpec::OUT }],
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
        let operator = MapOperator { schema: Arc::clone(&schema), origins };
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
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
    origins: Vec<Origin>,
}

impl Operator for MapOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let scope = rowwise::scope(context);
        let mapped = rowwise::map_chunks(inputs, context, |chunk| {
            let column = |origin: &Origin| match origin {
                Origin::Input(index) => Ok(Arc::clone(chunk.rows.column(*index))),
                Origin::Computed(expression) => rowwise::evaluate(expression, &chunk.rows, &scope),
            };
            let columns: Vec<ArrayRef> = self.origins.iter().map(column).collect::<Result<_, _>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some(chunk.rows.num_rows()));
            Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
        })?;
        Ok(vec![mapped])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{batch, int, names, operator, problems, run, table, text, try_run};

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

    #[test]
    fn a_row_that_fails_is_named() {
        let params = json!({"columns": [{"name": "a", "expression": "CAST(item AS INT)"}]});
        let error = try_run(&KIND, params, items()).unwrap_err();
        assert!(error.message.contains("Item = tea"), "{error}");
    }
}
