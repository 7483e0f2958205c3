//! Envelopes, keys, signatures, password hashes; the only crate that names crypto libraries. No I/O.
