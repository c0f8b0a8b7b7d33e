#![no_main]

use libfuzzer_sys::fuzz_target;
use vera_stress_fuzz::properties;

fuzz_target!(|bytes: &[u8]| properties::sanitized(bytes).unwrap());
