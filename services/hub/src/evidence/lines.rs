//! The lines of an evidence bundle (ops/docs/evidence.md) and their one spelling: JSON objects with these
//! members in this order, no space anywhere, a line feed after each. A line that is spelled otherwise is
//! none, so no byte of a bundle can change without notice. What the lines have to do with one another is the
//! judge's business.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::keys::Jwk;

/// What the first line says it is.
pub(crate) const FORMAT: &str = "amaan-evidence/v1";
/// Numbers in a bundle are smaller: every reader of JSON has them whole.
pub(super) const NUMBER_END: u64 = 1_000_000_000_000_000;
/// A bundle is never larger: 2,000 entries of some 3 KB, and 6 MiB of messages in base64.
pub const BUNDLE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Which side of the referral the bundle was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// It has the messages that this agency sent as they were sent.
    Sender,
    /// It has copies, cut down, of what was sent to it.
    Receiver,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Sender) { "sender" } else { "receiver" })
    }
}

/// The first line: of what, for whom, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The format.
    pub evidence: String,
    /// The hub's name, which is the ledger's.
    pub hub: String,
    /// The referral.
    pub referral: String,
    /// The agency that asked.
    pub asked_by: String,
    /// Its side.
    pub side: Side,
    /// The ledger's entry of that look.
    pub look: u64,
    /// When, RFC 3339.
    pub made: String,
    /// Nothing that belongs here was left out for its size.
    pub whole: bool,
}

/// The second line: all keys that the rest is checked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysLine {
    /// The ledger's: `name+id+key`.
    pub ledger_key: String,
    /// Those of the witnesses that cosigned.
    pub witness_keys: Vec<String>,
    /// The key that the hub signs copies and bundles with.
    pub hub_key: Jwk,
    /// Keys that agencies sign with.
    pub agency_keys: Vec<AgencyKey>,
}

/// A key that an agency signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyKey {
    /// The agency's code.
    pub agency: String,
    /// Its public part.
    pub jwk: Jwk,
}

/// An entry of the ledger and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryLine {
    /// Its index.
    pub entry: u64,
    /// The leaf's bytes, which are text.
    pub leaf: String,
    /// c2sp.org/tlog-proof, with cosignatures.
    pub proof: String,
}

/// A message as it was sent. No `Debug`: it is about a child.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageLine {
    /// The entry that commits to it.
    pub message: u64,
    /// Whose it is.
    pub agency: String,
    /// The key of the commitment.
    pub opening: Hex32,
    /// The agency's detached JWS, where it signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Its exact bytes.
    pub body: Base64Url,
}

/// What the hub made of a message for whoever asked. No `Debug`: it is about a child.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyLine {
    /// The delivery that carried it.
    pub copy: String,
    /// The entry that commits to the original, where it is in the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The hub's JWS with the copy's bytes inside.
    pub signed: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealLine {
    /// The hub's detached JWS over all lines before this.
    pub seal: String,
}

/// A line. No `Debug`: it may be about a child.
pub(super) enum Line {
    Header(Header),
    Keys(KeysLine),
    Entry(EntryLine),
    Message(MessageLine),
    Copy(CopyLine),
    Seal(SealLine),
}

impl Line {
    /// The line, if it is spelled as a line is.
    pub fn read(text: &str) -> Option<Self> {
        let (name, _) = text.strip_prefix("{\"")?.split_once("\":")?;
        let line = match name {
            "evidence" => exact(text).map(Self::Header),
            "ledger_key" => exact(text).map(Self::Keys),
            "entry" => exact(text).map(Self::Entry),
            "message" => exact(text).map(Self::Message),
            "copy" => exact(text).map(Self::Copy),
            "seal" => exact(text).map(Self::Seal),
            _ => None,
        };
        line.filter(Self::is_of_range)
    }

    /// What the members' types do not say.
    fn is_of_range(&self) -> bool {
        let small = |number: u64| number < NUMBER_END;
        match self {
            Self::Header(line) => line.evidence == FORMAT && small(line.look),
            Self::Keys(line) => {
                let mut jwks = line.agency_keys.iter().map(|held| &held.jwk).chain([&line.hub_key]);
                jwks.all(|jwk| jwk.usable().is_some())
            }
            Self::Entry(line) => small(line.entry),
            Self::Message(line) => small(line.message),
            Self::Copy(line) => line.entry.is_none_or(small),
            Self::Seal(_) => true,
        }
    }

    /// Where in a bundle such a line stands: header, keys, entries, messages and copies, seal.
    pub const fn rank(&self) -> usize {
        match self {
            Self::Header(_) => 0,
            Self::Keys(_) => 1,
            Self::Entry(_) => 2,
            Self::Message(_) | Self::Copy(_) => 3,
            Self::Seal(_) => 4,
        }
    }
}

fn exact<T: DeserializeOwned + Serialize>(text: &str) -> Option<T> {
    let read: T = serde_json::from_str(text).ok()?;
    (serde_json::to_string(&read).ok()? == text).then_some(read)
}

/// 32 bytes in small hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex32(pub [u8; 32]);

impl TryFrom<String> for Hex32 {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("not 32 bytes in hexadecimal")
    }
}

impl From<Hex32> for String {
    fn from(bytes: Hex32) -> Self {
        hex::encode(bytes.0)
    }
}

/// Bytes in base64url without padding. No `Debug`: they may be about a child.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base64Url(pub Vec<u8>);

impl TryFrom<String> for Base64Url {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        decode(&text).map(Self).ok_or("not base64url without padding")
    }
}

impl From<Base64Url> for String {
    fn from(bytes: Base64Url) -> Self {
        URL_SAFE_NO_PAD.encode(bytes.0)
    }
}

/// The bytes of base64url (RFC 7515 section 2); trailing bits are zero, so that a value has one text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
