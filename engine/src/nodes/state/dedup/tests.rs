//! What people expect of deduplication: Spark's recorded runs, and a row-by-row oracle.

use std::collections::HashMap;

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::KIND;
use crate::nodes::state::testing::{Drive, link, nullable, plan, refusals, sorted, times, watermark};
use crate::nodes::testing::{batch, long, text};
use crate::plan::StateFate;

type Row = (Option<i64>, Option<&'static str>, i64);

fn rows(rows: &[Row]) -> RecordBatch {
    nullable(&batch(vec![
        ("ts", times(rows.iter().map(|row| row.0))),
        ("key", text(rows.iter().map(|row| row.1))),
        ("value", long(rows.iter().map(|row| row.2))),
    ]))
}

/// The batches of the parity cases, in seconds since ten o'clock.
fn events() -> [Vec<Row>; 7] {
    let at = |second, key, value| (Some(second), Some(key), value);
    [
        vec![at(1, "a", 1), at(1, "a", 1), at(2, "a", 2)],
        vec![at(1, "a", 3), at(9, "b", 1), at(9, "中文", 1)],
        vec![],
        vec![at(20, "c", 1), at(2, "a", 9)],
        vec![at(9, "b", 2), at(10, "d", 1), at(11, "a", 1), at(30, "c", 2)],
        vec![at(11, "a", 1), (Some(19), None, 1), (Some(40), None, 2), (Some(40), None, 3)],
        vec![at(40, "中文", 4), at(31, "a", 4), at(12, "e", 1), at(11, "a", 5)],
    ]
}

/// Runs batches with the watermarks of Spark's record; gives each batch's rows, size of the state and late rows.
fn run(params: Value, time: Option<&str>, batches: &[Vec<Row>], marks: &[i64]) -> Vec<(Vec<String>, u64, u64)> {
    let mut drive = Drive::new(&KIND, params, &[link(&rows(&[]), time)]);
    let mut before = -1_000_000;
    let mut seen = Vec::new();
    for (batch, &mark) in batches.iter().zip(marks) {
        let outputs = drive.feed(rows(batch), time.map(|_| watermark(before, mark)));
        before = mark;
        seen.push((sorted(&outputs[0]), drive.operator.state_size().rows, drive.counter("late")));
    }
    seen
}

fn expect(seen: &[(Vec<String>, u64, u64)], expected: &[(&[&str], u64, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(rows, size, late)| (rows.iter().map(|&row| row.to_owned()).collect::<Vec<_>>(), *size, *late))
        .collect();
    assert_eq!(seen, expected);
}

const QUEUED: [i64; 7] = [-1_000_000, -8, -1, -1, 10, 20, 30];

#[test]
fn keys_with_the_event_time_are_forgotten_with_the_watermark_as_in_spark() {
    let seen = run(json!({"by": ["ts", "key"], "keep_for": "watermark"}), Some("ts"), &events(), &QUEUED);
    expect(
        &seen,
        &[
            (&["1 a 1", "2 a 2"], 2, 0),
            (&["9 b 1", "9 中文 1"], 4, 0),
            (&[], 4, 0),
            (&["20 c 1"], 5, 0),
            (&["10 d 1", "11 a 1", "30 c 2"], 3, 0),
            (&["19 null 1", "40 null 2"], 2, 0),
            (&["31 a 4", "40 中文 4"], 3, 2),
        ],
    );
}

#[test]
fn keys_without_the_event_time_stay_but_late_rows_go_as_in_spark() {
    let seen = run(json!({"by": ["key"]}), Some("ts"), &events(), &QUEUED);
    expect(
        &seen,
        &[
            (&["1 a 1"], 1, 0),
            (&["9 b 1", "9 中文 1"], 3, 0),
            (&[], 3, 0),
            (&["20 c 1"], 4, 0),
            (&["10 d 1"], 5, 0),
            (&["19 null 1"], 6, 0),
            (&[], 6, 2),
        ],
    );
}

#[test]
fn without_a_watermark_nothing_is_late_and_nothing_forgotten() {
    let seen = run(json!({"by": ["key"]}), None, &events(), &[0; 7]);
    let passed: Vec<_> = seen.iter().flat_map(|(rows, ..)| rows.clone()).collect();
    assert_eq!(passed, ["1 a 1", "9 b 1", "9 中文 1", "20 c 1", "10 d 1", "19 null 1", "12 e 1"]);
    assert_eq!(seen.last().unwrap().1, 7);
}

#[test]
fn without_key_columns_whole_rows_are_compared() {
    let seen = run(json!({}), None, &[vec![(None, Some("a"), 1), (None, Some("a"), 2), (None, Some("a"), 1)]], &[0]);
    expect(&seen, &[(&["null a 1", "null a 2"], 2, 0)]);
}

#[test]
fn within_a_time_a_key_may_come_again_as_in_spark() {
    let events = events();
    let none = Vec::new;
    let batches = [
        events[0].clone(),
        none(),
        events[1].clone(),
        none(),
        none(),
        events[3].clone(),
        none(),
        events[4].clone(),
        none(),
        events[5].clone(),
        none(),
        events[6].clone(),
    ];
    let marks = [-1_000_000, -8, -8, -1, -1, -1, 10, 10, 20, 20, 30, 30];
    let seen = run(json!({"by": ["key"], "keep_for": "within", "within": "10s"}), Some("ts"), &batches, &marks);
    expect(
        &seen,
        &[
            (&["1 a 1"], 1, 0),
            (&[], 1, 0),
            (&["9 b 1", "9 中文 1"], 3, 0),
            (&[], 3, 0),
            (&[], 3, 0),
            (&["20 c 1"], 4, 0),
            (&[], 4, 0),
            (&[], 4, 2),
            (&[], 1, 0),
            (&["40 null 2"], 2, 2),
            (&[], 1, 0),
            (&["31 a 4", "40 中文 4"], 3, 2),
        ],
    );
}

#[test]
fn rows_without_event_time_are_never_late_and_never_forgotten_as_in_spark() {
    let batches = [
        vec![(Some(1), Some("a"), 1), (None, Some("a"), 2)],
        vec![(None, Some("b"), 3), (None, None, 4)],
        vec![(Some(30), Some("c"), 5), (None, Some("a"), 6)],
        vec![],
        vec![(Some(2), Some("late"), 7), (None, Some("a"), 2)],
        vec![(Some(90), Some("d"), 8)],
        vec![],
    ];
    let marks = [-1_000_000, -9, -9, 20, 20, 20, 80];
    let seen = run(json!({"by": ["ts", "key"], "keep_for": "watermark"}), Some("ts"), &batches, &marks);
    expect(
        &seen,
        &[
            (&["1 a 1", "null a 2"], 2, 0),
            (&["null b 3", "null null 4"], 4, 0),
            (&["30 c 5"], 5, 0),
            (&[], 4, 0),
            (&[], 4, 1),
            (&["90 d 8"], 5, 0),
            (&[], 4, 0),
        ],
    );
}

#[test]
fn what_is_dropped_goes_to_its_port() {
    let links = [link(&rows(&[]), Some("ts"))];
    let mut drive = Drive::new(&KIND, json!({"by": ["key"]}), &links);
    let at = |second, value| (Some(second), Some("a"), value);
    let outputs = drive.feed(rows(&[at(10, 1), at(11, 2), at(3, 3)]), Some(watermark(5, 6)));
    assert_eq!(sorted(&outputs[1]), ["11 a 2"]);
    assert_eq!(sorted(&outputs[2]), ["3 a 3"]);
    assert_eq!((drive.counter("duplicates"), drive.counter("late")), (1, 1));
}

#[test]
fn an_edit_tells_what_it_forgets() {
    let links = [link(&rows(&[]), Some("ts"))];
    let mut drive = Drive::new(&KIND, json!({"by": ["key"], "keep_for": "within", "within": "10s"}), &links);
    drive.feed(rows(&[(Some(0), Some("a"), 1)]), Some(watermark(-9, -9)));
    let longer = json!({"by": ["key"], "keep_for": "within", "within": "30s"});
    assert_eq!(drive.edit(longer, &links), StateFate::Kept);
    let again = drive.feed(rows(&[(Some(25), Some("a"), 2)]), Some(watermark(-9, 20)));
    assert_eq!(sorted(&again[0]), [] as [&str; 0], "a longer memory holds for the keys already there");
    let StateFate::Reset(sentence) = drive.edit(json!({"by": ["value"]}), &links) else { panic!("kept") };
    assert!(sentence.contains("`value` bigint instead of `key` string"), "{sentence}");
}

#[test]
fn forgetting_without_a_watermark_is_refused_with_the_way_out() {
    let plain = [link(&rows(&[]), None)];
    let marked = [link(&rows(&[]), Some("ts"))];
    let found = refusals(&KIND, json!({"keep_for": "within"}), &plain);
    assert!(found[0].contains("put a Watermark before"), "{found:?}");
    let found = refusals(&KIND, json!({"by": ["key"], "keep_for": "watermark"}), &marked);
    assert!(found[0].contains("add it to the key"), "{found:?}");
    let found = refusals(&KIND, json!({"by": ["kye"]}), &plain);
    assert!(found[0].contains("did you mean `key`"), "{found:?}");
    let planned = plan(&KIND, json!({"by": ["ts"]}), &marked).ok().unwrap();
    assert!(planned.warnings[0].message.contains("bounded memory"));
}

/// Row by row, with a map from key to deadline.
fn oracle(batches: &[(Vec<(i64, u8)>, i64)], within: i64) -> Vec<Vec<String>> {
    let mut deadlines: HashMap<u8, i64> = HashMap::new();
    let mut late = -1_000_000;
    let mut passed = Vec::new();
    for (rows, close) in batches {
        let mut out = Vec::new();
        for &(second, key) in rows.iter().filter(|(second, _)| *second > late) {
            deadlines.entry(key).or_insert_with(|| {
                out.push(format!("{second} {key}"));
                second + within
            });
        }
        deadlines.retain(|_, deadline| *deadline > *close);
        late = *close;
        out.sort();
        passed.push(out);
    }
    passed
}

fn small(rows: &[(i64, u8)]) -> RecordBatch {
    let columns = [("ts", times(rows.iter().map(|row| row.0))), ("key", long(rows.iter().map(|row| i64::from(row.1))))];
    nullable(&batch(columns.into_iter().collect()))
}

proptest! {
    #[test]
    fn a_run_equals_going_row_by_row(
        batches in prop::collection::vec((prop::collection::vec((0i64..40, 0u8..30), 0..40), 0i64..6), 1..20),
        within in 0i64..15,
        cut in 1usize..9,
    ) {
        let mut mark = -5;
        let batches: Vec<(Vec<(i64, u8)>, i64)> = batches.into_iter().map(|(rows, step)| {
            let base = mark;
            mark += step;
            (rows.into_iter().map(|(second, key)| (base - 3 + second, key)).collect(), mark)
        }).collect();
        let params = json!({"by": ["key"], "keep_for": "within", "within": format!("{within}s")});
        let mut drive = Drive::new(&KIND, params, &[link(&small(&[]), Some("ts"))]);
        let mut late = -1_000_000;
        for ((rows, close), expected) in batches.iter().zip(oracle(&batches, within)) {
            let chunks = rows.chunks(cut).map(small).collect();
            let outputs = drive.batch(vec![Some(chunks)], Some(watermark(late, *close)));
            late = *close;
            prop_assert_eq!(sorted(&outputs[0]), expected);
            let total: u64 = outputs.iter().map(crate::plan::Flow::row_count).sum();
            prop_assert_eq!(total, rows.len() as u64, "every row goes to one port");
        }
    }
}

#[test]
fn many_keys_come_and_go_without_a_trace() {
    let params = json!({"by": ["value"], "keep_for": "within", "within": "1s"});
    let mut drive = Drive::new(&KIND, params, &[link(&rows(&[]), Some("ts"))]);
    for round in 0i64..12 {
        let columns = vec![
            ("ts", times((0..900).map(|_| round * 10))),
            ("key", text((0..900).map(|_| "k"))),
            ("value", long((0..900i64).map(|n| n + round * 10_000))),
        ];
        let out = drive.feed(nullable(&batch(columns)), Some(watermark(round * 10 - 9, round * 10 - 5)));
        assert_eq!(out[0].row_count(), 900);
        assert_eq!(drive.operator.state_size().rows, 900, "the round before is forgotten");
    }
    let out =
        drive.feed(rows(&[(Some(111), Some("k"), 110_000), (Some(111), Some("k"), 0)]), Some(watermark(105, 106)));
    assert_eq!(sorted(&out[0]), ["111 k 0"], "what is remembered survives the clearing out");
}
