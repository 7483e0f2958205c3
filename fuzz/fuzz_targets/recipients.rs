//! Feeds [`obhut_fuzz::recipients`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::recipients(data));
