//! One agency's adapter: its folder, loaded. Maps, exchanges, asks and polls; knows nothing of attempts,
//! queues or states.

use std::collections::BTreeMap;

use casework::{AgencyCode, CaseId, DeliveryId, Document, MessageKind, Timestamp};
use schemas::Target;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    codes::{Codes, Direction},
    exchange::{Asked, Exchange, ExchangeError, Inbound, Link, OpenReferral, Polled},
    folder::{self, Folder, FolderError},
    maintenance::Window,
    manifest::{Contact, Contract, ErrorClass, Manifest, Protocol, Settings},
    mapping::{Mapping, MappingError},
    outgoing::Outgoing,
    protocols::{http_json, primero, pull, soap},
    registry::AdapterError,
};

/// Longest idempotency key of an answer, in bytes.
const KEY_BYTES_MAX: usize = 120;
/// Answers one record can hold at most.
const ANSWERS_MAX: usize = 64;

/// An agency's adapter.
pub struct Agency {
    /// Its code, which is its folder's name.
    pub code: AgencyCode,
    /// Its name.
    pub name: String,
    /// Where it may act.
    pub jurisdiction: String,
    /// How its system is reached.
    pub protocol: Protocol,
    /// How much is known about its interface.
    pub contract: Contract,
    /// Whether its system takes a repeated delivery id for the same message.
    pub dedupes: bool,
    /// Whether its system can be asked if it has a delivery.
    pub can_ask: bool,
    /// Message kinds and versions it takes.
    pub accepts: Vec<(MessageKind, u16)>,
    /// The name configuration maps to an address.
    pub endpoint: String,
    /// The name configuration maps to a secret.
    pub credential: String,
    /// Calls at once at most.
    pub concurrency: u32,
    /// One call's time limit in milliseconds.
    pub timeout_ms: u64,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// When its system is down on purpose.
    pub maintenance: Vec<Window>,
    /// Silent after so many minutes, where its own gaps say nothing yet.
    pub silent_after_minutes: u64,
    /// Which mapping this is: SHA-256 of its files, first 16 hexadecimal digits.
    pub mapping: String,
    pub(crate) errors: BTreeMap<u16, ErrorClass>,
    pub(crate) codes: Codes,
    pub(crate) files: Folder,
    pub(crate) sessions: primero::connect::Sessions,
    settings: Settings,
    outbound: Mapping,
    inbound: Option<Mapping>,
    target: Target,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    key: String,
    referral: casework::ReferralId,
    action: String,
    body: Value,
}

impl Agency {
    pub(crate) fn load(code: &AgencyCode, files: Folder) -> Result<Self, AdapterError> {
        let manifest = Manifest::read(code, folder::text(&files, "agency.toml")?)?;
        let codes = Codes::read(folder::text(&files, "codes.csv")?.as_bytes())?;
        let compile = |file, program: &str, direction| {
            let compiled = Mapping::compile(program, &codes, direction);
            compiled.map_err(|why| AdapterError::Mapping { file, why })
        };
        let outbound = folder::text(&files, "outbound.jq")?;
        let outbound = compile("outbound.jq", outbound, Direction::Outbound)?;
        let inbound = folder::text_if_there(&files, "inbound.jq")?;
        let inbound =
            inbound.map(|program| compile("inbound.jq", program, Direction::Inbound)).transpose()?;
        let schema = folder::text(&files, "target.schema.json")?;
        let not_json = |_| FolderError::NotJson { file: "target.schema.json".to_owned() };
        let target = Target::compile(&serde_json::from_str(schema).map_err(not_json)?)?;
        Ok(Self {
            accepts: manifest.accepts()?,
            errors: manifest.error_classes()?,
            maintenance: manifest.windows()?,
            silent_after_minutes: manifest.silence.after_hours.saturating_mul(60),
            settings: manifest.settings()?,
            code: manifest.code,
            name: manifest.name,
            jurisdiction: manifest.jurisdiction,
            protocol: manifest.protocol,
            contract: manifest.contract,
            dedupes: manifest.capabilities.dedupes,
            can_ask: manifest.capabilities.can_ask,
            endpoint: manifest.endpoint,
            credential: manifest.credential,
            concurrency: manifest.limits.concurrency,
            timeout_ms: manifest.limits.timeout_ms,
            contacts: manifest.contacts,
            mapping: folder::version(&files),
            sessions: primero::connect::Sessions::default(),
            codes,
            files,
            outbound,
            inbound,
            target,
        })
    }

    /// The message in the agency's own form.
    ///
    /// # Errors
    /// [`MappingError`]: not accepted, a code not mapped, or a form its target schema does not allow.
    pub fn map_outbound(&self, out: &Outgoing) -> Result<Document, MappingError> {
        if !self.accepts.contains(&(out.message, out.version)) {
            return Err(MappingError::NotAccepted);
        }
        self.map_document(out.document().json())
    }

    pub(crate) fn map_document(&self, document: &Value) -> Result<Document, MappingError> {
        let form = self.outbound.run(document, &self.codes)?;
        self.target.check(&form).map_err(|errors| MappingError::Invalid { errors })?;
        Ok(Document::of(form))
    }

    /// The answers a polled record holds, oldest first; none where it says nothing new. `inbound.jq` gives a
    /// list of `{key, referral, action, body}`, and `null` for an element that says nothing.
    ///
    /// # Errors
    /// [`MappingError`]; the record then waits for a person.
    pub fn map_inbound(&self, raw: &Value) -> Result<Vec<Inbound>, MappingError> {
        let Value::Array(elements) = self.map_answer(raw)?.into_json() else {
            return Err(MappingError::NotAnAnswer);
        };
        if elements.len() > ANSWERS_MAX {
            return Err(MappingError::TooLarge);
        }
        elements.into_iter().filter(|element| !element.is_null()).map(read_answer).collect()
    }

    /// What `inbound.jq` makes of a synchronous answer: a hub message.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn map_answer(&self, raw: &Value) -> Result<Document, MappingError> {
        self.inbound.as_ref().ok_or(MappingError::None)?.run(raw, &self.codes).map(Document::of)
    }

    /// Hands one message over: maps it and speaks to the agency's system once.
    pub async fn exchange(&self, link: &Link, out: &Outgoing) -> Exchange {
        let form = self.map_outbound(out);
        let form = match &form {
            Ok(form) => form.json(),
            Err(error) => return Exchange::Broken { class: error.class() },
        };
        match &self.settings {
            Settings::HttpJson(config) => http_json::exchange::exchange(self, config, link, out, form).await,
            Settings::Primero(config) => primero::exchange::exchange(self, config, link, out, form).await,
            Settings::Soap(config) => soap::exchange::exchange(self, config, link, out, form).await,
            Settings::Pull(_) => pull::exchange::exchange(),
        }
    }

    /// Asks the agency's system whether it has a delivery.
    pub async fn ask(&self, link: &Link, delivery: DeliveryId, case: CaseId) -> Asked {
        if !self.can_ask {
            return Asked::CannotTell;
        }
        match &self.settings {
            Settings::HttpJson(config) => http_json::exchange::ask(self, config, link, delivery).await,
            Settings::Primero(config) => primero::exchange::ask(self, config, link, delivery, case).await,
            Settings::Soap(_) | Settings::Pull(_) => Asked::CannotTell,
        }
    }

    /// Until when its system is down on purpose, if it is now.
    #[must_use]
    pub fn down_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.maintenance.iter().filter_map(|window| window.until(now)).max()
    }

    /// Whether answers have to be fetched from the agency's system.
    #[must_use]
    pub const fn is_polled(&self) -> bool {
        matches!(self.settings, Settings::Primero(_))
    }

    /// Fetches what changed since the cursor for the referrals still open. Nothing is called where none is.
    ///
    /// # Errors
    /// [`ExchangeError`]; the cursor then stays.
    pub async fn poll(
        &self,
        link: &Link,
        open: &[OpenReferral],
        cursor: Option<String>,
    ) -> Result<Polled, ExchangeError> {
        match &self.settings {
            Settings::Primero(config) if !open.is_empty() => {
                primero::poll::poll(self, config, link, open, cursor).await
            }
            _ => Ok(Polled { answers: Vec::new(), cursor, triage: Vec::new() }),
        }
    }

    /// How far the agency's interface is known, for every place where it matters.
    #[must_use]
    pub const fn contract_line(&self) -> &'static str {
        match self.contract {
            Contract::Assumed => "contract assumed: never checked with the agency",
            Contract::Public => "contract public: from published documentation, not checked with the agency",
            Contract::Agreed => "contract agreed with the agency",
        }
    }

    /// What a page or a terminal says of the adapter, a line each.
    #[must_use]
    pub fn describe(&self) -> String {
        let protocol = match self.protocol {
            Protocol::HttpJson => "JSON over HTTP, in its own form",
            Protocol::Primero => "Primero v2; its answers are polled",
            Protocol::Soap => "SOAP 1.1, asked and answered at once",
            Protocol::Pull => "its system fetches from the hub's inbox",
        };
        let repeated = match (self.dedupes, self.can_ask, self.protocol) {
            (_, _, Protocol::Pull) => "fetches until it acknowledges",
            (true, _, _) => "takes a repeated delivery once",
            (false, true, _) => "can be asked whether it has a delivery",
            (false, false, _) => "can neither dedupe nor be asked: an unknown outcome goes to a person",
        };
        let accepts = self.accepts.iter().map(|(kind, version)| format!("\n  {kind}/v{version}"));
        let accepts = accepts.collect::<String>();
        format!(
            "{} ({})\njurisdiction: {}\nprotocol: {protocol}\nrepeats: {repeated}\naccepts:{accepts}\n{}\n",
            self.name,
            self.code,
            self.jurisdiction,
            self.contract_line(),
        )
    }
}

fn read_answer(element: Value) -> Result<Inbound, MappingError> {
    let answer: Answer = serde_json::from_value(element).map_err(|_| MappingError::NotAnAnswer)?;
    let action = MessageKind::from_action(&answer.action).map_err(|_| MappingError::NotAnAnswer)?;
    let key_fits =
        matches!(answer.key.len(), 1..=KEY_BYTES_MAX) && answer.key.bytes().all(|b| b.is_ascii_graphic());
    if !key_fits || !answer.body.is_object() {
        return Err(MappingError::NotAnAnswer);
    }
    Ok(Inbound { key: answer.key, referral: answer.referral, action, body: Document::of(answer.body) })
}
