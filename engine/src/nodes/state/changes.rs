//! `changes`: of a table that comes whole in every batch, only what differs from the last time.
//!
//! Rows are compared as bytes of one encoding over all their columns, which covers every type and takes one pass.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, UInt32Array};
use arrow::compute::{concat_batches, take, take_record_batch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use serde::Deserialize;

use super::columns::{listed, positions, same_columns};
use crate::aggregate::{AggregateError, KeyedStore, compact, comparable, key_columns, key_schema};
use crate::expr::type_name;
use crate::nodes::grouping::{arrival, find};
use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, StateFate, StateSize, WindowUse, known,
};
use crate::spec::{Accepts, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// The column that says what became of a row.
const CHANGE: &str = "change";

/// `changes`.
pub const KIND: NodeKind = NodeKind {
    id: "changes",
    title: "Changes",
    summary: "Gives only what differs from the last time, key by key.",
    doc: DOC,
    category: Category::State,
    icon: "M 2.5 4 L 8 4 M 2.5 8 L 6 8 M 2.5 12 L 8 12 M 12 3 L 12 8 M 9.5 5.5 L 14.5 5.5 M 9.5 11.5 L 14.5 11.5",
    base_name: "changes",
    inputs: &[PortSpec { doc: "A table, whole in every batch.", ..PortSpec::IN }],
    outputs: &[PortSpec { doc: "The rows that differ, each with what became of it.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new(
            "by",
            "Key",
            "The columns by which a row is found again.",
            ParamKind::Columns { accepts: Accepts::Any },
        ),
        ParamSpec::new(
            "removed",
            "Tell removed",
            "Whether a key that is missing counts as removed. Off: it stays as it was, for inputs that bring only some \
             keys in each batch.",
            ParamKind::Toggle,
        )
        .default(Default::Toggle(true)),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Compares a table that comes whole in every batch with the last one, key by key, and gives the rows that differ, with a \
column `change` in front: *added*, *changed* or *removed* (with the values it had). A row that is the same in all \
columns is left out.

By `word`:

| batch | in: `word`, `n` | out |
|---|---|---|
| 0 | `a` 1, `b` 1 | *added* `a` 1, *added* `b` 1 |
| 1 | `a` 1, `b` 2 | *changed* `b` 2 |
| 2 | `b` 2, `c` 1 | *added* `c` 1, *removed* `a` 1 |

Of several rows of a key in a batch the last one counts. A batch in which the input does not fire changes nothing. \
Behind a window each slide is compared with the slide before: leave `window_start` and `window_end` out, or every row \
differs.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    by: Vec<String>,
    removed: bool,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Changes = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Changes {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        if self.by.is_empty() {
            let sentence = "rows are found again by a key; choose the columns that make it up";
            return Err(vec![Diagnostic::error(sentence).param("by")]);
        }
        let keys = positions(schema, &self.by, "by")?;
        if find(schema, CHANGE).is_some() {
            let sentence = "the input has a column `change` already; rename it in a map node before";
            return Err(vec![Diagnostic::error(sentence)]);
        }
        for field in schema.fields() {
            if !RowConverter::supports_fields(&[SortField::new(field.data_type().clone())]) {
                let word = type_name(field.data_type());
                let sentence = format!("`{}` is {word}, which cannot be compared; drop it before", field.name());
                return Err(vec![Diagnostic::error(sentence)]);
            }
        }
        let fields = schema.fields().iter().map(Arc::clone);
        let change = Arc::new(Field::new(CHANGE, LinkType::TEXT, false));
        let output = Arc::new(Schema::new([change].into_iter().chain(fields).collect::<Vec<_>>()));
        let operator = Differ::new(schema, keys, Arc::clone(&output), self.removed)
            .map_err(|error| vec![Diagnostic::error(format!("these keys cannot be compared: {error}")).param("by")])?;
        Ok(Planned::new(vec![LinkType::plain(output)], Stage::Operator(Box::new(operator))))
    }
}

struct Differ {
    input: SchemaRef,
    keys: Vec<usize>,
    output: SchemaRef,
    tells_removed: bool,
    store: KeyedStore,
}

impl Differ {
    fn new(
        input: &SchemaRef,
        keys: Vec<usize>,
        output: SchemaRef,
        tells_removed: bool,
    ) -> Result<Self, AggregateError> {
        let store = KeyedStore::new(&key_schema(input, &keys))?;
        Ok(Self { input: Arc::clone(input), keys, output, tells_removed, store })
    }

    /// Compares a table with the last one, and remembers it.
    fn compare(&mut self, rows: &RecordBatch) -> Result<Vec<RecordBatch>, NodeError> {
        let ids = self.store.intern(&key_columns(rows, &self.keys), rows.num_rows())?;
        let mut last = vec![u32::MAX; self.store.numbers()];
        for (row, &id) in (0u32..).zip(&ids) {
            last[id as usize] = row;
        }
        let current = |row: u32| last[ids[row as usize] as usize] == row;
        let picked: Vec<u32> = (0u32..).take(rows.num_rows()).filter(|&row| current(row)).collect();
        let ids: Vec<u32> = picked.iter().map(|&row| ids[row as usize]).collect();
        let table = take_record_batch(rows, &UInt32Array::from(picked))?;
        let is_known: Vec<bool> = ids.iter().map(|&id| self.store.contains(id)).collect();
        let differs = self.differing(&table, &ids, &is_known)?;
        let mut words = Vec::with_capacity(differs.len());
        words.extend(differs.iter().map(|&row| if is_known[row as usize] { "changed" } else { "added" }));
        let mut out = Vec::new();
        let changed = take_record_batch(&table, &UInt32Array::from(differs.clone()))?;
        let changed_ids: Vec<u32> = differs.iter().map(|&row| ids[row as usize]).collect();
        out.push(self.told(&words, changed.columns())?);
        if self.tells_removed {
            let gone: Vec<u32> = self.store.ids().into_iter().filter(|&id| last[id as usize] == u32::MAX).collect();
            if !gone.is_empty() {
                let columns = self.store.gather(&gone)?;
                out.push(self.told(&vec!["removed"; gone.len()], &columns)?);
                self.store.remove(&gone);
            }
        }
        self.store.put(&changed_ids, changed.columns().iter().map(compact).collect())?;
        self.store.tidy()?;
        Ok(out)
    }

    /// The rows that are new, or of which any column differs from what is remembered.
    fn differing(&self, table: &RecordBatch, ids: &[u32], is_known: &[bool]) -> Result<Vec<u32>, NodeError> {
        let known: Vec<u32> = (0u32..).zip(is_known).filter(|(_, known)| **known).map(|(row, _)| row).collect();
        let mut differs: Vec<bool> = is_known.iter().map(|known| !known).collect();
        if !known.is_empty() {
            let known_ids: Vec<u32> = known.iter().map(|&row| ids[row as usize]).collect();
            let before = comparable(&self.store.gather(&known_ids)?);
            let rows = UInt32Array::from(known.clone());
            let now = table.columns().iter().map(|column| take(column, &rows, None)).collect::<Result<Vec<_>, _>>()?;
            let now = comparable(&now);
            let fields = now.iter().map(|column| SortField::new(column.data_type().clone())).collect();
            let converter = RowConverter::new(fields)?;
            let (before, now) = (converter.convert_columns(&before)?, converter.convert_columns(&now)?);
            for ((row, before), now) in known.iter().zip(&before).zip(&now) {
                differs[*row as usize] = before != now;
            }
        }
        Ok((0u32..).zip(differs).filter(|(_, differs)| *differs).map(|(row, _)| row).collect())
    }

    fn told(&self, words: &[&str], columns: &[ArrayRef]) -> Result<RecordBatch, NodeError> {
        let change: ArrayRef = Arc::new(words.iter().map(|word| Some(*word)).collect::<StringViewArray>());
        let columns = [change].into_iter().chain(columns.iter().map(Arc::clone)).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?)
    }
}

impl Operator for Differ {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        if !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let chunks = inputs.iter().flatten().flat_map(Flow::chunks).map(|chunk| &chunk.rows);
        let rows = concat_batches(&self.input, chunks)?;
        let out = self.compare(&rows)?.into_iter().filter(|rows| rows.num_rows() > 0);
        Ok(vec![Flow::Fired(out.map(|rows| Chunk::new(rows, arrival(&inputs, context))).collect())])
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
                "rows are found again by {} instead of {}, so all of them count as added",
                listed(&keys),
                listed(&former)
            ));
        }
        if self.input == old.input { Ok(()) } else { Err("the columns changed, so all rows count as added".to_owned()) }
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
    use crate::nodes::state::testing::{Drive, lines, link, nullable, refusals, sorted};
    use crate::nodes::testdrive::words;
    use crate::nodes::testing::{batch, text};

    fn drive(params: serde_json::Value) -> Drive {
        Drive::new(&KIND, params, &[link(&words(&[]), None)])
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let mut changes = drive(json!({"by": ["word"]}));
        assert_eq!(lines(&changes.feed(words(&[("a", 1), ("b", 1)]), None)[0]), ["added a 1", "added b 1"]);
        assert_eq!(lines(&changes.feed(words(&[("a", 1), ("b", 2)]), None)[0]), ["changed b 2"]);
        assert!(!changes.batch(vec![None], None)[0].fired());
        assert_eq!(lines(&changes.feed(words(&[("b", 2), ("c", 1)]), None)[0]), ["added c 1", "removed a 1"]);
    }

    #[test]
    fn a_missing_key_may_stay_as_it_was() {
        let mut changes = drive(json!({"by": ["word"], "removed": false}));
        changes.feed(words(&[("a", 1)]), None);
        assert_eq!(lines(&changes.feed(words(&[("b", 1)]), None)[0]), ["added b 1"]);
        assert_eq!(lines(&changes.feed(words(&[("a", 1)]), None)[0]), [] as [&str; 0]);
        assert_eq!(changes.edit(json!({"by": ["word"]}), &[link(&words(&[]), None)]), StateFate::Kept);
        assert!(matches!(changes.edit(json!({"by": ["n"]}), &[link(&words(&[]), None)]), StateFate::Reset(_)));
    }

    #[test]
    fn nulls_are_values_and_clashes_are_told() {
        let rows =
            |values: [Option<&'static str>; 2]| nullable(&batch(vec![("k", text(["x", "y"])), ("v", text(values))]));
        let mut changes = Drive::new(&KIND, json!({"by": ["k"]}), &[link(&rows([None; 2]), None)]);
        changes.feed(rows([None, Some("1")]), None);
        assert_eq!(lines(&changes.feed(rows([None, None]), None)[0]), ["changed y null"]);
        let clash = nullable(&batch(vec![("k", text(["x"])), ("Change", text(["x"]))]));
        assert!(refusals(&KIND, json!({"by": ["k"]}), &[link(&clash, None)])[0].contains("rename it"));
        assert!(refusals(&KIND, json!({"by": []}), &[link(&clash, None)])[0].contains("choose the columns"));
    }

    proptest! {
        #[test]
        fn the_changes_rebuild_every_table(
            tables in prop::collection::vec(prop::collection::vec((0u8..12, 0i64..3), 0..14), 1..14),
        ) {
            let mut changes = drive(json!({"by": ["word"]}));
            let mut last: BTreeMap<String, i64> = BTreeMap::new();
            for table in tables {
                let rows: Vec<(String, i64)> = table.iter().map(|(word, n)| (format!("w{word}"), *n)).collect();
                let borrowed: Vec<(&str, i64)> = rows.iter().map(|(word, n)| (word.as_str(), *n)).collect();
                let next: BTreeMap<String, i64> = rows.iter().cloned().collect();
                let mut expected: Vec<String> = Vec::new();
                for (word, n) in &next {
                    match last.get(word) {
                        None => expected.push(format!("added {word} {n}")),
                        Some(before) if before != n => expected.push(format!("changed {word} {n}")),
                        Some(_) => {}
                    }
                }
                let gone = last.iter().filter(|(word, _)| !next.contains_key(*word));
                expected.extend(gone.map(|(word, n)| format!("removed {word} {n}")));
                expected.sort();
                prop_assert_eq!(sorted(&changes.feed(words(&borrowed), None)[0]), expected);
                last = next;
            }
        }
    }
}
