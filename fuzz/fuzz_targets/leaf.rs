//! Feeds [`obhut_fuzz::leaf`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::leaf(data));
