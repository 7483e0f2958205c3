//! Feeds [`obhut_fuzz::vapid`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::vapid(data));
