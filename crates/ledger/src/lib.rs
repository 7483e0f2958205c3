//! The Merkle log: append, sequence, checkpoint, proofs, verify.
//!
//! The pure part: `leaf` says what an entry holds, `tree` hashes and proves (RFC 6962), `tile` cuts the tree
//! into the public tile format (C2SP tlog-tiles), `verify` reads a whole log and finds what was changed.

pub mod leaf;
pub mod tile;
pub mod tree;
pub mod verify;
