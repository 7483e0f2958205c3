//! Envelopes, keys, signatures, password hashes; the only crate that names crypto libraries. No I/O.
//!
//! Everything here is a pure function of its arguments; chance comes in as `&dyn base::Rng` wherever the
//! library lets it. Whatever reads bytes from outside is total: wrong input is a [`SealError`], never a panic.

mod aead;
pub mod assertion;
mod b64;
pub mod bucket;
mod cbor;
pub mod closing;
mod cose;
mod device;
mod digest;
pub mod envelope;
mod error;
mod keys;
pub mod live;
pub mod note;
mod p256;
pub mod password;
pub mod recipients;
mod secret;
pub mod segment;
mod sign;
#[cfg(test)]
mod testing;
pub mod token;
pub mod vapid;
pub mod viewing;
pub mod webpush;

pub use aead::{RootKey, aead_open, aead_seal};
pub use b64::{b64_decode, b64_encode, b64url_decode, b64url_encode};
pub use device::DeviceKey;
pub use digest::{Sha256, hkdf_sha256, hmac_sha256, hmac_sha256_parts, same, sha256, sha256_parts};
pub use error::SealError;
pub use keys::{AgreementKey, Point, SignerKey};
pub use p256::{device_verify, is_p256_point};
pub use secret::Secret;
pub use sign::{SigningKey, VerifyingKey};
pub use zeroize::Zeroizing;

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_between_threads<T: Send + Sync + 'static>() {}

    #[test]
    fn keys_can_be_shared_between_threads() {
        shared_between_threads::<RootKey>();
        shared_between_threads::<note::Signer>();
        shared_between_threads::<vapid::Key>();
        shared_between_threads::<webpush::ReceiverKeys>();
        shared_between_threads::<SignerKey>();
        shared_between_threads::<AgreementKey>();
        shared_between_threads::<bucket::BucketKey>();
        shared_between_threads::<segment::Sealer>();
        shared_between_threads::<live::LiveKey>();
        shared_between_threads::<live::Sealer>();
    }
}
