//! The part of the hub's state a decision looks at: just the things a command touches, loaded by the store
//! and moved along by the entries of the same batch.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Case, CaseId, CheckId, Delivery, DeliveryId, IdentityCheck, Referral, ReferralId, Register, RegisterKey,
};

/// Cases, referrals, deliveries, identity checks and rows of registers by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Cases.
    pub cases: BTreeMap<CaseId, Case>,
    /// Referrals.
    pub referrals: BTreeMap<ReferralId, Referral>,
    /// Deliveries.
    pub deliveries: BTreeMap<DeliveryId, Delivery>,
    /// Identity checks.
    pub checks: BTreeMap<CheckId, IdentityCheck>,
    /// Rows of the registers.
    pub registers: BTreeMap<RegisterKey, Register>,
}

/// Which of them a command or an entry needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Cases.
    pub cases: BTreeSet<CaseId>,
    /// Referrals.
    pub referrals: BTreeSet<ReferralId>,
    /// Deliveries.
    pub deliveries: BTreeSet<DeliveryId>,
    /// Identity checks.
    pub checks: BTreeSet<CheckId>,
    /// Rows of the registers.
    pub registers: BTreeSet<RegisterKey>,
}

impl Touched {
    /// Adds another's ids.
    pub fn merge(&mut self, other: &Self) {
        self.cases.extend(&other.cases);
        self.referrals.extend(&other.referrals);
        self.deliveries.extend(&other.deliveries);
        self.checks.extend(&other.checks);
        self.registers.extend(other.registers.iter().cloned());
    }
}
