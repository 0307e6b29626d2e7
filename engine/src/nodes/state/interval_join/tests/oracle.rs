//! A run against an oracle that knows all rows beforehand and looks at every pair.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::json;

use super::{KIND, params};
use crate::nodes::state::testing::{Drive, lines, link, nullable, sorted, times, watermark};
use crate::nodes::testing::{batch, long};

#[test]
fn keys_that_come_once_leave_no_trace_and_the_others_are_still_found() {
    let links = [link(&small(&[], LEFT), Some("lts")), link(&small(&[], RIGHT), Some("rts"))];
    let mut drive = Drive::new(&KIND, params("inner"), &links);
    for round in 0i64..20 {
        let base = round * 10;
        let fresh = (0..600).map(|n| (base, 1_000 + round * 600 + n));
        let (seconds, keys): (Vec<i64>, Vec<i64>) = fresh.chain([(base, 7)]).unzip();
        let values = long(keys.iter().map(|_| 0));
        let lefts = nullable(&batch(vec![("lts", times(seconds)), ("lkey", long(keys)), ("l", values)]));
        let rights = small(&[(base - 9, Some(7), 1)], RIGHT);
        let mark = watermark(base - 25, base - 15);
        let out = drive.batch(vec![Some(vec![lefts]), Some(vec![rights])], Some(mark));
        assert_eq!(out[0].row_count(), u64::from(round > 0), "round {round}");
        assert!(drive.operator.state_size().rows < 4 * 602);
    }
}

type Small = (i64, Option<u8>, i64);

fn small(rows: &[Small], names: [&str; 3]) -> RecordBatch {
    nullable(&batch(vec![
        (names[0], times(rows.iter().map(|row| row.0))),
        (names[1], long(rows.iter().map(|row| row.1.map(i64::from)))),
        (names[2], long(rows.iter().map(|row| row.2))),
    ]))
}

const LEFT: [&str; 3] = ["lts", "lkey", "l"];
const RIGHT: [&str; 3] = ["rts", "rkey", "r"];

/// All rows of a run that were not late, then every pair of them; per batch what the watermark has made certain.
fn oracle(batches: &[([Vec<Small>; 2], i64)], lower: i64, upper: i64, how: &str) -> Vec<Vec<String>> {
    let show = |row: Option<Small>| match row {
        None => "null null null".to_owned(),
        Some((second, key, value)) => {
            format!("{second} {} {value}", key.map_or("null".to_owned(), |key| key.to_string()))
        }
    };
    let mut known: [Vec<(Small, usize)>; 2] = [vec![], vec![]];
    let mut late = -1_000_000;
    for (batch, (sides, close)) in batches.iter().enumerate() {
        for (known, rows) in known.iter_mut().zip(sides) {
            known.extend(rows.iter().filter(|row| row.0 > late).map(|row| (*row, batch)));
        }
        late = *close;
    }
    let mut out = vec![Vec::new(); batches.len()];
    let mut first_match: [Vec<Option<usize>>; 2] = [vec![None; known[0].len()], vec![None; known[1].len()]];
    for (at, (l, l_batch)) in known[0].iter().enumerate() {
        for (other, (r, r_batch)) in known[1].iter().enumerate() {
            let apart = r.0 - l.0;
            if l.1.is_some() && l.1 == r.1 && (lower..=upper).contains(&apart) && l.2 != r.2 {
                let batch = *l_batch.max(r_batch);
                if how != "left_semi" {
                    out[batch].push(format!("{} {}", show(Some(*l)), show(Some(*r))));
                }
                for (side, row) in [(0, at), (1, other)] {
                    let slot = &mut first_match[side][row];
                    *slot = Some(slot.map_or(batch, |before| before.min(batch)));
                }
            }
        }
        if let (Some(batch), "left_semi") = (first_match[0][at], how) {
            out[batch].push(show(Some(*l)));
        }
    }
    let alone = |side: usize, row: &Small| row.0 + if side == 0 { upper } else { -lower };
    for side in [0, 1] {
        let keeps = how == "full" || how == ["left", "right"][side];
        for (at, (row, arrived)) in known[side].iter().enumerate() {
            let goes =
                batches.iter().enumerate().find(|(batch, (_, close))| batch >= arrived && alone(side, row) <= *close);
            if let (true, None, Some((batch, _))) = (keeps, first_match[side][at], goes) {
                let pair = if side == 0 { [Some(*row), None] } else { [None, Some(*row)] };
                out[batch].push(format!("{} {}", show(pair[0]), show(pair[1])));
            }
        }
    }
    out.iter_mut().for_each(|rows| rows.sort());
    out
}

proptest! {
    #[test]
    fn a_run_equals_looking_at_every_pair(
        batches in prop::collection::vec(
            (prop::collection::vec((0i64..25, prop::option::weighted(0.9, 0u8..4), 0i64..6), 0..14),
             prop::collection::vec((0i64..25, prop::option::weighted(0.9, 0u8..4), 0i64..6), 0..14), 0i64..9),
            1..14,
        ),
        lower in -6i64..4,
        width in 0i64..8,
        how in prop::sample::select(vec!["inner", "left", "right", "full", "left_semi"]),
        cut in 1usize..6,
    ) {
        let mut mark = -8;
        let batches: Vec<([Vec<Small>; 2], i64)> = batches.into_iter().map(|(left, right, step)| {
            let moved = |rows: Vec<Small>| rows.into_iter().map(|(at, key, n)| (mark - 4 + at, key, n)).collect();
            let sides = [moved(left), moved(right)];
            mark += step;
            (sides, mark)
        }).collect();
        let upper = lower + width;
        let side = |span: i64| if span < 0 { "before" } else { "after" };
        let params = json!({
            "how": how, "on": [{"left": "lkey", "right": "rkey"}], "condition": "l <> r",
            "lower": format!("{}s", lower.abs()), "lower_is": side(lower),
            "upper": format!("{}s", upper.abs()), "upper_is": side(upper),
        });
        let links = [link(&small(&[], LEFT), Some("lts")), link(&small(&[], RIGHT), Some("rts"))];
        let mut drive = Drive::new(&KIND, params, &links);
        let mut late = -1_000_000;
        for ((sides, close), expected) in batches.iter().zip(oracle(&batches, lower, upper, how)) {
            let chunks = |rows: &[Small], names| Some(rows.chunks(cut).map(|rows| small(rows, names)).collect());
            let inputs = vec![chunks(&sides[0], LEFT), chunks(&sides[1], RIGHT)];
            let out = drive.batch(inputs, Some(watermark(late, *close)));
            let given = drive.operator.watermark().unwrap();
            if how != "left_semi" {
                for row in lines(&out[0]) {
                    let cells: Vec<&str> = row.split(' ').collect();
                    for second in [cells[0], cells[3]].iter().filter_map(|cell| cell.parse::<i64>().ok()) {
                        let time = watermark(second, second).close;
                        prop_assert!(time > given.late, "what comes out is never late for what follows: {}", row);
                    }
                }
            }
            late = *close;
            prop_assert_eq!(sorted(&out[0]), expected);
        }
    }
}
