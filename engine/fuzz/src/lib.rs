//! What the fuzz targets call. The suite's `fuzz` module includes [`checks`], [`content`] and [`grammar`] as well and
//! calls them with a few hundred inputs of its own, so that what is fuzzed at length is also held at every run of the tests.

pub mod checks;
pub mod content;
pub mod grammar;
