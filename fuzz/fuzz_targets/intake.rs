//! Feeds [`obhut_fuzz::intake`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::intake(data));
