//! A certificate authority for one test: it signs servers and clients, good ones and such as have ended or
//! been revoked.

use std::time::Duration;

use identity::{RealTime, Thumbprint, TokenTime};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};

pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
    serial: Vec<u8>,
}

impl Pair {
    pub fn thumbprint(&self) -> Thumbprint {
        seal::sha256(&CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap())
    }

    /// For a caller.
    pub fn identity(&self) -> egress::Identity {
        egress::Identity { certificate_pem: self.certificate.clone(), key_pem: self.key.clone() }
    }
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// For 127.0.0.1.
    pub fn server(&self) -> Pair {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    /// A server's that ends so many days from now, or before.
    pub fn server_for(&self, days: i64) -> Pair {
        let now = RealTime::default().unix_seconds();
        let end = Duration::from_secs(u64::try_from(now + days * 86_400 + 3600).unwrap());
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.not_after = date_time_ymd(1970, 1, 1) + end;
        self.sign(params)
    }

    pub fn client(&self, name: &str) -> Pair {
        self.sign(client(name))
    }

    /// A client's that ended years ago.
    pub fn past_client(&self, name: &str) -> Pair {
        let mut params = client(name);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Pair {
        let serial = seal::random::<8>().map(|byte| byte & 0x7f).to_vec();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key: key.serialize_pem(), serial }
    }

    /// The list of what it has revoked.
    pub fn revoking(&self, pair: &Pair) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from_slice(&pair.serial),
            revocation_time: date_time_ymd(2022, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2022, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from_slice(&[1]),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn client(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}
