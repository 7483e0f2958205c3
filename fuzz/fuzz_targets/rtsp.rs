//! Feeds [`obhut_fuzz::rtsp`] with garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| obhut_fuzz::rtsp(data));
