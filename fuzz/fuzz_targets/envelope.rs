//! Feeds [`obhut_fuzz::envelope`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::envelope(data));
