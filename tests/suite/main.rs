//! The one integration-test binary: what must hold of Weir as a whole.

mod docs;
mod files;
mod format;
mod registry;
mod samples;
mod tidy;
