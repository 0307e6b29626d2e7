//! The one integration-test binary: what must hold of Weir as a whole.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod docs;
mod files;
mod format;
mod registry;
mod samples;
mod tidy;
