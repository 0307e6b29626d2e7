//! How punctual a batch starts: a ten-node graph at an interval of 10 ms, beside a bare loop that sleeps until the same
//! ticks. Both run at the same time, so that what the machine does hits both. Prints the percentiles of how late they
//! were; takes half a minute, or as many seconds as `WEIR_TICKS_SECS` says.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark that measures sleeping"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::graphs::ten_nodes;
use weir_engine::pipeline::{Edit, Setting};
use weir_engine::plan::Clock;
use weir_engine::runtime::{ClockKind, Command, EngineHandle, EngineOptions, Event, StopRule, WallClock};
use weir_engine::spec::Span;

const INTERVAL: Span = Span::from_millis(10);

fn main() {
    let secs = std::env::var("WEIR_TICKS_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(30);
    let ticks = secs * 100;
    let bare = thread::Builder::new().name("bare".to_owned()).spawn(move || sleep_loop(ticks)).unwrap();
    let (starts, processing) = engine(ticks as u64);
    println!("{:<28} {:>8} {:>8} {:>8} {:>8}", "microseconds late", "p50", "p90", "p99", "max");
    print("batch starts", starts);
    print("bare sleep loop", bare.join().unwrap());
    print("(processing time)", processing);
}

/// How late a loop wakes that sleeps until every tick.
fn sleep_loop(ticks: usize) -> Vec<i64> {
    let clock = WallClock::new();
    let mut late = Vec::with_capacity(ticks);
    let mut tick = clock.now().floor_to(INTERVAL).plus(INTERVAL);
    while late.len() < ticks {
        thread::sleep(Duration::from_micros(tick.since(clock.now()).0.max(0) as u64));
        late.push(clock.now().since(tick).0);
        tick = tick.plus(INTERVAL).max(clock.now().floor_to(INTERVAL));
    }
    late
}

/// How late batches start, and how long they take.
fn engine(ticks: u64) -> (Vec<i64>, Vec<i64>) {
    let mut pipeline = ten_nodes(r#"[["to be or not to be"], ["that is the question"]]"#);
    pipeline.apply(&Edit::Set(Setting::Interval(INTERVAL))).unwrap();
    let options = EngineOptions {
        clock: ClockKind::Wall,
        threads: None,
        stop: StopRule { batches: Some(ticks), ..StopRule::default() },
        folder: PathBuf::from("."),
        presented_rows: Some(10),
        glimpsed_rows: 0,
    };
    let engine = EngineHandle::start(options, Arc::new(|| {})).unwrap();
    assert!(engine.send(Command::Run(Arc::new(pipeline))));
    let (mut starts, mut processing) = (Vec::new(), Vec::new());
    while let Some(event) = engine.next_event(Duration::from_secs(5)) {
        if let Event::Batch(report) = event {
            starts.push(report.creation_delay.0 + report.scheduling_delay.0);
            processing.push(report.processing_time.0);
            if starts.len() as u64 == ticks {
                break;
            }
        }
    }
    (starts, processing)
}

fn print(name: &str, mut late: Vec<i64>) {
    late.sort_unstable();
    let at = |share: f64| late.get((late.len() as f64 * share) as usize).or(late.last()).copied().unwrap_or_default();
    println!("{name:<28} {:>8} {:>8} {:>8} {:>8}", at(0.5), at(0.9), at(0.99), at(1.0));
}
