//! The one integration-test binary: what must hold of Weir as a whole.

mod canvas;
mod docs;
mod files;
mod format;
mod inspector;
mod live;
mod registry;
mod run;
mod samples;
mod support;
mod tidy;
