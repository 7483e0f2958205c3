//! Feeds [`obhut_fuzz::unit`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::unit(data));
