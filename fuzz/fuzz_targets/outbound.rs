//! Feeds [`obhut_fuzz::outbound`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::outbound(data));
