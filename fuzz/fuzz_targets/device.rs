//! Feeds [`obhut_fuzz::device`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::device(data));
