//! An agency's administrator says who its people are, and in what roles. What stands in the ledger is a
//! stand-in; the words of the token that it stands for are in a table that can be erased, and not shown here.

use std::collections::BTreeSet;

use casework::{Action, AgencyCode, Caller, Command, Person, Pseudonym, Refusal, Role, SetPerson};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order};

use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::who_acts::person;
use crate::{Hub, HubError, Key, Problem};

/// A person as its agency sees it.
#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    /// The stand-in of its acts.
    pub id: Pseudonym,
    /// Whose.
    pub agency: AgencyCode,
    /// In what roles.
    pub roles: BTreeSet<Role>,
    /// May it act?
    pub active: bool,
}

/// What an administrator says of a person.
#[derive(Debug, Clone)]
pub struct PersonSaid {
    /// `sub` of the person's tokens.
    pub subject: String,
    /// Their issuer; the only one there is, where absent.
    pub issuer: Option<String>,
    /// In what roles.
    pub roles: BTreeSet<Role>,
    /// May it act?
    pub active: bool,
}

impl Hub {
    /// The people of the caller's agency.
    ///
    /// # Errors
    /// `not-permitted` for anyone but its administrator.
    pub async fn list_people(&self, caller: &Caller) -> Result<Vec<PersonView>, HubError> {
        self.permit(&ask(caller, Act::ManagePeople, None))?;
        let rows = self.store.registers("person", Some(caller.agency.clone())).await?;
        Ok(rows.into_iter().filter_map(person).map(view).collect())
    }

    /// Says who somebody of the caller's agency is from now on. Saying the same again changes nothing.
    ///
    /// # Errors
    /// `not-permitted` for anyone but the agency's administrator; `needs-another-person` where one says who
    /// one is oneself; `not-found` where the person is another agency's.
    pub async fn set_person(
        &self,
        caller: &Caller,
        said: &PersonSaid,
        key: &Key,
    ) -> Result<PersonView, HubError> {
        let permit = self.permit(&ask(caller, Act::ManagePeople, None))?;
        let issuer = self.issuer_of(said)?;
        let once = format!("{issuer}|{}|{:?}|{}", said.subject, said.roles, said.active);
        let id = self.person_id(&caller.agency, &issuer, &said.subject).await?;
        let (agency, roles) = (caller.agency.clone(), said.roles.clone());
        let person = Person { id, agency, roles, active: said.active };
        let asked = SetPerson { by: caller.agency.clone(), person: person.clone() };
        let command = Command {
            actor: caller.actor,
            via: caller.via,
            permit: Some(permit),
            commitment: None,
            action: Action::SetPerson(asked),
        };
        let mut order = Order::plain(command, Lane::Intake);
        order.idempotency = Some(idempotency(caller, key, "POST /v1/persons", once.as_bytes()));
        match self.store.commit(order).await? {
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) if refusal != Refusal::NothingToDo => return Err(refusal.into()),
            Committed::Done(_) | Committed::Replayed { .. } | Committed::Refused(_) => {}
        }
        self.registers_moved();
        Ok(view(person))
    }

    fn issuer_of(&self, said: &PersonSaid) -> Result<String, HubError> {
        let known = self.clients.issuers();
        let told = match (&said.issuer, known.as_slice()) {
            (Some(issuer), _) => known.iter().find(|known| *known == issuer),
            (None, [one]) => Some(one),
            (None, _) => None,
        };
        told.map(|issuer| (*issuer).to_owned()).ok_or_else(|| {
            let detail = "name the issuer of the person's tokens, exactly as this hub trusts it";
            Problem::at("unknown-code", "/issuer".to_owned(), detail).into()
        })
    }
}

fn view(person: Person) -> PersonView {
    let Person { id, agency, roles, active } = person;
    PersonView { id, agency, roles, active }
}
