//! Count windows against an oracle that keeps every row, while their shape changes.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::KIND;
use crate::nodes::gather::gather;
use crate::nodes::testdrive::{Driver, ints, operator, plan, refusals, shown, words};
use crate::nodes::transforms::{aggregate, group};
use crate::plan::{LinkType, Operator, StateFate};

fn link(rows: u64, slide: u64, per: &str) -> LinkType {
    let params = format!(r#"{{"rows":{rows},"slide":{slide},"per":{per}}}"#);
    plan(&KIND, &params, &LinkType::plain(words(&[]).schema())).unwrap().outputs[0].clone()
}

#[test]
fn the_example_of_the_documentation_holds() {
    let input =
        plan(&KIND, r#"{"rows":3,"slide":2}"#, &LinkType::plain(ints(&[]).schema())).unwrap().outputs[0].clone();
    let params = r#"{"aggregates":[{"function":"count"},{"function":"sum","argument":"n"}]}"#;
    let mut totals = operator(&aggregate::KIND, params, &input);
    let mut driver = Driver::new(1.0);
    assert!(!driver.feed(&mut *totals, vec![(0.0, ints(&[1]))]).fired());
    assert_eq!(shown(&driver.feed(&mut *totals, vec![(1.0, ints(&[2]))])), ["0 1.000001 2 3"]);
    assert!(!driver.feed(&mut *totals, vec![(2.0, ints(&[3]))]).fired());
    assert_eq!(shown(&driver.feed(&mut *totals, vec![(3.0, ints(&[4]))])), ["1 3.000001 3 9"]);
    assert!(!driver.feed(&mut *totals, vec![]).fired());
}

#[test]
fn windows_come_in_the_order_of_the_rows_that_completed_them() {
    let mut counts = operator(&group::KIND, r#"{"by":["word"]}"#, &link(2, 2, "[]"));
    let rows = words(&[("a", 0), ("b", 0), ("b", 0), ("a", 0), ("c", 0), ("b", 0), ("b", 0)]);
    let out = shown(&Driver::new(1.0).feed(&mut *counts, vec![(0.0, rows)]));
    assert_eq!(out, ["0 0.000001 b 2", "0 0.000001 a 2", "0 0.000001 b 2"]);
    assert_eq!(counts.state_size().rows, 1, "only the row of c waits");
}

#[test]
fn rows_of_a_user_are_counted_and_each_window_gives_a_result_per_value() {
    let mut counts = operator(&group::KIND, r#"{"by":["n"]}"#, &link(3, 3, r#"["word"]"#));
    let rows = words(&[("a", 1), ("a", 2), ("b", 1), ("a", 1), ("a", 1)]);
    let mut out = shown(&Driver::new(1.0).feed(&mut *counts, vec![(0.0, rows)]));
    out.sort();
    assert_eq!(out, ["0 0.000001 a 1 2", "0 0.000001 a 2 1"]);
}

#[test]
fn gaps_are_warned_about_and_mistakes_refused() {
    let input = LinkType::plain(words(&[]).schema());
    assert!(plan(&KIND, r#"{"rows":2,"slide":3}"#, &input).unwrap().warnings[0].message.contains("no window"));
    assert!(refusals(&KIND, r#"{"per":["wrod"]}"#, &input)[0].contains("did you mean `word`?"));
    assert!(refusals(&KIND, "{}", &link(1, 1, "[]"))[0].contains("windowed already"));
}

#[test]
fn other_keys_begin_anew_and_another_shape_goes_on() {
    let mut driver = Driver::new(1.0);
    let mut before = operator(&group::KIND, r#"{"by":["word"]}"#, &link(3, 1, "[]"));
    driver.feed(&mut *before, vec![(0.0, words(&[("a", 1), ("a", 2), ("a", 3)]))]);
    let mut after = operator(&group::KIND, r#"{"by":["word"]}"#, &link(2, 1, "[]"));
    assert_eq!(after.take_over(before), StateFate::Kept);
    assert_eq!(shown(&driver.feed(&mut *after, vec![(1.0, words(&[("a", 1)]))])), ["0 1.000001 a 2"]);
    let mut longer = operator(&group::KIND, r#"{"by":["word"]}"#, &link(5, 1, "[]"));
    assert!(matches!(longer.take_over(after), StateFate::Partly(_)));
    assert_eq!(shown(&driver.feed(&mut *longer, vec![(2.0, words(&[("a", 1)]))])), ["1 2.000001 a 2"]);
    let mut other = operator(&group::KIND, r#"{"by":["n"]}"#, &link(5, 1, "[]"));
    assert!(matches!(other.take_over(longer), StateFate::Reset(_)));
}

/// One key's rows: those that a window to come may need, and how many came since the last window.
#[derive(Debug, Default)]
struct Held {
    rows: VecDeque<(i64, i64)>,
    since: usize,
}

fn line(word: &str, rows: &VecDeque<(i64, i64)>) -> String {
    let values: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let (start, end) = (rows[0].0 as f64 / 1e3, (rows[rows.len() - 1].0 * 1_000 + 1) as f64 / 1e6);
    let sum: i64 = values.iter().sum();
    let list = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let (count, min, last) = (values.len(), values.iter().min().unwrap(), values[values.len() - 1]);
    format!("{start} {end} {word} {count} {sum} {min} {} {last} [{list}]", values[0])
}

const PARAMS: &str = r#"{"by":["word"],"aggregates":[{"function":"count"},{"function":"sum","argument":"n"},
    {"function":"min","argument":"n"},{"function":"first","argument":"n"},{"function":"last","argument":"n"},
    {"function":"collect_list","argument":"n"}]}"#;

/// What happens in one batch: rows, and perhaps another shape before it.
type Batch = (Vec<(u8, i64)>, Option<(usize, usize)>);

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let rows = prop::collection::vec((0u8..4, -9i64..9), 0..25);
    let shape = (1usize..12, 1usize..9);
    prop::collection::vec((rows, prop::option::weighted(0.2, shape)), 1..20)
}

fn behind(rows: usize, slide: usize, wants_rows: bool) -> Box<dyn Operator> {
    let per = if wants_rows { r#"["word"]"# } else { "[]" };
    let link = link(rows as u64, slide as u64, per);
    if wants_rows { gather(&link).unwrap().1 } else { operator(&group::KIND, PARAMS, &link) }
}

/// Rows are counted one by one where windows may begin anywhere.
fn is_exact(rows: usize, slide: usize) -> bool {
    (2..=rows.min(slide)).all(|divisor| !rows.is_multiple_of(divisor) || !slide.is_multiple_of(divisor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_window_equals_its_recount_whatever_changes_meanwhile(
        batches in batches(), rows in 1usize..12, slide in 1usize..9, cut in 1usize..5, wants_rows in any::<bool>(),
    ) {
        let (mut rows, mut slide) = (rows, slide);
        let mut node = behind(rows, slide, wants_rows);
        let mut driver = Driver::new(1.0);
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        for (second, (batch, change)) in (0i64..).zip(batches) {
            // A block that was begun under one shape is taken whole by the next: only single rows stay exact.
            let change = change.filter(|new| wants_rows || (is_exact(rows, slide) && is_exact(new.0, new.1)));
            if let Some(new) = change {
                let mut next = behind(new.0, new.1, wants_rows);
                prop_assert!(!matches!(next.take_over(node), StateFate::Reset(_)));
                node = next;
                if new.1 != slide {
                    held.values_mut().for_each(|held| held.since = 0);
                }
                (rows, slide) = new;
            }
            let mut expected = Vec::new();
            let mut chunks = Vec::new();
            for (at, chunk) in (0i64..).zip(batch.chunks(cut)) {
                let arrived = second * 1_000 + at;
                let chunk: Vec<(String, i64)> =
                    chunk.iter().map(|(word, n)| (format!("some long word {word}"), *n)).collect();
                let content: Vec<(&str, i64)> = chunk.iter().map(|(word, n)| (word.as_str(), *n)).collect();
                chunks.push((arrived as f64 / 1e3, words(&content)));
                for (word, n) in &chunk {
                    let key = held.entry(word.clone()).or_default();
                    key.rows.push_back((arrived, *n));
                    key.since += 1;
                    let mut keep = rows.saturating_sub(slide.saturating_sub(key.since));
                    if key.since >= slide {
                        while key.rows.len() > rows {
                            key.rows.pop_front();
                        }
                        if wants_rows {
                            let end = (arrived * 1_000 + 1) as f64 / 1e6;
                            let start = key.rows[0].0 as f64 / 1e3;
                            expected.extend(key.rows.iter().map(|row| format!("{start} {end} {word} {}", row.1)));
                        } else {
                            expected.push(line(word, &key.rows));
                        }
                        key.since = 0;
                        keep = rows.saturating_sub(slide);
                    }
                    while key.rows.len() > keep {
                        key.rows.pop_front();
                    }
                }
            }
            prop_assert_eq!(shown(&driver.feed(&mut *node, chunks)), expected);
        }
    }

    #[test]
    fn keys_that_hold_nothing_are_forgotten(rounds in 30usize..50) {
        let mut node = operator(&group::KIND, r#"{"by":["word"]}"#, &link(2, 2, "[]"));
        let mut driver = Driver::new(1.0);
        let mut sizes = Vec::new();
        for round in 0..rounds {
            let names: Vec<String> = (0..300).map(|at| format!("the word number {at} of round {round}")).collect();
            let rows: Vec<(&str, i64)> = names.iter().flat_map(|name| [(name.as_str(), 1), (name.as_str(), 2)]).collect();
            prop_assert_eq!(driver.feed(&mut *node, vec![(round as f64, words(&rows))]).row_count(), 300);
            prop_assert_eq!(node.state_size().rows, 0);
            sizes.push(node.state_size().bytes);
        }
        let (early, late) = sizes.split_at(12);
        prop_assert!(late.iter().max() <= early.iter().max().map(|size| size * 2).as_ref(), "{:?}", sizes);
    }
}
