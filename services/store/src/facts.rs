//! Statistics of referrals: rows without a way back to the child. The way forward, from a referral to its
//! row, is sealed under the case key and dies with it; the count stays.

use casework::{AgencyCode, CaseId, Code, FactId, Facts, KeyId, ObjectId, Priority, ReferralId};

use crate::{StoreError, rows::FactStored};

/// Statistics of a referral that is being committed.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// Random but for the month, which is the row's.
    pub fact: FactId,
    /// Whose row it is.
    pub referral: ReferralId,
    /// What is asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// Of whom.
    pub to: AgencyCode,
    /// The `statistics` block.
    pub dimensions: Facts,
    /// The sealed link.
    pub link: NewLink,
}

/// The fact id, sealed under the case key.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The case.
    pub case: CaseId,
    /// The key.
    pub key: KeyId,
    /// An object id of its own, part of the associated data.
    pub object: ObjectId,
    /// nonce, ciphertext, tag.
    pub sealed: Vec<u8>,
}

/// Which step of a referral's life a duration ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Accepted.
    Accepted,
    /// First action.
    FirstAction,
    /// Rejected, completed or failed, with the coded end.
    Closed(Code),
}

/// Adds a duration to a row; minutes are counted by the writer from the referral's own times.
#[derive(Debug, Clone)]
pub struct FactStep {
    /// The row, from the opened link.
    pub fact: FactId,
    /// The referral whose times count.
    pub referral: ReferralId,
    /// The step.
    pub step: Step,
}

/// One referral's statistics as indicators read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// `2026-11`, in Pakistan's time.
    pub month: String,
    /// What was asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// Of whom.
    pub to: AgencyCode,
    /// Dimension to code, or to the reason why it is missing.
    pub dimensions: Facts,
    /// Whole minutes from request to acceptance.
    pub accepted_minutes: Option<i64>,
    /// Whole minutes from request to first action.
    pub first_action_minutes: Option<i64>,
    /// Whole minutes from request to its end.
    pub closed_minutes: Option<i64>,
    /// The coded end.
    pub outcome: Option<Code>,
}

impl TryFrom<FactStored> for FactRow {
    type Error = StoreError;
    fn try_from(row: FactStored) -> Result<Self, StoreError> {
        Ok(Self {
            month: row.month,
            service: row.service.parse()?,
            priority: serde_json::from_value(serde_json::Value::String(row.priority))?,
            to: row.to_agency.parse()?,
            dimensions: serde_json::from_str(&row.dimensions)?,
            accepted_minutes: row.accepted_minutes,
            first_action_minutes: row.first_action_minutes,
            closed_minutes: row.closed_minutes,
            outcome: row.outcome.map(|code| code.parse()).transpose()?,
        })
    }
}
