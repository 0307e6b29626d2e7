//! Any text as a query.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| weir_fuzz::checks::query(text));
