//! Feeds [`obhut_fuzz::annexb`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::annexb(data));
