//! `agency.toml`: who the agency is and how to speak to it. Only names stand here, no address and no secret:
//! configuration maps the endpoint's and the credential's name. An unknown member is an error.

use std::collections::BTreeMap;

use casework::{AgencyCode, MessageKind, Sensitive};
use serde::Deserialize;

use crate::maintenance::{Told, Window};
use crate::protocols::{
    http_json::config::Config as HttpJson, primero::config::Config as Primero, pull::config::Config as Pull,
    soap::config::Config as Soap,
};

/// Calls at once to one agency at most, whatever its file says.
const CONCURRENCY_MAX: u32 = 64;
/// One call's time limit at most, in milliseconds.
const TIMEOUT_MS_MAX: u64 = 60_000;

/// An agency that says nothing of itself is silent after three days: proposed.
const SILENT_AFTER_HOURS: u64 = 72;

/// How the agency's system is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// JSON over HTTP, in the agency's own form.
    HttpJson,
    /// Primero v2's public API; answers are polled.
    Primero,
    /// SOAP 1.1, a synchronous question.
    Soap,
    /// The agency's system fetches from the hub's inbox.
    Pull,
}

/// How much is known about the agency's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// Made up by us, never checked with the agency.
    Assumed,
    /// Taken from the published documentation of the product the agency runs.
    Public,
    /// Agreed in writing with the agency.
    Agreed,
}

/// What an answer's status means for this agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// Not taken; trying again is safe.
    Later,
    /// Not taken, for good.
    Refused,
    /// Not taken, and a mapping or setting is wrong.
    Broken,
    /// It does not tell whether the message was taken.
    Unknown,
}

/// Whom to call. Facts from public sources until somebody verified them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// For what: `helpline`, `helpdesk`, `integration`.
    pub role: String,
    /// `phone`, `email` or `web`.
    pub channel: String,
    /// The number or address: some are a person's. No `Display`, no `Serialize`.
    #[serde(deserialize_with = "sensitive")]
    pub value: Sensitive<String>,
    /// Day it was verified with the agency, `YYYY-MM-DD`; empty = unverified.
    pub last_verified: String,
    /// Where it was found.
    pub source: String,
}

fn sensitive<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Sensitive<String>, D::Error> {
    String::deserialize(from).map(Sensitive::new)
}

/// What the agency's system can do.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capabilities {
    pub dedupes: bool,
    pub can_ask: bool,
}

/// How much the agency's system takes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub concurrency: u32,
    pub timeout_ms: u64,
}

/// How long the agency may send nothing before somebody asks, where its own gaps say nothing yet.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Silence {
    pub after_hours: u64,
}

impl Default for Silence {
    fn default() -> Self {
        Self { after_hours: SILENT_AFTER_HOURS }
    }
}

/// The protocol's own settings: exactly the table named like the protocol.
#[derive(Debug, Clone)]
pub(crate) enum Settings {
    HttpJson(HttpJson),
    Primero(Primero),
    Soap(Soap),
    Pull(Pull),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub code: AgencyCode,
    pub name: String,
    pub jurisdiction: String,
    pub protocol: Protocol,
    pub contract: Contract,
    pub endpoint: String,
    pub credential: String,
    pub accepts: Vec<String>,
    pub contacts: Vec<Contact>,
    pub capabilities: Capabilities,
    pub limits: Limits,
    #[serde(default)]
    pub errors: BTreeMap<String, ErrorClass>,
    #[serde(default)]
    pub maintenance: Vec<Told>,
    #[serde(default)]
    pub silence: Silence,
    pub http_json: Option<HttpJson>,
    pub primero: Option<Primero>,
    pub soap: Option<Soap>,
    pub pull: Option<Pull>,
}

/// An `agency.toml` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, or a member is missing or unknown.
    #[error("agency.toml: {0}")]
    Unreadable(String),
    /// The folder and the file disagree.
    #[error("agency.toml: `code` must be the folder's name")]
    Code,
    /// `accepts` names a message that does not exist.
    #[error("agency.toml: `accepts` holds `{0}`; write a message and its version, as `referral.request/v1`")]
    Accepts(String),
    /// A limit is outside its bounds.
    #[error(
        "agency.toml: `limits` must be 1 to {CONCURRENCY_MAX} calls at once and 1 to {TIMEOUT_MS_MAX} ms"
    )]
    Limits,
    /// `errors` has a key that is no HTTP status of an error.
    #[error("agency.toml: `errors` must be keyed by statuses from 300 to 599")]
    Errors,
    /// A window of maintenance that is none.
    #[error(
        "agency.toml: `maintenance` needs `days` (mon to sun), `from` and a later `to`, as 01:00; 24:00 is \
         the end of a day"
    )]
    Maintenance,
    /// The protocol's settings are missing, or another protocol's are there.
    #[error("agency.toml: exactly the table of its own protocol must be there")]
    Settings,
}

impl Manifest {
    pub fn read(folder: &AgencyCode, text: &str) -> Result<Self, ManifestError> {
        let unreadable = |error: toml::de::Error| ManifestError::Unreadable(error.message().to_owned());
        let manifest: Self = toml::from_str(text).map_err(unreadable)?;
        if manifest.code != *folder {
            return Err(ManifestError::Code);
        }
        let Limits { concurrency, timeout_ms } = manifest.limits;
        if !(1..=CONCURRENCY_MAX).contains(&concurrency) || !(1..=TIMEOUT_MS_MAX).contains(&timeout_ms) {
            return Err(ManifestError::Limits);
        }
        Ok(manifest)
    }

    pub fn accepts(&self) -> Result<Vec<(MessageKind, u16)>, ManifestError> {
        let accepted = self.accepts.iter().map(|text| {
            let parts = text.split_once("/v");
            let parsed = parts.and_then(|(name, version)| Some((name.parse().ok()?, version.parse().ok()?)));
            parsed.ok_or_else(|| ManifestError::Accepts(text.clone()))
        });
        accepted.collect()
    }

    pub fn windows(&self) -> Result<Vec<Window>, ManifestError> {
        self.maintenance.iter().map(Window::read).collect()
    }

    pub fn error_classes(&self) -> Result<BTreeMap<u16, ErrorClass>, ManifestError> {
        let classes = self.errors.iter().map(|(status, class)| {
            let status = status.parse::<u16>().ok().filter(|status| (300..600).contains(status));
            status.map(|status| (status, *class)).ok_or(ManifestError::Errors)
        });
        classes.collect()
    }

    pub fn settings(&self) -> Result<Settings, ManifestError> {
        let tables =
            [self.http_json.is_some(), self.primero.is_some(), self.soap.is_some(), self.pull.is_some()];
        if tables.into_iter().filter(|present| *present).count() != 1 {
            return Err(ManifestError::Settings);
        }
        let settings = match self.protocol {
            Protocol::HttpJson => self.http_json.clone().map(Settings::HttpJson),
            Protocol::Primero => self.primero.clone().map(Settings::Primero),
            Protocol::Soap => self.soap.clone().map(Settings::Soap),
            Protocol::Pull => self.pull.clone().map(Settings::Pull),
        };
        settings.ok_or(ManifestError::Settings)
    }
}
