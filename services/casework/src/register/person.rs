//! The people of an agency, as far as the hub has to tell them apart: a stand-in, an agency, roles. No name:
//! what stands behind the stand-in is in a table that can be erased.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey};
use crate::{AgencyCode, Event, Pseudonym, Refusal, State};

/// What somebody is at an agency. The words are those of `policies/amaan.cedarschema`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Works cases.
    Caseworker,
    /// Answers for them; the second person of a two-person act.
    Supervisor,
    /// Says who an agency's people are.
    AgencyAdmin,
    /// Looks after personal data.
    PrivacyOfficer,
    /// Asks for statistics.
    Analyst,
    /// Keeps the hub running.
    Operator,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Caseworker,
        Self::Supervisor,
        Self::AgencyAdmin,
        Self::PrivacyOfficer,
        Self::Analyst,
        Self::Operator,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caseworker => "caseworker",
            Self::Supervisor => "supervisor",
            Self::AgencyAdmin => "agency-admin",
            Self::PrivacyOfficer => "privacy-officer",
            Self::Analyst => "analyst",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no role of that name")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.iter().find(|role| role.as_str() == text).copied().ok_or(UnknownRole)
    }
}

/// Somebody of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The stand-in that the person's acts have in the ledger.
    pub id: Pseudonym,
    /// Whose.
    pub agency: AgencyCode,
    /// In what roles; they take the place of the client's.
    pub roles: BTreeSet<Role>,
    /// May the person act at all?
    pub active: bool,
}

/// Says who somebody is, or no longer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPerson {
    /// Whose people the one who says it may speak for.
    pub by: AgencyCode,
    /// The person as it will be.
    pub person: Person,
}

/// Nobody sets himself, and nobody takes another agency's people over.
pub(crate) fn set(state: &State, asked: &SetPerson, actor: Pseudonym) -> Result<Vec<Event>, Refusal> {
    let person = &asked.person;
    if asked.by != person.agency || state.person(person.id).is_some_and(|held| held.agency != person.agency) {
        return Err(Refusal::NotFound);
    }
    if actor == person.id {
        return Err(Refusal::OwnAct);
    }
    // An operator of an agency would be no operator of the hub.
    if person.roles.contains(&Role::Operator) && person.agency != AgencyCode::hub() {
        return Err(Refusal::RoleMissing { needs: Role::Operator });
    }
    if state.registers.get(&RegisterKey::Person(person.id)) == Some(&Register::Person(person.clone())) {
        return Err(Refusal::NothingToDo);
    }
    Ok(vec![Event::Register(Register::Person(person.clone()))])
}
