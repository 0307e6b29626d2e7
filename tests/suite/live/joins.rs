//! Joins whose range, kind, windows and delays are turned while rows wait for their partners, against looking at every
//! pair of rows there ever were.

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;

use super::marks::{Marks, second, time};
use crate::support::{Draw, VirtualRun, with_param};

/// When it happened in seconds of the run, its key, its value.
type Row = (i64, u8, i64);

const HOWS: [&str; 4] = ["inner", "left", "right", "full"];

/// Rows of both sides, batch by batch.
type Sides = [Vec<Vec<Row>>; 2];

fn source(prefix: &str, batches: &[Vec<Row>]) -> Value {
    let name = |column: &str, kind: &str| json!({"name": format!("{prefix}{column}"), "type": kind});
    let fields = [name("ts", "timestamp"), name("key", "string"), name("n", "bigint")];
    let row = |(second, key, n): &Row| json!([time(*second), format!("key {key}"), n]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    json!({"fields": fields, "batches": batches.to_string()})
}

/// Two lists of rows, each `(seconds after the batch's base, key, value)`, that move on by four seconds per batch.
fn sides() -> impl Strategy<Value = Sides> {
    let row = (-8i64..10, 0u8..3, 0i64..9);
    let batch = || prop::collection::vec(row.clone(), 0..6);
    prop::collection::vec((batch(), batch()), 3..14).prop_map(|batches| {
        let (mut left, mut right): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        for side in [&mut left, &mut right] {
            for (batch, rows) in (0i64..).zip(side.iter_mut()) {
                rows.iter_mut().for_each(|row| row.0 += 60 + 4 * batch);
            }
            // What comes last moves the watermark past everything.
            side.extend([vec![(600, 9, 0)], Vec::new(), Vec::new()]);
        }
        [left, right]
    })
}

/// A row as a table shows it, `null`s if there is none.
fn shown(row: Option<&Row>) -> String {
    row.map_or("null null null".to_owned(), |(second, key, n)| format!("{second} key {key} {n}"))
}

/// The rows of a table that has a time first and fourth, from this column on.
fn table(rows: Option<&Vec<Value>>, skip: usize) -> Vec<String> {
    let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let cell = |(at, cell): (usize, &Value)| match cell {
        Value::Number(_) if at % 3 == 0 => second(cell).to_string(),
        cell => text(cell),
    };
    let line = |row: &Value| {
        let cells = row.as_array().unwrap()[skip..].iter().enumerate().map(cell);
        cells.collect::<Vec<_>>().join(" ")
    };
    let mut lines: Vec<String> = rows.into_iter().flatten().map(line).collect();
    lines.sort();
    lines
}

/// A right row matches from `lower` to `upper` seconds after the left one.
#[derive(Debug, Clone, Copy)]
struct Reach {
    lower: i64,
    upper: i64,
}

#[derive(Debug, Clone)]
enum Turn {
    Reach(Reach),
    Delay(usize, i64),
    Nothing,
}

fn turns() -> impl Strategy<Value = Turn> {
    let reach = (-6i64..6, 0i64..8).prop_map(|(lower, width)| Turn::Reach(Reach { lower, upper: lower + width }));
    prop_oneof![2 => reach, 1 => (0usize..2, 0i64..15).prop_map(|(side, delay)| Turn::Delay(side, delay)),
        3 => Just(Turn::Nothing)]
}

fn interval_join(sides: &Sides, how: &str, delay: i64) -> Pipeline {
    Draw::new()
        .node("lefts", "source.inline", source("l", &sides[0]))
        .node("rights", "source.inline", source("r", &sides[1]))
        .node("left mark", "watermark", json!({"column": "lts", "delay": format!("{delay}s")}))
        .node("right mark", "watermark", json!({"column": "rts", "delay": format!("{delay}s")}))
        .node("join", "interval_join", json!({"how": how, "on": [{"left": "lkey", "right": "rkey"}]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lefts", "left mark"])
        .chain(&["rights", "right mark"])
        .wire("left mark", "join.left")
        .wire("right mark", "join.right")
        .chain(&["join", "table"])
        .interval(1_000)
        .pipeline
}

fn with_reach(pipeline: &Pipeline, reach: Reach) -> Pipeline {
    let side = |span: i64| if span < 0 { "before" } else { "after" };
    let params = [
        ("lower", json!(format!("{}s", reach.lower.abs()))),
        ("lower_is", json!(side(reach.lower))),
        ("upper", json!(format!("{}s", reach.upper.abs()))),
        ("upper_is", json!(side(reach.upper))),
    ];
    params.into_iter().fold(pipeline.clone(), |pipeline, (param, value)| with_param(&pipeline, "join", param, value))
}

/// What held in one batch.
#[derive(Debug, Clone, Copy)]
struct Held {
    reach: Reach,
    late: Option<i64>,
    close: Option<i64>,
}

impl Held {
    /// Whether nothing that is not late can match the row any more, so that it is forgotten at the end of the batch.
    fn forgets(&self, side: usize, row: &Row) -> bool {
        let last = row.0 + if side == 0 { self.reach.upper } else { -self.reach.lower };
        self.close.is_some_and(|close| last <= close)
    }
}

/// Per batch the rows that must come out, from all pairs of the rows that were not late. Two rows meet in the batch of
/// the later one, if its range reaches the other and no batch since the other's has let that one go.
fn expected(sides: &Sides, held: &[Held], how: &str) -> Vec<Vec<String>> {
    let admitted = |side: usize| {
        let batches = sides[side].iter().zip(held).enumerate();
        let rows = batches.flat_map(|(batch, (rows, held))| {
            rows.iter().filter(|row| held.late.is_none_or(|late| row.0 > late)).map(move |row| (batch, row))
        });
        rows.collect::<Vec<_>>()
    };
    let rows = [admitted(0), admitted(1)];
    let forgotten = |side: usize, (arrived, row): (usize, &Row)| {
        (arrived..held.len()).find(|batch| held[*batch].forgets(side, row))
    };
    let mut out = vec![Vec::new(); held.len()];
    let mut has_met = rows.each_ref().map(|rows| vec![false; rows.len()]);
    for (at, &left) in rows[0].iter().enumerate() {
        for (other, &right) in rows[1].iter().enumerate() {
            let (batch, reach) = (left.0.max(right.0), held[left.0.max(right.0)].reach);
            let is_near = (reach.lower..=reach.upper).contains(&(right.1.0 - left.1.0));
            let is_there = |side, row: (usize, &Row)| forgotten(side, row).is_none_or(|gone| gone >= batch);
            if left.1.1 == right.1.1 && is_near && is_there(0, left) && is_there(1, right) {
                out[batch].push(format!("{} {}", shown(Some(left.1)), shown(Some(right.1))));
                (has_met[0][at], has_met[1][other]) = (true, true);
            }
        }
    }
    for side in [0, 1] {
        let stay_alone = |(_, has_met): &(&(usize, &Row), &bool)| !**has_met;
        for (&row, _) in rows[side].iter().zip(&has_met[side]).filter(stay_alone) {
            if let (true, Some(batch)) = (how == "full" || how == ["left", "right"][side], forgotten(side, row)) {
                let pair = if side == 0 { [Some(row.1), None] } else { [None, Some(row.1)] };
                out[batch].push(format!("{} {}", shown(pair[0]), shown(pair[1])));
            }
        }
    }
    out.iter_mut().for_each(|lines| lines.sort());
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_two_streams_meet_as_far_as_the_range_of_the_moment_reaches(
        sides in sides(), delay in 0i64..12, how in prop::sample::select(HOWS.to_vec()),
        turned in prop::collection::vec(turns(), 18),
    ) {
        let mut reach = Reach { lower: -2, upper: 4 };
        let mut pipeline = with_reach(&interval_join(&sides, how, delay), reach);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut marks = [Marks::new(delay); 2];
        let (mut held, mut found) = (Vec::new(), Vec::new());
        for batch in 0..sides[0].len() {
            match turned.get(batch) {
                Some(Turn::Reach(other)) => {
                    reach = *other;
                    pipeline = with_reach(&pipeline, reach);
                }
                Some(Turn::Delay(side, delay)) => {
                    marks[*side].turn(*delay);
                    let node = ["left mark", "right mark"][*side];
                    pipeline = with_param(&pipeline, node, "delay", json!(format!("{delay}s")));
                }
                Some(Turn::Nothing) | None => {}
            }
            for fate in run.replace(&pipeline).expect("accepted").fates {
                let goes_on = matches!(fate.fate, StateFate::Kept | StateFate::Partly(_));
                prop_assert!(goes_on, "what waits for a partner goes on: {:?}", fate);
            }
            marks.iter_mut().for_each(Marks::begin);
            let lower = |of: fn(&Marks) -> Option<i64>| of(&marks[0]).min(of(&marks[1]));
            held.push(Held { reach, late: lower(|marks| marks.late), close: lower(|marks| marks.close) });
            for (marks, rows) in marks.iter_mut().zip(&sides) {
                marks.end(rows[batch].iter().map(|row| row.0));
            }
            found.push(table(run.step().rows("table"), 0));
        }
        prop_assert_eq!(found, expected(&sides, &held, how));
    }
}

/// Both streams behind windows by arrival, or none at all.
fn batch_join(sides: &Sides, is_windowed: bool) -> Pipeline {
    let mut draw = Draw::new()
        .node("lefts", "source.inline", source("l", &sides[0]))
        .node("rights", "source.inline", source("r", &sides[1]))
        .node("join", "join", json!({"how": "inner", "on": [{"left": "lkey", "right": "rkey"}]}))
        .node("table", "sink.table", json!({}));
    for (side, port) in [("lefts", "join.left"), ("rights", "join.right")] {
        let window = format!("{side} window");
        draw = if is_windowed {
            draw.node(&window, "window.sliding", json!({"length": "2s", "slide": "1s", "time": "arrival"}))
                .chain(&[side, &window])
                .wire(&window, port)
        } else {
            draw.wire(side, port)
        };
    }
    draw.chain(&["join", "table"]).interval(1_000).pipeline
}

/// What two lists of rows give, from looking at every pair.
fn joined(left: &[Row], right: &[Row], how: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for l in left {
        lines.extend(right.iter().filter(|r| r.1 == l.1).map(|r| format!("{} {}", shown(Some(l)), shown(Some(r)))));
    }
    let is_alone = |row: &&Row, others: &[Row]| others.iter().all(|other| other.1 != row.1);
    if matches!(how, "left" | "full") {
        lines.extend(left.iter().filter(|l| is_alone(l, right)).map(|l| format!("{} {}", shown(Some(l)), shown(None))));
    }
    if matches!(how, "right" | "full") {
        lines.extend(right.iter().filter(|r| is_alone(r, left)).map(|r| format!("{} {}", shown(None), shown(Some(r)))));
    }
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_a_batch_or_of_two_windows_meet_whatever_kind_and_length_were_before(
        sides in sides(), is_windowed in any::<bool>(),
        turned in prop::collection::vec(prop::option::weighted(0.5, (0usize..4, 1usize..6)), 18),
    ) {
        let mut pipeline = batch_join(&sides, is_windowed);
        let mut run = VirtualRun::start(&pipeline, 2);
        let (mut how, mut length) = ("inner", if is_windowed { 2 } else { 1 });
        for batch in 0..sides[0].len() {
            if let Some(Some((kind, seconds))) = turned.get(batch) {
                how = HOWS[*kind];
                pipeline = with_param(&pipeline, "join", "how", json!(how));
                if is_windowed {
                    length = *seconds;
                    for window in ["lefts window", "rights window"] {
                        pipeline = with_param(&pipeline, window, "length", json!(format!("{length}s")));
                    }
                }
            }
            for fate in run.replace(&pipeline).expect("accepted").fates {
                prop_assert!(matches!(fate.fate, StateFate::Kept), "the windows' rows go on: {:?}", fate);
            }
            let seen = |side: &[Vec<Row>]| side[(batch + 1).saturating_sub(length)..=batch].concat();
            let done = run.step();
            let skip = if is_windowed { 2 } else { 0 };
            prop_assert_eq!(table(done.rows("table"), skip), joined(&seen(&sides[0]), &seen(&sides[1]), how));
        }
    }
}
