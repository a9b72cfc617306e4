//! What can go wrong on the way out. The line that matters runs between [`EgressError::NotConnected`], after
//! which a caller may try again, and [`EgressError::NoAnswer`], after which only asking the receiver helps.

use std::{error::Error, io};

use crate::names::AddressForbidden;

/// The rules of a client are unusable; the program does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// An entry of the allow-list is no origin, or a literal address no call may reach.
    #[error(
        "`{0}` is no origin that may be called; write `host:port`, the host public or loopback, \
             or `https://host:port` for loopback over tls"
    )]
    BadOrigin(String),
    /// A loopback entry while the hub listens beyond loopback.
    #[error("`{0}` is on loopback, which is allowed only while the hub listens on loopback only")]
    LoopbackOrigin(String),
    /// Too many entries.
    #[error("the allow-list has more than 256 origins; remove those no longer used")]
    TooManyOrigins,
    /// The times contradict each other.
    #[error("connect timeout must be above zero and below the total timeout, which is at most 120 s")]
    BadTimeouts,
    /// The answer limit is zero or too large.
    #[error("the answer limit must lie between 1 byte and 16 MiB")]
    BadBodyLimit,
    /// The extra roots are no PEM of certificates.
    #[error("the extra root certificates cannot be used; give PEM text of 1 to 32 CA certificates")]
    BadRoots,
    /// Certificate and key are not one pair in PEM.
    #[error("the client certificate cannot be used; give it and its own private key, both in PEM")]
    BadIdentity,
    /// TLS could not be set up.
    #[error("tls could not be set up; check the machine's certificate store")]
    Tls,
}

/// Why a URL may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Its host and port are not on the allow-list.
    #[error("its host and port are not on the allow-list")]
    Origin,
    /// Plain http off loopback, https on it where its entry does not say so, or another scheme.
    #[error("its scheme is not the one this origin is reached by")]
    Scheme,
    /// A user name or password stands in it.
    #[error("it holds a user name or password")]
    UserInUrl,
    /// Its name leads to a private, loopback, link-local or otherwise special address.
    #[error("its name leads to an address that may not be called")]
    Address,
}

/// What the network did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The name has no addresses, or the resolver failed.
    #[error("the name could not be resolved")]
    NameUnresolved,
    /// Nobody listens, or no route leads there.
    #[error("the address could not be reached")]
    Unreachable,
    /// The certificate or the handshake failed.
    #[error("the tls handshake failed")]
    TlsFailed,
    /// Time ran out.
    #[error("time ran out")]
    TimedOut,
    /// The connection ended, or what came was no HTTP.
    #[error("the connection ended before a whole answer came")]
    Closed,
}

/// A call that brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The URL may not be called. Nothing was sent; trying again does not help.
    #[error("the address may not be called: {0}")]
    NotAllowed(Forbidden),
    /// The request cannot be written. Nothing was sent; trying again does not help.
    #[error("the request cannot be written: {0}")]
    BadRequest(&'static str),
    /// No connection came about. Nothing was sent; trying again is safe.
    #[error("not connected, nothing was sent: {cause}")]
    NotConnected {
        /// What the network did.
        cause: Cause,
    },
    /// The request went out, or part of it, and no whole answer came back: its effect is unknown.
    #[error("sent, but no whole answer came: {cause}")]
    NoAnswer {
        /// What the network did.
        cause: Cause,
        /// The status, where at least that was seen.
        status: Option<u16>,
    },
    /// The answer is larger than the rules allow; it was seen up to there, so its effect is unknown.
    #[error("sent, but the answer is larger than {bytes_max} bytes")]
    TooLarge {
        /// The status seen.
        status: u16,
        /// The limit.
        bytes_max: usize,
    },
}

impl EgressError {
    /// True where not one byte of the request left the hub, so that trying again cannot double an effect.
    #[must_use]
    pub const fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::NotAllowed(_) | Self::BadRequest(_) | Self::NotConnected { .. })
    }

    /// A stable code for entries and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed(_) => "not-allowed",
            Self::BadRequest(_) => "bad-request",
            Self::TooLarge { .. } => "answer-too-large",
            Self::NotConnected { cause } | Self::NoAnswer { cause, .. } => match cause {
                Cause::NameUnresolved => "name-unresolved",
                Cause::Unreachable => "unreachable",
                Cause::TlsFailed => "tls-failed",
                Cause::TimedOut => "timed-out",
                Cause::Closed => "connection-closed",
            },
        }
    }

    /// From an error before the status was seen.
    pub(crate) fn before_answer(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::BadRequest("the http library refused it");
        }
        if !error.is_connect() {
            return Self::NoAnswer { cause: after_connecting(error), status: None };
        }
        if chain(error).any(|link| link.is::<AddressForbidden>()) {
            return Self::NotAllowed(Forbidden::Address);
        }
        Self::NotConnected { cause: while_connecting(error) }
    }

    /// From an error between the status and the last byte.
    pub(crate) fn within_answer(error: &reqwest::Error, status: u16) -> Self {
        Self::NoAnswer { cause: after_connecting(error), status: Some(status) }
    }
}

fn after_connecting(error: &reqwest::Error) -> Cause {
    if error.is_timeout() { Cause::TimedOut } else { Cause::Closed }
}

fn while_connecting(error: &reqwest::Error) -> Cause {
    if error.is_timeout() {
        Cause::TimedOut
    } else if error.is_dns() {
        Cause::NameUnresolved
    } else if chain(error).any(is_tls) {
        Cause::TlsFailed
    } else {
        Cause::Unreachable
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&link| link.source())
}

/// A TLS error travels inside one or two `io::Error`s, whose `source` skips what they wrap.
fn is_tls(link: &(dyn Error + 'static)) -> bool {
    let mut link = link;
    while let Some(inner) = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        link = inner;
    }
    link.is::<rustls::Error>()
}
