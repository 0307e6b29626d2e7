//! `union`: several streams as one, row after row, in the order of their wires.
//!
//! Columns are matched by name, whatever their case; the first wire gives their order. Numbers are widened to the
//! narrowest type that holds both sides, everything else must agree.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::refusal::find_column;
use super::widening::wider;
use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, WindowUse,
};
use crate::spec::{Arity, Diagnostic, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "union",
    title: "Union",
    summary: "Joins several streams into one, row after row.",
    doc: "All rows of all inputs, those of the first wire first. The inputs must have the same columns: they are matched \
          by name, whatever the capitals, and the first wire gives their order. Numbers of different widths meet in the \
          wider type.\n\n\
          | first | | second | | out |\n|---|---|---|---|---|\n| `a`, 1 | | `c`, 3 | | `a`, 1 |\n\
          | `b`, 2 | | | | `b`, 2 |\n| | | | | `c`, 3 |\n\n\
          Behind windows it sees each window's rows with `window_start` and `window_end`. Spark: `DStream.union`, \
          `DataFrame.unionByName`.",
    category: Category::Transform,
    icon: "M 4 2.5 L 4 9 L 5.4 12 L 8 13.2 L 10.6 12 L 12 9 L 12 2.5",
    base_name: "all",
    inputs: &[PortSpec { name: "in", doc: "The streams to put together.", arity: Arity::Many }],
    outputs: &[PortSpec { doc: "All rows of all inputs.", ..PortSpec::OUT }],
    params: &[],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Union>(params.into())
            .map(|union| Box::new(union) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Union {}

impl Node for Union {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let first = &context.input()?.schema;
        let links: &[LinkType] = context.inputs.first().map_or(&[], Vec::as_slice);
        let mut fields: Vec<Field> = first.fields().iter().map(|field| field.as_ref().clone()).collect();
        let mut problems = Vec::new();
        for (index, link) in links.iter().enumerate().skip(1) {
            let wire = index + 1;
            for field in &mut fields {
                match widened(field, &link.schema) {
                    Ok(wider) => *field = wider,
                    Err(reason) => problems.push(Diagnostic::error(format!("wire {wire}: {reason}")).port("in")),
                }
            }
            for extra in link.schema.fields() {
                if find_exact(first, extra.name()).is_none() {
                    let message =
                        format!("wire {wire}: column `{}` is not in the first wire; drop it there", extra.name());
                    problems.push(Diagnostic::error(message).port("in"));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let places = links.iter().map(|link| Places::new(&schema, &link.schema)).collect();
        let operator = UnionOperator { schema: Arc::clone(&schema), places };
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
    }
}

/// The field that holds both its own values and those of the same column of another wire.
fn widened(field: &Field, other: &Schema) -> Result<Field, String> {
    let name = field.name();
    let Some(index) = find_exact(other, name) else {
        let near = find_column(other, name).err().unwrap_or_default();
        return Err(format!("{near}; every wire must have the columns of the first"));
    };
    let right = other.field(index);
    let Some(data_type) = wider(field.data_type(), right.data_type()) else {
        let (ours, theirs) = (field.data_type(), right.data_type());
        return Err(format!(
            "column `{name}` is {theirs}, but {ours} in the first wire; cast one in a map node before"
        ));
    };
    Ok(Field::new(name, data_type, field.is_nullable() || right.is_nullable()))
}

fn find_exact(schema: &Schema, name: &str) -> Option<usize> {
    find_column(schema, name).ok()
}

/// Where one wire's columns go.
struct Places {
    columns: Vec<usize>,
    fits: bool,
}

impl Places {
    fn new(schema: &SchemaRef, wire: &SchemaRef) -> Self {
        let columns: Vec<usize> = schema.fields().iter().filter_map(|field| find_exact(wire, field.name())).collect();
        Self { fits: schema == wire, columns }
    }
}

struct UnionOperator {
    schema: SchemaRef,
    places: Vec<Places>,
}

impl UnionOperator {
    fn arrange(&self, rows: &RecordBatch, places: &Places) -> Result<RecordBatch, NodeError> {
        if places.fits {
            return Ok(rows.clone());
        }
        let columns: Vec<ArrayRef> = places
            .columns
            .iter()
            .zip(self.schema.fields())
            .map(|(index, field)| cast(rows.column(*index), field.data_type()))
            .collect::<Result<_, _>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Operator for UnionOperator {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        let wires = inputs.into_iter().next().unwrap_or_default();
        if !wires.iter().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let mut all = Vec::new();
        for (flow, places) in wires.iter().zip(&self.places) {
            for chunk in flow.chunks() {
                all.push(Chunk::new(self.arrange(&chunk.rows, places)?, chunk.arrived));
            }
        }
        Ok(vec![Flow::Fired(all)])
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{batch, check_schemas, context, flow, int, long, operator, plan, table, text};

    #[test]
    fn rows_follow_in_the_order_of_the_wires_and_columns_meet_by_name() {
        let first = batch(vec![("word", text(["a", "b"])), ("n", int([1, 2]))]);
        let second = batch(vec![("N", long([Some(3), None])), ("Word", text(["c", "d"]))]);
        let (mut union, schemas) = operator(&KIND, json!({}), &[first.schema(), second.schema()]);
        let out = union.process(vec![vec![flow(first.clone()), flow(second)]], &context()).unwrap();
        check_schemas(&out, &schemas);
        assert_eq!(table(&out[0]), ["a | 1", "b | 2", "c | 3", "d | null"]);
        assert_eq!(schemas[0].field(1), &Field::new("n", DataType::Int64, true));
        let out = union.process(vec![vec![flow(first), Flow::Idle]], &context()).unwrap();
        assert_eq!(table(&out[0]), ["a | 1", "b | 2"]);
        assert!(!union.process(vec![vec![Flow::Idle, Flow::Idle]], &context()).unwrap()[0].fired());
    }

    #[test]
    fn what_differs_is_named() {
        let first = batch(vec![("word", text(["a"])), ("n", int([1]))]).schema();
        for (columns, words) in [
            (vec![("word", text(["a"])), ("n", text(["x"]))], "column `n` is Utf8View, but Int32"),
            (vec![("wrod", text(["a"])), ("n", int([1]))], "did you mean `wrod`"),
            (vec![("word", text(["a"])), ("n", int([1])), ("z", int([1]))], "column `z` is not in the first wire"),
        ] {
            let Err(problems) = plan(&KIND, json!({}), &[Arc::clone(&first), batch(columns).schema()]) else {
                panic!("{words}: taken")
            };
            assert!(problems[0].message.contains(words), "{problems:?}");
        }
    }
}
