//! Feeds [`obhut_fuzz::assertion`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::assertion(data));
