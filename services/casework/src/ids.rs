//! Typed ids. One registry of them, so that a case can never be passed where a referral is meant.
//! They are opaque: drawn at random by the hub, never here, and never an order or a secret.

use std::{fmt, str::FromStr};

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::parsed;
use crate::time::Timestamp;

/// A prefix, `_` and 32 hexadecimal digits.
const TEXT_BYTES: usize = 2 + 1 + 32;

/// An id as text, on the stack: ids are written and read several times for every entry.
struct IdText([u8; TEXT_BYTES]);

impl IdText {
    fn new(prefix: &str, id: Uuid) -> Self {
        let mut text = [0; TEXT_BYTES];
        if let Some((head, hex)) = text.split_at_mut_checked(prefix.len()) {
            head.copy_from_slice(prefix.as_bytes());
            id.simple().encode_lower(hex);
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: expected `{prefix}_` and 32 hexadecimal digits")]
pub struct BadId {
    kind: &'static str,
    prefix: &'static str,
}

// A macro, because eleven ids need the same seven impls and must not differ in any of them.
macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 16 bytes.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }
            /// The 16 bytes behind the text form.
            #[must_use]
            pub const fn uuid(&self) -> Uuid {
                self.0
            }
            fn text(&self) -> IdText {
                IdText::new(concat!($prefix, "_"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text().as_str())
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let bad = BadId { kind: $kind, prefix: $prefix };
                let hex = text.strip_prefix(concat!($prefix, "_")).ok_or(bad.clone())?;
                if hex.len() != 32 || hex.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(bad);
                }
                Uuid::try_parse(hex).map(Self).map_err(|_| bad)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.text().as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                parsed(d)
            }
        }
    )*};
}

typed_id! {
    /// A child's case: what several referrals of one child share.
    CaseId = "cs", "case";
    /// One `referral.request` as its sender sent it; the parent of a referral per recipient.
    RequestId = "rq", "request";
    /// A referral to one receiving agency.
    ReferralId = "rf", "referral";
    /// One message on its way to one agency.
    DeliveryId = "dl", "delivery";
    /// A sealed message body.
    ObjectId = "ob", "object";
    /// A case key in the key database.
    KeyId = "ky", "key";
    /// An identity check asked of NADRA.
    CheckId = "ic", "identity check";
    /// An act that waits for a second person.
    ApprovalId = "ap", "approval";
    /// A row of statistics. It says the month, as the row does, and nothing else of when it was made.
    FactId = "ft", "fact";
    /// Stands for an issuer's client, a person or an adapter in the ledger. The table behind it can be
    /// erased.
    Pseudonym = "ps", "pseudonym";
}

impl FactId {
    /// An id of the month of `at` in Pakistan, otherwise random: rows of a month lie together, so that a new
    /// one needs no page that nobody has touched for a year.
    #[must_use]
    pub fn drawn(at: Timestamp, random: Uuid) -> Self {
        let day = at.in_pakistan();
        let months = i64::from(day.year()).saturating_mul(12).saturating_add(i64::from(day.month0()));
        let mut bytes = random.into_bytes();
        if let Some(head) = bytes.first_chunk_mut() {
            *head = u16::try_from(months).unwrap_or_default().to_be_bytes();
        }
        Self(Uuid::from_bytes(bytes))
    }

    /// That month: `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        let months = self.0.as_bytes().first_chunk().map_or(0, |head| u16::from_be_bytes(*head));
        format!("{:04}-{:02}", months / 12, months % 12 + 1)
    }
}
