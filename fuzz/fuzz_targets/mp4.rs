//! Feeds [`obhut_fuzz::mp4`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::mp4(data));
