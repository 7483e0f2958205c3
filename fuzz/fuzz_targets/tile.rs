//! Feeds [`obhut_fuzz::tile`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::tile(data));
