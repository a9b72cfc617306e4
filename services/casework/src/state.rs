//! The part of the hub's state a decision looks at: just the things a command touches, loaded by the store
//! and moved along by the entries of the same batch.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Case, CaseId, CheckId, Delivery, DeliveryId, IdentityCheck, Referral, ReferralId};

/// Cases, referrals, deliveries and identity checks by id.
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
}

impl Touched {
    /// Adds another's ids.
    pub fn merge(&mut self, other: &Self) {
        self.cases.extend(&other.cases);
        self.referrals.extend(&other.referrals);
        self.deliveries.extend(&other.deliveries);
        self.checks.extend(&other.checks);
    }
}
