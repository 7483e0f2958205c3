//! Feeds [`obhut_fuzz::closing`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::closing(data));
