//! What a batch costs when there is nothing in it: a chain of ten nodes, driven on the virtual clock.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use common::graphs::{Run, ten_nodes};
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench]
fn ten_node_graph(bencher: Bencher<'_, '_>) {
    let mut run = Run::start(&ten_nodes("[[]]"));
    bencher.bench_local(|| run.step(&mut |event| drop(divan::black_box(event))));
}
