//! A new certificate at every start, for clients that require HTTPS, such as MSAL.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::names::Authority;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The keys or the certificates cannot be made.
    #[error("the certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("the certificate cannot be used")]
    Configuration(#[from] rustls::Error),
}

/// The certificate of the emulator, and the authority that issued it.
pub struct Identity {
    pub(super) config: Arc<ServerConfig>,
    /// The certificate of the authority as PEM, which clients must trust.
    pub authority: String,
}

impl Identity {
    /// Makes a certificate for an address, `localhost`, 127.0.0.1, ::1 and further names.
    ///
    /// # Errors
    ///
    /// If the keys or the certificates cannot be made or used.
    pub fn make(address: SocketAddr, further: &[Authority]) -> Result<Identity, TlsError> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(DnType::CommonName, "allot emulate");
        let trusted = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);
        let usual = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), address.ip().to_string()];
        let further = further.iter().map(Authority::name_in_certificate);
        let names: BTreeSet<String> = usual.into_iter().chain(further).collect();
        let key = KeyPair::generate()?;
        let mut own = CertificateParams::new(names.into_iter().collect::<Vec<_>>())?;
        own.distinguished_name.push(DnType::CommonName, "localhost");
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        own.use_authority_key_identifier_extension = true;
        let own = own.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)?;
        Ok(Identity { config: Arc::new(config), authority: trusted.pem() })
    }
}
