//! The files of the listener's TLS: read at the start, then looked at every second. What has changed is held
//! together (`amaan_http::tls`) and comes into force; what cannot be used is told, and the old stays.

use std::path::Path;
use std::time::Duration;

use amaan_http::tls::{Material, MaterialError, Pems, Tls, certificates};
use identity::{RealTime, TokenTime};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use zeroize::Zeroizing;

use crate::config::{self, Fault, read_secret, read_text};

/// A new certificate is in force within three looks: it has to stand still for one.
const EVERY: Duration = Duration::from_secs(1);

/// A fault, and the setting whose it is.
pub type Wrong = (&'static str, Fault);

/// TLS in force, and the files it came from.
pub struct Listener {
    pub tls: Tls,
    files: config::Tls,
    read: Option<Digest>,
}

/// Of all files together.
type Digest = [u8; 32];

struct Texts {
    certificate: String,
    key: Zeroizing<String>,
    client_authorities: Option<String>,
    client_revoked: Option<String>,
}

impl Listener {
    /// Reads the files; none, where none are named.
    pub fn open(files: &config::Tls) -> Result<Option<Self>, Wrong> {
        let Some(texts) = Texts::read(files)? else { return Ok(None) };
        let tls = Tls::new(texts.material()?, files.required());
        Ok(Some(Self { tls, files: files.clone(), read: Some(texts.digest()) }))
    }

    /// Looks for changes until it is aborted.
    pub fn watch(self) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let (mut judged, mut seen) = (self.read, self.read);
            loop {
                ticks.tick().await;
                let files = self.files.clone();
                let Ok(found) = tokio::task::spawn_blocking(move || Texts::read(&files)).await else {
                    continue;
                };
                let digest = found.as_ref().ok().and_then(Option::as_ref).map(Texts::digest);
                // Files are replaced one after the other: they are judged once they have stood still.
                if digest == seen && digest != judged {
                    judged = digest;
                    self.judge(found);
                }
                seen = digest;
            }
        })
    }

    fn judge(&self, found: Result<Option<Texts>, Wrong>) {
        let material = found.and_then(|texts| texts.map(|texts| Ok((texts.material()?, texts))).transpose());
        match material {
            Ok(Some((material, texts))) => {
                let shown = certificates(&texts.certificate).unwrap_or_default();
                let shown = shown.first().map_or("-", |shown| &*shown.fingerprint);
                self.tls.replace(material);
                tracing::warn!(
                    certificate = shown,
                    "the listener's certificate files have changed: in force"
                );
            }
            Ok(None) => {}
            Err((setting, Fault { what, why, fix })) => {
                self.tls.keep_old();
                tracing::error!(setting, what, why, fix, "the listener's certificate files cannot be used");
            }
        }
    }
}

impl Texts {
    fn read(files: &config::Tls) -> Result<Option<Self>, Wrong> {
        let (Some(certificate), Some(key)) = (&files.certificate_file, &files.key_file) else {
            return Ok(None);
        };
        let optional = |path: &Option<_>, setting| {
            path.as_deref().map(|path| public(path).map_err(|fault| (setting, fault))).transpose()
        };
        let private = "put the certificate's key there, and `chmod 600` it";
        Ok(Some(Self {
            certificate: public(certificate).map_err(|fault| ("tls.certificate_file", fault))?,
            key: read_secret(key, private).map_err(|fault| ("tls.key_file", fault))?,
            client_authorities: optional(&files.client_ca_file, "tls.client_ca_file")?,
            client_revoked: optional(&files.client_crl_file, "tls.client_crl_file")?,
        }))
    }

    fn material(&self) -> Result<Material, Wrong> {
        let pems = Pems {
            certificate: &self.certificate,
            key: &self.key,
            client_authorities: self.client_authorities.as_deref(),
            client_revoked: self.client_revoked.as_deref(),
        };
        Material::read(pems, RealTime::default().unix_seconds())
            .map_err(|error| (setting(error), told(error)))
    }

    fn digest(&self) -> Digest {
        let parts = [Some(&self.certificate), Some(&*self.key), self.client_authorities.as_ref()];
        let parts = parts.into_iter().chain([self.client_revoked.as_ref()]);
        let each: Vec<u8> =
            parts.flat_map(|part| seal::sha256(part.map_or("", String::as_str).as_bytes())).collect();
        seal::sha256(&each)
    }
}

fn public(path: &Path) -> Result<String, Fault> {
    read_text(path).map_err(|error| {
        Fault::new(
            format!("names {}, which cannot be read: {error}", path.display()),
            "without it no connection could be made",
            "put the file there, or name the right one",
        )
    })
}

const fn setting(error: MaterialError) -> &'static str {
    match error {
        MaterialError::NoCertificate | MaterialError::Expired => "tls.certificate_file",
        MaterialError::NoKey | MaterialError::NotItsKey => "tls.key_file",
        MaterialError::NoAuthority => "tls.client_ca_file",
        MaterialError::NoRevocations => "tls.client_crl_file",
    }
}

fn told(error: MaterialError) -> Fault {
    Fault::new(
        format!("cannot be used: {error}"),
        "callers could not connect with it",
        "bring certificate and key as they were issued together, each whole, in PEM",
    )
}
