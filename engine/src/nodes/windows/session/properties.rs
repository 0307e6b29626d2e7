//! Sessions against an oracle that keeps every row and sorts them all anew in every batch.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{Event, Run, events};

const SECOND: i64 = 1_000_000;
const KEYS: [&str; 4] = ["a", "b", "a key of some length c", "a key of some length d"];
const PAGES: [&str; 3] = ["x", "y", "a page of some length z"];

/// A row as the oracle keeps it.
#[derive(Debug, Clone)]
struct Row {
    time: i64,
    end: i64,
    page: &'static str,
    value: i64,
    batch: usize,
}

/// Rows that are together for good, because they once were under a smaller gap than any after it.
#[derive(Debug, Clone)]
struct Lump {
    first: i64,
    last: i64,
    rows: Vec<Row>,
}

/// One key's rows.
type Lumps = Vec<Lump>;

fn joined(lumps: &Lumps, reach: impl Fn(&Lump) -> i64) -> Lumps {
    let mut sorted = lumps.clone();
    sorted.sort_by_key(|lump| lump.first);
    let mut joined: Lumps = Vec::new();
    for lump in sorted {
        match joined.last_mut() {
            Some(last) if lump.first <= reach(last) => {
                last.last = last.last.max(lump.last);
                last.rows.extend(lump.rows);
            }
            Some(_) | None => joined.push(lump),
        }
    }
    joined
}

/// How far a lump reaches: by a gap for all, or by its rows' own.
fn reach(gap: Option<i64>) -> impl Fn(&Lump) -> i64 {
    move |lump| match gap {
        Some(gap) => lump.last + gap,
        None => lump.rows.iter().map(|row| row.end).max().unwrap(),
    }
}

fn secs(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// The aggregates of rows, counted by hand. Of rows of one time the one that came later is the later.
fn line(key: &str, session: &Lump, end: i64) -> String {
    let mut rows = session.rows.clone();
    rows.sort_by_key(|row| row.time);
    let values: Vec<i64> = rows.iter().map(|row| row.value).collect();
    let sum: i64 = values.iter().sum();
    let mut distinct = values.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let (count, first, last) = (values.len(), values[0], values[values.len() - 1]);
    let mean = sum as f64 / count as f64;
    let min = distinct[0];
    format!("{} {} {key} {count} {sum} {mean} {min} {first} {last} {}", secs(session.first), secs(end), distinct.len())
}

/// Takes out the sessions that end by this time.
fn close_all(held: &mut BTreeMap<&'static str, Lumps>, gap: Option<i64>, by: i64) -> Vec<String> {
    let mut closed = Vec::new();
    for (key, lumps) in held {
        for session in joined(lumps, reach(gap)) {
            let end = reach(gap)(&session);
            if end <= by {
                closed.push(line(key, &session, end));
                lumps.retain(|lump| lump.first < session.first || lump.last > session.last);
            }
        }
    }
    closed
}

const AGGREGATES: &str = r#""aggregates":[{"function":"count"},{"function":"sum","argument":"value"},
    {"function":"avg","argument":"value"},{"function":"min","argument":"value"},
    {"function":"first","argument":"value"},{"function":"last","argument":"value"},
    {"function":"count_distinct","argument":"value"}]"#;

fn behind(emit: &str) -> String {
    format!(r#"{{"by":["key"],"emit":"{emit}",{AGGREGATES}}}"#)
}

/// A row: by how much its time lies behind the newest, its key, its page, its value.
type Drawn = (i64, usize, usize, i64);

#[derive(Debug, Clone)]
struct Batch {
    rows: Vec<Drawn>,
    /// How far time goes on.
    step: i64,
    /// Another gap before the batch, in seconds.
    gap: Option<i64>,
}

fn batches(changes: f64) -> impl Strategy<Value = Vec<Batch>> {
    let row = (0i64..30, 0usize..KEYS.len(), 0usize..PAGES.len(), -9i64..9);
    let batch = (prop::collection::vec(row, 0..10), 0i64..12, prop::option::weighted(changes, 1i64..9));
    prop::collection::vec(batch.prop_map(|(rows, step, gap)| Batch { rows, step, gap }), 1..25)
}

fn window(gap: i64, per_row: bool) -> String {
    if per_row { r#"{"gap_expression":"value + 3"}"#.to_owned() } else { format!(r#"{{"gap":"{gap}s"}}"#) }
}

/// What the watermark waits for, in seconds.
const DELAY: i64 = 12;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_session_equals_its_recount_whatever_changes_meanwhile(
        batches in batches(0.2), gap in 1i64..9, emit in prop::sample::select(vec!["close", "change", "whole"]),
        per_row in any::<bool>(), cut in 1usize..6,
    ) {
        let mut gap = gap;
        let mut finest = gap;
        let mut run = Run::new(&window(gap, per_row), Some(&behind(emit)));
        let mut held: BTreeMap<&'static str, Lumps> = BTreeMap::new();
        let (mut newest, mut now) = (0, 40);
        let mut late = i64::MIN;
        for (number, batch) in batches.into_iter().enumerate() {
            if let (Some(change), false) = (batch.gap, per_row) {
                if change < finest {
                    held.values_mut().for_each(|lumps| *lumps = joined(lumps, reach(Some(finest * SECOND))));
                }
                (gap, finest) = (change, finest.min(change));
                run.change(&window(gap, false), Some(&behind(emit)));
            }
            now += batch.step;
            let rows: Vec<Event> = batch.rows.iter().map(|(behind, key, page, value)| {
                (Some((now - behind) * SECOND), KEYS[*key], PAGES[*page], *value)
            }).collect();
            let mut expected = Vec::new();
            if emit != "whole" {
                // A gap that became shorter may have ended sessions before this batch.
                let closed = close_all(&mut held, (!per_row).then_some(gap * SECOND), late);
                expected.extend(closed.into_iter().filter(|_| emit == "close"));
            }
            let (mut late_rows, mut rejected) = (0, 0);
            for (time, key, page, value) in &rows {
                let time = time.unwrap();
                let own = if per_row { (value + 3) * SECOND } else { gap * SECOND };
                let end = time + own;
                if own <= 0 {
                    rejected += 1;
                } else if end <= late {
                    late_rows += 1;
                } else {
                    let row = Row { time, end, page, value: *value, batch: number };
                    held.entry(key).or_default().push(Lump { first: time, last: time, rows: vec![row] });
                }
            }
            let close = if number == 0 { i64::MIN } else { (newest - DELAY) * SECOND };
            let given = run.chunks(rows.chunks(cut).map(events).collect(), (number > 0).then_some(close));
            // Only rows with a gap move the watermark; an older batch never moves it back.
            newest = newest.max(rows.iter().map(|row| row.0.unwrap() / SECOND).max().unwrap_or(0));
            late = close;
            prop_assert_eq!((given.late.len(), given.rejected.len()), (late_rows, rejected));

            let gap_now = (!per_row).then_some(gap * SECOND);
            for (key, lumps) in &held {
                for session in &joined(lumps, reach(gap_now)) {
                    let end = reach(gap_now)(session);
                    let is_touched = session.rows.iter().any(|row| row.batch == number);
                    if emit == "whole" || (emit == "change" && is_touched) || (emit == "close" && end <= close) {
                        expected.push(line(key, session, end));
                    }
                }
            }
            if emit != "whole" {
                close_all(&mut held, gap_now, close);
            }
            expected.sort();
            prop_assert_eq!(&given.out, &expected);
        }
    }

    #[test]
    fn nothing_depends_on_how_the_rows_are_cut_into_batches(
        rows in prop::collection::vec((0i64..6, 0i64..=DELAY, 0usize..KEYS.len(), 1i64..9), 1..60),
        cuts in prop::collection::vec((1usize..9, 1usize..5), 1..20), gap in 1i64..9, per_row in any::<bool>(),
    ) {
        let mut now = 0;
        let rows: Vec<Event> = rows.into_iter().map(|(step, behind, key, value)| {
            now += step;
            // Less than the delay behind: never late.
            (Some((now - behind) * SECOND + 1), KEYS[key], PAGES[0], value)
        }).collect();
        let results = |cuts: &[(usize, usize)]| {
            let mut run = Run::new(&window(gap, per_row), Some(&behind("close")));
            let mut out = Vec::new();
            let mut rest = &rows[..];
            let (mut newest, mut mark) = (i64::MIN, None);
            for (size, chunk) in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (batch, after) = rest.split_at((*size).min(rest.len()));
                let given = run.chunks(batch.chunks(*chunk).map(events).collect(), mark);
                assert_eq!(given.late.len(), 0);
                out.extend(given.out);
                newest = newest.max(batch.iter().map(|row| row.0.unwrap()).max().unwrap());
                mark = Some(newest - DELAY * SECOND - 1);
                rest = after;
            }
            out.extend(run.batch(&[], Some(i64::from(u32::MAX) * SECOND)).out);
            out.sort();
            out
        };
        prop_assert_eq!(results(&cuts), results(&[(rows.len(), rows.len())]));
    }

    #[test]
    fn pages_within_the_sessions_of_a_user_equal_their_recount(
        batches in batches(0.01), gap in 1i64..9, wants_rows in any::<bool>(),
    ) {
        let window = format!(r#"{{"gap":"{gap}s","per":["key"]}}"#);
        let params = r#"{"by":["page","key"],"aggregates":[{"function":"count"},{"function":"sum","argument":"value"}]}"#;
        let mut run = Run::new(&window, (!wants_rows).then_some(params));
        let mut held: BTreeMap<&'static str, Lumps> = BTreeMap::new();
        let (mut now, mut late) = (40, i64::MIN);
        for (number, batch) in batches.into_iter().enumerate() {
            let close = if number == 0 { i64::MIN } else { (now - DELAY) * SECOND };
            now += batch.step;
            let rows: Vec<Event> = batch.rows.iter().map(|(behind, key, page, value)| {
                (Some((now - behind) * SECOND), KEYS[*key], PAGES[*page], *value)
            }).collect();
            for (time, key, page, value) in &rows {
                let time = time.unwrap();
                let end = time + gap * SECOND;
                if end > late {
                    let row = Row { time, end, page, value: *value, batch: number };
                    held.entry(key).or_default().push(Lump { first: time, last: time, rows: vec![row] });
                }
            }
            let given = run.batch(&rows, (number > 0).then_some(close));
            late = close;
            let mut expected = Vec::new();
            for (key, lumps) in &mut held {
                let (closed, open): (Lumps, Lumps) = joined(lumps, reach(Some(gap * SECOND)))
                    .into_iter().partition(|session| session.last + gap * SECOND <= close);
                *lumps = open;
                for session in closed {
                    let bounds = format!("{} {}", secs(session.first), secs(session.last + gap * SECOND));
                    if wants_rows {
                        expected.extend(session.rows.iter().map(|row| {
                            format!("{bounds} {} {key} {} {}", secs(row.time), row.page, row.value)
                        }));
                        continue;
                    }
                    let mut pages: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
                    for row in &session.rows {
                        let page = pages.entry(row.page).or_default();
                        *page = (page.0 + 1, page.1 + row.value);
                    }
                    expected.extend(pages.iter().map(|(page, (count, sum))| format!("{bounds} {page} {key} {count} {sum}")));
                }
            }
            expected.sort();
            prop_assert_eq!(&given.out, &expected);
        }
        run.batch(&[], Some(1_000_000 * SECOND));
        prop_assert_eq!(run.behind().state_size().rows, 0);
    }
}
