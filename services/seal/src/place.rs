//! Where a sealed body belongs. It is bound to the body as associated data, so a body copied to another
//! case, another object or another hub does not open there, even under the right key.

use casework::{CaseId, ObjectId};

/// The associated data of a body.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The hub's own name, as its ledger's origin.
    pub hub: &'a str,
    pub case: CaseId,
    pub object: ObjectId,
    /// The body's schema with its version, such as `referral.request/v1`.
    pub schema: &'a str,
}

impl Place<'_> {
    /// The four parts, each led by its length (64 bits, big-endian), so that no two places share an
    /// encoding.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (case, object) = (self.case.uuid(), self.object.uuid());
        let parts: [&[u8]; 4] =
            [self.hub.as_bytes(), case.as_bytes(), object.as_bytes(), self.schema.as_bytes()];
        let mut bytes = Vec::new();
        for part in parts {
            // Lossless: no slice is longer than 2^63 bytes.
            bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }
}
