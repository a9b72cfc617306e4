//! What the operator allows: origins, times, sizes. Filled by configuration, checked once when the client
//! is made. Nothing here is asked of a network.

use std::{fmt, time::Duration};

use crate::error::RulesError;

/// More origins than agencies, identity providers and witnesses will ever need.
pub(crate) const ALLOW_MAX: usize = 256;
/// No call may hold a worker longer than this, whatever the configuration says.
const TOTAL_TIMEOUT_MAX: Duration = Duration::from_secs(120);
/// 16 MiB: sixteen times the largest message, enough for a page of an agency's records.
const BODY_BYTES_CEILING: usize = 16 * 1024 * 1024;

/// A certificate of our own and its key, both PEM. Not printable.
#[derive(Clone)]
pub struct Identity {
    /// The certificate, then those between it and its authority.
    pub certificate_pem: String,
    /// Its private key.
    pub key_pem: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// The rules of one client.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Origins that may be called, each `host:port`. A loopback entry (`127.0.0.1:9301`, `[::1]:9301`,
    /// `localhost:9301`) is reached by plain http, or by https alone where it is written
    /// `https://127.0.0.1:9301`; every other one by https. [`crate::entry_for`] gives the entry of a URL.
    pub allow: Vec<String>,
    /// Whether loopback entries are allowed at all: only while the hub itself listens on loopback only.
    pub loopback_http: bool,
    /// Certificate authorities believed beside the machine's own, PEM. On loopback these alone are believed.
    pub extra_roots_pem: Option<String>,
    /// What the client shows of itself to servers that ask (TLS client authentication).
    pub identity: Option<Identity>,
    /// Longest time to resolve, connect and shake hands; less than `total_timeout`.
    pub connect_timeout: Duration,
    /// Longest time for a whole exchange, to the last byte of the answer; at most two minutes.
    pub total_timeout: Duration,
    /// Largest answer read, in bytes; at most 16 MiB.
    pub body_bytes_max: usize,
}

impl Default for Rules {
    /// Nothing allowed; 10 s to connect, 30 s in all, answers up to 1 MiB.
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            loopback_http: false,
            extra_roots_pem: None,
            identity: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            body_bytes_max: 1024 * 1024,
        }
    }
}

impl Rules {
    /// Are the limits themselves within bounds?
    pub(crate) fn check_limits(&self) -> Result<(), RulesError> {
        if self.allow.len() > ALLOW_MAX {
            return Err(RulesError::TooManyOrigins);
        }
        // A connection that may take as long as the whole exchange would hide whether anything was sent.
        let connecting = self.connect_timeout;
        if connecting.is_zero() || connecting >= self.total_timeout || self.total_timeout > TOTAL_TIMEOUT_MAX
        {
            return Err(RulesError::BadTimeouts);
        }
        if self.body_bytes_max == 0 || self.body_bytes_max > BODY_BYTES_CEILING {
            return Err(RulesError::BadBodyLimit);
        }
        Ok(())
    }
}
