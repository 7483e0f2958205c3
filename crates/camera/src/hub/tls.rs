//! TLS as both the requests and the channel use it: the system's roots, aws-lc.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// The configuration without application protocols; made once, because reading the roots takes long.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
