//! Any bytes as a file of rows, in every format and packing; of columnar files also a good one with bytes changed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| weir_fuzz::content::content(bytes));
