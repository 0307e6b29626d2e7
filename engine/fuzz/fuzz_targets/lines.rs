//! Any bytes, cut anywhere, as lines from a peer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| weir_fuzz::checks::lines(bytes));
