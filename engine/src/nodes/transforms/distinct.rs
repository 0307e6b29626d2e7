//! `distinct`: keeps the first of equal rows of a batch or window.
//!
//! Keys are numbered in the order in which they are first seen, so a row is the first of its kind exactly when its
//! number is new.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{Schema, SchemaRef};
use serde::Deserialize;

use super::joining::{KeyTable, NullKeys, keep_rows, window_bounds};
use super::refusal::find_column;
use crate::aggregate::normalised;
use crate::plan::{
    BatchContext, Category, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Accepts, Default, Diagnostic, ParamKind, ParamSpec, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "distinct",
    title: "Distinct",
    summary: "Keeps the first of equal rows of a batch or window.",
    doc: "Of rows that are equal, only the first stays. With **columns**, rows count as equal if these columns are; the \
          first row then stays with all its columns. Nulls are equal to each other here.\n\n\
          With the column `word`:\n\n\
          | word | n | | word | n |\n|---|---|---|---|---|\n| `to` | 1 | | `to` | 1 |\n| `be` | 2 | | `be` | 2 |\n\
          | `to` | 3 | | | |\n\n\
          Without columns all three rows stay, because no two are equal in all columns.\n\n\
          Every batch stands alone: what came in a batch before is not remembered. Behind a window the rows of each \
          window are compared. Spark: `transform(rdd.distinct())`, `DataFrame.distinct`, `dropDuplicates` of one batch.",
    category: Category::Transform,
    icon: "C 6 8 3.5 C 10 8 3.5 D 8 8 1.2",
    base_name: "unique",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The first of equal rows.", ..PortSpec::OUT }],
    params: &[ParamSpec::new(
        "columns",
        "Columns",
        "The columns that make rows equal; none: all columns.",
        ParamKind::Columns { accepts: Accepts::Any },
    )
    .default(Default::Json("[]"))],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Distinct>(params.into())
            .map(|distinct| Box::new(distinct) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Distinct {
    columns: Vec<String>,
}

impl Node for Distinct {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let mut problems = Vec::new();
        let mut columns = Vec::new();
        for name in &self.columns {
            match find_column(schema, name) {
                Ok(at) => columns.push(at),
                Err(sentence) => problems.push(Diagnostic::error(sentence).param("columns")),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if self.columns.is_empty() {
            columns = (0..schema.fields().len()).collect();
        } else if let Some([_, end]) = window_bounds(schema) {
            // Several windows may fire in one batch: equal rows of different windows both stay.
            columns.push(end);
        }
        columns.sort_unstable();
        columns.dedup();
        let keys: SchemaRef = Arc::new(schema.project(&columns).unwrap_or_else(|_| Schema::empty()));
        if let Err(error) = KeyTable::new(&keys, NullKeys::Equal) {
            let sentence = format!("these columns cannot be compared: {error}; choose others");
            return Err(vec![Diagnostic::error(sentence).param("columns")]);
        }
        let output = LinkType::plain(Arc::clone(schema));
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(DistinctOperator { columns, keys }))))
    }
}

struct DistinctOperator {
    columns: Vec<usize>,
    keys: SchemaRef,
}

impl Operator for DistinctOperator {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle]) };
        let mut table = KeyTable::new(&self.keys, NullKeys::Equal)?;
        let mut next = 0;
        let mut kept = Vec::with_capacity(chunks.len());
        for chunk in &chunks {
            let keys: Vec<ArrayRef> = self.columns.iter().map(|at| normalised(chunk.rows.column(*at))).collect();
            let groups = table.groups(&keys, chunk.rows.num_rows())?;
            let is_first = |group: &u32| {
                let is_new = *group == next;
                next += u32::from(is_new);
                Some(is_new)
            };
            let mask: BooleanArray = groups.iter().map(is_first).collect();
            kept.extend(keep_rows(chunk, &mask)?);
        }
        Ok(vec![Flow::Fired(kept)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::nodes::testdrive::{self, Driver, shown, words};
    use crate::nodes::testing::{batch, int, operator, problems, run, table, text};
    use crate::spec::Span;
    use crate::window::WindowSpec;

    #[test]
    fn the_example_of_the_documentation_holds() {
        let rows = batch(vec![("word", text(["to", "be", "to"])), ("n", int([1, 2, 3]))]);
        assert_eq!(table(&run(&KIND, json!({"columns": ["Word"]}), rows.clone())[0]), ["to | 1", "be | 2"]);
        assert_eq!(table(&run(&KIND, json!({}), rows)[0]), ["to | 1", "be | 2", "to | 3"]);
    }

    #[test]
    fn nulls_and_fractions_that_are_equal_are_one() {
        let fractions = arrow::array::Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0]);
        let rows = batch(vec![("word", text([None, None, None, None, Some("a")])), ("x", Arc::new(fractions) as ArrayRef)]);
        assert_eq!(table(&run(&KIND, json!({}), rows)[0]).len(), 3);
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let found = problems(&KIND, json!({"columns": ["wrod"]}), &batch(vec![("word", text(["a"]))]).schema());
        assert!(found[0].message.contains("did you mean `word`?"), "{found:?}");
    }

    #[test]
    fn every_window_stands_alone() {
        let window = WindowSpec { length: Span::from_secs(1), slide: Span::from_millis(500), retain: Span::from_secs(1) };
        let link = LinkType { window: Some(window.into()), ..LinkType::plain(words(&[]).schema()) };
        let (plain, mut gather) = crate::nodes::gather(&link).unwrap();
        let mut distinct = testdrive::operator(&KIND, r#"{"columns":["word"]}"#, &plain);
        let mut driver = Driver::new(1.0);
        let seen = driver.feed(&mut *gather, vec![(0.1, words(&[("a", 1), ("a", 2)])), (0.6, words(&[("a", 3)]))]);
        let mut driver = Driver::new(1.0);
        assert_eq!(shown(&driver.step(&mut *distinct, seen)), ["-0.5 0.5 a 1", "0 1 a 1"]);
    }

    proptest! {
        #[test]
        fn the_first_of_each_stays_however_the_batch_is_cut(
            rows in prop::collection::vec((prop::option::of(0u8..4), 0i64..3), 0..40), cut in 1usize..9,
        ) {
            let names = ["a", "b", "c", "d"];
            let content = |rows: &[(Option<u8>, i64)]| {
                let word = |(word, _): &(Option<u8>, i64)| word.map(|at| names[usize::from(at)]);
                batch(vec![
                    ("word", text(rows.iter().map(word))),
                    ("n", crate::nodes::testing::long(rows.iter().map(|row| row.1))),
                ])
            };
            let nullable = Arc::new(Schema::new(vec![
                arrow::datatypes::Field::new("word", LinkType::TEXT, true),
                arrow::datatypes::Field::new("n", arrow::datatypes::DataType::Int64, true),
            ]));
            let chunks: Vec<_> = rows.chunks(cut).map(|rows| {
                let rows = content(rows).with_schema(Arc::clone(&nullable)).unwrap();
                crate::nodes::testing::chunk(rows)
            }).collect();
            let (mut distinct, _) = operator(&KIND, json!({}), &[nullable]);
            let out = distinct.process(vec![vec![Flow::Fired(chunks)]], &crate::nodes::testing::context()).unwrap();
            let mut expected: Vec<String> = Vec::new();
            for (word, n) in &rows {
                let line = format!("{} | {n}", word.map_or("null", |at| names[usize::from(at)]));
                if !expected.contains(&line) {
                    expected.push(line);
                }
            }
            prop_assert_eq!(table(&out[0]), expected);
        }
    }
}
