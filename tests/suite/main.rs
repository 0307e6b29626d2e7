//! The one integration-test binary: what must hold of Weir as a whole.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod access;
mod bad_input;
mod batches;
mod by_hand;
mod canvas;
mod cli;
mod docs;
mod editor;
mod expressions;
mod files;
mod first_minute;
mod format;
mod formats;
mod fuzz;
mod inspector;
mod instruments;
mod kind_examples;
mod layout;
mod live;
mod memory;
mod oracles;
mod parity;
mod plots;
mod progress;
mod recovery;
mod registry;
mod run;
mod sample_runs;
mod samples;
mod sentences;
mod shell;
mod sinks;
mod staging;
mod strangers;
mod sums;
mod support;
mod tidy;
mod why;
