//! What a witness signs and how that stands in a note (c2sp.org/tlog-cosignature, "Ed25519 signed message"
//! and "Format"): that at a time, a checkpoint was the largest consistent tree it had seen of a log. The
//! signing is done where the key is.

/// Bytes of the time in front of the signature.
const TIME_BYTES: usize = 8;
/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// The text that is signed: the time, then the checkpoint's whole body.
#[must_use]
pub fn cosigned_text(time: u64, body: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// A timestamped signature, as a signature line carries it behind the key's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// When, in seconds since 1970.
    pub time: u64,
    /// Of [`cosigned_text`].
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Cosignature {
    /// The time, big end first, then the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.time.to_be_bytes().as_slice(), &self.signature].concat()
    }

    /// Reads them back; `None` where the length is another or the time is beyond what the specification
    /// allows.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (time, signature) = bytes.split_first_chunk::<TIME_BYTES>()?;
        let time = u64::from_be_bytes(*time);
        i64::try_from(time).ok()?;
        Some(Self { time, signature: signature.try_into().ok()? })
    }
}
