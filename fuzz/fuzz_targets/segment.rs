//! Feeds [`obhut_fuzz::segment`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::segment(data));
