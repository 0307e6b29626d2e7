//! What people expect of the interval join: Spark's recorded runs, and an oracle that looks at every pair.

mod oracle;

use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};

use super::KIND;
use crate::nodes::state::testing::{Drive, lines, link, nullable, plan, refusals, sorted, times, watermark};
use crate::nodes::testing::{batch, long, text};
use crate::plan::{LinkType, StateFate};

type Left = (Option<i64>, Option<&'static str>, i64);
type Right = (Option<i64>, Option<&'static str>, Option<&'static str>);

fn left(rows: &[Left]) -> RecordBatch {
    nullable(&batch(vec![
        ("lts", times(rows.iter().map(|row| row.0))),
        ("lkey", text(rows.iter().map(|row| row.1))),
        ("l", long(rows.iter().map(|row| row.2))),
    ]))
}

fn right(rows: &[Right]) -> RecordBatch {
    nullable(&batch(vec![
        ("rts", times(rows.iter().map(|row| row.0))),
        ("rkey", text(rows.iter().map(|row| row.1))),
        ("r", text(rows.iter().map(|row| row.2))),
    ]))
}

fn lefts() -> Vec<Vec<Left>> {
    let at = |second, key, value| (Some(second), Some(key), value);
    vec![
        vec![at(0, "a", 1), at(2, "b", 2)],
        vec![at(5, "a", 3), (None, Some("a"), 4), (Some(6), None, 5)],
        vec![],
        vec![at(30, "中文", 6), at(1, "delayed", 7)],
        vec![at(10, "one late", 8), at(35, "c", 9)],
        vec![at(60, "d", 10), at(3, "late", 12), at(17, "late", 13)],
        vec![at(120, "e", 11)],
    ]
}

fn rights() -> Vec<Vec<Right>> {
    let at = |second, key, value| (Some(second), Some(key), Some(value));
    vec![
        vec![at(1, "a", "A1"), at(20, "b", "B20")],
        vec![at(6, "a", "A6"), (Some(6), None, Some("N"))],
        vec![at(5, "a", "A5"), at(2, "b", "B2")],
        vec![at(31, "中文", "🙂"), (Some(33), Some("x"), None)],
        vec![at(36, "c", "C36"), at(0, "c", "C0"), at(12, "b", "B12")],
        vec![at(69, "d", "D"), (None, Some("d"), Some("D null")), at(4, "a", "late")],
        vec![at(150, "f", "F")],
    ]
}

fn marked() -> [LinkType; 2] {
    [link(&left(&[]), Some("lts")), link(&right(&[]), Some("rts"))]
}

fn params(how: &str) -> Value {
    json!({"how": how, "on": [{"left": "lkey", "right": "rkey"}], "upper": "10s"})
}

/// Runs a parity case: per micro-batch the index of the input batch it read (or none) and its watermark.
fn run(params: Value, links: &[LinkType; 2], steps: &[(Option<usize>, i64)]) -> Vec<(Vec<String>, u64)> {
    let mut drive = Drive::new(&KIND, params, links);
    let (lefts, rights) = (lefts(), rights());
    let mut before = -1_000_000;
    let mut seen = Vec::new();
    for &(input, mark) in steps {
        let chunk = |rows| Some(vec![rows]);
        let inputs = match input {
            Some(at) => vec![chunk(left(&lefts[at])), chunk(right(&rights[at]))],
            None => vec![Some(vec![]), Some(vec![])],
        };
        let is_marked = links[0].event_time.is_some();
        let outputs = drive.batch(inputs, is_marked.then(|| watermark(before, mark)));
        before = mark;
        seen.push((sorted(&outputs[0]), drive.counter("late")));
    }
    seen
}

fn queued(first: &[i64]) -> Vec<(Option<usize>, i64)> {
    let steps = first.iter().enumerate().map(|(at, &mark)| (Some(at), mark));
    steps.chain([(None, 110)]).collect()
}

fn live(marks: [i64; 6]) -> Vec<(Option<usize>, i64)> {
    let [a, b, c, d, e, f] = marks;
    let first = -1_000_000;
    [
        (Some(0), first),
        (None, a),
        (Some(1), a),
        (None, b),
        (Some(2), b),
        (Some(3), b),
        (None, c),
        (Some(4), c),
        (None, d),
        (Some(5), d),
        (None, e),
        (Some(6), e),
        (None, f),
    ]
    .into()
}

fn expect(seen: &[(Vec<String>, u64)], expected: &[(&[&str], u64)]) {
    for (batch, (found, wanted)) in seen.iter().zip(expected).enumerate() {
        let mut rows: Vec<String> = wanted.0.iter().map(|&row| row.to_owned()).collect();
        rows.sort();
        assert_eq!(*found, (rows, wanted.1), "micro-batch {batch}");
    }
    assert_eq!(seen.len(), expected.len());
}

const A5: [&str; 3] = ["0 a 1 5 a A5", "2 b 2 2 b B2", "5 a 3 5 a A5"];
const A6: [&str; 2] = ["0 a 1 6 a A6", "5 a 3 6 a A6"];
const WIDE: [i64; 7] = [-1_000_000, -8, -5, -5, 18, 21, 50];
const OUTER: [i64; 7] = [-1_000_000, -8, -4, -4, 18, 21, 50];

#[test]
fn an_inner_join_matches_rows_of_earlier_batches_as_in_spark() {
    let expected: [(&[&str], u64); 8] = [
        (&["0 a 1 1 a A1"], 0),
        (&A6, 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&["2 b 2 12 b B12", "35 c 9 36 c C36"], 0),
        (&["60 d 10 69 d D"], 3),
        (&[], 0),
        (&[], 0),
    ];
    expect(&run(params("inner"), &marked(), &queued(&WIDE)), &expected);
}

#[test]
fn with_live_pacing_more_rows_are_late_as_in_spark() {
    let expected: [(&[&str], u64); 13] = [
        (&["0 a 1 1 a A1"], 0),
        (&[], 0),
        (&A6, 0),
        (&[], 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&[], 0),
        (&["35 c 9 36 c C36"], 3),
        (&[], 0),
        (&["60 d 10 69 d D"], 3),
        (&[], 0),
        (&[], 0),
        (&[], 0),
    ];
    expect(&run(params("inner"), &marked(), &live([-8, -5, 18, 21, 50, 110])), &expected);
}

#[test]
fn left_rows_stay_alone_once_the_watermark_says_so_as_in_spark() {
    let expected: [(&[&str], u64); 8] = [
        (&["0 a 1 1 a A1"], 0),
        (&A6, 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&["1 delayed 7 null null null", "2 b 2 12 b B12", "6 null 5 null null null", "35 c 9 36 c C36"], 0),
        (&["10 one late 8 null null null", "60 d 10 69 d D"], 3),
        (&[], 0),
        (&[], 0),
    ];
    expect(&run(params("left"), &marked(), &queued(&OUTER)), &expected);
}

#[test]
fn right_rows_stay_alone_even_if_they_can_go_in_their_own_batch_as_in_spark() {
    let expected: [(&[&str], u64); 8] = [
        (&["0 a 1 1 a A1"], 0),
        (&A6, 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&["null null null 0 c C0", "null null null 6 null N", "2 b 2 12 b B12", "35 c 9 36 c C36"], 0),
        (&["null null null 20 b B20", "60 d 10 69 d D"], 3),
        (&["null null null 33 x null"], 0),
        (&[], 0),
    ];
    expect(&run(params("right"), &marked(), &queued(&WIDE)), &expected);
}

#[test]
fn a_full_join_keeps_both_sides_as_in_spark_where_null_keys_are_equal() {
    let mut full = params("full");
    full["null_keys"] = json!("equal");
    let expected: [(&[&str], u64); 8] = [
        (&["0 a 1 1 a A1"], 0),
        (&[A6[0], A6[1], "6 null 5 6 null N"], 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&["null null null 0 c C0", "1 delayed 7 null null null", "2 b 2 12 b B12", "35 c 9 36 c C36"], 0),
        (&["null null null 20 b B20", "10 one late 8 null null null", "60 d 10 69 d D"], 3),
        (&["null null null 33 x null"], 0),
        (&[], 0),
    ];
    expect(&run(full.clone(), &marked(), &queued(&OUTER)), &expected);
    let expected: [(&[&str], u64); 13] = [
        (&["0 a 1 1 a A1"], 0),
        (&[], 0),
        (&[A6[0], A6[1], "6 null 5 6 null N"], 0),
        (&[], 0),
        (&A5, 0),
        (&["30 中文 6 31 中文 🙂"], 0),
        (&["1 delayed 7 null null null"], 0),
        (&["35 c 9 36 c C36"], 3),
        (&["null null null 20 b B20"], 0),
        (&["60 d 10 69 d D"], 3),
        (&["null null null 33 x null"], 0),
        (&[], 0),
        (&[], 0),
    ];
    expect(&run(full, &marked(), &live([-8, -4, 18, 21, 50, 110])), &expected);
}

#[test]
fn a_semi_join_gives_a_left_row_once_at_its_first_match_as_in_spark() {
    let expected: [(&[&str], u64); 8] = [
        (&["0 a 1"], 0),
        (&["5 a 3"], 0),
        (&["2 b 2"], 0),
        (&["30 中文 6"], 0),
        (&["35 c 9"], 0),
        (&["60 d 10"], 3),
        (&[], 0),
        (&[], 0),
    ];
    expect(&run(params("left_semi"), &marked(), &queued(&WIDE)), &expected);
}

#[test]
fn a_silent_side_holds_the_other_as_in_spark() {
    let mut drive = Drive::new(&KIND, params("left"), &marked());
    for (at, rows) in lefts().iter().enumerate() {
        let other = if at == 0 { vec![right(&[(Some(1), Some("a"), Some("A1"))])] } else { vec![] };
        let mark = if at == 0 { watermark(-1_000_000, -1_000_000) } else { watermark(-9, -9) };
        let out = drive.batch(vec![Some(vec![left(rows)]), Some(other)], Some(mark));
        assert_eq!(out[0].row_count(), u64::from(at == 0));
    }
}

#[test]
fn without_watermarks_everything_may_match_for_ever_as_in_spark() {
    let links = [link(&left(&[]), None), link(&right(&[]), None)];
    let ever = json!({"on": [{"left": "lkey", "right": "rkey"}], "within": "ever"});
    let steps: Vec<_> = (0..7).map(|at| (Some(at), 0)).collect();
    let batches: [&[&str]; 7] = [
        &["0 a 1 1 a A1", "2 b 2 20 b B20"],
        &["null a 4 1 a A1", "null a 4 6 a A6", "0 a 1 6 a A6", "5 a 3 1 a A1", "5 a 3 6 a A6"],
        &["null a 4 5 a A5", "0 a 1 5 a A5", "2 b 2 2 b B2", "5 a 3 5 a A5"],
        &["30 中文 6 31 中文 🙂"],
        &["2 b 2 12 b B12", "35 c 9 0 c C0", "35 c 9 36 c C36"],
        &["null a 4 4 a late", "0 a 1 4 a late", "5 a 3 4 a late", "60 d 10 null d D null", "60 d 10 69 d D"],
        &[],
    ];
    let expected = batches.map(|rows| (rows, 0));
    expect(&run(ever.clone(), &links, &steps), &expected);
    let mut null_safe = ever.clone();
    null_safe["null_keys"] = json!("equal");
    let seen = run(null_safe, &links, &steps);
    assert!(seen[1].0.contains(&"6 null 5 6 null N".to_owned()), "null keys find each other on demand");
    assert!(plan(&KIND, ever, &links).ok().unwrap().warnings[0].message.contains("for ever"));
}

#[test]
fn rows_set_aside_tell_their_side_and_reason() {
    let mut drive = Drive::new(&KIND, params("inner"), &marked());
    let outputs = drive.batch(
        vec![
            Some(vec![left(&[(Some(3), Some("a"), 1), (None, Some("b"), 2)])]),
            Some(vec![right(&[(Some(4), Some("c"), Some("C"))])]),
        ],
        Some(watermark(5, 5)),
    );
    let aside = [
        "left late 3 a 1 null null null",
        "left no event time null b 2 null null null",
        "right late null null null 4 c C",
    ];
    assert_eq!(sorted(&outputs[1]), aside);
    assert_eq!((drive.counter("late"), drive.counter("no_event_time")), (2, 1));
    assert_eq!(drive.operator.state_size().rows, 0);
}

#[test]
fn a_shared_key_comes_out_once_and_a_taken_name_gets_a_suffix() {
    let side = |seconds: &[i64], value: i64| {
        nullable(&batch(vec![
            ("ts", times(seconds.iter().copied())),
            ("key", text(seconds.iter().map(|_| "k"))),
            ("n", long(seconds.iter().map(|_| value))),
        ]))
    };
    let links = [link(&side(&[], 0), Some("ts")), link(&side(&[], 0), Some("ts"))];
    let mut drive = Drive::new(&KIND, json!({"on": [{"left": "key"}], "how": "full", "upper": "5s"}), &links);
    assert_eq!(drive.columns(0), ["key", "ts", "n", "ts_right", "n_right"]);
    assert_eq!(drive.columns(1)[..3], ["side", "reason", "key"]);
    let out = drive.batch(vec![Some(vec![side(&[1], 1)]), Some(vec![side(&[2, 50], 2)])], Some(watermark(-9, -9)));
    assert_eq!(lines(&out[0]), ["k 1 1 2 2"]);
    let out = drive.batch(vec![None, None], Some(watermark(-9, 60)));
    assert_eq!(lines(&out[0]), ["k null null 50 2"], "the key of a right row alone is its own");
}

#[test]
fn a_range_may_lie_wholly_before_or_after() {
    let run = |range: Value| {
        let mut params = params("inner");
        for (name, value) in range.as_object().unwrap() {
            params[name] = value.clone();
        }
        let mut drive = Drive::new(&KIND, params, &marked());
        let rights: Vec<Right> = (0..=20).map(|second| (Some(second), Some("a"), Some("r"))).collect();
        let out = drive.batch(
            vec![Some(vec![left(&[(Some(10), Some("a"), 1)])]), Some(vec![right(&rights)])],
            Some(watermark(-9, -9)),
        );
        let given = drive.operator.watermark().unwrap();
        let seconds = (given.close.0 - watermark(0, 0).close.0) / 1_000_000;
        (
            lines(&out[0]).iter().map(|row| row.split(' ').nth(3).unwrap().parse().unwrap()).collect::<Vec<i64>>(),
            seconds,
        )
    };
    let before = json!({"lower": "5s", "upper": "3s", "upper_is": "before"});
    assert_eq!(run(before), (vec![5, 6, 7], -14));
    let after = json!({"lower": "3s", "lower_is": "after", "upper": "5s"});
    assert_eq!(run(after), (vec![13, 14, 15], -14));
    assert_eq!(run(json!({"lower": "1s", "upper": "1s"})), (vec![9, 10, 11], -10));
}

#[test]
fn a_condition_decides_who_has_a_partner() {
    let mut params = params("left");
    params["condition"] = json!("r <> 'no' AND l < 5");
    let mut drive = Drive::new(&KIND, params, &marked());
    let lefts = [(Some(1), Some("a"), 1), (Some(1), Some("a"), 9)];
    let rights = [(Some(2), Some("a"), Some("no")), (Some(2), Some("a"), Some("yes"))];
    let out = drive.batch(vec![Some(vec![left(&lefts)]), Some(vec![right(&rights)])], Some(watermark(-9, -9)));
    assert_eq!(sorted(&out[0]), ["1 a 1 2 a yes"]);
    let out = drive.batch(vec![None, None], Some(watermark(-9, 11)));
    assert_eq!(sorted(&out[0]), ["1 a 9 null null null"]);
    assert_eq!(drive.operator.state_size().rows, 0);
}

#[test]
fn a_pair_on_which_the_condition_fails_is_no_pair() {
    let mut params = params("left");
    params["condition"] = json!("10 div l > 1");
    let mut drive = Drive::new(&KIND, params, &marked());
    let lefts = [(Some(1), Some("a"), 0), (Some(1), Some("a"), 4)];
    let rights = [(Some(2), Some("a"), Some("x"))];
    let out = drive.batch(vec![Some(vec![left(&lefts)]), Some(vec![right(&rights)])], Some(watermark(-9, -9)));
    assert_eq!(sorted(&out[0]), ["1 a 4 2 a x"]);
    assert_eq!(drive.counter("nulled"), 1);
    let out = drive.batch(vec![None, None], Some(watermark(-9, 11)));
    assert_eq!(sorted(&out[0]), ["1 a 0 null null null"], "it stayed alone");
    assert_eq!(drive.counter("nulled"), 0);
}

#[test]
fn what_cannot_work_is_refused_with_the_way_out() {
    let plain = [link(&left(&[]), Some("lts")), link(&right(&[]), None)];
    let found = refusals(&KIND, params("inner"), &plain);
    assert!(found[0].contains("no watermark upstream of `right`; put a Watermark there"), "{found:?}");
    let mut ever = params("left");
    ever["within"] = json!("ever");
    assert!(refusals(&KIND, ever, &marked())[0].contains("or join inner"));
    assert!(refusals(&KIND, json!({}), &marked())[0].contains("add the columns that must be equal"));
    let typed = json!({"on": [{"left": "lkey", "right": "rts"}]});
    assert!(refusals(&KIND, typed, &marked())[0].contains("`lkey` is string, but `rts` on the right is timestamp"));
    let mut empty = params("inner");
    empty["lower"] = json!("5s");
    empty["lower_is"] = json!("after");
    empty["upper"] = json!("1s");
    assert!(refusals(&KIND, empty, &marked())[0].contains("ends before it begins"));
    let mut number = params("inner");
    number["condition"] = json!("l + 1");
    assert!(refusals(&KIND, number, &marked())[0].contains("must be true or false"));
}

#[test]
fn an_edit_keeps_the_waiting_rows() {
    let mut drive = Drive::new(&KIND, params("inner"), &marked());
    drive.batch(vec![Some(vec![left(&[(Some(1), Some("a"), 1)])]), None], Some(watermark(-9, -9)));
    assert_eq!(drive.edit(params("full"), &marked()), StateFate::Kept);
    let mut wider = params("full");
    wider["upper"] = json!("20s");
    assert!(matches!(drive.edit(wider, &marked()), StateFate::Partly(_)));
    let late = vec![None, Some(vec![right(&[(Some(20), Some("a"), Some("A"))])])];
    assert_eq!(sorted(&drive.batch(late, Some(watermark(-9, -9)))[0]), ["1 a 1 20 a A"]);
    let other = json!({"on": [{"left": "lkey", "right": "r"}]});
    assert!(matches!(drive.edit(other, &marked()), StateFate::Reset(_)));
    assert_eq!(drive.operator.state_size().rows, 0);
}
