//! Feeds [`obhut_fuzz::period`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::period(data));
