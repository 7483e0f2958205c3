//! Feeds [`obhut_fuzz::live`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::live(data));
