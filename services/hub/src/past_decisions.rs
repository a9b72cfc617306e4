//! The questions behind the last decisions, as far as codes tell them: what was permitted (entries that name
//! a policy set, and the state of what they are about), what could not be decided (held at intake), and what
//! was refused (the refusal's entry keeps the question). No body is opened; who acted is an agency and its
//! roles, never a person. What cannot be asked again from codes is counted by its reason, never guessed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use casework::{
    AgencyCode, CheckStatus, Created, Delivery, DeliveryId, DeliveryMoved, DeliveryStep, Event,
    IdentityMoved, MessageKind, Moved, Person, Pseudonym, ReadEntry, Referral, ReferralId, RefusedEntry,
};
use policies::{Act, Ask, Past};

use crate::{Hub, HubError};

/// Entries looked through for decisions, at most.
const ENTRIES_MAX: usize = 100_000;
const PAGE: u32 = 200;

/// The problem of a refusal that policies made, at the door and at a hand-over.
const NOT_PERMITTED: &str = "not-permitted";
/// Refusals of whatever kind that were only counted.
const REFUSED_OFTEN: &str = "refused-often";

/// What an entry is to a replay.
enum Found {
    /// No decision of the policies.
    None,
    /// One: this was asked, and permitted or held then.
    Asked(Ask),
    /// One: this was asked, and refused then.
    Refused(Ask),
    /// So many that cannot be asked again, and why.
    Lost(&'static str, u64),
}

/// Agency and roles.
type Actor = (AgencyCode, Vec<String>);

/// What is looked up once.
#[derive(Default)]
struct Seen {
    /// Agency and roles of clients, and of people as they are met, by their stand-ins.
    actors: BTreeMap<Pseudonym, Option<Actor>>,
    referrals: BTreeMap<ReferralId, Option<Referral>>,
    deliveries: BTreeMap<DeliveryId, Option<Delivery>>,
}

impl Hub {
    /// The last decisions as questions, at most so many; with what was met on the way and cannot be asked.
    pub(crate) async fn past_questions(&self, last: u64) -> Result<Past, HubError> {
        let mut seen = Seen { actors: self.actors().await?, ..Seen::default() };
        let (mut past, mut before, mut found, mut looked) = (Past::default(), None, 0_u64, 0_usize);
        while found < last && looked < ENTRIES_MAX {
            let page = self.store.entries_before(before, PAGE).await?;
            let Some(oldest) = page.iter().map(|entry| entry.index).min() else { break };
            (before, looked) = (Some(oldest), looked.saturating_add(page.len()));
            for entry in &page {
                found =
                    found.saturating_add(take(&mut past, self.past_question(&mut seen, &entry.entry).await?));
                if found == last {
                    break;
                }
            }
        }
        Ok(past)
    }

    /// Who stands behind a stand-in, of the clients that may act now.
    async fn actors(&self) -> Result<BTreeMap<Pseudonym, Option<Actor>>, HubError> {
        let mut actors = BTreeMap::new();
        for ((issuer, id), client) in self.clients.all() {
            let actor = self.pseudonym(format!("{issuer}|{id}")).await?;
            actors.insert(actor, Some((client.agency.clone(), client.roles.clone())));
        }
        Ok(actors)
    }

    async fn actor_seen(&self, seen: &mut Seen, id: Pseudonym) -> Result<Option<Actor>, HubError> {
        if let Entry::Vacant(place) = seen.actors.entry(id) {
            let roles = |person: &Person| person.roles.iter().map(ToString::to_string).collect();
            let person = self.who_acts(id).await?;
            place.insert(person.map(|person| (person.agency.clone(), roles(&person))));
        }
        Ok(seen.actors.get(&id).cloned().flatten())
    }

    async fn past_question(&self, seen: &mut Seen, entry: &casework::Entry) -> Result<Found, HubError> {
        let known = self.actor_seen(seen, entry.actor).await?;
        let roles = known.as_ref().map_or_else(|| vec!["system".to_owned()], |(_, roles)| roles.clone());
        let decided = entry.policy.is_some();
        Ok(match &entry.event {
            Event::Created(made) | Event::Drafted(made) if decided || made.held => self.sending(made, roles),
            Event::Refused(refused) => refusal(refused),
            Event::Identity(step) if step.status == CheckStatus::Asked => checking(step, roles),
            Event::Delivery(step) => self.receiving(seen, step, decided).await?,
            Event::Moved(step) if decided => {
                let agency = known.map(|(agency, _)| agency);
                self.answering(seen, step, agency, roles).await?
            }
            Event::Read(read) if decided => looked(read, roles),
            Event::Register(_) if decided => Found::Lost("register", 1),
            _ => Found::None,
        })
    }

    fn sending(&self, made: &Created, roles: Vec<String>) -> Found {
        Found::Asked(Ask {
            counterpart: Some(made.to.clone()),
            message: Some(MessageKind::Request),
            service: Some(made.service.clone()),
            purpose: Some(made.purpose.clone()),
            basis: Some(made.basis.clone()),
            urgency: Some(made.priority),
            places: self.places(&made.from, None),
            ..Ask::of(made.from.clone(), roles, Act::Send)
        })
    }

    async fn answering(
        &self,
        seen: &mut Seen,
        step: &Moved,
        agency: Option<AgencyCode>,
        roles: Vec<String>,
    ) -> Result<Found, HubError> {
        let Some(referral) = self.referral_seen(seen, step.referral).await? else {
            return Ok(Found::Lost("referral-unknown", 1));
        };
        let who = agency.unwrap_or_else(|| referral.to.clone());
        Ok(Found::Asked(about(referral, who, roles, Act::Answer, step.step)))
    }

    /// A hand-over that policy permitted, or one that it refused.
    async fn receiving(
        &self,
        seen: &mut Seen,
        step: &DeliveryMoved,
        decided: bool,
    ) -> Result<Found, HubError> {
        let reason = step.reason.as_ref().map(casework::Code::as_str);
        let refused = step.step == DeliveryStep::Refused && reason == Some(NOT_PERMITTED);
        let sent = decided && step.step == DeliveryStep::Sent;
        if !refused && !sent {
            return Ok(Found::None);
        }
        let Some(delivery) = self.delivery_seen(seen, step.delivery).await? else {
            return Ok(Found::Lost("delivery-unknown", 1));
        };
        let Some(referral) = self.referral_seen(seen, delivery.referral).await? else {
            return Ok(Found::Lost("referral-unknown", 1));
        };
        let roles = vec!["system".to_owned()];
        let ask = about(referral, delivery.to, roles, Act::Receive, delivery.message);
        Ok(if refused { Found::Refused(ask) } else { Found::Asked(ask) })
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

/// Puts it with the others, and says how many more questions there are.
fn take(past: &mut Past, found: Found) -> u64 {
    let (ask, refused) = match found {
        Found::None => return 0,
        Found::Lost(why, count) => {
            let lost = past.not_asked.entry(why).or_default();
            *lost = lost.saturating_add(count);
            return 0;
        }
        Found::Asked(ask) => (ask, 0),
        Found::Refused(ask) => (ask, 1),
    };
    let times = &mut past.asked.entry(ask.in_words()).or_insert((ask, policies::Times::default())).1;
    times.all = times.all.saturating_add(1);
    times.refused = times.refused.saturating_add(refused);
    1
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

/// An identity check that was asked. What older hubs wrote names no purpose, and without one it would be
/// another question.
fn checking(step: &IdentityMoved, roles: Vec<String>) -> Found {
    let (Some(purpose), Some(basis)) = (&step.purpose, &step.basis) else {
        return Found::Lost("identity-check-without-purpose", 1);
    };
    Found::Asked(Ask {
        counterpart: Some(step.to.clone()),
        message: Some(MessageKind::IdentityCheck),
        purpose: Some(purpose.clone()),
        basis: Some(basis.clone()),
        ..Ask::of(step.from.clone(), roles, Act::CheckIdentity)
    })
}

/// A refusal that the policies made, or may have made.
fn refusal(refused: &RefusedEntry) -> Found {
    let count = u64::from(refused.count);
    match (&refused.asked, refused.problem.as_str()) {
        (Some(asked), _) => {
            let Some(act) = Act::ALL.iter().copied().find(|act| act.as_str() == asked.act.as_str()) else {
                return Found::Lost("refusal-of-an-act-unknown", count);
            };
            let roles = asked.roles.iter().map(ToString::to_string).collect();
            Found::Refused(Ask {
                counterpart: asked.to.clone(),
                message: asked.message,
                service: asked.service.clone(),
                purpose: asked.purpose.clone(),
                basis: asked.basis.clone(),
                urgency: asked.urgency,
                ..Ask::of(refused.agency.clone(), roles, act)
            })
        }
        (None, NOT_PERMITTED) => Found::Lost("refusal-without-question", count),
        (None, REFUSED_OFTEN) => Found::Lost("refusals-only-counted", count),
        (None, _) => Found::None,
    }
}

/// A look that somebody was allowed.
fn looked(read: &ReadEntry, roles: Vec<String>) -> Found {
    let act = match read.what.as_str() {
        "referral" | "history" => Act::ReadReferral,
        "case" | "looks" | "disclosures" => Act::ReadCase,
        "inbox" => Act::Receive,
        "indicator" => Act::ReadIndicator,
        "audit" => Act::ReadAudit,
        "dead-letter" => Act::ManageDelivery,
        "break-glass" => Act::BreakGlass,
        _ => return Found::Lost("look", 1),
    };
    Found::Asked(Ask::of(read.agency.clone(), roles, act))
}
