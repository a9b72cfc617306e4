//! Codes: short machine words from a closed list elsewhere. Here only their shape is checked, so that a
//! name or a sentence can never stand where a ledger leaf expects a code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::text::parsed;

/// A text that is not shaped like a code. It never repeats the text: it might be a child's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code: 1 to 40 of letters, digits, `-`, `_` and `.`, beginning with a letter or digit")]
pub struct BadCode;

/// A coded reason, service, outcome or result, for example `SVC-SHELTER` or `no-capacity`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Short<CODE_BYTES_MAX>);

/// An agency's code as the hub writes it: lower case, for example `cpi` or `fia-ccw`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyCode(Short<AGENCY_BYTES_MAX>);

const CODE_BYTES_MAX: usize = 40;
const AGENCY_BYTES_MAX: usize = 16;

/// A short text in place: states and entries hold many codes, and each would be an allocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Short<const BYTES_MAX: usize> {
    // INVARIANT: zeros behind the text, which has none: so the derived order is the texts' order.
    bytes: [u8; BYTES_MAX],
    length: u8,
}

impl<const BYTES_MAX: usize> Short<BYTES_MAX> {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    /// A word of our own, which fits.
    fn of(text: &'static str) -> Self {
        Self::new(text).unwrap_or(Self { bytes: [0; BYTES_MAX], length: 0 })
    }

    fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        str::from_utf8(text).unwrap_or_default()
    }
}

fn is_code(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    matches!(text.len(), 1..=CODE_BYTES_MAX)
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

fn is_agency(text: &str) -> bool {
    is_code(text) && text.len() <= AGENCY_BYTES_MAX && !text.bytes().any(|b| b.is_ascii_uppercase())
}

macro_rules! code_text {
    ($name:ident, $check:ident) => {
        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }
        impl FromStr for $name {
            type Err = BadCode;
            fn from_str(text: &str) -> Result<Self, BadCode> {
                if !$check(text) {
                    return Err(BadCode);
                }
                Short::new(text).map(Self).ok_or(BadCode)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                parsed(d)
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
        Self(Short::of("operator"))
    }

    /// A role as a code.
    pub(crate) fn of_role(role: crate::Role) -> Self {
        Self(Short::of(role.as_str()))
    }
}

impl AgencyCode {
    /// The hub's own operator, where a thing has no other owner.
    #[must_use]
    pub fn hub() -> Self {
        Self(Short::of("hub"))
    }
}
