//! Count windows whose rows and slide are turned while keys fill theirs, against a queue of rows per key.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;

use crate::support::{Draw, VirtualRun, with_interval, with_param};

/// A key and a value.
type Row = (u8, i64);

fn draw(batches: &[Vec<Row>], shape: Shape) -> Pipeline {
    let row = |(key, n): &Row| json!([format!("key {key}"), n]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    let fields = json!([{"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}]);
    let calls = ["count", "sum", "max", "first"].map(|function| json!({"function": function, "argument": "n"}));
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("window", "window.count", json!({"rows": shape.rows, "slide": shape.slide}))
        .node("counts", "group", json!({"by": ["key"], "aggregates": calls}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "counts", "table"])
        .interval(1_000)
        .pipeline
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    rows: usize,
    slide: usize,
}

/// Per key its rows, oldest first, and how many came since its last window.
struct Oracle {
    shape: Shape,
    keys: BTreeMap<u8, (VecDeque<i64>, usize)>,
}

impl Oracle {
    /// A new slide counts from now on; the rows stay.
    fn turn(&mut self, shape: Shape) {
        if shape.slide != self.shape.slide {
            self.keys.values_mut().for_each(|(_, since)| *since = 0);
        }
        self.shape = shape;
    }

    fn batch(&mut self, rows: &[Row]) -> Vec<Vec<Value>> {
        let Shape { rows: most, slide } = self.shape;
        let mut results = Vec::new();
        for (key, n) in rows {
            let (held, since) = self.keys.entry(*key).or_default();
            held.push_back(*n);
            *since += 1;
            if *since >= slide {
                let window: Vec<i64> = held.iter().rev().take(most).rev().copied().collect();
                let (sum, most) = (window.iter().sum::<i64>(), window.iter().max());
                let key = format!("key {key}");
                results.push(vec![json!(key), json!(window.len()), json!(sum), json!(most), json!(window[0])]);
                *since = 0;
            }
            // The next window ends with rows to come: what it cannot reach is gone.
            let reach = most.saturating_sub(slide - *since);
            held.drain(..held.len().saturating_sub(reach));
        }
        results
    }
}

/// Windows whose rows lie in blocks of one, so that no later window cuts a block.
fn shapes() -> impl Strategy<Value = Option<(Shape, i64)>> {
    let shapes = (1..9).flat_map(|rows| (1..6).map(move |slide| Shape { rows, slide }));
    let has_divisor = |shape: &Shape| (2..6).any(|by| shape.rows.is_multiple_of(by) && shape.slide.is_multiple_of(by));
    let shapes: Vec<Shape> = shapes.filter(|shape| !has_divisor(shape)).collect();
    let interval = prop::sample::select(vec![200i64, 1_000, 3_000]);
    prop::option::weighted(0.4, (prop::sample::select(shapes), interval))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_window_holds_the_last_rows_of_its_key_whatever_it_held_before(
        batches in prop::collection::vec(prop::collection::vec((0u8..3, -9i64..9), 0..12), 3..16),
        turned in prop::collection::vec(shapes(), 16),
    ) {
        let first = Shape { rows: 4, slide: 1 };
        let mut pipeline = draw(&batches, first);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut oracle = Oracle { shape: first, keys: BTreeMap::new() };
        for (rows, turn) in batches.iter().zip(&turned) {
            if let Some((shape, interval)) = turn {
                oracle.turn(*shape);
                for (param, value) in [("rows", shape.rows), ("slide", shape.slide)] {
                    pipeline = with_param(&pipeline, "window", param, json!(value));
                }
                pipeline = with_interval(&pipeline, *interval);
            }
            for fate in run.replace(&pipeline).expect("accepted").fates {
                let goes_on = matches!(fate.fate, StateFate::Kept | StateFate::Partly(_));
                prop_assert!(goes_on, "{:?}", fate);
            }
            let done = run.step();
            let cells = |row: &Value| row.as_array().unwrap()[2..].to_vec();
            let found: Vec<Vec<Value>> = done.rows("table").into_iter().flatten().map(cells).collect();
            prop_assert_eq!(found, oracle.batch(rows));
        }
    }
}
