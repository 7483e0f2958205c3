//! Feeds [`obhut_fuzz::wire`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::wire(data));
