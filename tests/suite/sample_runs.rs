//! Every sample runs, and gives what its data says: its source is tapped, and what its sinks show is counted anew from
//! those rows by the plainest code there is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use weir_engine::format::open;
use weir_engine::pipeline::Pipeline;

use crate::files::{root, text_of};
use crate::support::{Batch, Draw, VirtualRun, with_param};

const SECOND: i64 = 1_000_000;

fn sample(name: &str) -> Pipeline {
    open(root().join(format!("samples/{name}.weir.json"))).expect("the sample opens").pipeline
}

/// A sample at another rate, with a table `tap` on one of its ports.
fn tapped(name: &str, port: &str, rate: Option<u32>) -> Draw {
    let mut pipeline = sample(name);
    if let Some(rate) = rate {
        let source = port.split('.').next().expect("a name");
        pipeline = with_param(&pipeline, source, "rate", json!(rate));
    }
    Draw { pipeline }.node("tap", "sink.table", json!({})).wire(port, "tap")
}

fn run(drawn: &Draw, batches: usize) -> Vec<Batch> {
    let mut run = VirtualRun::start(&drawn.pipeline, 2);
    let batches = run.steps(batches);
    for batch in &batches {
        assert_eq!(batch.failures, Vec::new());
    }
    batches
}

fn shown(batch: &Batch, sink: &str) -> Vec<Value> {
    batch.rows(sink).cloned().unwrap_or_default()
}

fn text(row: &Value, at: usize) -> String {
    row[at].as_str().unwrap_or_else(|| panic!("no text at {at}: {row}")).to_owned()
}

fn int(row: &Value, at: usize) -> i64 {
    row[at].as_i64().unwrap_or_else(|| panic!("no whole number at {at}: {row}"))
}

fn double(row: &Value, at: usize) -> f64 {
    row[at].as_f64().unwrap_or_else(|| panic!("no number at {at}: {row}"))
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * (1.0 + one.abs())
}

/// How often each word comes.
fn counted(words: impl Iterator<Item = String>) -> BTreeMap<String, i64> {
    words.fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word).or_insert(0) += 1;
        counts
    })
}

fn words_of(batches: &[Batch], column: usize) -> BTreeMap<String, i64> {
    let lines = batches.iter().flat_map(|batch| shown(batch, "tap"));
    counted(lines.flat_map(|row| text(&row, column).split(' ').map(str::to_owned).collect::<Vec<_>>()))
}

/// Whether rows `word, count` are the most frequent of these words, most frequent first.
fn are_the_top(rows: &[(String, i64)], counts: &BTreeMap<String, i64>, limit: usize) {
    let mut best: Vec<i64> = counts.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    best.truncate(limit);
    assert_eq!(rows.iter().map(|(_, count)| *count).collect::<Vec<_>>(), best);
    assert!(rows.iter().all(|(word, count)| counts.get(word) == Some(count)), "{rows:?}");
    assert_eq!(rows.iter().map(|(word, _)| word).collect::<BTreeSet<_>>().len(), rows.len(), "each once");
}

fn pairs(rows: &[Value], word: usize, count: usize) -> Vec<(String, i64)> {
    rows.iter().map(|row| (text(row, word), int(row, count))).collect()
}

#[test]
fn word_count() {
    let batches = run(&tapped("word_count", "lines.out", None), 5);
    for batch in batches.chunks(1) {
        let counts = words_of(batch, 0);
        assert!(counts.len() > 100, "{}", counts.len());
        are_the_top(&pairs(&shown(&batch[0], "table"), 0, 1), &counts, 10);
    }
}

/// Windows by arrival that end at ticks: what a sink shows at a tick is that of the batches since the window's start.
fn windows_of_batches(batches: &[Batch], sink: &str, length: usize, slide: usize, check: impl Fn(&[Batch], &[Value])) {
    for (at, batch) in (1..).zip(batches) {
        if at % slide > 0 {
            assert!(batch.rows(sink).is_none(), "no window ends after {at} batches");
            continue;
        }
        let rows = batch.rows(sink).unwrap_or_else(|| panic!("a window ends after {at} batches"));
        check(&batches[at.saturating_sub(length)..at], rows);
    }
}

#[test]
fn windowed_word_count() {
    let batches = run(&tapped("windowed_word_count", "lines.out", Some(20)), 40);
    windows_of_batches(&batches, "table", 30, 5, |covered, rows| {
        are_the_top(&pairs(rows, 2, 3), &words_of(covered, 0), 10);
    });
}

#[test]
fn top_tags() {
    let batches = run(&tapped("top_tags", "tweets.out", Some(40)), 80);
    for sink in ["table", "bars"] {
        windows_of_batches(&batches, sink, 60, 10, |covered, rows| {
            let mut counts = words_of(covered, 2);
            counts.retain(|word, _| word.starts_with('#'));
            assert_eq!(counts.len(), 16, "every tag comes");
            are_the_top(&pairs(rows, 2, 3), &counts, 10);
        });
    }
}

#[test]
fn overload() {
    let drawn = tapped("overload", "lines.out", Some(200));
    let drawn = Draw { pipeline: with_param(&drawn.pipeline, "lines", "amplitude", json!(400)) };
    let batches = run(&drawn, 44);
    let rows: u64 = batches.iter().map(|batch| batch.report.input_rows).sum();
    assert!((6_000..8_000).contains(&rows), "a ramp from 200 to 600 lines a second over a minute, for 22 s: {rows}");
    windows_of_batches(&batches, "table", 20, 2, |covered, rows| {
        are_the_top(&pairs(rows, 2, 3), &words_of(covered, 0), 10);
    });
}

#[test]
fn running_word_count() {
    let batches = run(&tapped("running_word_count", "lines.out", None), 6);
    for at in 1..=batches.len() {
        let (so_far, now) = (words_of(&batches[..at], 0), words_of(&batches[at - 1..at], 0));
        let changed: BTreeMap<_, _> = so_far.into_iter().filter(|(word, _)| now.contains_key(word)).collect();
        are_the_top(&pairs(&shown(&batches[at - 1], "table"), 0, 1), &changed, 10);
    }
}

/// A line of the log, read by hand: minute, path, status.
fn request(line: &str) -> Option<(String, String, u16)> {
    let (head, rest) = line.split_once('"')?;
    let (request, rest) = rest.split_once('"')?;
    let (_, time) = head.split_once('[')?;
    let path = request.split(' ').nth(1)?;
    let status = rest.split_whitespace().next()?.parse().ok()?;
    Some((time.get(..17)?.to_owned(), path.to_owned(), status))
}

#[test]
fn access_log() {
    let batches = run(&tapped("access_log", "log.out", None), 12);
    let file = text_of(&root().join("samples/data/access.log"));
    let lines: Vec<String> = batches.iter().flat_map(|batch| shown(batch, "tap")).map(|row| text(&row, 0)).collect();
    assert_eq!(lines, file.lines().map(str::to_owned).collect::<Vec<_>>(), "the whole file, line by line");
    let unreadable: Vec<String> =
        batches.iter().flat_map(|batch| shown(batch, "unreadable")).map(|row| text(&row, 0)).collect();
    assert_eq!(unreadable, lines.iter().filter(|line| request(line).is_none()).cloned().collect::<Vec<_>>());
    assert!(!unreadable.is_empty());
    let mut totals: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for (minute, path, status) in lines.iter().filter_map(|line| request(line)) {
        let total = totals.entry((minute, path)).or_default();
        total.0 += i64::from(status >= 500);
        total.1 += 1;
    }
    let mut best: Vec<(i64, i64)> = totals.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    best.truncate(20);
    let last = batches.iter().rev().find(|batch| !shown(batch, "table").is_empty()).expect("it shows");
    let rows = shown(last, "table");
    assert_eq!(rows.iter().map(|row| (int(row, 3), int(row, 2))).collect::<Vec<_>>(), best);
    for row in rows {
        let found = totals
            .iter()
            .filter(|((_, path), total)| *path == text(&row, 1) && **total == (int(&row, 3), int(&row, 2)));
        assert!(found.count() > 0, "{row}");
    }
}

/// Sum and number of two columns, by the text in another.
fn means(rows: impl Iterator<Item = Value>, key: usize, columns: [usize; 2]) -> BTreeMap<String, ([f64; 2], i64)> {
    let mut sums: BTreeMap<String, ([f64; 2], i64)> = BTreeMap::new();
    for row in rows {
        let (sum, count) = sums.entry(text(&row, key)).or_default();
        columns.iter().zip(sum).for_each(|(column, sum)| *sum += double(&row, *column));
        *count += 1;
    }
    sums
}

#[test]
fn sensors() {
    let batches = run(&tapped("sensors", "readings.out", None), 31);
    let rows: usize = batches.iter().map(|batch| shown(batch, "tap").len()).sum();
    assert_eq!(rows, 2_320, "five minutes of readings in half a minute");
    for sink in ["table", "temperatures"] {
        windows_of_batches(&batches, sink, 10, 2, |covered, rows| {
            let means = means(covered.iter().flat_map(|batch| shown(batch, "tap")), 0, [2, 3]);
            assert_eq!(rows.len(), means.len());
            for row in rows {
                let ([temperature, humidity], count) = means[&text(row, 2)];
                let mean = |sum: f64| sum / count as f64;
                assert!(close(double(row, 3), mean(temperature)) && close(double(row, 4), mean(humidity)), "{row}");
                assert_eq!(int(row, 5), count);
            }
        });
    }
    let alerts: Vec<Value> = batches.iter().flat_map(|batch| shown(batch, "too_warm")).collect();
    assert!(!alerts.is_empty() && alerts.iter().all(|row| text(row, 1).starts_with("s5 is at 2")), "{alerts:?}");
}

/// The watermark of each batch by the times of the rows before it: what closes windows, and what rows are late by.
fn watermarks(batches: &[Batch], column: usize, delay: i64) -> Vec<(i64, i64)> {
    let (mut latest, mut late) = (None::<i64>, i64::MIN);
    let mut found = Vec::new();
    for batch in batches {
        let close = latest.map_or(i64::MIN, |latest| latest - delay);
        found.push((late, close));
        late = close;
        latest = latest.max(shown(batch, "tap").iter().map(|row| int(row, column)).max());
    }
    found
}

#[test]
fn late_data() {
    let batches = run(&tapped("late_data", "readings.out", None), 60);
    let marks = watermarks(&batches, 0, 10 * SECOND);
    let mut open: BTreeMap<(i64, String), (f64, i64)> = BTreeMap::new();
    let mut late_rows = 0;
    for (batch, (late, close_at)) in batches.iter().zip(marks) {
        let mut late_now = Vec::new();
        for row in shown(batch, "tap") {
            let start = int(&row, 0).div_euclid(10 * SECOND) * 10 * SECOND;
            if start + 10 * SECOND <= late {
                late_now.push((start, int(&row, 0), text(&row, 1)));
            } else {
                let (sum, count) = open.entry((start, text(&row, 1))).or_default();
                *sum += double(&row, 2);
                *count += 1;
            }
        }
        let told: Vec<_> = shown(batch, "came_too_late");
        let told: Vec<_> = told.iter().map(|row| (int(row, 0), int(row, 2), text(row, 3))).collect();
        assert_eq!(told, late_now);
        late_rows += told.len();
        let still_open = open.split_off(&(close_at.saturating_sub(10 * SECOND).saturating_add(1), String::new()));
        let closed = std::mem::replace(&mut open, still_open);
        let given = shown(batch, "closed_windows");
        assert_eq!(given.len(), closed.len());
        for row in given {
            let (sum, count) = closed[&(int(&row, 0), text(&row, 2))];
            assert!(int(&row, 1) - int(&row, 0) == 10 * SECOND && int(&row, 3) == count, "{row}");
            assert!(close(double(&row, 4), sum / count as f64), "{row}");
        }
    }
    assert!(late_rows > 300, "one row in twenty is up to a minute late: {late_rows}");
}

#[test]
fn ad_clicks() {
    let batches = run(&tapped("ad_clicks", "impressions.out", Some(30)), 70);
    let end = watermarks(&batches, 0, 5 * SECOND).last().expect("batches").1 - 31 * SECOND;
    let mut matched: BTreeMap<i64, Vec<Option<i64>>> = BTreeMap::new();
    for row in batches.iter().flat_map(|batch| shown(batch, "table")) {
        let cells = row.as_array().expect("cells");
        let click = cells[cells.len() - 1].as_i64();
        assert_eq!(cells.len(), 6, "an impression and the time of its click: {row}");
        matched.entry(int(&row, 0)).or_default().push(click);
    }
    let mut settled = 0;
    for row in batches.iter().flat_map(|batch| shown(batch, "tap")).filter(|row| int(row, 0) < end) {
        let click = row[4].as_bool().expect("clicked").then(|| int(&row, 0) + 10 * SECOND);
        assert_eq!(matched.get(&int(&row, 1)), Some(&vec![click]), "{row}: once, with its click or alone");
        settled += 1;
    }
    assert!(settled > 500, "{settled}");
}

#[test]
fn duplicates() {
    let batches = run(&tapped("duplicates", "orders.out", None), 8);
    let (mut seen, mut totals) = (BTreeSet::new(), BTreeMap::<String, (i64, f64)>::new());
    let mut repeats = 0;
    for batch in &batches {
        let mut repeated = Vec::new();
        for row in shown(batch, "tap") {
            if !seen.insert(int(&row, 1)) {
                repeated.push(row);
                continue;
            }
            let total = totals.entry(text(&row, 3)).or_default();
            total.0 += 1;
            total.1 += int(&row, 4) as f64 * double(&row, 5);
        }
        repeats += repeated.len();
        assert_eq!(shown(batch, "repeated"), repeated);
        let rows = shown(batch, "per_product");
        assert_eq!(rows.len(), totals.len());
        for row in rows {
            let (orders, revenue) = totals[&text(&row, 0)];
            assert!(int(&row, 1) == orders && close(double(&row, 2), revenue), "{row}");
        }
    }
    assert!(repeats > 100, "one order in ten comes twice: {repeats}");
}

#[test]
fn sentiment() {
    let batches = run(&tapped("sentiment", "tweets.out", None), 4);
    let file = text_of(&root().join("samples/data/sentiment.csv"));
    let scores: BTreeMap<&str, i64> = file
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(w, s)| (w, s.parse().expect("a score")))
        .collect();
    for batch in &batches {
        let mut moods: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in shown(batch, "tap") {
            for score in text(&row, 2).split(' ').filter_map(|word| scores.get(word)) {
                let mood = moods.entry(text(&row, 3)).or_default();
                mood.0 += score;
                mood.1 += 1;
            }
        }
        let rows = shown(batch, "table");
        assert!(rows.len() == moods.len() && rows.len() > 3, "{rows:?}");
        for row in rows {
            let (sum, count) = moods[&text(&row, 0)];
            assert!(close(double(&row, 1), sum as f64 / count as f64) && int(&row, 2) == count, "{row}");
        }
    }
}

#[test]
fn active_users() {
    let batches = run(&tapped("active_users", "clicks.out", None), 60);
    let mut users: BTreeMap<String, (i64, String, usize)> = BTreeMap::new();
    let mut left = 0;
    for (at, batch) in batches.iter().enumerate() {
        let mut now = BTreeSet::new();
        for row in shown(batch, "tap") {
            let user = users.entry(text(&row, 1)).or_default();
            (user.0, user.1, user.2) = (user.0 + 1, text(&row, 2), at);
            now.insert(text(&row, 1));
        }
        let as_shown = |row: &Value| (text(row, 0), int(row, 1), text(row, 2));
        let active: BTreeSet<_> = shown(batch, "active").iter().map(as_shown).collect();
        let expected = now.iter().map(|user| (user.clone(), users[user].0, users[user].1.clone())).collect();
        assert_eq!(active, expected, "batch {at}");
        let gone: BTreeSet<_> = shown(batch, "gone").iter().map(as_shown).collect();
        let silent: Vec<String> =
            users.iter().filter(|(_, (_, _, last))| at - last > 20).map(|(user, _)| user.clone()).collect();
        let expected = silent.iter().filter_map(|user| Some((user.clone(), users.remove(user)?)));
        let expected: BTreeSet<_> = expected.map(|(user, (clicks, page, _))| (user, clicks, page)).collect();
        assert_eq!(gone, expected, "batch {at}");
        left += gone.len();
    }
    assert!(left > 100, "{left}");
}

type Visit = (i64, i64, String, i64, String, String);

/// The sessions of all rows, found by sorting each user's clicks.
fn visits(batches: &[Batch], gap: i64) -> BTreeSet<Visit> {
    let mut clicks: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for row in batches.iter().flat_map(|batch| shown(batch, "tap")) {
        clicks.entry(text(&row, 1)).or_default().push((int(&row, 0), text(&row, 2)));
    }
    let mut found = BTreeSet::new();
    for (user, mut clicks) in clicks {
        clicks.sort();
        let mut visit: Vec<(i64, String)> = Vec::new();
        for click in clicks.into_iter().map(Some).chain([None]) {
            let goes_on = match (visit.last(), &click) {
                (Some(last), Some(click)) => click.0 - last.0 <= gap,
                (None, _) => true,
                (Some(_), None) => false,
            };
            if !goes_on {
                let (first, last) = (visit[0].clone(), visit[visit.len() - 1].clone());
                found.insert((
                    first.0,
                    last.0 + gap,
                    user.clone(),
                    i64::try_from(visit.len()).expect("few"),
                    first.1,
                    last.1,
                ));
                visit.clear();
            }
            visit.extend(click);
        }
    }
    found
}

#[test]
fn sessions() {
    let batches = run(&tapped("sessions", "clicks.out", Some(20)), 200);
    let end = watermarks(&batches, 0, 5 * SECOND).last().expect("batches").1;
    let read = |row: &Value| (int(row, 0), int(row, 1), text(row, 2), int(row, 3), text(row, 4), text(row, 5));
    let given: Vec<Visit> =
        batches.iter().flat_map(|batch| shown(batch, "finished_visits")).map(|row| read(&row)).collect();
    let expected: BTreeSet<Visit> = visits(&batches, 15 * SECOND).into_iter().filter(|visit| visit.1 <= end).collect();
    assert!(expected.len() > 1_000, "{}", expected.len());
    assert_eq!(given.len(), expected.len(), "each visit once");
    assert_eq!(given.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert!(expected.iter().any(|visit| visit.3 > 3), "some visits have several clicks");
    let minutes: Vec<Value> = batches.iter().flat_map(|batch| shown(batch, "per_minute")).collect();
    assert!(minutes.len() >= 2, "{minutes:?}");
    for row in minutes {
        let within = |visit: &&Visit| (int(&row, 0)..int(&row, 1)).contains(&(visit.1 - 1));
        let clicks: Vec<i64> = given.iter().filter(within).map(|visit| visit.3).collect();
        assert_eq!(int(&row, 2), i64::try_from(clicks.len()).expect("few"), "{row}");
        assert!(close(double(&row, 3), clicks.iter().sum::<i64>() as f64 / clicks.len() as f64), "{row}");
        assert!(double(&row, 4) >= double(&row, 3), "most visits are shorter than the long ones: {row}");
    }
}
