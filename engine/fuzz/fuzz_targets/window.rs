//! Any text as the parameters of the window kinds.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| weir_fuzz::checks::window(text));
