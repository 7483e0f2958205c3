//! The Merkle log: append, sequence, checkpoint, proofs, verify.
