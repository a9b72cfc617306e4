//! The owner of a case asks who looked at it, and which categories went to whom. By agency, role and time,
//! never by a person's name; in codes, so nothing about the child is shown again. Asking is itself a look,
//! entered first.
//!
//! A disclosure may be one of which the child is told later (`codelists/disclosure_delays.csv`, proposed):
//! its row says from when on, and the child's own report leaves it out until then.

use std::collections::BTreeMap;

use casework::{
    AgencyCode, Caller, CaseId, CaseReference, Categories, Code, Delivery, DeliveryId, DeliveryStatus,
    DeliveryStep, Digest, Event, Person, Pseudonym, Referral, ReferralId, Refusal, TimeSource, Timestamp,
    Via,
};
use policies::Act;
use serde::Serialize;
use store::SeenEntry;

use crate::error::not_found;
use crate::permits::ask;
use crate::{CaseNamed, Hub, HubError};

type People = BTreeMap<Pseudonym, Person>;

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Somebody looked.
#[derive(Debug, Clone, Serialize)]
pub struct LookView {
    /// The entry that says so.
    pub entry: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Whose.
    pub agency: AgencyCode,
    /// In which roles, as far as the register of people knows; `system` for an agency's system.
    pub roles: Vec<&'static str>,
    /// At what.
    pub what: Code,
    /// Of which referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralId>,
    /// What was shown; nothing where the look was refused, or showed no personal data.
    pub categories: Categories,
    /// Of this, what was shown less exactly.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub reduced: Categories,
}

/// Something went to somebody, or was shown.
#[derive(Debug, Clone, Serialize)]
pub struct DisclosureView {
    /// The entry that says so.
    pub entry: u64,
    /// When, RFC 3339.
    pub at: String,
    /// To whom.
    pub to: AgencyCode,
    /// `handed-over` (with its attempt), `looked-at`, `asked` (an identity check).
    pub how: &'static str,
    /// What: a message's name, or what was looked at.
    pub what: String,
    /// Where a message that was handed over stands now; an attempt need not have arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DeliveryStatus>,
    /// Of which referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralId>,
    /// Which categories.
    pub categories: Categories,
    /// Of these, those shown less exactly.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub reduced: Categories,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Code>,
    /// On what ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Code>,
    /// Under which policies (digest).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_set: Option<Digest>,
    /// Where the child is told of it later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_later: Option<ToldLater>,
}

/// From when on a child is told.
#[derive(Debug, Clone, Serialize)]
pub struct ToldLater {
    /// From then on, RFC 3339.
    pub from: String,
    /// Why.
    pub reason: Code,
    /// Where the time is from: proposed, not law.
    pub source: String,
    /// Is it still to come?
    pub not_yet: bool,
}

/// A page about one case.
#[derive(Debug, Clone, Serialize)]
pub struct SeenPage<T> {
    /// The case.
    pub case: CaseNamed,
    /// Newest first.
    pub data: Vec<T>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// Whose report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The agency that is responsible: every row, each with when the child is told.
    Owner,
    /// The child, or whoever reads it out: without what is to be told later.
    Child,
}

/// What the rows of a page are read with.
struct Around {
    referrals: BTreeMap<ReferralId, Referral>,
    deliveries: BTreeMap<DeliveryId, Delivery>,
    now: Timestamp,
}

impl Hub {
    /// Who looked at a case and its referrals.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party, `not-case-owner` for a party that is not responsible for
    /// it; the look is entered either way.
    pub async fn looks_at_case(
        &self,
        caller: &Caller,
        id: CaseId,
        before: Option<u64>,
    ) -> Result<SeenPage<LookView>, HubError> {
        self.own_case(caller, id, "looks").await?;
        let seen = self.store.seen_of_case(id, before).await?;
        let people = self.people(seen.iter().map(|one| one.found.entry.actor)).await?;
        let looks = seen.iter().filter_map(|one| look(one, &people)).collect();
        Ok(page(id, &seen, looks))
    }

    /// What went to whom.
    ///
    /// # Errors
    /// As [`Hub::looks_at_case`].
    pub async fn disclosures_of_case(
        &self,
        caller: &Caller,
        id: CaseId,
        reader: Reader,
        before: Option<u64>,
    ) -> Result<SeenPage<DisclosureView>, HubError> {
        self.own_case(caller, id, "disclosures").await?;
        let seen = self.store.seen_of_case(id, before).await?;
        let around = self.around(id, &seen).await?;
        let rows = seen.iter().filter_map(|one| self.disclosure(one, &around));
        let told = |row: &DisclosureView| {
            reader == Reader::Owner || row.told_later.as_ref().is_none_or(|later| !later.not_yet)
        };
        let rows = rows.filter(told).collect();
        Ok(page(id, &seen, rows))
    }

    /// The look is entered, whatever comes of it; only who is responsible for the child is shown anything.
    async fn own_case(&self, caller: &Caller, id: CaseId, what: &'static str) -> Result<(), HubError> {
        let found = self.case_known_to(caller, id).await?;
        let subject = Some(id.to_string());
        let Some((case, _)) = found else {
            self.enter_read(caller, None, what, subject, Categories::new()).await?;
            return Err(not_found());
        };
        let permit = self.permit(&ask(caller, Act::ReadCase, None))?;
        self.enter_read(caller, Some(permit), what, subject, Categories::new()).await?;
        if *case.owner() == caller.agency { Ok(()) } else { Err(Refusal::NotOwner.into()) }
    }

    async fn around(&self, id: CaseId, seen: &[SeenEntry]) -> Result<Around, HubError> {
        let all = self.store.referrals_of_case(id).await?;
        let referrals: BTreeMap<_, _> = all.into_iter().map(|held| (held.id, held)).collect();
        let mut deliveries = BTreeMap::new();
        let named: std::collections::BTreeSet<_> = seen.iter().filter_map(|one| one.referral).collect();
        for referral in named {
            let held = self.store.deliveries_of(referral).await?;
            deliveries.extend(held.into_iter().map(|held| (held.id, held)));
        }
        Ok(Around { referrals, deliveries, now: self.store.now() })
    }

    /// The entry as a disclosure, if it shows something.
    fn disclosure(&self, seen: &SeenEntry, around: &Around) -> Option<DisclosureView> {
        let entry = &seen.found.entry;
        let shown = shown(&entry.event, around).filter(|shown| !shown.categories.is_empty())?;
        let referral = seen.referral.and_then(|id| around.referrals.get(&id));
        let purpose = referral.map(|held| held.purpose.clone());
        let told_later = self.told_later(&shown.to, purpose.as_ref(), entry.at, around.now);
        Some(DisclosureView {
            entry: seen.found.index,
            at: entry.at.to_string(),
            to: shown.to,
            how: shown.how,
            what: shown.what,
            status: shown.status,
            referral: seen.referral,
            categories: shown.categories,
            reduced: shown.reduced,
            purpose,
            basis: referral.map(|held| held.basis.clone()),
            policy_set: entry.policy.clone(),
            told_later,
        })
    }

    fn told_later(
        &self,
        to: &AgencyCode,
        purpose: Option<&Code>,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<ToldLater> {
        let delay = self.directory.disclosure_delay(to, purpose)?;
        let from = Timestamp::from_micros(at.micros().saturating_add(i64::from(delay.days) * DAY_MICROS));
        let (reason, source) = (delay.reason.clone(), delay.source.clone());
        Some(ToldLater { from: from.to_string(), reason, source, not_yet: from > now })
    }
}

/// What an entry shows to whom.
struct Shown {
    to: AgencyCode,
    how: &'static str,
    what: String,
    status: Option<DeliveryStatus>,
    categories: Categories,
    reduced: Categories,
}

fn shown(event: &Event, around: &Around) -> Option<Shown> {
    let (to, how, what, status, categories, reduced) = match event {
        Event::Read(read) => {
            (&read.agency, "looked-at", read.what.to_string(), None, &read.categories, Some(&read.reduced))
        }
        Event::Delivery(step) if step.step == DeliveryStep::Sent => {
            let held = around.deliveries.get(&step.delivery)?;
            let what = held.message.schema_name().to_owned();
            (&held.to, "handed-over", what, Some(held.status), &step.shown, Some(&step.reduced))
        }
        Event::Identity(step) => (&step.to, "asked", "identity.check".to_owned(), None, &step.shown, None),
        _ => return None,
    };
    let (to, categories) = (to.clone(), categories.clone());
    Some(Shown { to, how, what, status, categories, reduced: reduced.cloned().unwrap_or_default() })
}

fn look(seen: &SeenEntry, people: &People) -> Option<LookView> {
    let Event::Read(read) = &seen.found.entry.event else { return None };
    Some(LookView {
        entry: seen.found.index,
        at: seen.found.entry.at.to_string(),
        agency: read.agency.clone(),
        roles: roles(seen.found.entry.actor, seen.found.entry.via, people),
        what: read.what.clone(),
        referral: seen.referral,
        categories: read.categories.clone(),
        reduced: read.reduced.clone(),
    })
}

fn roles(actor: Pseudonym, via: Via, people: &People) -> Vec<&'static str> {
    match (people.get(&actor), via) {
        (Some(person), _) => person.roles.iter().map(|role| role.as_str()).collect(),
        (None, Via::Hub) => vec!["hub"],
        (None, _) => vec!["system"],
    }
}

fn page<T>(id: CaseId, seen: &[SeenEntry], data: Vec<T>) -> SeenPage<T> {
    let case = CaseNamed { id, reference: CaseReference::of(id).to_string() };
    let oldest = seen.last().map(|one| one.found.index).filter(|_| seen.len() >= store::SEEN_MAX);
    SeenPage { case, data, next_cursor: oldest.map(|index| index.to_string()) }
}
