//! Windowed groups against recounting every window from all rows, while length and slide change.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::testdrive::{Driver, operator, shown, words};
use crate::nodes::transforms::group;
use crate::plan::{LinkType, StateFate};
use crate::spec::Span;
use crate::window::WindowSpec;

const PARAMS: &str = r#"{"by":["word"],"aggregates":[{"function":"count"},{"function":"sum","argument":"n"},
    {"function":"avg","argument":"n"},{"function":"min","argument":"n"},{"function":"first","argument":"n"},
    {"function":"last","argument":"n"},{"function":"count_distinct","argument":"n"},
    {"function":"collect_list","argument":"n"}]}"#;

/// A row: when it arrived in milliseconds, its key, its value.
type Arrival = (i64, String, i64);

/// What happens in one batch: rows by their millisecond within it, and perhaps a new length and slide before it.
#[derive(Debug, Clone)]
struct Batch {
    rows: Vec<(i64, u8, i64)>,
    change: Option<(i64, i64)>,
}

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let rows = prop::collection::vec((0i64..1_000, 0u8..6, -9i64..9), 0..12);
    let knobs = (1i64..80, 1i64..30).prop_map(|(length, slide)| (length * 100, slide * 100));
    let batch = (rows, prop::option::weighted(0.2, knobs)).prop_map(|(rows, change)| Batch { rows, change });
    prop::collection::vec(batch, 1..25)
}

/// History of a minute is kept in steps of 100 ms, so that all changes here are exact.
fn link(length: i64, slide: i64) -> LinkType {
    let window =
        WindowSpec { length: Span::from_millis(length), slide: Span::from_millis(slide), retain: Span::from_secs(60) };
    LinkType { window: Some(window.into()), ..LinkType::plain(words(&[]).schema()) }
}

/// The rows of a window, counted by hand.
fn recount(all: &[Arrival], start: i64, end: i64) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (_, word, n) in all.iter().filter(|(at, _, _)| (start..end).contains(at)) {
        groups.entry(word).or_default().push(*n);
    }
    let line = |(word, values): (&&str, &Vec<i64>)| {
        let sum: i64 = values.iter().sum();
        let distinct: std::collections::BTreeSet<_> = values.iter().collect();
        let list = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let mean = sum as f64 / values.len() as f64;
        let (count, min) = (values.len(), values.iter().min().unwrap());
        let (oldest, newest) = (values[0], values[count - 1]);
        let (start, end) = (start as f64 / 1e3, end as f64 / 1e3);
        format!("{start} {end} {word} {count} {sum} {mean} {min} {oldest} {newest} {} [{list}]", distinct.len())
    };
    groups.iter().map(line).collect()
}

proptest! {
    #[test]
    fn every_window_equals_its_recount_whatever_changes_meanwhile(
        batches in batches(), length in 1i64..80, slide in 1i64..30, cut in 1usize..5,
    ) {
        let (mut length, mut slide) = (length * 100, slide * 100);
        let mut group = operator(&group::KIND, PARAMS, &link(length, slide));
        let mut driver = Driver::new(1.0);
        let mut all: Vec<Arrival> = Vec::new();
        let mut reached = 0;
        for (second, batch) in (0i64..).zip(batches) {
            if let Some(change) = batch.change {
                let mut next = operator(&group::KIND, PARAMS, &link(change.0, change.1));
                prop_assert_eq!(next.take_over(group), StateFate::Kept);
                group = next;
                if change.1 != slide {
                    reached = second * 1_000;
                }
                (length, slide) = change;
            }
            let mut rows = batch.rows;
            rows.sort_by_key(|row| row.0);
            let rows: Vec<Arrival> =
                rows.into_iter().map(|(at, word, n)| (second * 1_000 + at, format!("some long word {word}"), n)).collect();
            // Rows of one chunk share their arrival, as those of one read from a socket do.
            let mut chunks = Vec::new();
            for chunk in rows.chunks(cut) {
                let arrived = chunk[0].0;
                let content: Vec<(&str, i64)> = chunk.iter().map(|(_, word, n)| (word.as_str(), *n)).collect();
                chunks.push((arrived as f64 / 1e3, words(&content)));
                all.extend(chunk.iter().map(|(_, word, n)| (arrived, word.clone(), *n)));
            }
            let flow = driver.feed(&mut *group, chunks);
            let mut expected = Vec::new();
            let mut is_due = false;
            while reached + slide <= (second + 1) * 1_000 {
                reached += slide;
                is_due = true;
                expected.extend(recount(&all, reached - length, reached));
            }
            prop_assert_eq!(flow.fired(), is_due);
            let mut out = shown(&flow);
            out.sort();
            expected.sort();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn keys_that_left_the_window_are_forgotten(batches in 60usize..90) {
        let mut group = operator(&group::KIND, r#"{"by":["word"]}"#, &LinkType {
            window: Some(WindowSpec {
                length: Span::from_secs(2), slide: Span::from_secs(1), retain: Span::from_secs(2),
            }.into()),
            ..link(1, 1)
        });
        let mut driver = Driver::new(1.0);
        for batch in 0..batches {
            let names: Vec<String> = (0..100).map(|at| format!("{batch} {at}")).collect();
            let rows: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
            let flow = driver.feed(&mut *group, vec![(batch as f64 + 0.5, words(&rows))]);
            let window = format!("{} {}", batch as f64 - 1.0, batch + 1);
            let held = (batch.saturating_sub(1)..=batch).flat_map(|batch| (0..100).map(move |at| (batch, at)));
            let expected: Vec<String> = held.map(|(batch, at)| format!("{window} {batch} {at} 1")).collect();
            prop_assert_eq!(shown(&flow), expected);
            prop_assert!(group.state_size().rows <= 400, "{:?}", group.state_size());
        }
    }
}
