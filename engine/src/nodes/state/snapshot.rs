//! `snapshot`: the latest row of every key, as one table every so many batches.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::columns::{listed, positions, same_columns};
use crate::aggregate::{KeyedStore, compact, key_columns, key_schema};
use crate::nodes::grouping::arrival;
use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, StateFate, StateSize, WindowUse, known,
};
use crate::spec::{Accepts, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// `snapshot`.
pub const KIND: NodeKind = NodeKind {
    id: "snapshot",
    title: "Snapshot",
    summary: "Gives the latest row of every key, whole, every so many batches.",
    doc: DOC,
    category: Category::State,
    icon: "M 2 5 L 5 5 L 6 3 L 10 3 L 11 5 L 14 5 L 14 13 L 2 13 Z C 8 9 2.6",
    base_name: "snapshot",
    inputs: &[PortSpec { doc: "Rows of which the latest of each key counts.", ..PortSpec::IN }],
    outputs: &[PortSpec { doc: "The latest row of every key.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new("by", "Key", "The columns that make up a key.", ParamKind::Columns { accepts: Accepts::Any }),
        ParamSpec::new(
            "every",
            "Every",
            "How many batches lie between two snapshots. 1: one in every batch.",
            ParamKind::Integer { min: 1, max: 1_000_000_000 },
        )
        .default(Default::Integer(10)),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Remembers the latest row of every key and gives all of them as one table, every so many batches; in between it does \
not fire. Behind **Running** that emits what changed, it is a picture of the whole state now and then.

By `word`, every 2 batches:

| batch | in: `word`, `n` | out |
|---|---|---|
| 0 | `a` 1, `b` 1 | *(does not fire)* |
| 1 | `b` 2 | `a` 1, `b` 2 |
| 2 | `c` 1 | *(does not fire)* |
| 3 | *(nothing)* | `a` 1, `b` 2, `c` 1 |

Rows come in the order in which their keys were first seen. Keys are not forgotten.

Spark: `stateSnapshots`.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    by: Vec<String>,
    every: u64,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Snapshot = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Snapshot {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        if self.by.is_empty() {
            let sentence = "the latest row of each key is kept; choose the columns that make up a key";
            return Err(vec![Diagnostic::error(sentence).param("by")]);
        }
        let keys = positions(schema, &self.by, "by")?;
        let store = KeyedStore::new(&key_schema(schema, &keys))
            .map_err(|error| vec![Diagnostic::error(format!("these keys cannot be compared: {error}")).param("by")])?;
        let operator = Latest { input: Arc::clone(schema), keys, every: self.every.max(1), store };
        Ok(Planned::new(vec![LinkType::plain(Arc::clone(schema)).revised()], Stage::Operator(Box::new(operator))))
    }
}

struct Latest {
    input: SchemaRef,
    keys: Vec<usize>,
    every: u64,
    store: KeyedStore,
}

impl Latest {
    fn remember(&mut self, rows: &RecordBatch) -> Result<(), NodeError> {
        let ids = self.store.intern(&key_columns(rows, &self.keys), rows.num_rows())?;
        let last: HashMap<u32, u32> = ids.iter().copied().zip(0u32..).collect();
        let is_last = |row: u32| last.get(&ids[row as usize]) == Some(&row);
        let picked: Vec<u32> = (0u32..).take(rows.num_rows()).filter(|&row| is_last(row)).collect();
        let ids: Vec<u32> = picked.iter().map(|&row| ids[row as usize]).collect();
        let picked = UInt32Array::from(picked);
        let column = |column: &ArrayRef| take(column, &picked, None).map(|column| compact(&column));
        let columns = rows.columns().iter().map(column).collect::<Result<Vec<_>, _>>()?;
        Ok(self.store.put(&ids, columns)?)
    }
}

impl Operator for Latest {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks) {
            self.remember(&chunk.rows)?;
        }
        if !(context.batch + 1).is_multiple_of(self.every) {
            return Ok(vec![Flow::Idle]);
        }
        let ids = self.store.ids();
        if ids.is_empty() {
            return Ok(vec![Flow::Fired(Vec::new())]);
        }
        let rows = RecordBatch::try_new(Arc::clone(&self.input), self.store.gather(&ids)?)?;
        Ok(vec![Flow::Fired(vec![Chunk::new(rows, arrival(&inputs, context))])])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.store.len() as u64, bytes: self.store.size() as u64 }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Ok(()) };
        let (keys, former) = (key_schema(&self.input, &self.keys), key_schema(&old.input, &old.keys));
        if !same_columns(&keys, &former) {
            return Err(format!(
                "rows belong to {} instead of {}, so the table is collected anew",
                listed(&keys),
                listed(&former)
            ));
        }
        if self.input == old.input {
            Ok(())
        } else {
            Err("the columns changed, so the table is collected anew".to_owned())
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.store = old.store;
        StateFate::Kept
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::nodes::state::testing::{Drive, lines, link, sorted};
    use crate::nodes::testdrive::words;

    fn drive(every: u64) -> Drive {
        Drive::new(&KIND, json!({"by": ["word"], "every": every}), &[link(&words(&[]), None)])
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let mut snapshot = drive(2);
        assert!(!snapshot.feed(words(&[("a", 1), ("b", 1)]), None)[0].fired());
        assert_eq!(lines(&snapshot.feed(words(&[("b", 2)]), None)[0]), ["a 1", "b 2"]);
        assert!(!snapshot.feed(words(&[("c", 1)]), None)[0].fired());
        assert_eq!(lines(&snapshot.batch(vec![None], None)[0]), ["a 1", "b 2", "c 1"]);
    }

    #[test]
    fn another_pace_keeps_the_table_and_another_key_does_not() {
        let mut snapshot = drive(1);
        snapshot.feed(words(&[("a", 1)]), None);
        let links = [link(&words(&[]), None)];
        assert_eq!(snapshot.edit(json!({"by": ["word"], "every": 2}), &links), StateFate::Kept);
        assert_eq!(lines(&snapshot.feed(words(&[]), None)[0]), ["a 1"]);
        assert!(matches!(snapshot.edit(json!({"by": ["n"]}), &links), StateFate::Reset(_)));
    }

    proptest! {
        #[test]
        fn the_table_is_the_latest_row_of_every_key(
            batches in prop::collection::vec(prop::collection::vec((0u8..9, 0i64..100), 0..12), 1..14),
            every in 1u64..4,
        ) {
            let mut snapshot = drive(every);
            let mut latest: BTreeMap<String, i64> = BTreeMap::new();
            for (at, rows) in (1u64..).zip(batches) {
                let rows: Vec<(String, i64)> = rows.into_iter().map(|(word, n)| (format!("w{word}"), n)).collect();
                let borrowed: Vec<(&str, i64)> = rows.iter().map(|(word, n)| (word.as_str(), *n)).collect();
                latest.extend(rows.iter().cloned());
                let out = snapshot.feed(words(&borrowed), None);
                let expected: Vec<String> = latest.iter().map(|(word, n)| format!("{word} {n}")).collect();
                prop_assert_eq!(out[0].fired(), at % every == 0);
                prop_assert_eq!(sorted(&out[0]), if at % every == 0 { expected } else { Vec::new() });
            }
        }
    }
}
