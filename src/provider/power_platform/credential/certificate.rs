//! A certificate whose key signs for an application. It is read from PEM or PKCS#12, and signs the assertions that the directory
//! accepts instead of a secret.

use std::fmt;

use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::provider::port::Clock;

/// How long an assertion is valid. The directory gets it at once, so the time only has to cover clocks that differ.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A certificate and its key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// The SHA-256 digest by which the directory finds the certificate.
    thumbprint: String,
}

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("its key is encrypted, which is supported for PKCS#12 only; convert it to PKCS#12, or decrypt the key")]
    EncryptedPem,
    #[error("there is no private key in it")]
    NoKey,
    #[error("there is no certificate in it that belongs to its key")]
    NoCertificate,
    #[error("it is neither PEM nor a PKCS#12 file that the password opens")]
    Unreadable,
    #[error("its key is not an RSA key of 2048 to 4096 bits, and the directory accepts no other key")]
    NotRsa,
}

impl Certificate {
    /// Reads PEM, or PKCS#12 with its password.
    pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Result<Certificate, Unusable> {
        let begins = |words: &str| bytes.windows(words.len()).any(|at| at == words.as_bytes());
        if begins("BEGIN ENCRYPTED PRIVATE KEY") || begins("Proc-Type: 4,ENCRYPTED") {
            Err(Unusable::EncryptedPem)
        } else if begins("-----BEGIN ") {
            Certificate::from_pem(bytes)
        } else {
            Certificate::from_pkcs12(bytes, password.unwrap_or_default())
        }
    }

    fn from_pem(bytes: &[u8]) -> Result<Certificate, Unusable> {
        let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| Unusable::NoKey)?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(Unusable::NotRsa),
        };
        let certificates = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok);
        Certificate::of(key.map_err(|_| Unusable::NotRsa)?, certificates.map(|certificate| certificate.to_vec()))
    }

    fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Certificate, Unusable> {
        let store =
            KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|_| Unusable::Unreadable)?;
        let (_, chain) = store.private_key_chain().ok_or(Unusable::NoKey)?;
        let key = RsaKeyPair::from_pkcs8(chain.key().as_der()).map_err(|_| Unusable::NotRsa)?;
        Certificate::of(key, chain.certs().iter().map(|certificate| certificate.as_der().to_vec()))
    }

    /// The key with its certificate. Files may also hold the certificates of the issuers, in any order.
    fn of(key: RsaKeyPair, certificates: impl Iterator<Item = Vec<u8>>) -> Result<Certificate, Unusable> {
        // A certificate has the public key in it, byte for byte (RFC 5280, 4.1.2.7 and RFC 3279, 2.3.1).
        let public = key.public().as_ref().to_vec();
        let belongs = |certificate: &Vec<u8>| certificate.windows(public.len()).any(|at| at == public);
        let certificate = certificates.into_iter().find(belongs).ok_or(Unusable::NoCertificate)?;
        Ok(Certificate { key, thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)) })
    }

    /// A signed assertion `header.claims.signature`, as in RFC 7523.
    fn sign(&self, claims: &serde_json::Value) -> Result<String, ring::error::Unspecified> {
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Signs a new assertion for each request with the key of a certificate.
pub(super) struct OfCertificate {
    pub(super) certificate: Certificate,
    /// The application.
    pub(super) client_id: String,
    /// The token endpoint of the directory.
    pub(super) audience: String,
    pub(super) clock: Clock,
}

impl fmt::Debug for OfCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OfCertificate")
    }
}

#[async_trait::async_trait]
impl ClientAssertion for OfCertificate {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let now = (self.clock)();
        let claims = json!({
            "aud": self.audience,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": Uuid::new_v4().to_string(),
            "nbf": now.as_second(),
            "exp": now.saturating_add(GOOD_FOR).unwrap_or(now).as_second(),
        });
        self.certificate
            .sign(&claims)
            .map_err(|_| azure_core::Error::with_message(ErrorKind::Credential, "the certificate's key cannot sign"))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use rustls::pki_types::SubjectPublicKeyInfoDer;
    use rustls::pki_types::pem::PemObject;
    use serde_json::{Value, json};

    use super::{Certificate, Unusable};

    /// Made for these tests from one key. No directory trusts them.
    const PEM: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/both.pem");
    const MODERN: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/modern.pfx");
    const LEGACY: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/legacy.pfx");
    const ENCRYPTED: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/encrypted.pem");
    const ELLIPTIC: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/ec.pem");
    const PUBLIC: &[u8] = include_bytes!("../../../../tests/fixtures/certificate/public.pem");
    /// The SHA-256 digest of the certificate, as OpenSSL prints it.
    const THUMBPRINT: &str = "TB7jFd7IAehgfD2dPRWiYf0E75PtqBKn2hMOL3ef8nA";

    fn certificate_of(pem: &[u8]) -> &[u8] {
        &pem[pem.windows(27).position(|at| at == b"-----BEGIN CERTIFICATE-----").unwrap()..]
    }

    #[test]
    fn the_certificate_of_the_key_is_found_after_its_issuer() {
        let pem = [certificate_of(ELLIPTIC), b"# \xff no UTF-8\n", PEM].concat();
        assert_eq!(Certificate::read(&pem, None).unwrap().thumbprint, THUMBPRINT);
    }

    #[test]
    fn every_form_of_one_certificate_signs_alike() {
        let public = SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC).unwrap();
        // The key without the 24 bytes that name its kind.
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &public[24..]);
        for (bytes, password) in [(PEM, None), (MODERN, Some("planted-password")), (LEGACY, Some("planted-password"))] {
            let claims = json!({ "sub": "client" });
            let signed = Certificate::read(bytes, password).unwrap().sign(&claims).unwrap();
            let parts: Vec<&str> = signed.split('.').collect();
            let [header, payload, signature] = parts.as_slice() else { panic!("{signed}") };
            let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
            assert_eq!(read(header), json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": THUMBPRINT }));
            assert_eq!(read(payload), claims);
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            public.verify(format!("{header}.{payload}").as_bytes(), &signature).unwrap();
            assert!(public.verify(b"something else", &signature).is_err());
        }
    }

    #[test]
    fn an_unusable_certificate_says_why() {
        let only_the_certificate = certificate_of(PEM);
        let only_the_key = &PEM[..PEM.len() - only_the_certificate.len()];
        for (bytes, password, expected) in [
            (ENCRYPTED, None, Unusable::EncryptedPem),
            (ELLIPTIC, None, Unusable::NotRsa),
            (only_the_certificate, None, Unusable::NoKey),
            (only_the_key, None, Unusable::NoCertificate),
            (&[only_the_key, certificate_of(ELLIPTIC)].concat(), None, Unusable::NoCertificate),
            (MODERN, Some("wrong"), Unusable::Unreadable),
            (MODERN, None, Unusable::Unreadable),
            (b"", None, Unusable::Unreadable),
            (b"\x30\x82\xff\xff", None, Unusable::Unreadable),
        ] {
            assert_eq!(Certificate::read(bytes, password).err(), Some(expected));
        }
    }
}
