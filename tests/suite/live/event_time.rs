//! Event-time windows whose length, slide, offset and allowed delay are turned while rows come late, against an
//! observer who keeps single rows and looks at each of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::StateFate;

use crate::support::{Draw, VirtualRun, with_param};

/// The start of the run, in seconds since the epoch.
const START: i64 = super::START / 1_000_000;

/// When it happened in seconds since the start, its key, its value.
type Event = (i64, u8, i64);

/// Seconds.
#[derive(Debug, Clone, Copy)]
struct Shape {
    length: i64,
    slide: i64,
    offset: i64,
}

impl Shape {
    /// The starts of the windows that cover a time.
    fn starts(self, time: i64) -> impl Iterator<Item = i64> {
        let is_start = move |start: &i64| (START + start - self.offset).rem_euclid(self.slide) == 0;
        (time - self.length + 1..=time).filter(is_start)
    }
}

fn draw(batches: &[Vec<Event>], delay: i64) -> Pipeline {
    let time = |second: i64| format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60);
    let row = |(second, key, n): &Event| json!([time(*second), format!("a key called {key}"), n]);
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    let fields = json!([
        {"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"}, {"name": "n", "type": "bigint"},
    ]);
    let aggregates = json!([{"function": "count"}, {"function": "sum", "argument": "n"}]);
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("watermark", "watermark", json!({"column": "ts", "delay": format!("{delay}s")}))
        .node("window", "window.sliding", json!({"length": "1s", "slide": "1s"}))
        .node("group", "group", json!({"by": ["key"], "aggregates": aggregates}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "watermark", "window", "group", "table"])
        .interval(1_000)
        .pipeline
}

/// Keeps every row that came in time for one of the windows there were.
struct Observer {
    shape: Shape,
    delay: i64,
    rows: Vec<Event>,
    /// The latest time seen, the watermark of this batch, and of the next.
    latest: Option<i64>,
    close: Option<i64>,
    next: Option<i64>,
    /// Windows that end by this are over.
    over: Option<i64>,
}

type Results = BTreeMap<(i64, String), (i64, i64)>;

impl Observer {
    fn is_over(&self, start: i64) -> bool {
        self.over.is_some_and(|over| start + self.shape.length <= over)
    }

    fn turn_delay(&mut self, delay: i64) {
        self.delay = delay;
        self.next = self.next.max(self.latest.map(|latest| latest - delay));
    }

    fn batch(&mut self, rows: &[Event]) -> Results {
        let mut results = Results::new();
        let late = self.close;
        self.close = self.next;
        self.pass(late, &mut results);
        let wanted = |row: &&Event| self.shape.starts(row.0).any(|start| !self.is_over(start));
        let wanted: Vec<Event> = rows.iter().filter(wanted).copied().collect();
        self.rows.extend(wanted);
        self.pass(self.close, &mut results);
        self.latest = self.latest.max(rows.iter().map(|row| row.0).max());
        self.turn_delay(self.delay);
        results
    }

    /// The watermark comes to `until`: windows close.
    fn pass(&mut self, until: Option<i64>, results: &mut Results) {
        let Some(until) = until else { return };
        let ends_now = |start: &i64| start + self.shape.length <= until && !self.is_over(*start);
        let starts = self.rows.iter().flat_map(|row| self.shape.starts(row.0)).filter(ends_now);
        for start in starts.collect::<BTreeSet<i64>>() {
            for (_, key, n) in self.rows.iter().filter(|row| (start..start + self.shape.length).contains(&row.0)) {
                let result = results.entry((start, format!("a key called {key}"))).or_default();
                *result = (result.0 + 1, result.1 + n);
            }
        }
        self.over = self.over.max(Some(until));
    }
}

fn results_of(rows: &[Value]) -> Results {
    let line = |row: &Value| {
        let start = row[0].as_i64().unwrap() / 1_000_000 - START;
        ((start, row[2].as_str().unwrap().to_owned()), (row[3].as_i64().unwrap(), row[4].as_i64().unwrap()))
    };
    rows.iter().map(line).collect()
}

#[derive(Debug, Clone)]
enum Turn {
    Shape(Shape),
    Delay(i64),
    Nothing,
}

/// Windows without gaps: rows between windows are not held, so a later kind of window would miss them.
fn turns() -> impl Strategy<Value = Turn> {
    let shape = (1i64..20, 1i64..10, 0i64..10).prop_map(|(length, slide, offset)| {
        Turn::Shape(Shape { length: length.max(slide), slide, offset: offset % slide })
    });
    prop_oneof![2 => shape, 2 => (0i64..15).prop_map(Turn::Delay), 3 => Just(Turn::Nothing)]
}

fn batches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = (-12i64..12, 0u8..3, -9i64..9);
    prop::collection::vec(prop::collection::vec(event, 0..8), 2..14).prop_map(|mut batches| {
        for (batch, rows) in (0i64..).zip(&mut batches) {
            rows.iter_mut().for_each(|row| row.0 += 60 + batch * 4);
        }
        batches.extend([Vec::new(), Vec::new()]);
        batches
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn windows_close_as_an_observer_of_single_rows_says_whatever_is_turned(
        batches in batches(), delay in 0i64..15, turned in prop::collection::vec(turns(), 16),
    ) {
        // Panes of a second to begin with: no window of whole seconds cuts them. Former bounds are kept for so many kinds.
        let shape = Shape { length: 1, slide: 1, offset: 0 };
        let mut shapes_left = 6;
        let mut pipeline = draw(&batches, delay);
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut observer =
            Observer { shape, delay, rows: Vec::new(), latest: None, close: None, next: None, over: None };
        let mut watermark = None;
        for (rows, turn) in batches.iter().zip(&turned) {
            match turn {
                Turn::Shape(shape) if shapes_left > 0 => {
                    shapes_left -= 1;
                    observer.shape = *shape;
                    let params = [("length", shape.length), ("slide", shape.slide), ("offset", shape.offset)];
                    for (param, seconds) in params {
                        pipeline = with_param(&pipeline, "window", param, json!(format!("{seconds}s")));
                    }
                }
                Turn::Delay(delay) => {
                    observer.turn_delay(*delay);
                    pipeline = with_param(&pipeline, "watermark", "delay", json!(format!("{delay}s")));
                }
                Turn::Shape(_) | Turn::Nothing => {}
            }
            for fate in run.replace(&pipeline).expect("accepted").fates {
                prop_assert_eq!(&fate.fate, &StateFate::Kept, "closed windows stay as history");
            }
            let expected = observer.batch(rows);
            let shown = run.step();
            prop_assert_eq!(results_of(&shown.rows("table").cloned().unwrap_or_default()), expected);
            let now = shown.report.node(crate::support::id_of(&pipeline, "watermark")).unwrap().watermark;
            prop_assert!(now >= watermark, "the watermark never goes back");
            watermark = now;
        }
    }
}
