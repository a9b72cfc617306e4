//! Which schema version a message had and which mapping made the agency's form of it: an attempt's entry says
//! both, so that whoever looks at a failure knows what to mend, and what has been mended since.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What made the agency's form of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// The message's schema version.
    pub schema: u16,
    /// The agency's mapping: SHA-256 of its files, first 16 hexadecimal digits.
    pub mapping: Digest,
}
