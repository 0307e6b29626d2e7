//! Memory over a million batches on the virtual clock: a pipeline with a branch for everything that remembers. Prints
//! what the process holds and what the nodes say they hold after every tenth of them; `WEIR_BATCHES` asks for another
//! number of batches.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use std::time::Instant;

use common::graphs::{Run, everything_that_remembers};
use weir_engine::runtime::Event;

fn main() {
    let batches = std::env::var("WEIR_BATCHES").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000u64);
    let mut run = Run::start(&everything_that_remembers());
    let begun = Instant::now();
    println!("{:>10} {:>12} {:>12} {:>12} {:>10}", "batches", "process KiB", "state KiB", "state rows", "µs/batch");
    for batch in 1..=batches {
        let (mut rows, mut bytes, mut failed) = (0, 0, None);
        run.step(&mut |event| match event {
            Event::Batch(report) => {
                rows = report.nodes.iter().map(|node| node.state_rows).sum::<u64>();
                bytes = report.nodes.iter().map(|node| node.state_bytes).sum::<u64>();
            }
            Event::Failed { name, message, .. } => failed = Some(format!("{name}: {message}")),
            Event::State(_)
            | Event::Presented(_)
            | Event::Preview(_)
            | Event::Glimpsed(_)
            | Event::Traced(_)
            | Event::Probed(_)
            | Event::Held { .. }
            | Event::Recorded(_)
            | Event::Applied(_)
            | Event::Refused(_)
            | Event::Log { .. } => {}
        });
        assert_eq!(failed, None);
        if batch % (batches / 10).max(1) == 0 {
            let micros = begun.elapsed().as_micros() as f64 / batch as f64;
            println!("{batch:>10} {:>12} {:>12} {rows:>12} {micros:>10.1}", resident_kib(), bytes / 1024);
        }
    }
}

/// What the process holds in memory, as the system counts it; 0 where that is not told.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
