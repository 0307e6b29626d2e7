//! What people expect of a fold: Spark's recorded runs, and an oracle that goes row by row.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::KIND;
use crate::nodes::state::testing::{Drive, lines, link, refusals, sorted};
use crate::nodes::testdrive::words;
use crate::plan::StateFate;

fn pairs() -> Vec<Vec<(&'static str, i64)>> {
    vec![
        vec![("a", 1), ("b", 2), ("a", 3)],
        vec![("b", -5), ("中文", 7)],
        vec![],
        vec![("a", 10), ("é", 0), ("🙂", -1)],
        vec![("a", -4), ("b", 4), ("c", 100)],
        vec![],
        vec![],
        vec![("中文", -7), ("c", 1), ("c", 1)],
        vec![("a", 2)],
        vec![("", 9), ("b", 9_007_199_254_740_993)],
    ]
}

fn column(name: &str, initial: &str, update: &str) -> Value {
    json!({"name": name, "type": "bigint", "initial": initial, "update": update})
}

fn total(more: Value) -> Value {
    let mut params = json!({"by": ["word"], "state": [column("total", "0", "total + n")], "emit": "rows"});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

fn start(params: Value) -> Drive {
    Drive::new(&KIND, params, &[link(&words(&[]), None)])
}

/// Word and total of rows that carry the row's number between them.
fn totals(drive: &mut Drive, batch: &[(&str, i64)]) -> Vec<String> {
    let outputs = drive.feed(words(batch), None);
    let short = |row: &String| {
        let cells: Vec<&str> = row.split(' ').collect();
        format!("{} {}", cells[0], cells[2])
    };
    let mut rows: Vec<String> = lines(&outputs[0]).iter().map(short).collect();
    rows.sort();
    rows
}

fn sorted_words(rows: &[&str]) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|&row| row.to_owned()).collect();
    rows.sort();
    rows
}

#[test]
fn every_row_gives_the_state_after_it_as_map_with_state_does() {
    let mapped: [&[&str]; 10] = [
        &["a 1", "a 4", "b 2"],
        &["b -3", "中文 7"],
        &[],
        &["a 14", "é 0", "🙂 -1"],
        &["a 10", "b 1", "c 100"],
        &[],
        &[],
        &["c 101", "c 102", "中文 0"],
        &["a 12"],
        &[" 9", "b 9007199254740994"],
    ];
    let mut drive = start(total(json!({})));
    for (batch, wanted) in pairs().iter().zip(mapped) {
        assert_eq!(totals(&mut drive, batch), sorted_words(wanted));
    }
    assert_eq!(drive.operator.state_size().rows, 7);
}

#[test]
fn initial_states_are_folded_on_as_in_spark() {
    let mapped: [&[&str]; 5] =
        [&["a 11", "a 14", "b 2"], &["b -3", "中文 7"], &[], &["a 24", "é 0", "🙂 -1"], &["a 20", "b 1", "c 100"]];
    let initial = json!({"initial": r#"[["a", 10], ["z", 1]]"#});
    let mut drive = start(total(initial.clone()));
    for (batch, wanted) in pairs().iter().zip(mapped) {
        assert_eq!(totals(&mut drive, batch), sorted_words(wanted));
    }
    let mut keys = total(initial);
    keys["emit"] = json!("keys");
    let mut drive = start(keys);
    assert_eq!(sorted(&drive.feed(words(&pairs()[0]), None)[0]), ["a 14", "b 2", "z 1"]);
}

#[test]
fn a_key_is_removed_in_the_middle_of_a_batch_as_in_spark() {
    let mut params = total(json!({"remove_when": "total <= 0 AND seen > 1"}));
    params["state"] = json!([column("total", "0", "total + n"), column("seen", "0", "seen + 1")]);
    let mut drive = start(params);
    let mapped: [&[&str]; 10] = [
        &["a 1", "a 4", "b 2"],
        &["b -3", "中文 7"],
        &[],
        &["a 14", "é 0", "🙂 -1"],
        &["a 10", "b 4", "c 100"],
        &[],
        &[],
        &["c 101", "c 102", "中文 0"],
        &["a 12"],
        &[" 9", "b 9007199254740997"],
    ];
    for (batch, wanted) in pairs().iter().zip(mapped) {
        assert_eq!(totals(&mut drive, batch), sorted_words(wanted));
    }
    let outputs = drive.feed(words(&[("a", -12), ("a", 5), ("a", 1)]), None);
    assert_eq!(lines(&outputs[0]), ["a -12 0 6", "a 5 5 1", "a 1 6 2"]);
    assert_eq!(lines(&outputs[1]), ["a 0 6"]);
    assert_eq!(drive.counter("removed"), 1);
}

#[test]
fn keys_without_rows_are_updated_too_as_update_state_by_key_does() {
    let mut idle = column("idle", "0", "0");
    idle["idle"] = json!("idle + 1");
    let state = json!([column("total", "0", "total + n"), idle]);
    let mut drive = start(json!({"by": ["word"], "state": state, "remove_when": "idle > 2"}));
    let batches: [&[(&str, i64)]; 10] =
        [&[("a", 1), ("b", 1)], &[("a", 1)], &[], &[("b", 1)], &[], &[], &[("a", 1)], &[], &[], &[]];
    let states: [&[&str]; 10] = [
        &["a 1 0", "b 1 0"],
        &["a 2 0", "b 1 1"],
        &["a 2 1", "b 1 2"],
        &["a 2 2", "b 2 0"],
        &["b 2 1"],
        &["b 2 2"],
        &["a 1 0"],
        &["a 1 1"],
        &["a 1 2"],
        &[],
    ];
    for (batch, wanted) in batches.iter().zip(states) {
        assert_eq!(sorted(&drive.feed(words(batch), None)[0]), wanted);
    }
}

#[test]
fn silent_keys_leave_with_their_last_state() {
    let mut drive = start(total(json!({"expire_after": "3s"})));
    let idle: [(usize, &str, i64); 6] =
        [(0, "a", 1), (0, "b", 1), (1, "a", 2), (3, "中文", 5), (5, "a", 3), (13, "b", 7)];
    let mut left = Vec::new();
    for at in 0..19 {
        let rows: Vec<(&str, i64)> = idle.iter().filter(|row| row.0 == at).map(|row| (row.1, row.2)).collect();
        left.extend(lines(&drive.feed(words(&rows), None)[1]).into_iter().map(|row| format!("{at}: {row}")));
    }
    assert_eq!(left, ["4: b 1", "7: 中文 5", "9: a 6", "17: b 7"]);
}

#[test]
fn all_columns_are_updated_at_once_and_a_new_key_may_start_from_its_row() {
    let state = json!([
        {"name": "low", "type": "double", "initial": "n", "update": "least(low, n)"},
        {"name": "before", "type": "double", "update": "low"},
    ]);
    let mut drive = start(json!({"by": ["word"], "state": state, "emit": "changed"}));
    assert_eq!(lines(&drive.feed(words(&[("a", 5), ("a", 3)]), None)[0]), ["a 3.0 5.0"]);
    assert_eq!(lines(&drive.feed(words(&[("b", 1)]), None)[0]), ["b 1.0 1.0"]);
}

#[test]
fn what_does_not_fit_is_told_in_its_place() {
    let links = [link(&words(&[]), None)];
    let with = |state: Value| refusals(&KIND, json!({"by": ["word"], "state": state}), &links);
    assert!(with(json!([column("n", "0", "1")]))[0].contains("give the state another name"));
    assert!(with(json!([column("x", "0", "1"), column("X", "0", "1")]))[0].contains("two columns"));
    assert!(with(json!([column("x", "0", "upper(word)")]))[0].contains("gives string, but `x` is bigint"));
    assert!(with(json!([column("x", "0", "0.5 * n")]))[0].contains("CAST(... AS bigint)"));
    assert!(with(json!([column("x", "y", "1")]))[0].contains('y'));
    assert!(with(json!([]))[0].contains("add a column"));
    assert!(
        refusals(&KIND, json!({"by": [], "state": [column("x", "0", "1")]}), &links)[0].contains("choose the columns")
    );
}

#[test]
fn an_edit_keeps_the_columns_that_stay() {
    let links = [link(&words(&[]), None)];
    let mut drive = start(total(json!({"emit": "keys"})));
    drive.feed(words(&[("a", 5), ("b", 1)]), None);
    let state = json!([column("rows", "0", "coalesce(rows, 0) + 1"), column("total", "0", "total + 10 * n")]);
    let fate = drive.edit(json!({"by": ["word"], "state": state}), &links);
    assert_eq!(fate, StateFate::Partly("`rows` is null for the keys that are there; the rest goes on".to_owned()));
    assert_eq!(lines(&drive.feed(words(&[("b", 1), ("c", 1)]), None)[0]), ["a null 5", "b 1 11", "c 1 10"]);
    let fate = drive.edit(json!({"by": ["n"], "state": [column("x", "0", "1")]}), &links);
    assert!(matches!(fate, StateFate::Reset(sentence) if sentence.contains("`n` bigint instead of `word` string")));
}

#[test]
fn a_column_that_is_taken_away_comes_back_with_what_it_held() {
    let links = [link(&words(&[]), None)];
    let both = json!([column("total", "0", "total + n"), column("rows", "0", "coalesce(rows, 0) + 1")]);
    let one = json!([column("total", "0", "total + n")]);
    let of = |state: &Value| json!({"by": ["word"], "state": state, "remove_when": "total < 0"});
    let mut drive = start(of(&both));
    drive.feed(words(&[("a", 5), ("a", 1), ("b", 1), ("c", 2)]), None);
    let StateFate::Migrated(moved) = drive.edit(of(&one), &links) else { panic!("a column is parked") };
    assert_eq!((moved.kept, moved.parked), (vec!["total".to_owned()], vec!["rows".to_owned()]));
    assert_eq!(drive.operator.memory().parked_columns[0].fingerprint, "rows bigint");
    // `b` leaves and comes again, `d` is new: neither has had rows counted.
    assert_eq!(sorted(&drive.feed(words(&[("b", -9), ("b", 3), ("d", 1)]), None)[0]), ["a 6", "b 3", "c 2", "d 1"]);
    drive.feed(words(&[("c", -9)]), None);
    drive.feed(words(&[("c", 4)]), None);
    let StateFate::Migrated(moved) = drive.edit(of(&both), &links) else { panic!("a column is back") };
    assert_eq!((moved.resumed, moved.parked), (vec!["rows".to_owned()], vec![]));
    assert_eq!(sorted(&drive.feed(words(&[("a", 1)]), None)[0]), ["a 7 3", "b 3 null", "c 4 null", "d 1 null"]);
    assert_eq!(drive.operator.memory().parked_columns, []);
    // Another type under the same name is another column; the former one is kept beside it.
    let other = json!([column("total", "0", "total + n"), {"name": "rows", "type": "string", "update": "'x'"}]);
    assert!(matches!(drive.edit(of(&other), &links), StateFate::Migrated(moved) if moved.parked == ["rows"]));
    assert!(matches!(drive.edit(of(&both), &links), StateFate::Migrated(moved) if moved.resumed == ["rows"]));
    assert_eq!(sorted(&drive.feed(words(&[]), None)[0]), ["a 7 3", "b 3 null", "c 4 null", "d 1 null"]);
}

#[test]
fn what_is_set_aside_follows_its_keys_when_they_are_numbered_anew() {
    let links = [link(&words(&[]), None)];
    let both = json!([column("total", "0", "total + n"), column("most", "0", "greatest(most, n)")]);
    let one = json!([column("total", "0", "total + n")]);
    let of = |state: &Value| json!({"by": ["word"], "state": state, "emit": "changed", "remove_when": "total < 0"});
    let mut drive = start(of(&both));
    let names: Vec<String> = (0..4_000).map(|at| format!("key {at}")).collect();
    let all = |n: i64| names.iter().take(3_990).map(move |name| (name.as_str(), n)).collect::<Vec<_>>();
    let last = |n: i64| names.iter().skip(3_990).map(move |name| (name.as_str(), n)).collect::<Vec<_>>();
    drive.feed(words(&all(1)), None);
    drive.feed(words(&last(7)), None);
    drive.edit(of(&one), &links);
    drive.feed(words(&all(-5)), None);
    drive.feed(words(&last(1)), None);
    drive.edit(of(&both), &links);
    let shown = sorted(&drive.feed(words(&last(2)), None)[0]);
    assert_eq!(shown.len(), 10);
    assert!(shown.iter().all(|row| row.ends_with("10 7")), "{shown:?}");
}

/// What a fold remembers, gone through row by row.
#[derive(Default)]
struct Oracle {
    keys: BTreeMap<String, (i64, i64)>,
    removed: Vec<String>,
}

impl Oracle {
    fn settle(&mut self, key: &str) {
        let (acc, _) = self.keys[key];
        if acc % 5 == 0 {
            self.removed.push(format!("{key} {acc}"));
            self.keys.remove(key);
        }
    }

    fn batch(&mut self, rows: &[(String, i64)], at: i64, after: i64, emit: &str) -> (Vec<String>, Vec<String>) {
        self.removed.clear();
        let mut out = Vec::new();
        for (key, n) in rows {
            let acc = self.keys.get(key).map_or(7, |(acc, _)| *acc);
            let acc = (acc * 31 + n) % 1009;
            self.keys.insert(key.clone(), (acc, at));
            if emit == "rows" {
                out.push(format!("{key} {n} {acc}"));
            }
            self.settle(key);
        }
        let touched = |key: &String| rows.iter().any(|(other, _)| other == key);
        let idle: Vec<String> = self.keys.keys().filter(|key| !touched(key)).cloned().collect();
        for key in idle {
            self.keys.entry(key.clone()).and_modify(|(acc, _)| *acc += 1);
            self.settle(&key);
        }
        let silent: Vec<String> =
            self.keys.iter().filter(|(_, (_, last))| at - last > after).map(|(key, _)| key.clone()).collect();
        for key in silent {
            let (acc, _) = self.keys.remove(&key).unwrap();
            self.removed.push(format!("{key} {acc}"));
        }
        if emit != "rows" {
            let shown = self.keys.iter().filter(|(key, _)| emit == "keys" || touched(key));
            out.extend(shown.map(|(key, (acc, _))| format!("{key} {acc}")));
        }
        let mut removed = self.removed.clone();
        removed.sort();
        if emit != "rows" {
            out.sort();
        }
        (out, removed)
    }
}

proptest! {
    #[test]
    fn a_run_equals_going_row_by_row(
        batches in prop::collection::vec(prop::collection::vec((0u8..6, 0i64..40), 0..16), 1..16),
        after in 1i64..5,
        emit in prop::sample::select(vec!["rows", "keys", "changed"]),
        cut in 1usize..6,
    ) {
        let mut acc = column("acc", "7", "(acc * 31 + n) % 1009");
        acc["idle"] = json!("acc + 1");
        let mut drive = start(json!({
            "by": ["word"], "state": [acc], "emit": emit, "remove_when": "acc % 5 = 0",
            "expire_after": format!("{after}s"),
        }));
        let mut oracle = Oracle::default();
        for (at, rows) in (1i64..).zip(batches) {
            let rows: Vec<(String, i64)> = rows.into_iter().map(|(key, n)| (format!("key-{key}"), n)).collect();
            let chunk = |rows: &[(String, i64)]| -> RecordBatch {
                words(&rows.iter().map(|(key, n)| (key.as_str(), *n)).collect::<Vec<_>>())
            };
            let outputs = drive.batch(vec![Some(rows.chunks(cut).map(chunk).collect())], None);
            let (out, removed) = oracle.batch(&rows, at, after, emit);
            let shown = if emit == "rows" { lines(&outputs[0]) } else { sorted(&outputs[0]) };
            prop_assert_eq!(shown, out);
            prop_assert_eq!(sorted(&outputs[1]), removed);
            prop_assert_eq!(drive.operator.state_size().rows, oracle.keys.len() as u64);
        }
    }
}

/// `total` becomes ten over the amount added up, which fails for 0.
fn tenths(on_error: &str, emit: &str) -> Drive {
    let state = json!([column("first", "10 div n", "first"), column("total", "0", "total + 10 div n")]);
    start(json!({"by": ["word"], "state": state, "emit": emit, "on_error": on_error}))
}

#[test]
fn a_row_that_fails_changes_nothing_and_goes_aside_with_the_reason() {
    let mut drive = tenths("reject", "keys");
    let out = drive.feed(words(&[("a", 0), ("a", 5), ("b", 0), ("a", 0), ("c", 2)]), None);
    assert_eq!(sorted(&out[0]), ["a 2 2", "c 5 5"], "b has not begun; a began with its second row");
    let first = "division by zero in first: 10 div n";
    let rejected =
        [format!("a 0 {first}"), format!("b 0 {first}"), "a 0 division by zero in total: total + 10 div n".to_owned()];
    assert_eq!(lines(&out[2]), rejected);
    assert_eq!((drive.counter("rejected"), drive.operator.state_size().rows), (3, 2));
    let out = drive.feed(words(&[("b", 1), ("a", 0)]), None);
    assert_eq!(sorted(&out[0]), ["a 2 2", "b 10 10", "c 5 5"]);
    assert_eq!(drive.counter("rejected"), 1);
    let out = drive.feed(words(&[]), None);
    assert_eq!((lines(&out[2]), drive.counter("rejected")), (vec![], 0));
}

#[test]
fn of_every_row_shown_those_that_failed_are_left_out() {
    let mut drive = tenths("reject", "rows");
    let out = drive.batch(vec![Some(vec![words(&[("a", 5), ("a", 0)]), words(&[("b", 0)]), words(&[("a", 1)])])], None);
    assert_eq!(lines(&out[0]), ["a 5 2 2", "a 1 2 12"]);
    assert_eq!(out[2].row_count(), 2);
}

#[test]
fn what_fails_may_be_null_or_stop_the_node() {
    let mut drive = tenths("null", "keys");
    let out = drive.feed(words(&[("a", 5), ("a", 0), ("b", 0)]), None);
    assert_eq!(sorted(&out[0]), ["a 2 null", "b null null"]);
    assert_eq!((drive.counter("nulled"), out[2].row_count()), (3, 0));
    let params = json!({"by": ["word"], "state": [column("total", "0", "10 div n")], "on_error": "stop"});
    let node = crate::nodes::testdrive::operator(&KIND, &params.to_string(), &link(&words(&[]), None));
    let mut node = node;
    let inputs = vec![vec![crate::nodes::testing::flow(words(&[("a", 0)]))]];
    let error = node.process(inputs, &crate::nodes::testing::context()).unwrap_err();
    assert!(error.message.contains("division by zero"), "{error}");
}

#[test]
fn a_value_too_large_for_its_column_is_a_failure_too() {
    let state = json!([{"name": "small", "type": "int", "initial": "0", "update": "small + n"}]);
    let mut drive = start(json!({"by": ["word"], "state": state}));
    let out = drive.feed(words(&[("a", 2_147_483_647), ("a", 1)]), None);
    assert_eq!(lines(&out[0]), ["a 2147483647"]);
    assert_eq!(lines(&out[2]), ["a 1 the value is out of the range of int in small: small + n"]);
}

#[test]
fn a_row_that_fails_removes_nothing() {
    let state = json!([{"name": "total", "type": "bigint", "initial": "0", "update": "total + 10 div n",
        "idle": "total div (total - 2)"}]);
    let mut drive = start(json!({"by": ["word"], "state": state, "remove_when": "10 div (total - 7) < 0"}));
    let out = drive.feed(words(&[("a", 5), ("b", 2)]), None);
    assert_eq!((sorted(&out[0]), lines(&out[1])), (vec![], vec!["a 2".to_owned(), "b 5".to_owned()]));
    let out = drive.feed(words(&[("a", 1), ("a", 0)]), None);
    assert_eq!((sorted(&out[0]), out[1].row_count()), (vec!["a 10".to_owned()], 0));
    let out = drive.feed(words(&[("c", 1)]), None);
    assert_eq!(lines(&out[1]), ["a 1"], "10 div 8, and that is removed");
    assert_eq!(sorted(&out[0]), ["c 10"]);
}

#[test]
fn where_the_expression_without_rows_fails_the_state_stays() {
    let state = json!([{"name": "total", "type": "bigint", "initial": "0", "update": "total + n",
        "idle": "10 div (total - 2)"}]);
    let mut drive = start(json!({"by": ["word"], "state": state}));
    drive.feed(words(&[("a", 2), ("b", 7)]), None);
    let out = drive.feed(words(&[]), None);
    assert_eq!(sorted(&out[0]), ["a 2", "b 2"]);
    assert_eq!(drive.counter("nulled"), 1);
}
