//! What people expect of running aggregates: Spark's recorded runs, and oracles that keep a map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use serde_json::{Value, json};

use super::KIND;
use crate::nodes::state::testing::{Drive, lines, link, nullable, refusals, sorted, times, watermark};
use crate::nodes::testdrive::{Driver, operator, shown, words};
use crate::nodes::testing::{batch as rows_of_columns, long, text};
use crate::plan::{LinkType, StateFate};

fn input() -> LinkType {
    LinkType::plain(words(&[]).schema())
}

#[test]
fn the_example_of_the_documentation_holds() {
    for (emit, out) in [
        ("changed", [vec!["a 2", "b 1"], vec!["b 2"], vec![]]),
        ("all", [vec!["a 2", "b 1"], vec!["a 2", "b 2"], vec!["a 2", "b 2"]]),
    ] {
        let mut running = operator(&KIND, &format!(r#"{{"by":["word"],"emit":"{emit}"}}"#), &input());
        let mut driver = Driver::new(1.0);
        let first = words(&[("a", 1), ("b", 1), ("a", 1)]);
        assert_eq!(shown(&driver.feed(&mut *running, vec![(0.1, first)])), out[0]);
        assert_eq!(shown(&driver.feed(&mut *running, vec![(1.1, words(&[("b", 1)]))])), out[1]);
        assert_eq!(shown(&driver.feed(&mut *running, vec![])), out[2]);
    }
}

#[test]
fn without_keys_the_one_group_shows_at_every_batch() {
    let mut running = operator(&KIND, "{}", &input());
    let mut driver = Driver::new(1.0);
    assert_eq!(shown(&driver.feed(&mut *running, vec![])), ["0"]);
    assert_eq!(shown(&driver.feed(&mut *running, vec![(1.1, words(&[("b", 1)]))])), ["1"]);
    assert_eq!(shown(&driver.feed(&mut *running, vec![])), ["1"]);
}

#[test]
fn an_edit_keeps_what_stays() {
    let params = r#"{"by":["word"],"aggregates":[{"function":"count"},{"function":"max","argument":"n"}]}"#;
    let mut before = operator(&KIND, params, &input());
    let mut driver = Driver::new(1.0);
    driver.feed(&mut *before, vec![(0.1, words(&[("a", 7), ("b", 1)]))]);
    let params = r#"{"by":["word"],"emit":"all",
        "aggregates":[{"function":"max","argument":"n"},{"function":"sum","argument":"n"}]}"#;
    let mut after = operator(&KIND, params, &input());
    let StateFate::Migrated(moved) = after.take_over(before) else { panic!("must be kept by column") };
    assert_eq!(
        (moved.kept, moved.begun, moved.parked),
        (vec!["max_n".into()], vec!["sum_n".into()], vec!["count".into()])
    );
    let shown = shown(&driver.feed(&mut *after, vec![(1.1, words(&[("a", 2)]))]));
    assert_eq!(shown, ["a 7 2", "b 1 null"]);
}

proptest! {
    #[test]
    fn a_run_equals_counting_everything_anew(
        batches in prop::collection::vec(prop::collection::vec((0u8..40, -50i64..50), 0..60), 1..20),
    ) {
        let params = r#"{"by":["word"],"emit":"all","aggregates":[{"function":"count"},
            {"function":"sum","argument":"n"},{"function":"min","argument":"n"},
            {"function":"last","argument":"n"},{"function":"count_distinct","argument":"n"}]}"#;
        let mut running = operator(&KIND, params, &input());
        let mut driver = Driver::new(1.0);
        let mut rows_of: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for batch in batches {
            let batch: Vec<(String, i64)> =
                batch.into_iter().map(|(word, n)| (format!("a word of some length {word}"), n)).collect();
            let rows: Vec<(&str, i64)> = batch.iter().map(|(word, n)| (word.as_str(), *n)).collect();
            let flow = driver.feed(&mut *running, vec![(0.0, words(&rows))]);
            for (word, n) in &batch {
                rows_of.entry(word.clone()).or_default().push(*n);
            }
            let mut out = shown(&flow);
            out.sort();
            let expected: Vec<String> = rows_of.iter().map(|(word, values)| {
                let mut distinct = values.clone();
                distinct.sort_unstable();
                distinct.dedup();
                let sum: i64 = values.iter().sum();
                let last = values[values.len() - 1];
                format!("{word} {} {sum} {} {last} {}", values.len(), distinct[0], distinct.len())
            }).collect();
            let mut expected = expected;
            expected.sort();
            prop_assert_eq!(out, expected);
        }
    }
}

/// The batches of the parity cases.
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

fn summing(more: &Value) -> Value {
    let mut params =
        json!({"by": ["word"], "emit": "all", "aggregates": [{"function": "sum", "argument": "n", "name": "total"}]});
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

fn start(params: Value) -> Drive {
    Drive::new(&KIND, params, &[link(&words(&[]), None)])
}

fn expect(drive: &mut Drive, batches: &[Vec<(&str, i64)>], expected: &[&[&str]]) {
    assert_eq!(batches.len(), expected.len());
    for (at, (batch, wanted)) in batches.iter().zip(expected).enumerate() {
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(sorted(&drive.feed(words(batch), None)[0]), wanted, "batch {at}");
    }
}

#[test]
fn a_running_sum_shows_every_key_as_update_state_by_key_does() {
    let all: [&[&str]; 10] = [
        &["a 4", "b 2"],
        &["a 4", "b -3", "中文 7"],
        &["a 4", "b -3", "中文 7"],
        &["a 14", "b -3", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 1", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 1", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 1", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 1", "c 102", "é 0", "中文 0", "🙂 -1"],
        &["a 12", "b 1", "c 102", "é 0", "中文 0", "🙂 -1"],
        &[" 9", "a 12", "b 9007199254740994", "c 102", "é 0", "中文 0", "🙂 -1"],
    ];
    expect(&mut start(summing(&json!({}))), &pairs(), &all);
}

#[test]
fn initial_rows_are_there_before_the_first_as_in_spark() {
    let batches =
        [vec![("a", 1)], vec![], vec![("b", 2), ("z", -1)], vec![("中文", 1)], vec![("a", 1), ("a", 1)], vec![]];
    let all: [&[&str]; 6] = [
        &["a 11", "z 1", "é 0"],
        &["a 11", "z 1", "é 0"],
        &["a 11", "b 2", "z 0", "é 0"],
        &["a 11", "b 2", "z 0", "é 0", "中文 1"],
        &["a 13", "b 2", "z 0", "é 0", "中文 1"],
        &["a 13", "b 2", "z 0", "é 0", "中文 1"],
    ];
    let params = summing(&json!({"initial": r#"[["a", 10], ["z", 1], ["é", 0]]"#}));
    expect(&mut start(params), &batches, &all);
}

#[test]
fn counts_and_extremes_can_start_from_values_and_means_cannot() {
    let aggregates = json!([
        {"function": "count", "name": "c"}, {"function": "min", "argument": "n", "name": "low"},
        {"function": "max", "argument": "n", "name": "high"}, {"function": "first", "argument": "n", "name": "f"},
        {"function": "last", "argument": "n", "name": "l"}, {"function": "sum", "argument": "CAST(n AS double) / 2", "name": "s"}
    ]);
    let with =
        |aggregates: &Value, initial: &str| json!({"by": ["word"], "aggregates": aggregates, "initial": initial});
    let mut drive = start(with(&aggregates, r#"[["a", 7, 3, 4, 9, 8, 1.5], ["b", 1, null, 0, 0, 0, 0]]"#));
    assert_eq!(lines(&drive.feed(words(&[("a", 5)]), None)[0]), ["a 8 3 5 9 5 4.0"]);
    let links = [link(&words(&[]), None)];
    let found = refusals(&KIND, with(&json!([{"function": "avg", "argument": "n"}]), r#"[["a", 1]]"#), &links);
    assert!(found[0].contains("start sum and count"), "{found:?}");
    for (initial, words) in [
        (r#"[["a"]]"#, "row 1 has 1 values instead of 7"),
        ("a, 1", "write a list for each key"),
        (r#"[["a","x",0,0,0,0,0]]"#, "the columns are word, c, low"),
        (r#"[["a",1,0,0,0,0,0],["a",2,0,0,0,0,0]]"#, "give each key once"),
    ] {
        let found = refusals(&KIND, with(&aggregates, initial), &links);
        assert!(found[0].contains(words), "{initial}: {found:?}");
    }
}

#[test]
fn a_null_key_has_a_state_of_its_own_as_in_spark() {
    let rows = |rows: &[(Option<&'static str>, i64)]| {
        let columns = vec![("word", text(rows.iter().map(|row| row.0))), ("n", long(rows.iter().map(|row| row.1)))];
        nullable(&rows_of_columns(columns))
    };
    let mut drive = start(summing(&json!({})));
    assert_eq!(sorted(&drive.feed(rows(&[(None, 1), (Some("a"), 1)]), None)[0]), ["a 1", "null 1"]);
    assert_eq!(sorted(&drive.feed(rows(&[(None, -3), (Some(""), 3)]), None)[0]), [" 3", "a 1", "null -2"]);
}

#[test]
fn silent_keys_leave_with_their_last_values_at_the_tick_when_they_are_due() {
    let mut drive = start(summing(&json!({"expire_after": "3s", "emit": "changed"})));
    let idle: [(usize, &str, i64); 8] =
        [(0, "a", 1), (0, "b", 1), (1, "a", 2), (3, "中文", 5), (5, "a", 3), (13, "b", 7), (17, "c", 1), (18, "c", 1)];
    let (mut live, mut left) = (Vec::new(), Vec::new());
    for at in 0..22 {
        let rows: Vec<(&str, i64)> = idle.iter().filter(|row| row.0 == at).map(|row| (row.1, row.2)).collect();
        let outputs = drive.feed(words(&rows), None);
        live.extend(lines(&outputs[0]).into_iter().map(|row| format!("{at}: {row}")));
        left.extend(lines(&outputs[1]).into_iter().map(|row| format!("{at}: {row}")));
    }
    assert_eq!(live, ["0: a 1", "0: b 1", "1: a 3", "3: 中文 5", "5: a 6", "13: b 7", "17: c 1", "18: c 2"]);
    // Spark finds the same keys, but looks for them at every tenth batch only.
    assert_eq!(left, ["4: b 1", "7: 中文 5", "9: a 6", "17: b 7"]);
}

#[test]
fn a_condition_removes_keys_which_then_begin_anew_as_in_spark() {
    let aggregates = json!([{"function": "sum", "argument": "n", "name": "total"}, {"function": "count", "name": "c"}]);
    let mut drive = start(summing(&json!({"aggregates": aggregates, "remove_when": "total <= 0 AND c > 1"})));
    let snapshots: [&[&str]; 10] = [
        &["a 4", "b 2"],
        &["a 4", "中文 7"],
        &["a 4", "中文 7"],
        &["a 14", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 4", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 4", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 4", "c 100", "é 0", "中文 7", "🙂 -1"],
        &["a 10", "b 4", "c 102", "é 0", "🙂 -1"],
        &["a 12", "b 4", "c 102", "é 0", "🙂 -1"],
        &[" 9", "a 12", "b 9007199254740997", "c 102", "é 0", "🙂 -1"],
    ];
    let mut removed = Vec::new();
    for (batch, wanted) in pairs().iter().zip(snapshots) {
        let outputs = drive.feed(words(batch), None);
        let shown: Vec<String> =
            lines(&outputs[0]).iter().map(|row| row.rsplit_once(' ').unwrap().0.to_owned()).collect();
        let mut shown = shown;
        shown.sort();
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(shown, wanted);
        removed.extend(lines(&outputs[1]));
    }
    assert_eq!(removed, ["b -3 2", "中文 0 2"]);
}

#[test]
fn without_keys_nothing_can_leave() {
    for (param, value) in [("expire_after", "3s"), ("remove_when", "count > 1"), ("initial", "[[1]]")] {
        let found = refusals(&KIND, json!({param: value}), &[link(&words(&[]), None)]);
        assert!(found[0].contains("group by a column"), "{found:?}");
    }
}

#[test]
fn a_shorter_expiry_holds_for_the_keys_that_are_there() {
    let mut drive = start(summing(&json!({"expire_after": "10s"})));
    drive.feed(words(&[("a", 1)]), None);
    let links = [link(&words(&[]), None)];
    assert_eq!(drive.edit(summing(&json!({"expire_after": "1s"})), &links), StateFate::Kept);
    assert_eq!(lines(&drive.feed(words(&[]), None)[1]), [] as [&str; 0]);
    assert_eq!(lines(&drive.feed(words(&[]), None)[1]), ["a 1"]);
    drive.feed(words(&[("b", 1)]), None);
    assert_eq!(drive.edit(summing(&json!({})), &links), StateFate::Kept);
    assert_eq!(drive.edit(summing(&json!({"expire_after": "1s"})), &links), StateFate::Kept);
    drive.feed(words(&[]), None);
    assert_eq!(lines(&drive.feed(words(&[]), None)[1]), [] as [&str; 0], "a new expiry counts from its first batch");
    assert_eq!(lines(&drive.feed(words(&[]), None)[1]), ["b 1"]);
}

#[test]
fn keys_that_left_leave_no_trace_and_the_others_go_on() {
    let mut drive = start(summing(&json!({"expire_after": "1s", "emit": "changed"})));
    for round in 0..14 {
        let fresh: Vec<String> = (0..900).map(|n| format!("key {round} {n}")).collect();
        let rows: Vec<(&str, i64)> = fresh.iter().map(|key| (key.as_str(), 1)).chain([("stays", 1)]).collect();
        let outputs = drive.feed(words(&rows), None);
        assert_eq!(lines(&outputs[0]).last().unwrap(), &format!("stays {}", round + 1));
        assert_eq!(outputs[1].row_count(), if round < 2 { 0 } else { 900 });
        assert_eq!(drive.operator.state_size().rows, if round == 0 { 901 } else { 1801 });
    }
}

fn happened(rows: &[(i64, u8, i64)]) -> arrow::record_batch::RecordBatch {
    nullable(&rows_of_columns(vec![
        ("ts", times(rows.iter().map(|row| row.0))),
        ("word", long(rows.iter().map(|row| i64::from(row.1)))),
        ("n", long(rows.iter().map(|row| row.2))),
    ]))
}

proptest! {
    #[test]
    fn keys_live_as_long_as_a_map_with_times_says(
        batches in prop::collection::vec((prop::collection::vec((0i64..12, 0u8..8, -3i64..9), 0..12), 0i64..5), 1..24),
        after in 1i64..6,
        by_event_time: bool,
        cut in 1usize..5,
    ) {
        let params = summing(&json!({
            "emit": "changed", "expire_after": format!("{after}s"), "remove_when": "total < 0",
        }));
        let time = by_event_time.then_some("ts");
        let mut drive = Drive::new(&KIND, params, &[link(&happened(&[]), time)]);
        let mut keys: BTreeMap<u8, (i64, i64)> = BTreeMap::new();
        let mut mark = 0;
        for (at, (rows, step)) in (1i64..).zip(batches) {
            let rows: Vec<_> = rows.into_iter().map(|(ts, key, n)| (mark - 4 + ts, key, n)).collect();
            mark += step;
            for &(ts, key, n) in &rows {
                let seen = if by_event_time { ts } else { at };
                let (total, last) = keys.entry(key).or_insert((0, seen));
                *total += n;
                *last = seen.max(*last);
            }
            let touched = |key: &u8| rows.iter().any(|row| row.1 == *key);
            let is_over = |key: &u8, (total, last): &(i64, i64)| {
                let is_silent = if by_event_time { last + after <= mark } else { at - last > after };
                is_silent || (*total < 0 && touched(key))
            };
            let mut removed: Vec<String> =
                keys.iter().filter(|(key, value)| is_over(key, value)).map(|(key, value)| format!("{key} {}", value.0)).collect();
            keys.retain(|key, value| !is_over(key, value));
            let mut out: Vec<String> =
                keys.iter().filter(|(key, _)| touched(key)).map(|(key, value)| format!("{key} {}", value.0)).collect();
            removed.sort();
            out.sort();
            let chunks = rows.chunks(cut).map(happened).collect();
            let outputs = drive.batch(vec![Some(chunks)], time.map(|_| watermark(mark, mark)));
            prop_assert_eq!(sorted(&outputs[0]), out);
            prop_assert_eq!(sorted(&outputs[1]), removed);
            prop_assert_eq!(drive.operator.state_size().rows, keys.len() as u64);
        }
    }
}
