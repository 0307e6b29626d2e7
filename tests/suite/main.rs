//! The one integration-test binary: what must hold of Weir as a whole.

mod canvas;
mod cli;
mod docs;
mod files;
mod format;
mod inspector;
mod live;
mod plots;
mod registry;
mod run;
mod samples;
mod shell;
mod support;
mod tidy;
