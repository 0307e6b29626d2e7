//! What the fuzz targets call. The suite's `fuzz` module includes [`checks`] as well and calls it with a few hundred
//! inputs of its own, so that what is fuzzed at length is also held at every run of the tests.

pub mod checks;
