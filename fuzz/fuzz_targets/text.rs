//! Feeds [`obhut_fuzz::text`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::text(data));
