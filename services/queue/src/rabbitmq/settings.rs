//! What a connection to the broker is made from, checked before the first attempt, and the names of what it
//! declares there. No name holds anything but the prefix and an agency's code.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use casework::{AgencyCode, Sensitive};
use lapin::tcp::{RustlsConnector, RustlsConnectorConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::QueueError;

/// How a hub reaches its broker.
#[derive(Debug)]
pub struct RabbitSettings {
    /// `amqps://USER:PASSWORD@HOST:PORT/%2f`; `amqp://` only to this machine itself.
    pub url: Sensitive<String>,
    /// The only authorities believed; without it, the machine's own.
    pub ca_pem: Option<String>,
    /// What every name at the broker begins with. Hubs that share a store share it.
    pub prefix: String,
    /// Who has a work queue.
    pub agencies: Vec<AgencyCode>,
    /// Parcels that may be under way to one agency's workers at once, as many as it has workers; one
    /// where none is given.
    pub prefetch: BTreeMap<AgencyCode, u16>,
    /// `source` of every event.
    pub source: String,
    /// Bounds and waits.
    pub tuning: Tuning,
}

/// Bounds and waits; the defaults are what an installation runs with.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Name, TCP, TLS and login together.
    pub connect_within: Duration,
    /// One question to the broker.
    pub answer_within: Duration,
    /// From publishing to the confirm.
    pub confirm_within: Duration,
    /// Agreed with the broker; twice this without a sign of life ends a connection.
    pub heartbeat_seconds: u16,
    /// Between two canaries.
    pub canary_every: Duration,
    /// From sending a canary to seeing it.
    pub canary_within: Duration,
    /// The first wait after a lost connection; doubled each time, and drawn at random below that.
    pub retry_first: Duration,
    /// The longest such wait.
    pub retry_longest: Duration,
    /// Parcels one agency's queue holds. Small on purpose: the backlog's place is the outbox.
    pub queue_length_max: i32,
    /// How often a parcel comes back from workers that died with it before it is a dead letter.
    pub delivery_limit: i32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            connect_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(5),
            confirm_within: Duration::from_secs(10),
            heartbeat_seconds: 10,
            canary_every: Duration::from_secs(30),
            canary_within: Duration::from_secs(5),
            retry_first: Duration::from_millis(200),
            retry_longest: Duration::from_secs(10),
            queue_length_max: 2_048,
            delivery_limit: 10,
        }
    }
}

impl RabbitSettings {
    /// Settings with the default bounds, no agency yet, and the machine's own authorities.
    #[must_use]
    pub fn new(url: Sensitive<String>, prefix: &str) -> Self {
        Self {
            url,
            ca_pem: None,
            prefix: prefix.to_owned(),
            agencies: Vec::new(),
            prefetch: BTreeMap::new(),
            source: "amaan".to_owned(),
            tuning: Tuning::default(),
        }
    }

    /// The address, with the heartbeat in it.
    pub(super) fn address(&self) -> Result<AMQPUri, QueueError> {
        let parsed = self.url.expose().parse::<AMQPUri>();
        let mut uri = parsed.map_err(|_| {
            QueueError::Settings("the url is not one; write amqps://USER:PASSWORD@HOST:PORT/%2f")
        })?;
        if uri.scheme == AMQPScheme::AMQP && !is_this_machine(&uri.authority.host) {
            return Err(QueueError::Settings("plain amqp:// only to this machine itself; use amqps://"));
        }
        uri.query.heartbeat = Some(self.tuning.heartbeat_seconds);
        Ok(uri)
    }

    /// Whom to believe about the broker's certificate: the given authorities alone, if any are given.
    pub(super) fn tls(&self) -> Result<RustlsConnector, QueueError> {
        let config = match &self.ca_pem {
            Some(pem) => {
                let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
                let unreadable = QueueError::Settings("the CA file holds no certificate in PEM form");
                let authorities = parsed.map_err(|_| unreadable.clone())?;
                if authorities.is_empty() {
                    return Err(unreadable);
                }
                RustlsConnectorConfig::default().with_parsable_certificates(authorities)
            }
            None => RustlsConnectorConfig::new_with_native_certs()
                .map_err(|_| QueueError::Settings("this machine's certificate authorities cannot be read"))?,
        };
        config
            .connector_with_no_client_auth()
            .map_err(|_| QueueError::Settings("no TLS can be made from the given authorities"))
    }

    pub(super) fn names(&self) -> Result<Names, QueueError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.bytes().all(fits) {
            return Err(QueueError::Settings("the prefix is 1 to 64 letters, digits, dots, dashes"));
        }
        Ok(Names(self.prefix.clone()))
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What things are called at the broker.
#[derive(Debug, Clone)]
pub(super) struct Names(String);

impl Names {
    /// The topic exchange everything goes through.
    pub(super) fn exchange(&self) -> String {
        format!("{}.events", self.0)
    }
    /// Where what no worker could take goes.
    pub(super) fn dead(&self) -> String {
        format!("{}.dead", self.0)
    }
    /// An agency's work queue.
    pub(super) fn work(&self, agency: &AgencyCode) -> String {
        format!("{}.work.{agency}", self.0)
    }
    /// What a canary queue's name begins with.
    pub(super) fn canary(&self) -> String {
        format!("{}.canary", self.0)
    }
}

/// The routing key of an agency's parcels.
pub(super) fn route(agency: &AgencyCode) -> String {
    format!("delivery.{agency}")
}
