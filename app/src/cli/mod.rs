//! The command line: the same pipelines without a window.
//!
//! [`start`] is what `main` calls; [`execute`] is the same with streams handed in, so that everything can be tested
//! without a process. What a command gives goes to standard output, what is said about it to standard error. Exit
//! codes: 0 done, 1 the pipeline or its run failed, 2 the command was not understood.

mod args;
mod cells;
mod check;
mod console;
mod draw;
mod execute;
mod functions;
mod metrics;
mod nearest;
mod nodes;
mod print;
mod run;
mod set;

pub use console::{Console, Exit};
pub use execute::{Started, execute, start};
