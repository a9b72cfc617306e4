//! Keys, sealing, commitments and signatures: that what is sealed opens where it belongs and nowhere
//! else, and that digests and signatures equal the published vectors. Whole receipts are tested with the
//! ledger, erasure where keys are stored.

mod digests;
mod keys;
mod sealing;
mod webhooks;
mod words;

use casework::{CaseId, KeyId, ObjectId};
use seal::{CaseKey, Place};

/// An id of any kind, the same for the same number.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: u128) -> T {
    format!("{prefix}_{number:032x}").parse().unwrap()
}

pub fn key(number: u128) -> CaseKey {
    CaseKey::generate(id::<KeyId>("ky", number))
}

/// A place in the hub of these tests.
pub fn place(case: u128, object: u128) -> Place<'static> {
    Place {
        hub: "hub.example/ledger",
        case: id::<CaseId>("cs", case),
        object: id::<ObjectId>("ob", object),
        schema: "referral.request/v1",
    }
}
