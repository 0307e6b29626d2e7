//! Any text as a pipeline file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| weir_fuzz::checks::file(text));
