//! Principle 1, countable: of the deliveries made for an agency, where each one rests or moves.

use std::collections::BTreeMap;

use casework::{AgencyCode, DeliveryStatus};
use serde::{Deserialize, Serialize};

use crate::commit::to_u64;
use crate::engine::query;
use crate::{Store, StoreError};

/// Deliveries of one agency by where they rest: principle 1, checkable by anyone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conservation {
    /// All that were made.
    pub created: u64,
    /// The agency's system has it.
    pub delivered: u64,
    /// The agency's system or policy said no.
    pub refused: u64,
    /// Deliveries that wait for a person: one sender's, or everybody's.
    pub undeliverable: u64,
    /// Given up after their time.
    pub expired: u64,
    /// Taken back.
    pub withdrawn: u64,
    /// Queued, sent, waiting.
    pub in_flight: u64,
}

impl Conservation {
    /// created = delivered + refused + undeliverable + expired + withdrawn + in flight
    #[must_use]
    pub fn holds(&self) -> bool {
        self.created == self.places().iter().map(|(count, _)| count).sum::<u64>()
    }

    /// The sum, in words.
    #[must_use]
    pub fn sum(&self) -> String {
        let place = |(count, word): &(u64, &str)| format!("{count} {word}");
        let places: Vec<String> = self.places().iter().map(place).collect();
        format!("{} made = {}", self.created, places.join(" + "))
    }

    /// Adds another's counts.
    pub(crate) fn add_all(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.created, other.created);
        add(&mut self.delivered, other.delivered);
        add(&mut self.refused, other.refused);
        add(&mut self.undeliverable, other.undeliverable);
        add(&mut self.expired, other.expired);
        add(&mut self.withdrawn, other.withdrawn);
        add(&mut self.in_flight, other.in_flight);
    }

    /// From rows of recipient, status and count.
    pub(crate) fn by_agency(
        rows: Vec<(String, String, i64)>,
    ) -> Result<BTreeMap<AgencyCode, Self>, StoreError> {
        let mut found: BTreeMap<AgencyCode, Self> = BTreeMap::new();
        for (agency, status, count) in rows {
            let status: DeliveryStatus = serde_json::from_value(serde_json::Value::String(status))?;
            let (counts, count) = (found.entry(agency.parse()?).or_default(), to_u64(count)?);
            counts.created = counts.created.saturating_add(count);
            add(counts, status, count);
        }
        Ok(found)
    }

    const fn places(&self) -> [(u64, &'static str); 6] {
        [
            (self.delivered, "delivered"),
            (self.refused, "refused"),
            (self.undeliverable, "undeliverable"),
            (self.expired, "expired"),
            (self.withdrawn, "withdrawn"),
            (self.in_flight, "in flight"),
        ]
    }
}

impl Store {
    /// Deliveries by agency and where they rest.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn conservation(&self) -> Result<Vec<(AgencyCode, Conservation)>, StoreError> {
        let rows = self.reading(|conn| Ok(query!(conn, read::count_by_agency())?)).await?;
        Ok(Conservation::by_agency(rows)?.into_iter().collect())
    }
}

/// Adds so many that stand there.
pub fn add(counts: &mut Conservation, status: DeliveryStatus, count: u64) {
    let place = match status {
        DeliveryStatus::Delivered => &mut counts.delivered,
        DeliveryStatus::Refused => &mut counts.refused,
        DeliveryStatus::Undeliverable => &mut counts.undeliverable,
        DeliveryStatus::Expired => &mut counts.expired,
        DeliveryStatus::Withdrawn => &mut counts.withdrawn,
        DeliveryStatus::Queued
        | DeliveryStatus::Held
        | DeliveryStatus::Sent
        | DeliveryStatus::WaitingForRetry => &mut counts.in_flight,
    };
    *place = place.saturating_add(count);
}
