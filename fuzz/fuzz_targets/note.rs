//! Feeds [`obhut_fuzz::note`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::note(data));
