//! Bits in and out, and the Exp-Golomb codes of H.264 (ITU-T H.264, section 9.1).

/// Collects bits, most significant first.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Continues behind whole bytes, so that the caller's buffer can be used again.
    pub(super) fn over(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            pending: 0,
            count: 0,
        }
    }

    /// The lowest `bits` (at most 32) of `value`.
    pub(super) fn put(&mut self, value: u32, bits: u32) {
        debug_assert!(bits <= 32 && (bits == 32 || value >> bits == 0));
        self.pending = self.pending << bits | u64::from(value);
        self.count += bits;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count & 0xff) as u8);
        }
    }

    /// One bit.
    pub(super) fn flag(&mut self, value: bool) {
        self.put(u32::from(value), 1);
    }

    /// Unsigned Exp-Golomb.
    pub(super) fn ue(&mut self, value: u32) {
        let code = value + 1;
        let length = code.ilog2();
        self.put(0, length);
        self.put(code, length + 1);
    }

    /// Signed Exp-Golomb.
    pub(super) fn se(&mut self, value: i32) {
        let magnitude = value.unsigned_abs() * 2;
        self.ue(if value > 0 { magnitude - 1 } else { magnitude });
    }

    /// Zero bits up to the next whole byte.
    pub(super) fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }

    /// Whole bytes; only at a whole byte.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.bytes.extend_from_slice(bytes);
    }

    /// The stop bit and what fills the last byte (section 7.3.2.11).
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(1, 1);
        self.align();
        self.bytes
    }
}

/// Reads bits; `None` at the end.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    /// At most 32 bits.
    pub(super) fn take(&mut self, bits: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..bits {
            value = value << 1 | self.bit()?;
        }
        Some(value)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.bit().map(|it| it == 1)
    }

    /// How many zero bits come before the next one, which is taken too.
    pub(super) fn zeros(&mut self, most: u32) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > most {
                return None;
            }
        }
        Some(zeros)
    }

    pub(super) fn ue(&mut self) -> Option<u32> {
        let length = self.zeros(31)?;
        let rest = self.take(length)?;
        Some((1 << length) - 1 + rest)
    }

    pub(super) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }

    /// Skips to the next whole byte and takes `count` of them.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let from = self.at.div_ceil(8);
        let bytes = self.bytes.get(from..from.checked_add(count)?)?;
        self.at = (from + count) * 8;
        Some(bytes)
    }

    /// Whether anything stands before the stop bit (`more_rbsp_data`, section 7.2).
    pub(super) fn more(&self) -> bool {
        let Some(last) = self.bytes.iter().rposition(|it| *it != 0) else {
            return false;
        };
        let stop = last * 8 + 7 - self.bytes[last].trailing_zeros() as usize;
        self.at < stop
    }
}

/// Puts in the bytes that keep start codes out of a NAL unit (section 7.4.1.1), behind what is in `out`.
pub(super) fn escape(rbsp: &[u8], out: &mut Vec<u8>) {
    out.reserve(rbsp.len() + rbsp.len() / 64);
    let mut zeros = 0;
    for &byte in rbsp {
        if zeros == 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
}

/// Takes those bytes out again.
pub(super) fn unescape(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for &byte in nal {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_survive(values in proptest::collection::vec((0..u32::MAX / 2, -(1 << 29)..1 << 29, 0_u32..1 << 13), 0..50)) {
            let mut writer = BitWriter::default();
            for (u, s, plain) in &values {
                writer.ue(*u);
                writer.se(*s);
                writer.put(*plain, 13);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (u, s, plain) in values {
                prop_assert!(reader.more());
                prop_assert_eq!(reader.ue(), Some(u));
                prop_assert_eq!(reader.se(), Some(s));
                prop_assert_eq!(reader.take(13), Some(plain));
            }
            prop_assert!(!reader.more());
        }

        #[test]
        fn escaping_keeps_start_codes_out(rbsp in proptest::collection::vec(0_u8..5, 0..200)) {
            let mut nal = Vec::new();
            escape(&rbsp, &mut nal);
            prop_assert!(!nal.windows(3).any(|it| it[..2] == [0, 0] && it[2] < 3));
            prop_assert_eq!(unescape(&nal), rbsp);
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let mut reader = BitReader::new(&bytes);
            while reader.ue().is_some() && reader.more() {}
            let _ = (reader.se(), reader.bytes(3), reader.take(32));
        }
    }
}
