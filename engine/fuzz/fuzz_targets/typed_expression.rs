//! Any expression whose types fit together.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| weir_fuzz::checks::expression(&weir_fuzz::grammar::expression(bytes)));
