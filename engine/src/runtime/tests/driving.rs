//! The controllers as a whole run sees them, on either clock. Nothing here depends on how fast the machine is.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use crate::metrics::{BatchReport, RateBound};
use crate::pipeline::{Backpressure, Edit, NodeEntry, Pipeline, Setting};
use crate::runtime::{ClockKind, EngineOptions, Event, StopFlag, StopRule, run_to_end};
use crate::spec::{NodeId, PortRef, Span, WireKey};

/// A generator of a million rows per second.
fn pipeline(settings: &[Setting]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    let mut generator = NodeEntry::new(NodeId(1), "source.generator", "lines");
    generator.params = json!({"rate": 1_000_000.0, "words_per_line": 1}).as_object().cloned().unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(generator))).unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NodeId(2), "sink.null", "nowhere")))).unwrap();
    let wire = WireKey::new(PortRef::new(NodeId(1), "out"), PortRef::new(NodeId(2), "in"));
    pipeline.apply(&Edit::Connect(wire)).unwrap();
    pipeline.apply(&Edit::Set(Setting::Interval(Span::from_millis(10)))).unwrap();
    for setting in settings {
        pipeline.apply(&Edit::Set(setting.clone())).unwrap();
    }
    pipeline
}

fn run(clock: ClockKind, settings: &[Setting]) -> (Vec<Arc<BatchReport>>, Vec<String>) {
    let stop = StopRule { batches: Some(3), ..StopRule::default() };
    let options = EngineOptions { clock, stop, folder: PathBuf::from("."), ..EngineOptions::default() };
    let (mut reports, mut log) = (Vec::new(), Vec::new());
    run_to_end(&pipeline(settings), &options, &StopFlag::new(), &mut |event| match event {
        Event::Batch(report) => reports.push(report),
        Event::Log { message, .. } => log.push(message),
        _ => {}
    })
    .unwrap();
    (reports, log)
}

#[test]
fn the_first_batch_keeps_to_the_initial_rate() {
    let rate = Setting::InitialRate(Some(1_000));
    let (reports, _) = run(ClockKind::Wall, &[Setting::Backpressure(Backpressure::Damped), rate]);
    assert_eq!(reports[0].input_rows, 10, "10 ms at 1000 rows/s");
    let control = reports[0].control.as_ref().unwrap();
    assert_eq!(control.sources.len(), 1);
    assert!(control.sources[0].limit <= 2_000.0, "at most twofold: {control:?}");
    assert_ne!(control.sources[0].bound, RateBound::Initial);
}

#[test]
fn on_the_virtual_clock_the_controllers_rest_and_say_so() {
    let on = [Setting::Backpressure(Backpressure::Damped), Setting::AutoInterval(true)];
    let (reports, log) = run(ClockKind::Virtual, &on);
    assert!(reports.iter().all(|report| report.control.is_none() && report.input_rows == 10_000));
    assert!(log.iter().any(|line| line.contains("backpressure and automatic interval rest")), "{log:?}");
    assert_eq!(run(ClockKind::Virtual, &[]).1, Vec::<String>::new());
}
