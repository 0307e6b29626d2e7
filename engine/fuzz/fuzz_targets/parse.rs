//! Any bytes as lines to parse, in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| weir_fuzz::checks::parse(bytes));
