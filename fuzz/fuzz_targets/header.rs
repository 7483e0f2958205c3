//! Feeds [`obhut_fuzz::header`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::header(data));
