//! Secret bytes of fixed length: wiped when dropped, never shown.

use std::fmt;

use base::Rng;
use zeroize::Zeroize;

use crate::{SealError, same};

/// `N` secret bytes. `Debug` shows nothing, comparing takes constant time, dropping wipes.
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the bytes; the caller's copy stays the caller's business.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// A fresh random secret.
    pub fn random(rng: &dyn Rng) -> Self {
        Self(base::array(rng))
    }

    /// A secret from stored bytes; refuses any other length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        let bytes = bytes
            .try_into()
            .map_err(|_| SealError::Malformed("secret"))?;
        Ok(Self(bytes))
    }

    /// The bytes, for the moment of use.
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;

    #[test]
    fn never_shows_itself() {
        let secret = Secret::<4>::new([65, 66, 67, 68]);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn takes_its_length_only() {
        assert!(Secret::<4>::from_slice(&[1, 2, 3]).is_err());
        assert!(Secret::<4>::from_slice(&[1, 2, 3, 4]).is_ok());
    }

    #[test]
    fn is_equal_to_its_copy_alone() {
        let rng = SeededRng::new(1);
        let (a, b) = (Secret::<32>::random(&rng), Secret::<32>::random(&rng));
        assert_eq!(a, a.clone());
        assert_ne!(a, b);
    }
}
