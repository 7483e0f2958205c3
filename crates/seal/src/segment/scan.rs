//! What can be said about a file without its key: for recovery after a crash, and for the hub.

use super::header::{Header, MAX_BYTES};
use super::{LENGTH, MAGIC, MAX_FRAGMENT, MAX_FRAGMENTS, PREFIX, TAG};
use crate::SealError;

/// Where a ciphertext lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the file before it.
    pub offset: u64,
    /// Its length with the tag.
    pub length: u32,
}

impl Piece {
    /// The piece of the file.
    pub fn of(self, file: &[u8]) -> Option<&[u8]> {
        let from = usize::try_from(self.offset).ok()?;
        let length = usize::try_from(self.length).ok()?;
        file.get(from..from.checked_add(length)?)
    }
}

/// What a file holds, as far as it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The header.
    pub header: Header,
    /// Where the first fragment's length stands: the bytes of magic, length and header.
    pub head_len: u64,
    /// The whole fragments, without the empty end.
    pub fragments: Vec<Piece>,
    /// The empty end, when it is there.
    pub end: Option<Piece>,
    /// Whether the end is there.
    pub ended: bool,
    /// Up to here the file is whole; what follows was torn off, or does not belong to it.
    pub good_len: u64,
}

/// Scans a file that is in memory.
pub fn scan(file: &[u8]) -> Result<Scan, SealError> {
    let mut scanner = Scanner::new();
    scanner.feed(file)?;
    scanner.finish()
}

/// Scans a file that comes in parts, keeping its header and the places of its pieces alone.
pub struct Scanner {
    /// Magic, lengths and header, while they are being collected.
    held: Vec<u8>,
    /// Bytes seen.
    position: u64,
    state: State,
}

enum State {
    Magic,
    Header(usize),
    Body(Box<Body>),
}

struct Body {
    scan: Scan,
    /// Bytes of a ciphertext that are still to come, and the piece they belong to.
    awaited: Option<(u64, Piece)>,
    /// Something stands there that can't be a fragment.
    over: bool,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self {
            held: Vec::new(),
            position: 0,
            state: State::Magic,
        }
    }

    /// The next bytes of the file. Fails when they can't be a segment's beginning.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), SealError> {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Magic => {
                    if !hold(&mut self.held, &mut bytes, MAGIC.len() + LENGTH) {
                        break;
                    }
                    let length = header_length(&self.held)?;
                    self.position = self.held.len() as u64;
                    self.held.clear();
                    self.state = State::Header(length);
                }
                State::Header(length) => {
                    if !hold(&mut self.held, &mut bytes, *length) {
                        break;
                    }
                    let header = Header::decode(&self.held)?;
                    self.position += self.held.len() as u64;
                    self.held = Vec::new();
                    self.state = State::Body(Box::new(Body::new(header, self.position)));
                }
                State::Body(body) => {
                    if body.over {
                        break;
                    }
                    body.feed(&mut self.held, &mut self.position, &mut bytes);
                }
            }
        }
        Ok(())
    }

    /// What was seen. A file that ends inside its header is no segment.
    pub fn finish(self) -> Result<Scan, SealError> {
        match self.state {
            State::Body(body) => Ok(body.scan),
            _ => Err(SealError::Malformed("segment")),
        }
    }
}

impl Body {
    const fn new(header: Header, head_len: u64) -> Self {
        Self {
            scan: Scan {
                header,
                head_len,
                fragments: Vec::new(),
                end: None,
                ended: false,
                good_len: head_len,
            },
            awaited: None,
            over: false,
        }
    }

    fn feed(&mut self, held: &mut Vec<u8>, position: &mut u64, bytes: &mut &[u8]) {
        if let Some((missing, piece)) = &mut self.awaited {
            let here = (bytes.len() as u64).min(*missing);
            let (_, rest) = bytes.split_at(usize::try_from(here).unwrap_or(bytes.len()));
            *bytes = rest;
            *position += here;
            *missing -= here;
            if *missing == 0 {
                let piece = *piece;
                self.awaited = None;
                self.whole(piece, *position);
            }
            return;
        }
        if !hold(held, bytes, LENGTH) {
            return;
        }
        let mut length = [0; LENGTH];
        length.copy_from_slice(held);
        held.clear();
        *position += LENGTH as u64;
        let length = u32::from_be_bytes(length);
        if self.can_follow(length) {
            let offset = *position;
            self.awaited = Some((length.into(), Piece { offset, length }));
        } else {
            self.over = true;
        }
    }

    /// Nothing follows the end; a fragment has its prefix, and none is longer than a sealer makes them.
    fn can_follow(&self, length: u32) -> bool {
        let Ok(length) = usize::try_from(length) else {
            return false;
        };
        let fragment = (PREFIX + TAG..=PREFIX + MAX_FRAGMENT + TAG).contains(&length);
        let room = self.scan.fragments.len() < MAX_FRAGMENTS as usize;
        !self.scan.ended && (length == TAG || (fragment && room))
    }

    fn whole(&mut self, piece: Piece, position: u64) {
        if piece.length as usize == TAG {
            self.scan.end = Some(piece);
            self.scan.ended = true;
        } else {
            self.scan.fragments.push(piece);
        }
        self.scan.good_len = position;
    }
}

/// Moves bytes over until `wanted` are held; whether they are.
fn hold(held: &mut Vec<u8>, bytes: &mut &[u8], wanted: usize) -> bool {
    let here = wanted.saturating_sub(held.len()).min(bytes.len());
    let (taken, rest) = bytes.split_at(here);
    held.extend_from_slice(taken);
    *bytes = rest;
    held.len() == wanted
}

fn header_length(held: &[u8]) -> Result<usize, SealError> {
    let wrong = SealError::Malformed("segment");
    let length = held.strip_prefix(MAGIC).ok_or(wrong)?;
    let length = u32::from_be_bytes(length.try_into().map_err(|_| wrong)?);
    let length = usize::try_from(length).map_err(|_| wrong)?;
    if length == 0 || length > MAX_BYTES {
        return Err(wrong);
    }
    Ok(length)
}
