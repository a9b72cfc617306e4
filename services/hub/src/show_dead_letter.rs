//! A dead letter as somebody's work: what stands in it by name and category, never a value; each attempt with
//! the schema and the mapping it went through; who mends it, until when, and whom to call. The look is
//! entered first, whether there is anything to see or not.

use std::collections::BTreeSet;

use casework::{
    AgencyCode, Caller, Categories, Category, Code, Delivery, DeliveryId, DeliveryStatus, DeliveryStep,
    Event, Mapped, Sensitive,
};
use policies::Act;
use schemas::DeliveryReason;
use serde::{Serialize, Serializer};

use crate::error::not_found;
use crate::manage_dead_letters::{DeadLetter, settles};
use crate::permits::ask;
use crate::{Hub, HubError};

/// A dead letter and all that helps to mend it.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLetterDetail {
    /// As in the list.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// What was tried, oldest first.
    pub tried: Vec<Tried>,
    /// What stands in the message: names and categories, no value.
    pub preview: Vec<Member>,
    /// Why it rests, who mends it and how.
    pub mend: Option<DeliveryReason>,
    /// Whom to call at its recipient; facts from public sources until somebody verified them.
    pub contacts: Vec<ContactView>,
}

/// One attempt, or what a person did.
#[derive(Debug, Clone, Serialize)]
pub struct Tried {
    /// Its entry.
    pub entry: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What was done.
    pub step: DeliveryStep,
    /// Which attempt.
    pub attempt: u32,
    /// Why it ended so, coded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Schema version and mapping of the attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped: Option<Mapped>,
}

/// A member of a message, without its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Member {
    /// Where it stands; `*` for each of a list.
    pub member: String,
    /// Its category of data.
    pub category: Category,
}

/// Whom to call.
#[derive(Debug, Clone, Serialize)]
pub struct ContactView {
    /// For what: `helpdesk`, `integration`.
    pub role: String,
    /// `phone`, `email`, `web`.
    pub channel: String,
    /// The number or address.
    #[serde(serialize_with = "told_to_caller")]
    pub value: Sensitive<String>,
    /// The day it was verified with the agency; empty: unverified.
    pub last_verified: String,
}

/// Into the answer to a caller whose look is entered.
fn told_to_caller<S: Serializer>(value: &Sensitive<String>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.expose())
}

impl Hub {
    /// One dead letter, or a message held at intake, with all that helps to mend it.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's; the look is entered either way.
    pub async fn show_dead_letter(
        &self,
        caller: &Caller,
        id: DeliveryId,
    ) -> Result<DeadLetterDetail, HubError> {
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        self.enter_read(caller, Some(permit), "dead-letter", Some(id.to_string()), Categories::new()).await?;
        let held = self.store.delivery(id).await?.filter(|held| rests(held) && settles(caller, held));
        let held = held.ok_or_else(not_found)?;
        let reason = held.reason.as_ref().and_then(|code| self.directory.delivery_reason(code));
        Ok(DeadLetterDetail {
            tried: self.tried(&held).await?,
            // One that cannot be opened rests for just that reason: nothing is shown of it.
            preview: self.preview(&held).await.unwrap_or_default(),
            mend: reason,
            contacts: self.contacts(&held.to),
            letter: self.versioned(caller, &held).await?,
        })
    }

    async fn tried(&self, held: &Delivery) -> Result<Vec<Tried>, HubError> {
        let mut tried = Vec::new();
        for found in self.store.history(held.referral).await? {
            let Event::Delivery(step) = found.entry.event else { continue };
            if step.delivery == held.id {
                let (entry, at) = (found.index, found.entry.at.to_string());
                let (step, attempt, reason, mapped) = (step.step, step.attempt, step.reason, step.mapped);
                tried.push(Tried { entry, at, step, attempt, reason, mapped });
            }
        }
        Ok(tried)
    }

    /// Names and categories of what stands in the message: what somebody who may see nothing is refused.
    async fn preview(&self, held: &Delivery) -> Result<Vec<Member>, HubError> {
        let opened = self.open_stored(held.object).await?;
        let message = self.schemas.reread(held.message, opened.bytes.expose())?;
        let nothing = Categories::new();
        let cut = self.schemas.minimise(message.kind, message.version, message.value.json(), &nothing);
        let starred = |pointer: &str| -> String {
            let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
            let part = |word: &str| if number(word) { "/*".to_owned() } else { format!("/{word}") };
            pointer.split('/').skip(1).map(part).collect()
        };
        let member =
            |(at, category): &(String, Category)| Member { member: starred(at), category: *category };
        Ok(cut.removed.iter().map(member).collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn contacts(&self, of: &AgencyCode) -> Vec<ContactView> {
        let Some(agency) = self.adapters.agency(of) else { return Vec::new() };
        let view = |contact: &adapters::Contact| ContactView {
            role: contact.role.clone(),
            channel: contact.channel.clone(),
            value: contact.value.clone(),
            last_verified: contact.last_verified.clone(),
        };
        agency.contacts.iter().map(view).collect()
    }
}

/// Does it wait for a person?
const fn rests(held: &Delivery) -> bool {
    held.status.is_dead() || matches!(held.status, DeliveryStatus::Held)
}
