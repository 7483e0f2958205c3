//! Feeds [`obhut_fuzz::scene`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::scene(data));
