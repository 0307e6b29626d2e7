//! A deduplication whose memory and delay are turned while it runs, against going row by row.

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;

use super::marks::{Marks, second, time};
use crate::support::{Draw, VirtualRun, id_of, with_param};

/// When it happened in seconds of the run, and its key.
type Row = (i64, u8);

/// How long keys are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Ever,
    Within(i64),
}

#[derive(Debug, Clone)]
enum Turn {
    Keep(Keep),
    Delay(i64),
    Nothing,
}

fn draw(batches: &[Vec<Row>], delay: i64) -> Pipeline {
    let row = |(second, key): &Row| json!([time(*second), format!("key {key}")]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    let fields = json!([{"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"}]);
    let mut draw = Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("mark", "watermark", json!({"column": "ts", "delay": format!("{delay}s")}))
        .node("unique", "dedup", json!({"by": ["key"]}))
        .chain(&["rows", "mark", "unique"])
        .interval(1_000);
    for port in ["out", "duplicates", "late"] {
        draw = draw.node(port, "sink.table", json!({})).wire(&format!("unique.{port}"), port);
    }
    draw.pipeline
}

fn with_keep(pipeline: &Pipeline, keep: Keep) -> Pipeline {
    match keep {
        Keep::Ever => with_param(pipeline, "unique", "keep_for", json!("ever")),
        Keep::Within(seconds) => {
            let within = with_param(pipeline, "unique", "within", json!(format!("{seconds}s")));
            with_param(&within, "unique", "keep_for", json!("within"))
        }
    }
}

/// The keys seen, each with the time of its first row.
struct Oracle {
    keep: Keep,
    marks: Marks,
    seen: Vec<Row>,
}

impl Oracle {
    /// First rows, duplicates and late rows of a batch.
    fn batch(&mut self, rows: &[Row]) -> [Vec<Row>; 3] {
        self.marks.begin();
        let [mut out, mut duplicates, mut late] = [const { Vec::new() }; 3];
        for row in rows {
            let to = if self.marks.late.is_some_and(|mark| row.0 <= mark) {
                &mut late
            } else if self.seen.iter().any(|(_, key)| *key == row.1) {
                &mut duplicates
            } else {
                self.seen.push(*row);
                &mut out
            };
            to.push(*row);
        }
        if let (Keep::Within(seconds), Some(close)) = (self.keep, self.marks.close) {
            self.seen.retain(|(first, _)| first + seconds > close);
        }
        self.marks.end(rows.iter().map(|row| row.0));
        [out, duplicates, late]
    }
}

fn shown(rows: Option<&Vec<Value>>) -> Vec<Row> {
    let key = |cell: &Value| cell.as_str().unwrap().strip_prefix("key ").unwrap().parse().unwrap();
    rows.into_iter().flatten().map(|row| (second(&row[0]), key(&row[1]))).collect()
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        1 => Just(Turn::Keep(Keep::Ever)),
        3 => (0i64..25).prop_map(|seconds| Turn::Keep(Keep::Within(seconds))),
        2 => (0i64..15).prop_map(Turn::Delay),
        4 => Just(Turn::Nothing),
    ]
}

fn batches() -> impl Strategy<Value = Vec<Vec<Row>>> {
    prop::collection::vec(prop::collection::vec((-14i64..8, 0u8..6), 0..8), 3..18).prop_map(|mut batches| {
        for (batch, rows) in (0i64..).zip(&mut batches) {
            rows.iter_mut().for_each(|row| row.0 += 60 + 3 * batch);
        }
        batches
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_first_row_of_a_key_passes_as_long_as_the_memory_of_the_moment_lasts(
        batches in batches(), delay in 0i64..12, turned in prop::collection::vec(turns(), 18),
    ) {
        let keep = Keep::Within(6);
        let mut pipeline = with_keep(&draw(&batches, delay), keep);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut oracle = Oracle { keep, marks: Marks::new(delay), seen: Vec::new() };
        for (rows, turn) in batches.iter().zip(&turned) {
            let mut is_reset = false;
            match turn {
                Turn::Keep(keep) => {
                    // When keys came that were to stay for ever was never noted.
                    is_reset = oracle.keep == Keep::Ever && *keep != Keep::Ever;
                    oracle.keep = *keep;
                    pipeline = with_keep(&pipeline, *keep);
                }
                Turn::Delay(delay) => {
                    oracle.marks.turn(*delay);
                    pipeline = with_param(&pipeline, "mark", "delay", json!(format!("{delay}s")));
                }
                Turn::Nothing => {}
            }
            let change = run.replace(&pipeline).expect("accepted");
            let unique = change.fates.iter().find(|fate| fate.node == id_of(&pipeline, "unique"));
            match unique.map(|fate| &fate.fate) {
                Some(StateFate::Reset(sentence)) => {
                    prop_assert!(is_reset && sentence.contains("forgotten"), "{}", sentence);
                    oracle.seen.clear();
                }
                None => prop_assert!(!is_reset),
                Some(fate) => prop_assert!(!is_reset && *fate == StateFate::Kept, "{:?}", fate),
            }
            let done = run.step();
            let found = ["out", "duplicates", "late"].map(|port| shown(done.rows(port)));
            prop_assert_eq!(found, oracle.batch(rows), "out, duplicates, late");
        }
    }
}
