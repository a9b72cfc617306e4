//! Codes: short machine words from a closed list elsewhere. Here only their shape is checked, so that a
//! name or a sentence can never stand where a ledger leaf expects a code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

/// A text that is not shaped like a code. It never repeats the text: it might be a child's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code: 1 to 40 of letters, digits, `-`, `_` and `.`, beginning with a letter or digit")]
pub struct BadCode;

/// A coded reason, service, outcome or result, for example `SVC-SHELTER` or `no-capacity`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

/// An agency's code as the hub writes it: lower case, for example `cpi` or `fia-ccw`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyCode(String);

fn is_code(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    matches!(text.len(), 1..=40)
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

fn is_agency(text: &str) -> bool {
    is_code(text) && text.len() <= 16 && !text.bytes().any(|b| b.is_ascii_uppercase())
}

macro_rules! code_text {
    ($name:ident, $check:ident) => {
        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = BadCode;
            fn from_str(text: &str) -> Result<Self, BadCode> {
                if $check(text) { Ok(Self(text.to_owned())) } else { Err(BadCode) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
code_text!(Code, is_code);
code_text!(AgencyCode, is_agency);

impl Code {
    /// The role of the hub's own people.
    #[must_use]
    pub fn operator() -> Self {
        Self("operator".to_owned())
    }
}

impl AgencyCode {
    /// The hub's own operator, where a thing has no other owner.
    #[must_use]
    pub fn hub() -> Self {
        Self("hub".to_owned())
    }
}
