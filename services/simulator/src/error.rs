//! What can go wrong when the simulated systems start, and when one writes down an effect.
//! Not the errors they answer with: those are part of each protocol.

use std::{io, path::PathBuf};

/// Why the simulated systems did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The port is taken or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; free the port or configure another")]
    Listen {
        /// The configured port.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// The effect log cannot be read, created or written.
    #[error("cannot use the effect log {}: {source}", path.display())]
    Log {
        /// The log file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of the effect log, not its last, is no effect: somebody else wrote to the file.
    #[error("line {line} of the effect log {} is no effect: move the file away, start again", path.display())]
    BadLog {
        /// The log file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The issuer's identity is unusable.
    #[error("cannot set up the sandbox issuer: {0}")]
    Issuer(String),
    /// The way out to the hub is unusable.
    #[error("cannot set up the way to the hub: {0}")]
    Outbound(String),
    /// A name in the configuration is none of the simulated agencies.
    #[error("no simulated agency of that name: expected one of ictp, nccia, laja, cpi, nadra")]
    UnknownAgency,
}

/// Why an effect was not written down; the system then answers that it is unavailable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotWritten {
    /// The log has reached its bound.
    #[error("the effect log is full")]
    Full,
    /// The write or the fsync failed.
    #[error("the effect log cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The effect could not be put into text.
    #[error("the effect cannot be written as text")]
    Text,
}
