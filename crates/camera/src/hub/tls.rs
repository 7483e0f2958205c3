//! TLS as both the requests and the channel use it: aws-lc, and the roots of the system or those of the operator.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};

/// Why the hub's certificate is not accepted, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Nobody we know signed it.
    #[error(
        "it is signed by an authority that is not known here: name the file with the authority's certificate (--ca), \
         or enter it in the operating system and leave --ca out"
    )]
    UnknownAuthority,
    /// It is somebody else's.
    #[error(
        "it is for another name than the hub's address: use the name that stands in the certificate (--hub), \
         or have one made for this name"
    )]
    OtherName,
    /// Its time is over, or has not come.
    #[error("it is not valid at this time: set this computer's clock, or renew the certificate")]
    OutOfTime,
    /// It is revoked, or none for a server.
    #[error("it is none for a server, or not as it should be: have another one made")]
    Unfit,
}

impl Distrust {
    /// What lies behind an error, if it is the hub's certificate.
    pub(crate) fn behind(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(it) = next {
            if let Some(rustls::Error::InvalidCertificate(why)) = it.downcast_ref() {
                return Some(Self::of(why));
            }
            // An I/O error names as its source what is behind that which it holds, and overlooks that itself.
            let held = it.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match held {
                Some(held) => Some(held),
                None => it.source(),
            };
        }
        None
    }

    fn of(why: &CertificateError) -> Self {
        use CertificateError as Why;
        match why {
            Why::UnknownIssuer => Self::UnknownAuthority,
            Why::NotValidForName | Why::NotValidForNameContext { .. } => Self::OtherName,
            Why::Expired
            | Why::ExpiredContext { .. }
            | Why::NotValidYet
            | Why::NotValidYetContext { .. } => Self::OutOfTime,
            _ => Self::Unfit,
        }
    }
}

/// Whom to believe about the hub's name: the certificates in a file, those alone, or what the system knows.
pub(crate) fn roots(authority: Option<&Path>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let Some(path) = authority else {
        // Made once, because reading them takes long.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let wrong = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    for certificate in CertificateDer::pem_slice_iter(&std::fs::read(path)?) {
        let certificate = certificate.map_err(|_| wrong("the file is no PEM"))?;
        roots
            .add(certificate)
            .map_err(|_| wrong("the file holds what is no certificate of an authority"))?;
    }
    if roots.is_empty() {
        return Err(wrong("the file holds no certificate"));
    }
    Ok(roots)
}

/// The configuration without application protocols.
pub(crate) fn config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
