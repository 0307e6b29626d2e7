//! What must hold of alerts.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::nodes::testing::{batch, context, flow, int, names, plan, problems, rows, table, text};
use crate::plan::{BatchContext, Flow, Sink};
use crate::spec::{Span, Timestamp};

fn alert(params: Value, schema: &SchemaRef) -> Box<dyn Sink> {
    let Ok(Stage::Sink(sink)) = plan(&KIND, params, &[Arc::clone(schema)]).map(|planned| planned.stage) else {
        panic!("a sink")
    };
    sink
}

fn readings(values: &[Option<i32>]) -> RecordBatch {
    let sensors: Vec<_> = (0..values.len()).map(|_| Some("s1")).collect();
    let columns = [("sensor", text(sensors), true), ("n", int(values.to_vec()), true)];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn at(second: i64) -> BatchContext {
    let time = Timestamp::VIRTUAL_START.plus(Span::from_secs(second));
    BatchContext { time, ..context() }
}

/// The messages of one batch, and what was suppressed.
fn feed(sink: &mut dyn Sink, second: i64, flows: &[Flow]) -> (Vec<String>, u64) {
    sink.stage(flows, &at(second)).unwrap();
    sink.publish(3).unwrap();
    let (schema, chunks) = sink.shown().unwrap();
    let messages: Vec<_> = chunks
        .iter()
        .inspect(|chunk| assert_eq!(chunk.rows.schema(), schema))
        .flat_map(|chunk| chunk.rows.column(1).as_string_view().iter().flatten().map(str::to_owned))
        .collect();
    let counters = sink.counters();
    assert_eq!(counters[0], ("fired", messages.len() as u64));
    (messages, counters[1].1)
}

#[test]
fn a_row_that_fires_is_shown_with_its_message() {
    let input = batch(vec![("message", text(["x", "y"])), ("n", int([5, 95]))]);
    let mut sink = alert(json!({"condition": "n > 90", "message": "{n}!", "severity": "error"}), &input.schema());
    sink.stage(&[flow(input)], &at(0)).unwrap();
    let (schema, chunks) = sink.shown().unwrap();
    assert_eq!(names(&schema), ["severity", "message", "message_right", "n"]);
    assert_eq!(table(&Flow::Fired(chunks)), ["error | 95! | y | 95"]);
}

#[test]
fn after_a_message_the_next_comes_only_when_it_has_cooled_down() {
    let schema = readings(&[]).schema();
    let mut sink = alert(json!({"condition": "n > 90", "message": "{n}", "cool_down": "1m"}), &schema);
    let mut feed = |second, values: &[Option<i32>]| feed(&mut *sink, second, &[flow(readings(values))]);
    assert_eq!(feed(0, &[Some(95), None, Some(97)]), (vec!["95".to_owned()], 1));
    assert_eq!(feed(30, &[Some(96)]), (vec![], 1));
    assert_eq!(feed(60, &[Some(20)]), (vec![], 0));
    assert_eq!(feed(61, &[Some(99)]), (vec!["99".to_owned()], 0));
    assert_eq!(feed(121, &[Some(99)]), (vec!["99".to_owned()], 0), "exactly one minute later");
}

#[test]
fn staging_a_batch_again_does_not_suppress_it() {
    let schema = readings(&[]).schema();
    let mut sink = alert(json!({"condition": "n > 90", "message": "{n}"}), &schema);
    sink.stage(&[flow(readings(&[Some(95)]))], &at(0)).unwrap();
    assert_eq!(feed(&mut *sink, 0, &[flow(readings(&[Some(95)]))]), (vec!["95".to_owned()], 0));
    assert_eq!(feed(&mut *sink, 1, &[Flow::Idle]), (vec![], 0));
}

#[test]
fn another_message_keeps_the_cool_down_another_condition_does_not() {
    let schema = readings(&[]).schema();
    let hot = [flow(readings(&[Some(95)]))];
    let mut sink = alert(json!({"condition": "n > 90", "message": "{n}"}), &schema);
    feed(&mut *sink, 0, &hot);
    let mut worded = alert(json!({"condition": "n > 90", "message": "hot"}), &schema);
    worded.take_over(sink);
    assert_eq!(feed(&mut *worded, 1, &hot), (vec![], 1));
    let mut other = alert(json!({"condition": "n > 80", "message": "hot"}), &schema);
    other.take_over(worded);
    assert_eq!(feed(&mut *other, 2, &hot), (vec!["hot".to_owned()], 0));
}

#[test]
fn a_row_on_which_the_condition_fails_does_not_fire_and_is_counted() {
    let schema = readings(&[]).schema();
    let rows = || [flow(readings(&[Some(0), Some(1), Some(5)]))];
    let mut sink = alert(json!({"condition": "10 div n > 1", "message": "{n}", "cool_down": "0s"}), &schema);
    assert_eq!(feed(&mut *sink, 0, &rows()).0, ["1", "5"]);
    assert_eq!(sink.counters()[2], ("nulled", 1));
    let mut strict = alert(json!({"condition": "10 div n > 1", "message": "{n}", "on_error": "stop"}), &schema);
    let error = strict.stage(&rows(), &at(0)).unwrap_err();
    assert!(error.message.contains("division by zero") && error.message.contains("n = 0"), "{error}");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let found = problems(&KIND, json!({"condition": "n + 1", "message": "{m}"}), &readings(&[]).schema());
    let params: Vec<_> = found.iter().filter_map(|problem| problem.param.as_deref()).collect();
    assert_eq!(params, ["condition", "message"], "{found:?}");
}

proptest! {
    #[test]
    fn over_any_cut_into_batches_messages_are_a_cool_down_apart(
        batches in prop::collection::vec((0i64..40, prop::collection::vec(prop::option::of(80i32..100), 0..6)), 1..12),
        cool_down in 0i64..60,
    ) {
        let schema = readings(&[]).schema();
        let params = json!({"condition": "n > 90", "message": "{n}", "cool_down": format!("{cool_down}s")});
        let mut sink = alert(params, &schema);
        let (mut now, mut last): (i64, Option<i64>) = (0, None);
        for (pause, values) in batches {
            now += pause;
            let mut expected = (Vec::new(), 0);
            for value in values.iter().flatten().filter(|value| **value > 90) {
                let is_hot = last.is_some_and(|last| now < last + cool_down || (cool_down > 0 && now == last));
                if is_hot {
                    expected.1 += 1;
                } else {
                    expected.0.push(value.to_string());
                    last = Some(now);
                }
            }
            // Two chunks, so that the cut into chunks does not matter either.
            let input = readings(&values);
            let half = values.len() / 2;
            let flows = [flow(input.slice(0, half)), flow(input.slice(half, values.len() - half))];
            prop_assert_eq!(feed(&mut *sink, now, &flows), expected);
            let shown = Flow::Fired(sink.shown().unwrap().1);
            let shown = rows(&shown).map_or(0, |rows| rows.column(3).as_primitive::<Int32Type>().len());
            prop_assert_eq!(sink.counters()[0].1, shown as u64);
        }
    }
}
