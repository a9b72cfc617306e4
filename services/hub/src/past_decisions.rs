//! The questions behind the last decisions, as far as codes tell them: entries that name a policy set, and
//! the state of what they are about. No body is opened; who acted is an agency and its roles, never a person.
//! Refusals keep no facts, so what was denied is not among them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use casework::{
    AgencyCode, Delivery, DeliveryId, DeliveryStep, Event, MessageKind, Pseudonym, ReadEntry, Referral,
    ReferralId,
};
use policies::{Act, Ask};

use crate::{Hub, HubError};

/// Entries looked through for decisions, at most.
const ENTRIES_MAX: usize = 100_000;
const PAGE: u32 = 200;

/// Questions in words, each with how often it was asked.
pub(crate) type Asked = BTreeMap<String, (Ask, u64)>;

/// What is looked up once.
#[derive(Default)]
struct Seen {
    /// Agency and roles of clients and people, by their stand-ins.
    actors: BTreeMap<Pseudonym, (AgencyCode, Vec<String>)>,
    referrals: BTreeMap<ReferralId, Option<Referral>>,
    deliveries: BTreeMap<DeliveryId, Option<Delivery>>,
}

impl Hub {
    /// The last decisions as questions, at most so many.
    pub(crate) async fn past_questions(&self, last: u64) -> Result<Asked, HubError> {
        let mut seen = Seen { actors: self.actors().await?, ..Seen::default() };
        let (mut asked, mut before, mut found, mut looked) = (Asked::new(), None, 0_u64, 0_usize);
        while found < last && looked < ENTRIES_MAX {
            let page = self.store.entries_before(before, PAGE).await?;
            let Some(oldest) = page.iter().map(|entry| entry.index).min() else { break };
            (before, looked) = (Some(oldest), looked.saturating_add(page.len()));
            for entry in page.iter().filter(|entry| entry.entry.policy.is_some()) {
                let Some(ask) = self.past_question(&mut seen, &entry.entry).await? else { continue };
                let counted = &mut asked.entry(ask.in_words()).or_insert((ask, 0)).1;
                *counted = counted.saturating_add(1);
                found = found.saturating_add(1);
                if found == last {
                    break;
                }
            }
        }
        Ok(asked)
    }

    /// Who stands behind a stand-in, of those who may act now.
    async fn actors(&self) -> Result<BTreeMap<Pseudonym, (AgencyCode, Vec<String>)>, HubError> {
        let mut actors = BTreeMap::new();
        for ((issuer, id), client) in self.clients.all() {
            let actor = self.pseudonym(format!("{issuer}|{id}")).await?;
            actors.insert(actor, (client.agency.clone(), client.roles.clone()));
        }
        for person in self.kept().await?.people.values() {
            let roles = person.roles.iter().map(ToString::to_string).collect();
            actors.insert(person.id, (person.agency.clone(), roles));
        }
        Ok(actors)
    }

    async fn past_question(&self, seen: &mut Seen, entry: &casework::Entry) -> Result<Option<Ask>, HubError> {
        let known = seen.actors.get(&entry.actor).cloned();
        let roles = known.as_ref().map_or_else(|| vec!["system".to_owned()], |(_, roles)| roles.clone());
        Ok(match &entry.event {
            Event::Created(made) | Event::Drafted(made) => Some(Ask {
                counterpart: Some(made.to.clone()),
                message: Some(MessageKind::Request),
                service: Some(made.service.clone()),
                purpose: Some(made.purpose.clone()),
                basis: Some(made.basis.clone()),
                urgency: Some(made.priority),
                places: self.places(&made.from, None),
                ..Ask::of(made.from.clone(), roles, Act::Send)
            }),
            Event::Moved(step) => {
                let referral = self.referral_seen(seen, step.referral).await?;
                let agency = known.map(|(agency, _)| agency);
                referral.map(|referral| {
                    let who = agency.unwrap_or_else(|| referral.to.clone());
                    about(referral, who, roles, Act::Answer, step.step)
                })
            }
            Event::Delivery(step) if step.step == DeliveryStep::Sent => {
                let Some(delivery) = self.delivery_seen(seen, step.delivery).await? else { return Ok(None) };
                let roles = vec!["system".to_owned()];
                let referral = self.referral_seen(seen, delivery.referral).await?;
                referral.map(|referral| about(referral, delivery.to, roles, Act::Receive, delivery.message))
            }
            Event::Read(read) => looked(read, roles),
            _ => None,
        })
    }

    async fn referral_seen<'a>(
        &self,
        seen: &'a mut Seen,
        id: ReferralId,
    ) -> Result<Option<&'a Referral>, HubError> {
        if let Entry::Vacant(place) = seen.referrals.entry(id) {
            place.insert(self.store.referral(id).await?);
        }
        Ok(seen.referrals.get(&id).and_then(Option::as_ref))
    }

    async fn delivery_seen(&self, seen: &mut Seen, id: DeliveryId) -> Result<Option<Delivery>, HubError> {
        if let Entry::Vacant(place) = seen.deliveries.entry(id) {
            place.insert(self.store.delivery(id).await?);
        }
        Ok(seen.deliveries.get(&id).cloned().flatten())
    }
}

/// A question about a referral, as one of its parties asked it.
fn about(referral: &Referral, who: AgencyCode, roles: Vec<String>, act: Act, message: MessageKind) -> Ask {
    let other = if referral.from == who { &referral.to } else { &referral.from };
    Ask {
        counterpart: Some(other.clone()),
        message: Some(message),
        service: Some(referral.service.clone()),
        purpose: Some(referral.purpose.clone()),
        basis: Some(referral.basis.clone()),
        urgency: Some(referral.priority),
        ..Ask::of(who, roles, act)
    }
}

/// A look that somebody was allowed.
fn looked(read: &ReadEntry, roles: Vec<String>) -> Option<Ask> {
    let act = match read.what.as_str() {
        "referral" | "history" => Act::ReadReferral,
        "case" => Act::ReadCase,
        "inbox" => Act::Receive,
        "indicator" => Act::ReadIndicator,
        "audit" => Act::ReadAudit,
        "dead-letter" => Act::ManageDelivery,
        _ => return None,
    };
    Some(Ask::of(read.agency.clone(), roles, act))
}
