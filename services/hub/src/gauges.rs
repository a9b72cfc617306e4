//! Gauges of what the database knows: what waits, what waits for a person, the ledger's head. Read every few
//! seconds by the program, so that a scrape asks nothing of the database.

use std::collections::BTreeSet;
use std::time::Duration;

use casework::{AgencyCode, Condition, DeliveryStatus, Incident, IncidentStatus, Metric};
use metrics::gauge;
use store::{Backlog, StoreError};

use crate::{Hub, HubError};

pub(crate) const WAITING: Metric = Metric::gauge(
    "amaan_outbox_deliveries",
    &["agency", "priority"],
    "Deliveries in flight, by recipient and priority: emergency or other.",
);
pub(crate) const OLDEST: Metric = Metric::gauge(
    "amaan_outbox_oldest_age_seconds",
    &["agency", "priority"],
    "Age of the oldest delivery in flight, by recipient and priority: emergency or other.",
);
pub(crate) const FOR_PEOPLE: Metric = Metric::gauge(
    "amaan_dead_letters",
    &["agency", "status"],
    "Deliveries that wait for a person, by recipient and status: undeliverable (a dead letter), \
     expired (its life was over first) or held.",
);
pub(crate) const LEDGER: Metric = Metric::gauge("amaan_ledger_entries", &[], "Entries in the ledger.");
pub(crate) const HEAD_AGE: Metric = Metric::gauge(
    "amaan_ledger_head_age_seconds",
    &[],
    "Age of the ledger's newest head, in case time; below zero where the clock was set back.",
);
pub(crate) const STORE_UP: Metric =
    Metric::gauge("amaan_store_up", &[], "1 while the main database answers and the writer takes orders.");

pub(crate) const WEBHOOKS_DISABLED: Metric = Metric::gauge(
    "amaan_webhooks_disabled",
    &[],
    "Webhooks that are sent nothing any more, because their receivers did not take an event for days.",
);

pub(crate) const BREAKER: Metric = Metric::gauge(
    "amaan_breaker_open",
    &["agency"],
    "1 while an agency's system is left alone because it did not answer, or is tried again with one message.",
);

pub(crate) const INCIDENTS: Metric = Metric::gauge(
    "amaan_incidents",
    &["condition", "status"],
    "Incidents that are not closed, by condition and status: opened or recovered.",
);

pub(crate) const AGREEMENTS_ENDING: Metric = Metric::gauge(
    "amaan_agreements_ending",
    &[],
    "Data-sharing agreements in force that end within 30 days, or have ended: nothing is permitted by those.",
);

pub(crate) const CLOSED: Metric = Metric::gauge(
    "amaan_disclosure_closed",
    &[],
    "1 while the ledger is suspect, so that nothing about a child is shown; intake goes on.",
);

pub(crate) const CEASES: Metric = Metric::gauge(
    "amaan_ceases_outstanding",
    &["agency"],
    "Referrals whose receiver, named here, still has to say that it has ceased: consent was taken back.",
);

const PEOPLE: [DeliveryStatus; 3] =
    [DeliveryStatus::Undeliverable, DeliveryStatus::Expired, DeliveryStatus::Held];

/// Remembers for whom something ever waited, so that a line that has gone is shown as none.
#[derive(Debug, Default)]
pub struct Gauges {
    agencies: BTreeSet<AgencyCode>,
}

impl Gauges {
    /// Reads the database once and sets every gauge.
    pub async fn refresh(&mut self, hub: &Hub) {
        for agency in hub.adapters.agencies() {
            let open = hub.breakers.is_open(&agency.code);
            gauge!(BREAKER.name, "agency" => agency.code.to_string()).set(f64::from(u8::from(open)));
        }
        let ending = u64::try_from(hub.watch_agreements().await).unwrap_or(u64::MAX);
        gauge!(AGREEMENTS_ENDING.name).set(number(ending));
        Self::show_incidents(hub).await;
        hub.watch_ledger().await;
        let closed = matches!(hub.may_disclose().await, Err(HubError::LedgerSuspect(_)));
        gauge!(CLOSED.name).set(f64::from(u8::from(closed)));
        let read = self.read(hub).await;
        if let Err(error) = &read {
            tracing::warn!(%error, "the gauges could not be read");
        }
        let up = read.is_ok() && hub.store.is_open();
        gauge!(STORE_UP.name).set(f64::from(u8::from(up)));
    }

    async fn read(&mut self, hub: &Hub) -> Result<(), StoreError> {
        let found = hub.store.backlog().await?;
        self.agencies.extend(hub.adapters.agencies().map(|agency| agency.code.clone()));
        self.agencies.extend(found.waiting.iter().map(|line| line.to.clone()));
        self.agencies.extend(found.for_people.iter().map(|(to, ..)| to.clone()));
        for agency in &self.agencies {
            show(agency, &found);
        }
        gauge!(LEDGER.name).set(number(found.entries));
        gauge!(HEAD_AGE.name).set(seconds(found.head_age_micros));
        show_webhooks(hub).await?;
        self.show_ceases(hub).await?;
        Ok(())
    }

    async fn show_ceases(&self, hub: &Hub) -> Result<(), StoreError> {
        let found = hub.store.awaiting_cease().await?;
        for agency in &self.agencies {
            let count = found.iter().find(|(to, _)| to == agency).map_or(0, |(_, count)| *count);
            gauge!(CEASES.name, "agency" => agency.to_string()).set(number(count));
        }
        Ok(())
    }

    async fn show_incidents(hub: &Hub) {
        let Ok(kept) = hub.kept().await else { return };
        for condition in Condition::ALL {
            for status in [IncidentStatus::Opened, IncidentStatus::Recovered] {
                let same = |held: &&Incident| held.condition == *condition && held.status == status;
                let count = kept.incidents.values().filter(same).count();
                gauge!(INCIDENTS.name, "condition" => condition.as_str(), "status" => status.as_str())
                    .set(number(u64::try_from(count).unwrap_or(u64::MAX)));
            }
        }
    }
}

fn show(agency: &AgencyCode, found: &Backlog) {
    for (priority, emergency) in [("emergency", true), ("other", false)] {
        let line = found.waiting.iter().find(|line| line.to == *agency && line.emergency == emergency);
        let (count, age) = line.map_or((0, 0.0), |line| (line.count, line.oldest_age.as_secs_f64()));
        let labels = [("agency", agency.to_string()), ("priority", priority.to_owned())];
        gauge!(WAITING.name, &labels).set(number(count));
        gauge!(OLDEST.name, &labels).set(age);
    }
    for status in PEOPLE {
        let row = found.for_people.iter().find(|(to, stands, _)| to == agency && *stands == status);
        let count = row.map_or(0, |(_, _, count)| *count);
        gauge!(FOR_PEOPLE.name, "agency" => agency.to_string(), "status" => status.as_str())
            .set(number(count));
    }
}

/// Of those that the configuration has: a row of one that it has no more tells nothing.
async fn show_webhooks(hub: &Hub) -> Result<(), StoreError> {
    let configured = |name: &String| hub.webhooks.all.iter().any(|webhook| webhook.name == *name);
    let states = hub.store.webhooks().await?;
    let disabled = states.iter().filter(|state| state.disabled_since.is_some() && configured(&state.name));
    gauge!(WEBHOOKS_DISABLED.name).set(number(u64::try_from(disabled.count()).unwrap_or(u64::MAX)));
    Ok(())
}

fn seconds(micros: i64) -> f64 {
    let size = Duration::from_micros(micros.unsigned_abs()).as_secs_f64();
    if micros < 0 { -size } else { size }
}

/// Exact up to 2^32; nobody counts beyond.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
