//! A case: one child's referrals, and who is a party to them. Cases found to be of one child are linked,
//! never merged. Nothing about the child stands here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{AgencyCode, CaseId, Timestamp};

/// What the hub knows of a case without opening any body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The agency whose first message made it.
    pub opened_by: AgencyCode,
    /// When.
    pub opened_at: Timestamp,
    /// Senders and receivers of its referrals: who may know that it exists.
    pub parties: BTreeSet<AgencyCode>,
    /// Who is responsible for it, once a transfer was accepted; before that whoever opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// Since when the consent that a sender had is taken back; a newer one has to be stated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub revoked: BTreeMap<AgencyCode, Timestamp>,
    /// Who has said that it must be kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holds: BTreeSet<AgencyCode>,
    /// Since when nothing may come into it, because it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
}

impl Case {
    /// A new one.
    pub(crate) fn opened(id: CaseId, by: AgencyCode, at: Timestamp) -> Self {
        let parties = [by.clone()].into();
        Self {
            id,
            opened_by: by,
            opened_at: at,
            parties,
            owner: None,
            revoked: BTreeMap::new(),
            holds: BTreeSet::new(),
            erased: None,
        }
    }
}
