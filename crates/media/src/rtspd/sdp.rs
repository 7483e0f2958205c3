//! What a camera says it has (RFC 8866, with RFC 6184 section 8.1 and RFC 7798 section 7.1).

use seal::b64_encode;

use super::annexb::Sets;
use super::packet::TYPE;
use crate::Codec;

/// The description of a mount. A microphone is announced, never heard.
pub(super) fn describe(codec: Codec, sets: &Sets, fps: u32, microphone: bool) -> String {
    let text = |it: &Option<bytes::Bytes>| it.as_deref().map(b64_encode).unwrap_or_default();
    let (name, parameters) = match codec {
        Codec::H264 => {
            let level = match sets.sps.as_deref() {
                Some([_, a, b, c, ..]) => format!("{a:02X}{b:02X}{c:02X}"),
                _ => "42C01E".to_owned(),
            };
            let sets = format!("{},{}", text(&sets.sps), text(&sets.pps));
            (
                "H264",
                format!(
                    "packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}"
                ),
            )
        }
        Codec::H265 => (
            "H265",
            format!(
                "sprop-vps={};sprop-sps={};sprop-pps={}",
                text(&sets.vps),
                text(&sets.sps),
                text(&sets.pps)
            ),
        ),
    };
    let mut lines = vec![
        "v=0".to_owned(),
        "o=- 0 0 IN IP4 127.0.0.1".to_owned(),
        "s=Obhut".to_owned(),
        "t=0 0".to_owned(),
        "a=control:*".to_owned(),
    ];
    if microphone {
        lines.push("m=audio 0 RTP/AVP 0".to_owned());
        lines.push("a=rtpmap:0 PCMU/8000".to_owned());
        lines.push(format!("a=control:{AUDIO}"));
    }
    lines.push(format!("m=video 0 RTP/AVP {TYPE}"));
    lines.push(format!("a=rtpmap:{TYPE} {name}/90000"));
    lines.push(format!("a=fmtp:{TYPE} {parameters}"));
    lines.push(format!("a=framerate:{fps}"));
    lines.push(format!("a=control:{VIDEO}"));
    lines.join("\r\n") + "\r\n"
}

/// Last part of the path of the video track.
pub(super) const VIDEO: &str = "trackID=0";
/// Last part of the path of the microphone.
pub(super) const AUDIO: &str = "trackID=1";
