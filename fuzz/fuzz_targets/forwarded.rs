//! Feeds [`obhut_fuzz::forwarded`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::forwarded(data));
