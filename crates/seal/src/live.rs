//! Live pictures: sealed one by one under a key of the camera's hour, so that a viewer follows at once.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base::{CameraId, GenerationId, LiveKeyId, LiveSessionId, Rng};
use zeroize::Zeroizing;

use crate::cbor::{Reader, Writer, only_form};
use crate::recipients::{List, names};
use crate::segment::{KEY_FRAME, MAX_FRAGMENT, is_word};
use crate::{AgreementKey, SealError, Secret, envelope, hkdf_sha256, sha256};

/// The longest header.
pub const MAX_HEADER: usize = 32 * 1024;
/// The longest picture, as access unit.
pub const MAX_PICTURE: usize = MAX_FRAGMENT;

const WHAT: &str = "live header";
const VERSION: i64 = 1;
const MAX_TEXT: usize = 64;
const MAX_CONFIG: usize = 16 * 1024;
const TAG: usize = 16;
/// Flags and number before the ciphertext.
const CLEAR: usize = 1 + 4;
/// The time before the access unit.
const TIME: usize = 8;

/// What a live session says about itself in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The camera.
    pub camera: CameraId,
    /// The session: one unbroken stream of pictures.
    pub session: LiveSessionId,
    /// The live key.
    pub key: LiveKeyId,
    /// The live key's hour, seconds since 1970.
    pub hour_s: i64,
    /// The codec (RFC 6381).
    pub codec: String,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The codec's configuration record (`avcC`, `hvcC`; ISO/IEC 14496-15).
    pub config: Vec<u8>,
    /// The envelope of the live key.
    pub envelope: Vec<u8>,
}

impl Header {
    /// The header as it is sent.
    pub fn encode(&self) -> Result<Vec<u8>, SealError> {
        if self.config.len() > MAX_CONFIG || self.envelope.len() > envelope::MAX_BYTES {
            Err(SealError::TooLarge)
        } else if is_word(&self.codec) {
            Ok(self.write())
        } else {
            Err(SealError::Malformed(WHAT))
        }
    }

    /// Reads a header; any other form of the same values is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, SealError> {
        let mut from = Reader::new(bytes, WHAT, MAX_HEADER)?;
        from.map(10)?;
        from.exactly(1)?;
        from.exactly(VERSION)?;
        from.exactly(2)?;
        let camera = from.id()?;
        from.exactly(3)?;
        let session = from.id()?;
        from.exactly(4)?;
        let key = from.id()?;
        from.exactly(5)?;
        let hour_s = from.int()?;
        from.exactly(6)?;
        let codec = from.text(MAX_TEXT)?.to_owned();
        from.exactly(7)?;
        let width = from.number()?;
        from.exactly(8)?;
        let height = from.number()?;
        from.exactly(9)?;
        let config = from.bytes(MAX_CONFIG)?.to_vec();
        from.exactly(10)?;
        let envelope = from.bytes(envelope::MAX_BYTES)?.to_vec();
        from.end()?;
        let header = Self {
            camera,
            session,
            key,
            hour_s,
            codec,
            width,
            height,
            config,
            envelope,
        };
        only_form(bytes, &header.encode()?, WHAT)?;
        Ok(header)
    }

    fn write(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.map(10).int(1).int(VERSION);
        to.int(2).id(self.camera);
        to.int(3).id(self.session);
        to.int(4).id(self.key);
        to.int(5).int(self.hour_s);
        to.int(6).text(&self.codec);
        to.int(7).uint(self.width.into());
        to.int(8).uint(self.height.into());
        to.int(9).bytes(&self.config);
        to.int(10).bytes(&self.envelope);
        to.finish()
    }
}

/// The live key of a camera and hour. Can't be copied, so that it knows which sessions it has begun.
pub struct LiveKey {
    id: LiveKeyId,
    key: Secret<32>,
    begun: Mutex<BTreeSet<LiveSessionId>>,
}

impl LiveKey {
    /// A fresh key and its envelope to the live generations of the list.
    pub fn create(id: LiveKeyId, list: &List, rng: &dyn Rng) -> Result<(Self, Vec<u8>), SealError> {
        let key = Secret::<32>::random(rng);
        let aad = id.to_string();
        let sealed = envelope::seal(key.expose(), &names(&list.live), aad.as_bytes(), rng)?;
        Ok((Self::with(id, key), sealed))
    }

    /// The key out of a session's header, with the private key of a generation.
    pub fn open(
        header: &Header,
        generation: GenerationId,
        key: &AgreementKey,
    ) -> Result<Self, SealError> {
        let aad = header.key.to_string();
        let kid = generation.to_string();
        let secret = envelope::open(&header.envelope, &kid, key, aad.as_bytes())?;
        Ok(Self::with(header.key, Secret::from_slice(&secret)?))
    }

    /// Which key it is.
    pub const fn id(&self) -> LiveKeyId {
        self.id
    }

    fn with(id: LiveKeyId, key: Secret<32>) -> Self {
        Self {
            id,
            key,
            begun: Mutex::default(),
        }
    }

    fn session_key(&self, session: LiveSessionId) -> Result<LessSafeKey, SealError> {
        let session = session.to_string();
        let info: [&[u8]; 2] = [b"obhut/live/1", session.as_bytes()];
        let key = Secret::<32>::new(hkdf_sha256(&[], self.key.expose(), &info));
        let key = UnboundKey::new(&AES_256_GCM, key.expose())?;
        Ok(LessSafeKey::new(key))
    }
}

impl fmt::Debug for LiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveKey({})", self.id)
    }
}

/// Seals the pictures of one session; numbers count up and never come again.
pub struct Sealer {
    key: LessSafeKey,
    header: [u8; 32],
    next: u32,
}

impl Sealer {
    /// Begins a session. Gives the sealer and the encoded header. A key begins each session once.
    pub fn begin(key: &LiveKey, header: &Header) -> Result<(Self, Vec<u8>), SealError> {
        if header.key != key.id {
            return Err(SealError::Unreadable);
        }
        let bytes = header.encode()?;
        let mut begun = key.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if !begun.insert(header.session) {
            return Err(SealError::Reused);
        }
        let sealer = Self {
            key: key.session_key(header.session)?,
            header: sha256(&bytes),
            next: 0,
        };
        Ok((sealer, bytes))
    }

    /// The next picture; [`SealError::TooLarge`] also when the numbers are used up and a new session is due.
    pub fn picture(
        &mut self,
        time_us: i64,
        key: bool,
        access_unit: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        if access_unit.len() > MAX_PICTURE || self.next == u32::MAX {
            return Err(SealError::TooLarge);
        }
        let (number, flags) = (self.next, if key { KEY_FRAME } else { 0 });
        self.next += 1;
        let mut out = Vec::with_capacity(CLEAR + TIME + access_unit.len() + TAG);
        out.push(flags);
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&time_us.to_be_bytes());
        out.extend_from_slice(access_unit);
        let aad = Aad::from(aad(&self.header, flags));
        let sealed = &mut out[CLEAR..];
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce(number), aad, sealed)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }
}

/// An opened picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its number in the session.
    pub number: u32,
    /// Its time, microseconds since 1970.
    pub time_us: i64,
    /// Whether it is a key frame.
    pub key: bool,
    /// The access unit with length prefixes.
    pub access_unit: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} µs)", self.number, self.time_us)
    }
}

/// Opens the pictures of one session in the order they came; numbers must rise.
pub struct Opener {
    key: LessSafeKey,
    hash: [u8; 32],
    header: Header,
    last: Option<u32>,
}

impl Opener {
    /// Opens a session by its header.
    pub fn new(key: &LiveKey, header: &[u8]) -> Result<Self, SealError> {
        let read = Header::decode(header)?;
        if read.key != key.id {
            return Err(SealError::Unreadable);
        }
        Ok(Self {
            key: key.session_key(read.session)?,
            hash: sha256(header),
            header: read,
            last: None,
        })
    }

    /// The header; it is bound to every picture.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Opens the next picture. One that came before is [`SealError::Reused`]; the number counts as seen only
    /// when the picture could be opened.
    pub fn picture(&mut self, bytes: &[u8]) -> Result<Picture, SealError> {
        let wrong = SealError::Malformed("live picture");
        if bytes.len() > CLEAR + TIME + MAX_PICTURE + TAG {
            return Err(SealError::TooLarge);
        }
        let (flags, rest) = bytes.split_first().ok_or(wrong)?;
        let (number, sealed) = rest.split_first_chunk::<4>().ok_or(wrong)?;
        let number = u32::from_be_bytes(*number);
        if flags & !KEY_FRAME != 0 || sealed.len() < TIME + TAG {
            return Err(wrong);
        }
        if self.last.is_some_and(|last| number <= last) {
            return Err(SealError::Reused);
        }
        let mut plain = Zeroizing::new(sealed.to_vec());
        let length = self
            .key
            .open_in_place(
                nonce(number),
                Aad::from(aad(&self.hash, *flags)),
                &mut plain,
            )
            .map_err(|_| SealError::Unreadable)?
            .len();
        plain.truncate(length);
        let time = plain.first_chunk::<TIME>().ok_or(wrong)?;
        let time_us = i64::from_be_bytes(*time);
        plain.drain(..TIME);
        self.last = Some(number);
        Ok(Picture {
            number,
            time_us,
            key: flags & KEY_FRAME != 0,
            access_unit: plain,
        })
    }
}

fn nonce(number: u32) -> Nonce {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

fn aad(header: &[u8; 32], flags: u8) -> [u8; 33] {
    let mut aad = [flags; 33];
    aad[..32].copy_from_slice(header);
    aad
}
