//! Sessions as real Spark gave them (the cases `session_*` of the parity corpus), and the kind itself.

use super::KIND;
use super::testing::{Event, Given, Run, watched};
use crate::nodes::testdrive::{Driver, operator, plan, refusals, shown, words};
use crate::nodes::transforms::{aggregate, group};
use crate::plan::{LinkType, StateFate};

const COUNT_AND_SUM: &str =
    r#"{"by":["key"],"aggregates":[{"function":"count"},{"function":"sum","argument":"value"}]}"#;
const COUNT: &str = r#"{"by":["key"]}"#;
const WHOLE: &str = r#"{"by":["key"],"emit":"whole"}"#;
const CHANGE: &str = r#"{"by":["key"],"emit":"change"}"#;

fn at(seconds: i64, key: &'static str, value: i64) -> Event {
    (Some(seconds * 1_000_000), key, "", value)
}

/// The eight input batches of most cases; second 0 is 10:00:00.
fn inputs() -> Vec<Vec<Event>> {
    vec![
        vec![at(0, "a", 1), at(3, "a", 2), at(1, "b", 1)],
        vec![at(7, "a", 3), at(12, "a", 4)],
        vec![],
        vec![at(6, "b", 2), at(20, "中文", 1)],
        vec![at(16, "a", 5), at(5, "b", 9), at(24, "中文", 2)],
        vec![at(1, "c", 1), at(40, "a", 6)],
        vec![at(36, "a", 7), at(31, "b", 3), at(30, "b", 4), at(25, "e", 1)],
        vec![at(90, "z", 1)],
    ]
}

/// The watermark of each batch in seconds, and the input it read.
type Progress = [(Option<i64>, Option<usize>)];

/// All batches were waiting; one without data comes last.
const QUEUED: &Progress = &[
    (None, Some(0)),
    (Some(-7), Some(1)),
    (Some(2), Some(2)),
    (Some(2), Some(3)),
    (Some(10), Some(4)),
    (Some(14), Some(5)),
    (Some(30), Some(6)),
    (Some(30), Some(7)),
    (Some(80), None),
];

/// Each batch is followed by one without data if the watermark moved.
const LIVE: &Progress = &[
    (None, Some(0)),
    (Some(-7), None),
    (Some(-7), Some(1)),
    (Some(2), None),
    (Some(2), Some(2)),
    (Some(2), Some(3)),
    (Some(10), None),
    (Some(10), Some(4)),
    (Some(14), None),
    (Some(14), Some(5)),
    (Some(30), None),
    (Some(30), Some(6)),
    (Some(30), Some(7)),
    (Some(80), None),
];

fn replay(window: &str, behind: &str, inputs: &[Vec<Event>], progress: &Progress) -> Vec<Given> {
    let mut run = Run::new(window, Some(behind));
    let batch = |(watermark, input): &(Option<i64>, Option<usize>)| {
        let rows = input.map_or(&[][..], |input| &inputs[input]);
        run.batch(rows, watermark.map(|seconds| seconds * 1_000_000))
    };
    progress.iter().map(batch).collect()
}

fn out(given: &[Given]) -> Vec<Vec<&str>> {
    given.iter().map(|given| given.out.iter().map(String::as_str).collect()).collect()
}

#[test]
fn session_append_live() {
    let given = replay(r#"{"gap":"5s"}"#, COUNT_AND_SUM, &inputs(), LIVE);
    let mut expected = vec![vec![]; 14];
    expected[8] = vec!["1 11 b 2 3"];
    expected[10] = vec!["0 21 a 5 15", "20 29 中文 2 3"];
    expected[13] = vec!["30 36 b 2 7", "36 45 a 2 13"];
    assert_eq!(out(&given), expected);
    let late: Vec<(usize, &String)> =
        given.iter().enumerate().flat_map(|(batch, given)| given.late.iter().map(move |row| (batch, row))).collect();
    let rows = [(7, "5 10 5 b  9"), (9, "1 6 1 c  1"), (11, "25 30 25 e  1")];
    assert_eq!(late, rows.map(|(batch, row)| (batch, row.to_owned())).iter().map(|(b, r)| (*b, r)).collect::<Vec<_>>());
}

#[test]
fn session_complete() {
    let given = replay(r#"{"gap":"5s"}"#, WHOLE, &inputs(), &QUEUED[..8]);
    let expected: [&[&str]; 8] = [
        &["0 8 a 2", "1 6 b 1"],
        &["0 17 a 4", "1 6 b 1"],
        &["0 17 a 4", "1 6 b 1"],
        &["0 17 a 4", "1 11 b 2", "20 25 中文 1"],
        &["0 21 a 5", "1 11 b 3", "20 29 中文 2"],
        &["0 21 a 5", "1 11 b 3", "20 29 中文 2", "40 45 a 1"],
        &["0 21 a 5", "1 11 b 3", "20 29 中文 2", "25 30 e 1", "30 36 b 2", "36 45 a 2"],
        &["0 21 a 5", "1 11 b 3", "20 29 中文 2", "25 30 e 1", "30 36 b 2", "36 45 a 2", "90 95 z 1"],
    ];
    assert_eq!(out(&given), expected);
    assert_eq!(given.iter().map(|given| given.late.len()).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn session_dynamic_gap() {
    let window = r#"{"gap_expression":"CASE WHEN key = 'b' THEN '2 seconds' WHEN key = 'c' THEN '0 seconds' ELSE '5 seconds' END"}"#;
    let mut expected = vec![vec![]; 9];
    expected[4] = vec!["1 3 b 1", "5 8 b 2"];
    expected[6] = vec!["0 21 a 5", "20 29 中文 2", "25 30 e 1"];
    expected[8] = vec!["30 33 b 2", "36 45 a 2"];
    let given = replay(window, COUNT, &inputs(), QUEUED);
    assert_eq!(out(&given), expected);
    assert_eq!(given[5].rejected, ["1 c  1 the gap is zero or less"]);
    let window = r#"{"gap_expression":"CASE WHEN key = 'b' THEN 2 WHEN key <> 'c' THEN 5.0 END"}"#;
    let given = replay(window, COUNT, &inputs(), QUEUED);
    assert_eq!(out(&given), expected);
    assert_eq!(given[5].rejected, ["1 c  1 the gap is null or no duration"]);
    let window = r#"{"gap_expression":"CASE WHEN key = 'c' THEN 1 div (value - 1) ELSE 5 END"}"#;
    let given = replay(window, COUNT, &inputs(), QUEUED);
    assert_eq!(given[5].rejected, ["1 c  1 the gap expression fails on this row"]);
    assert!(given.iter().enumerate().all(|(batch, given)| batch == 5 || given.rejected.is_empty()));
}

#[test]
fn session_many_aggregates_append() {
    let behind = r#"{"by":["key"],"aggregates":[{"function":"avg","argument":"value"},
        {"function":"min","argument":"value"},{"function":"max","argument":"ts"}]}"#;
    let mut expected = vec![vec![]; 9];
    expected[5] = vec!["1 11 b 4 1 6"];
    expected[6] = vec!["0 21 a 3 1 16", "20 29 中文 1.5 1 24", "25 30 e 1 1 25"];
    expected[8] = vec!["30 36 b 3.5 3 31", "36 45 a 6.5 6 40"];
    assert_eq!(out(&replay(r#"{"gap":"5s"}"#, behind, &inputs(), QUEUED)), expected);
}

#[test]
fn session_merge_two_open_sessions() {
    let inputs = vec![
        vec![at(0, "a", 1), at(8, "a", 2)],
        vec![at(4, "a", 3)],
        vec![at(13, "a", 4)],
        vec![(Some(12_999_999), "a", "", 5)],
        vec![at(30, "b", 0)],
        vec![],
        vec![at(60, "b", 0)],
    ];
    let watermarks = [None, Some(-2), Some(-2), Some(3), Some(3), Some(20), Some(20), Some(50)];
    let progress: Vec<_> =
        watermarks.into_iter().enumerate().map(|(at, mark)| (mark, (at < 7).then_some(at))).collect();
    let mut expected = vec![vec![]; 8];
    expected[5] = vec!["0 18 a 5 15"];
    expected[7] = vec!["30 35 b 1 0"];
    assert_eq!(out(&replay(r#"{"gap":"5s"}"#, COUNT_AND_SUM, &inputs, &progress)), expected);
}

#[test]
fn on_change_a_joined_session_takes_the_place_of_its_parts() {
    let mut run = Run::new(r#"{"gap":"5s"}"#, Some(CHANGE));
    assert_eq!(run.batch(&[at(0, "a", 1), at(8, "a", 1), at(0, "b", 1)], None).out, ["0 5 a 1", "0 5 b 1", "8 13 a 1"]);
    assert_eq!(run.batch(&[at(4, "a", 1)], None).out, ["0 13 a 3"]);
    assert_eq!(run.batch(&[], None).out, [""; 0]);
}

#[test]
fn the_users_sessions_give_a_result_per_page() {
    let mut run = Run::new(r#"{"gap":"5s","per":["KEY"]}"#, Some(r#"{"by":["page"]}"#));
    let rows = [(0, "a", "x"), (4, "a", "y"), (8, "a", "x"), (20, "a", "x"), (0, "b", "x")];
    let rows = rows.map(|(seconds, key, page)| (Some(seconds * 1_000_000), key, page, 1));
    run.batch(&rows, None);
    let expected = ["0 13 a x 2", "0 13 a y 1", "0 5 b x 1", "20 25 a x 1"];
    assert_eq!(run.batch(&[], Some(100_000_000)).out, expected);
}

#[test]
fn who_wants_rows_gets_those_of_a_session_when_it_closes() {
    let mut run = Run::new(r#"{"gap":"5s","per":["key"]}"#, None);
    assert_eq!(run.batch(&[at(0, "a", 1), at(8, "a", 2), at(1, "b", 3)], None).out, [""; 0]);
    assert_eq!(run.batch(&[at(4, "a", 4)], Some(6_000_000)).out, ["1 6 1 b  3"]);
    assert_eq!(run.batch(&[], Some(13_000_000)).out, ["0 13 0 a  1", "0 13 4 a  4", "0 13 8 a  2"]);
    assert_eq!(run.behind().state_size().rows, 0);
}

#[test]
fn a_row_without_a_time_is_told_and_in_no_session() {
    let mut run = Run::new("{}", Some(COUNT));
    let given = run.batch(&[(None, "a", "", 1), at(0, "a", 2)], None);
    assert_eq!(given.rejected, ["null a  1 the event time is null"]);
    assert_eq!(run.batch(&[], Some(30_000_000)).out, ["0 30 a 1"]);
}

#[test]
fn the_example_of_the_documentation_holds_by_event_time() {
    let mut run = Run::new(r#"{"gap":"5s"}"#, Some(COUNT));
    run.batch(&[at(0, "a", 1), at(3, "a", 1), at(4, "b", 1), at(8, "a", 1)], None);
    assert_eq!(run.batch(&[at(14, "a", 1)], Some(14_000_000)).out, ["0 13 a 3", "4 9 b 1"]);
    assert_eq!(run.batch(&[], Some(19_000_000)).out, ["14 19 a 1"]);
}

fn arrivals() -> LinkType {
    LinkType::plain(words(&[]).schema())
}

#[test]
fn by_arrival_a_session_closes_once_a_batch_ends_after_it() {
    let window = plan(&KIND, r#"{"gap":"2s"}"#, &arrivals()).unwrap();
    let mut group = operator(&group::KIND, r#"{"by":["word"]}"#, &window.outputs[0]);
    let mut driver = Driver::new(1.0);
    let row = |word| words(&[(word, 1)]);
    assert!(!driver.feed(&mut *group, vec![(0.5, row("a")), (0.9, row("b"))]).fired());
    assert!(!driver.feed(&mut *group, vec![(1.5, row("a"))]).fired());
    assert_eq!(shown(&driver.feed(&mut *group, vec![])), ["0.9 2.9 b 1"]);
    // A row at the very end of a session belongs to it, in whichever batch it comes.
    assert!(!driver.feed(&mut *group, vec![(3.5, row("a"))]).fired());
    assert!(!driver.feed(&mut *group, vec![]).fired());
    assert_eq!(shown(&driver.feed(&mut *group, vec![])), ["0.5 5.5 a 3"]);
    assert_eq!(group.state_size().rows, 0);
}

#[test]
fn a_longer_gap_joins_what_is_held_and_going_back_separates_it() {
    let short = r#"{"gap":"2s"}"#;
    let mut run = Run::new(short, Some(WHOLE));
    assert_eq!(run.batch(&[at(0, "a", 1), at(4, "a", 1)], None).out, ["0 2 a 1", "4 6 a 1"]);
    assert_eq!(run.change(r#"{"gap":"5s"}"#, Some(WHOLE)), StateFate::Kept);
    assert_eq!(run.batch(&[at(9, "a", 1)], None).out, ["0 14 a 3"]);
    assert_eq!(run.change(short, Some(WHOLE)), StateFate::Kept);
    assert_eq!(run.batch(&[], None).out, ["0 2 a 1", "4 6 a 1", "9 11 a 1"]);
    assert!(matches!(run.change(r#"{"gap":"1s"}"#, Some(WHOLE)), StateFate::Kept | StateFate::Partly(_)));
}

#[test]
fn another_time_key_or_kind_of_window_begins_anew() {
    let change = |to: &str, behind: &str| {
        let mut run = Run::new("{}", Some(COUNT));
        run.batch(&[at(0, "a", 1)], None);
        run.change(to, Some(behind))
    };
    assert!(matches!(change(r#"{"time":"arrival"}"#, COUNT), StateFate::Reset(_)));
    assert!(matches!(change("{}", r#"{"by":["page"]}"#), StateFate::Reset(_)));
    assert!(matches!(change(r#"{"per":["key"]}"#, r#"{"by":["key","page"]}"#), StateFate::Reset(_)));
    assert_eq!(change("{}", CHANGE), StateFate::Kept);
    assert_eq!(change(r#"{"per":["key"]}"#, COUNT), StateFate::Kept);
    assert!(matches!(change(r#"{"gap_expression":"value"}"#, COUNT), StateFate::Partly(_)));
}

#[test]
fn mistakes_say_what_to_do() {
    let params = r#"{"per":["kye"],"gap_expression":"key = 'a'","time":"event","event_time":"page"}"#;
    let sentences = refusals(&KIND, params, &LinkType::plain(watched().schema));
    assert_eq!(sentences.len(), 2, "{sentences:?}");
    assert!(sentences.iter().any(|sentence| sentence.contains("did you mean `key`?")), "{sentences:?}");
    assert!(sentences.iter().any(|sentence| sentence.contains("number of seconds")), "{sentences:?}");
    assert!(refusals(&KIND, r#"{"time":"event"}"#, &arrivals())[0].contains("put a Watermark"));
    assert!(
        refusals(&KIND, r#"{"time":"event","event_time":"word"}"#, &arrivals())[0].contains("CAST(word AS timestamp)")
    );
    let windowed = plan(&KIND, "{}", &watched()).unwrap().outputs[0].clone();
    assert!(refusals(&KIND, "{}", &windowed)[0].contains("windowed already"));
    // A node in between dropped what the sessions need.
    let LinkType { window, .. } =
        plan(&KIND, r#"{"per":["key"],"gap_expression":"value"}"#, &watched()).unwrap().outputs[0].clone();
    let narrow = |columns: &[usize]| {
        let schema = std::sync::Arc::new(watched().schema.project(columns).unwrap());
        let link = LinkType { window: window.clone(), event_time: watched().event_time, ..LinkType::plain(schema) };
        refusals(&aggregate::KIND, "{}", &link).remove(0)
    };
    assert!(narrow(&[0, 2, 3]).contains("every `key` has windows of its own"));
    assert!(narrow(&[0, 1, 2]).contains("`value`"));
    assert!(narrow(&[1, 2, 3]).contains("`ts`, by which the sessions go"));
}

#[test]
fn only_final_results_may_be_counted_again() {
    let window = plan(&KIND, "{}", &watched()).unwrap();
    let event_time =
        |params: &str| plan(&group::KIND, params, &window.outputs[0]).unwrap().outputs[0].event_time.clone();
    assert_eq!(event_time(COUNT).map(|time| time.column), Some("window_end".to_owned()));
    assert_eq!(event_time(CHANGE), None);
}

#[test]
fn users_whose_sessions_closed_are_forgotten() {
    let mut run = Run::new(r#"{"gap":"5s"}"#, Some(r#"{"by":["value"]}"#));
    let mut rows_run = Run::new(r#"{"gap":"5s","per":["value"]}"#, None);
    let mut sizes = Vec::new();
    for round in 0..40i64 {
        let rows: Vec<Event> = (0..400).map(|user| at(round * 10, "a", round * 1_000 + user)).collect();
        let watermark = Some((round * 10 - 5) * 1_000_000);
        for run in [&mut run, &mut rows_run] {
            assert_eq!(run.batch(&rows, watermark).out.len(), if round == 0 { 0 } else { 400 });
            assert_eq!(run.behind().state_size().rows, 400);
        }
        sizes.push(run.behind().state_size().bytes + rows_run.behind().state_size().bytes);
    }
    let (early, late) = sizes.split_at(15);
    assert!(late.iter().max() <= early.iter().max().map(|size| size * 2).as_ref(), "{sizes:?}");
}
