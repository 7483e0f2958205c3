//! Feeds [`obhut_fuzz::webpush`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::webpush(data));
