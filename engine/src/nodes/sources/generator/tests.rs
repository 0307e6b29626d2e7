//! What must hold of the generator.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::concat_batches;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::pipeline::Settings;
use crate::plan::{Clock, Cut, IoContext, Range, Source};
use crate::spec::{Timestamp, check_params, with_defaults};

const TEMPLATES: [&str; 6] = ["words", "clicks", "sensors", "orders", "tweets", "impressions"];

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::VIRTUAL_START
    }
}

fn plan(value: Value) -> (LinkType, Box<dyn Source>) {
    let Value::Object(raw) = value else { panic!("an object") };
    assert_eq!(check_params(PARAMS, &raw), []);
    let settings = Settings::default();
    let context =
        PlanContext { name: "generator", inputs: &[], input_names: &[], settings: &settings, folder: Path::new(".") };
    let mut planned = build(with_defaults(PARAMS, &raw)).unwrap().plan(&context).unwrap();
    let Stage::Source(source) = planned.stage else { panic!("a source") };
    (planned.outputs.remove(0), source)
}

fn started(value: Value, seed: u64) -> Box<dyn Source> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let io = IoContext {
        io: runtime.handle().clone(),
        clock: Arc::new(Still),
        max_buffered_rows: 1_000_000,
        max_buffered_bytes: 1 << 30,
        seed,
        node: 7,
    };
    let (_, source) = plan(value);
    source.start(&io).unwrap();
    source
}

fn at(millis: i64) -> Timestamp {
    Timestamp(Timestamp::VIRTUAL_START.0 + millis * 1_000)
}

fn cut(from_millis: i64, until_millis: i64) -> Cut {
    Cut { batch: 0, from: at(from_millis), until: at(until_millis), max_rows: u64::MAX }
}

fn rows(source: &dyn Source, range: &Range) -> RecordBatch {
    let chunks = source.read(range).unwrap();
    let schema = chunks[0].rows.schema();
    concat_batches(&schema, chunks.iter().map(|chunk| &chunk.rows)).unwrap()
}

fn range(from: u64, to: u64) -> Range {
    Range { from, to, since: at(0), until: at(1_000) }
}

#[test]
fn every_template_gives_the_columns_it_promises() {
    for template in TEMPLATES {
        let (link, _) = plan(json!({"template": template}));
        let source = started(json!({"template": template}), 1);
        assert_eq!(rows(&*source, &range(0, 100)).schema(), link.schema, "{template}");
    }
}

#[test]
fn a_range_reads_the_same_rows_again_and_other_seeds_give_others() {
    for template in TEMPLATES {
        let params = json!({"template": template, "duplicate_share": 10, "late_share": 5, "skew": "3s"});
        let (source, twin, other) = (started(params.clone(), 1), started(params.clone(), 1), started(params, 2));
        let range = range(12_345, 32_345);
        let once = rows(&*source, &range);
        assert_eq!(once, rows(&*source, &range), "{template}");
        assert_eq!(once, rows(&*twin, &range), "{template}");
        assert_ne!(once, rows(&*other, &range), "{template}");
    }
}

#[test]
fn a_row_does_not_depend_on_the_range_it_is_read_in() {
    let source = started(json!({}), 1);
    let whole = rows(&*source, &range(0, 30_000));
    for (from, to) in [(0, 1), (17, 20_000), (29_999, 30_000)] {
        let (offset, length) = (usize::try_from(from).unwrap(), usize::try_from(to - from).unwrap());
        assert_eq!(rows(&*source, &range(from, to)), whole.slice(offset, length));
    }
}

#[test]
fn lines_have_the_words_asked_for_and_the_frequent_ones_come_often() {
    let source = started(json!({"words_per_line": 7, "vocabulary": 50}), 1);
    let lines = rows(&*source, &range(0, 20_000));
    let mut counts: HashMap<String, u32> = HashMap::new();
    for line in lines.column(0).as_string_view().iter().flatten() {
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words.len(), 7, "{line:?}");
        for word in words {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(counts.len(), 50);
    let (the, of) = (f64::from(counts["the"]), f64::from(counts["of"]));
    assert!((the / of - 2.0).abs() < 0.1, "{the} to {of}");
}

proptest! {
    #[test]
    fn the_rows_due_do_not_depend_on_how_time_is_cut(
        cuts in prop::collection::vec(1i64..3_000, 1..20),
        rate in 0.0f64..5_000.0,
        curve in prop::sample::select(vec!["constant", "ramp", "sine", "burst", "steps"]),
    ) {
        let params = json!({"rate": rate, "curve": curve, "amplitude": 1_000, "period": "2s"});
        let (_, source) = plan(params.clone());
        let mut now = 0;
        let mut last = 0;
        for length in cuts {
            let range = source.plan_range(&cut(now, now + length)).unwrap();
            prop_assert_eq!(range.from, last);
            last = range.to;
            now += length;
        }
        let whole = plan(params).1.plan_range(&cut(0, now)).unwrap();
        prop_assert!(whole.to.abs_diff(last) <= 1, "{} rows at once, {} in pieces", whole.to, last);
    }

    #[test]
    fn chunks_are_small_and_arrive_in_order_within_the_range(count in 0u64..40_000, millis in 1i64..2_000) {
        let source = started(json!({"words_per_line": 1}), 1);
        let range = Range { from: 5, to: 5 + count, since: at(0), until: at(millis) };
        let chunks = source.read(&range).unwrap();
        prop_assert_eq!(crate::plan::rows_of(&chunks), count);
        prop_assert!(chunks.iter().all(|chunk| (1..=8_192).contains(&chunk.rows.num_rows())));
        prop_assert!(chunks.iter().all(|chunk| range.since <= chunk.arrived && chunk.arrived < range.until));
        prop_assert!(chunks.is_sorted_by_key(|chunk| chunk.arrived));
    }
}

#[test]
fn ten_batches_of_a_tenth_second_give_exactly_one_second_of_rows() {
    let (_, source) = plan(json!({"rate": 33}));
    let last = (0..10).map(|batch| source.plan_range(&cut(batch * 100, batch * 100 + 100)).unwrap().to).last();
    assert_eq!(last, Some(33));
}

#[test]
fn a_limit_ends_it() {
    let (_, source) = plan(json!({"rate": 1_000, "limit": 1_500}));
    assert!(source.is_bounded());
    assert_eq!(source.plan_range(&cut(0, 1_000)).unwrap().to, 1_000);
    assert!(!source.is_done());
    assert_eq!(source.plan_range(&cut(1_000, 2_000)).unwrap().to, 1_500);
    assert!(source.is_done());
}

#[test]
fn held_back_it_makes_fewer_rows_and_nothing_piles_up() {
    let (_, source) = plan(json!({"rate": 1_000}));
    let held = Cut { max_rows: 10, ..cut(0, 1_000) };
    assert_eq!(source.plan_range(&held).unwrap().to, 10);
    assert_eq!(source.plan_range(&cut(1_000, 2_000)).unwrap().to, 1_010);
}

#[test]
fn a_new_rate_goes_on_with_the_next_row() {
    let (_, old) = plan(json!({"rate": 1_000}));
    assert_eq!(old.plan_range(&cut(0, 1_000)).unwrap().to, 1_000);
    let (_, new) = plan(json!({"rate": 10}));
    new.take_over(&*old);
    let range = new.plan_range(&cut(1_000, 2_000)).unwrap();
    assert_eq!((range.from, range.to), (1_000, 1_010));
}

#[test]
fn event_times_are_skewed_late_and_repeated_as_asked() {
    let params = json!({
        "template": "orders", "skew": "2s", "late_share": 10, "late_by": "1m", "duplicate_share": 20,
    });
    let source = started(params, 1);
    let rows = rows(&*source, &Range { from: 0, to: 20_000, since: at(0), until: at(1_000) });
    let times = rows.column(0).as_primitive::<TimestampMicrosecondType>();
    let late = times.values().iter().filter(|time| **time < at(-2_000).0).count();
    assert!(times.values().iter().all(|time| at(-62_000).0 < *time && *time < at(1_000).0));
    assert!((1_500..2_100).contains(&late), "{late} of 20,000 are late");
    let repeated = (1..rows.num_rows()).filter(|row| rows.slice(*row, 1) == rows.slice(row - 1, 1)).count();
    assert!((3_700..4_300).contains(&repeated), "{repeated} of 20,000 are repeated");
}
