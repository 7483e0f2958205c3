//! Writes the seeds of pictures into `corpus/`, as `seeds` does for everything else.

use base::Timestamp;
use bytes::Bytes;
use media::fmp4::{Muxer, init};
use media::scene::{Options, Picture, Scene};
use media::{Codec, Frame, Parameters, Ticks};
use std::time::Duration;
use std::{fs, io};

fn write(target: &str, name: &str, data: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(&folder)?;
    fs::write(format!("{folder}/{name}"), data)
}

/// The NAL units with a length before each.
fn unit<'a>(nals: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for nal in nals {
        let length = u32::try_from(nal.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(nal);
    }
    out
}

fn of(picture: &Picture) -> Vec<u8> {
    unit(picture.nals.iter().map(|it| &it[..]))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut scene = Scene::new(Options {
        width: 576,
        height: 240,
        ..Options::default()
    })?;
    let at = Timestamp::from_second(1_800_000_000)?;
    let first = scene.picture(1, at, true);
    let second = scene.picture(2, at, false);
    write("scene", "key", of(&first))?;
    write("scene", "two", [of(&first), of(&second)].concat())?;
    let sets = unit(first.nals.iter().take(2).map(|it| &it[..]));
    write("scene", "sets", sets)?;

    let file: Vec<u8> = [&first, &second]
        .iter()
        .flat_map(|it| &it.nals)
        .flat_map(|it| [&[0, 0, 0, 1], &it[..it.len().min(60)]].concat())
        .collect();
    write("annexb", "h264", file)?;
    let h265: [&[u8]; 5] = [
        &[0x40, 1, 9],
        &[0x42, 1, 9],
        &[0x44, 1, 9],
        &[0x28, 1, 0xaf],
        &[0x02, 1, 0xd0],
    ];
    let file: Vec<u8> = h265
        .iter()
        .flat_map(|it| [&[0, 0, 1], *it].concat())
        .collect();
    write("annexb", "h265", file)?;

    let idr: [&[u8]; 2] = [&[6, 5, 1, 0, 0x80], &[0x65, 0x88, 0x80]];
    let recovery: [&[u8]; 2] = [&[6, 5, 1, 0, 6, 1, 0xc4, 0x80], &[0x41, 0x9a]];
    write("unit", "idr", unit(idr))?;
    write("unit", "recovery", unit(recovery))?;
    write("unit", "b", unit([&[0x01, 0x9e, 0x21][..]]))?;
    write("unit", "h265", unit(h265))?;

    let parameters = Parameters {
        codec: Codec::H264,
        rfc6381: "avc1.4D401F".to_owned(),
        width: 576,
        height: 240,
        sample_entry: Bytes::from_static(b"\0\0\0\x10avc1sample e"),
        config: Bytes::new(),
    };
    let frame = |ticks: i64, key: bool, size: usize| Frame {
        stream_time: Ticks(ticks),
        received_at: Duration::ZERO,
        wall: at,
        key,
        params_changed: false,
        data: Bytes::from(vec![7; size]),
    };
    let mut file = init(&parameters);
    write("mp4", "init", &file)?;
    let mut muxer = Muxer::new();
    let group = [
        frame(0, true, 9),
        frame(18_000, false, 5),
        frame(6000, false, 0),
    ];
    muxer.write(&group, Ticks(24_000), &mut file);
    muxer.write(&[frame(24_000, true, 3)], Ticks(30_000), &mut file);
    write("mp4", "fragments", file)?;

    let play = "PLAY rtsp://127.0.0.1:554/yard/ RTSP/1.0\r\nCSeq: 4\r\nSession: 1\r\n\r\n";
    write("rtsp", "play", play)?;
    let data = "$\u{1}\0\u{2}ab";
    write("rtsp", "between", format!("{data}{play}{data}"))?;
    let body = "SET_PARAMETER * RTSP/1.0\r\ncseq: 5\r\nContent-Length: 3\r\n\r\nabc";
    write("rtsp", "body", format!("{body}{play}"))?;
    Ok(())
}
