//! Both ways of keeping rows against a map.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, ListArray, StringViewArray};
use arrow::datatypes::Int64Type;
use proptest::prelude::*;

use super::ColumnStore;

#[derive(Debug, Clone, PartialEq)]
struct Row {
    number: Option<i64>,
    text: Option<String>,
    flag: Option<bool>,
}

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<(u32, Row)>),
    Remove(Vec<u32>),
    Convert,
}

fn row() -> impl Strategy<Value = Row> {
    let text = prop_oneof![Just(String::new()), "[ab]{1,12}", "[ab]{13,20}", "[a-c]{9000}"];
    (prop::option::of(any::<i64>()), prop::option::of(text), prop::option::of(any::<bool>()))
        .prop_map(|(number, text, flag)| Row { number, text, flag })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::btree_map(0u32..30, row(), 0..12)
            .prop_map(|rows| Step::Put(rows.into_iter().rev().collect())),
        2 => prop::collection::vec(0u32..40, 0..8).prop_map(Step::Remove),
        1 => Just(Step::Convert),
    ]
}

/// The rows as columns; with a list among them they cannot be written in place.
fn columns(rows: &[Row], with_list: bool) -> Vec<ArrayRef> {
    let numbers: Int64Array = rows.iter().map(|row| row.number).collect();
    let texts: StringViewArray = rows.iter().map(|row| row.text.as_deref()).collect();
    let flags: BooleanArray = rows.iter().map(|row| row.flag).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(texts), Arc::new(flags)];
    if with_list {
        let lists = rows.iter().map(|row| row.number.map(|number| vec![Some(number), None]));
        columns.push(Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)));
    }
    columns
}

proptest! {
    #[test]
    fn a_store_holds_what_was_written_last(steps in prop::collection::vec(step(), 1..25), with_list: bool) {
        let mut store = ColumnStore::default();
        let mut model: BTreeMap<u32, Row> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(rows) => {
                    let (ids, rows): (Vec<u32>, Vec<Row>) = rows.into_iter().unzip();
                    store.put(&ids, columns(&rows, with_list)).unwrap();
                    model.extend(ids.into_iter().zip(rows));
                }
                Step::Remove(ids) => {
                    let removed = ids.iter().filter(|id| model.remove(id).is_some()).count();
                    prop_assert_eq!(store.remove(&ids), removed);
                }
                Step::Convert => store.convert(|columns, _| Ok(columns)).unwrap(),
            }
            for id in 0..45 {
                prop_assert_eq!(store.contains(id), model.contains_key(&id));
            }
            let (ids, rows): (Vec<u32>, Vec<Row>) = model.iter().rev().map(|(id, row)| (*id, row.clone())).unzip();
            if !ids.is_empty() {
                prop_assert_eq!(store.gather(&ids).unwrap(), columns(&rows, with_list));
                prop_assert!(store.size() > 0);
            }
        }
    }

    #[test]
    fn texts_that_were_replaced_do_not_add_up(rounds in 20usize..60) {
        let mut store = ColumnStore::default();
        for round in 0..rounds {
            let text = format!("{round} {}", "x".repeat(20_000));
            let rows = [Row { number: None, text: Some(text), flag: None }];
            store.put(&[3], columns(&rows, false)).unwrap();
        }
        prop_assert!(store.size() < 400_000, "{} bytes for one text of 20,000", store.size());
    }
}

#[test]
fn an_id_without_a_row_is_told() {
    let mut store = ColumnStore::default();
    assert!(store.gather(&[7]).unwrap_err().0.contains("group 7"));
    assert!(store.gather(&[]).unwrap().is_empty());
    let row = [Row { number: Some(1), text: None, flag: None }];
    store.put(&[1], columns(&row, false)).unwrap();
    store.remove(&[1]);
    assert!(store.gather(&[1]).is_err());
    store.convert(|columns, _| Ok(columns)).unwrap();
    assert!(!store.contains(1));
}
