//! NAL units to RTP packets, and sender reports (RFC 3550, RFC 6184, RFC 7798), interleaved in TCP (RFC 2326, 10.12).

use base::Timestamp;

use crate::Codec;

/// Payload bytes of a packet: fits an Ethernet frame with all heads.
const PAYLOAD: usize = 1400;
/// The payload type of the SDP.
pub(super) const TYPE: u8 = 96;

/// Turns pictures into interleaved packets for one client.
#[derive(Debug)]
pub(super) struct Packetizer {
    pub(super) codec: Codec,
    /// Interleaved channel of RTP; that of RTCP is one more.
    pub(super) channel: u8,
    pub(super) ssrc: u32,
    pub(super) sequence: u16,
    /// Packets and payload bytes sent, for the reports.
    packets: u32,
    octets: u32,
}

impl Packetizer {
    pub(super) fn new(codec: Codec, channel: u8, ssrc: u32, sequence: u16) -> Self {
        Self {
            codec,
            channel,
            ssrc,
            sequence,
            packets: 0,
            octets: 0,
        }
    }

    /// Appends the packets of a picture. `lose` is asked for each packet; one that is lost is counted and
    /// not written.
    pub(super) fn picture(
        &mut self,
        nals: &[bytes::Bytes],
        stamp: u32,
        mut lose: impl FnMut() -> bool,
        out: &mut Vec<u8>,
    ) {
        for (n, nal) in nals.iter().enumerate() {
            let ends = n + 1 == nals.len();
            if nal.len() <= PAYLOAD {
                self.packet(&[nal], stamp, ends, lose(), out);
                continue;
            }
            let (indicator, kind, head) = fragment(self.codec, nal);
            let body = &nal[head..];
            let mut pieces = body.chunks(PAYLOAD - 3).enumerate().peekable();
            while let Some((n, piece)) = pieces.next() {
                let last = pieces.peek().is_none();
                let flags = u8::from(n == 0) << 7 | u8::from(last) << 6;
                let parts = [&indicator[..head], &[flags | kind], piece];
                self.packet(&parts, stamp, ends && last, lose(), out);
            }
        }
    }

    fn packet(&mut self, payload: &[&[u8]], stamp: u32, mark: bool, lost: bool, out: &mut Vec<u8>) {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        if lost {
            return;
        }
        let length: usize = payload.iter().map(|it| it.len()).sum();
        self.frame(self.channel, 12 + length, out);
        out.extend_from_slice(&[0x80, TYPE | u8::from(mark) << 7]);
        out.extend_from_slice(&sequence.to_be_bytes());
        out.extend_from_slice(&stamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        for part in payload {
            out.extend_from_slice(part);
        }
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(length).unwrap_or(0));
    }

    /// Appends a sender report: this stamp was at that time.
    pub(super) fn report(&mut self, at: Timestamp, stamp: u32, out: &mut Vec<u8>) {
        self.frame(self.channel + 1, 28, out);
        out.extend_from_slice(&[0x80, 200, 0, 6]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&ntp(at).to_be_bytes());
        for it in [stamp, self.packets, self.octets] {
            out.extend_from_slice(&it.to_be_bytes());
        }
    }

    #[expect(clippy::unused_self, reason = "reads better beside its callers")]
    fn frame(&self, channel: u8, length: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&[b'$', channel]);
        out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    }
}

/// For a NAL unit that is cut: the bytes before the fragment's own head, the type in that head, and how many
/// bytes of the unit they replace. FU-A is type 28 (RFC 6184, section 5.8), FU is type 49 (RFC 7798, section 4.4.3).
fn fragment(codec: Codec, nal: &[u8]) -> ([u8; 2], u8, usize) {
    match codec {
        Codec::H264 => ([nal[0] & 0xe0 | 0x1c, 0], nal[0] & 31, 1),
        Codec::H265 => ([nal[0] & 0x81 | 0x62, nal[1]], nal[0] >> 1 & 63, 2),
    }
}

/// Time in the format of NTP: seconds since 1900 in 32 bits, and their fraction in 32 more.
fn ntp(at: Timestamp) -> u64 {
    let micros = at.as_microsecond();
    let seconds = micros
        .div_euclid(1_000_000)
        .cast_unsigned()
        .wrapping_add(2_208_988_800)
        & 0xffff_ffff;
    let fraction = (micros.rem_euclid(1_000_000).cast_unsigned() << 32) / 1_000_000;
    seconds << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Channel, marker, sequence number and payload of each packet.
    fn packets(mut out: &[u8]) -> Vec<(u8, bool, u16, Vec<u8>)> {
        let mut packets = Vec::new();
        while !out.is_empty() {
            let length = usize::from(u16::from_be_bytes([out[2], out[3]]));
            let packet = &out[4..4 + length];
            let sequence = u16::from_be_bytes([packet[2], packet[3]]);
            packets.push((
                out[1],
                packet[1] & 0x80 != 0,
                sequence,
                packet[12..].to_vec(),
            ));
            out = &out[4 + length..];
        }
        packets
    }

    #[test]
    fn long_units_are_cut() {
        for (codec, head) in [(Codec::H264, vec![0x65]), (Codec::H265, vec![0x26, 0x01])] {
            let mut unit = head.clone();
            unit.extend((0..4000).map(|it: u32| it.to_le_bytes()[0]));
            let nals = [Bytes::from_static(b"\x67sps"), Bytes::from(unit.clone())];
            let mut out = Vec::new();
            let mut packetizer = Packetizer::new(codec, 2, 7, u16::MAX);
            packetizer.picture(&nals, 90, || false, &mut out);
            let packets = packets(&out);
            let marks: Vec<_> = packets.iter().map(|it| (it.0, it.1, it.2)).collect();
            let want = [
                (2, false, u16::MAX),
                (2, false, 0),
                (2, false, 1),
                (2, true, 2),
            ];
            assert_eq!(marks, want);
            let flags: Vec<u8> = packets[1..]
                .iter()
                .map(|it| it.3[head.len()] & 0xc0)
                .collect();
            assert_eq!(flags, [0x80, 0, 0x40]);
            let kind = packets[1].3[head.len()] & 63;
            assert_eq!(kind, if codec == Codec::H264 { 5 } else { 19 });
            let body: Vec<u8> = packets[1..]
                .iter()
                .flat_map(|it| it.3[head.len() + 1..].to_vec())
                .collect();
            assert_eq!(body, unit[head.len()..]);
        }
    }

    #[test]
    fn lost_packets_leave_a_hole() {
        let nals = [Bytes::from(vec![0x41; 5000])];
        let mut out = Vec::new();
        let mut n = 0;
        let lose = || {
            n += 1;
            n == 2
        };
        Packetizer::new(Codec::H264, 0, 7, 5).picture(&nals, 90, lose, &mut out);
        let sequence: Vec<u16> = packets(&out).iter().map(|it| it.2).collect();
        assert_eq!(sequence, [5, 7, 8]);
    }

    #[test]
    fn time_counts_from_1900() {
        let at = Timestamp::from_microsecond(1_500_000).unwrap();
        assert_eq!(ntp(at), (2_208_988_801 << 32) + (1 << 31));
        assert_eq!(ntp(Timestamp::UNIX_EPOCH) >> 32, 2_208_988_800);
    }
}
