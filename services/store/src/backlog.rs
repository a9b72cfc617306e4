//! What waits, counted for gauges: deliveries in flight, deliveries that wait for a person, and the ledger's
//! head. Nothing here is a fact, and nothing names a child.

use std::time::Duration;

use casework::{AgencyCode, DeliveryId, DeliveryStatus, TimeSource};

use crate::commit::to_u64;
use crate::engine::query;
use crate::{Store, StoreError};

/// The counts of one moment.
#[derive(Debug, Clone, Default)]
pub struct Backlog {
    /// Deliveries in flight; what is held is not among them.
    pub waiting: Vec<Waiting>,
    /// Deliveries that wait for a person, by recipient and status.
    pub for_people: Vec<(AgencyCode, DeliveryStatus, u64)>,
    /// Entries in the ledger.
    pub entries: u64,
    /// Age of its newest head in case time, in microseconds; below zero where the clock was set back.
    pub head_age_micros: i64,
}

/// Deliveries in flight to one agency.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// To whom.
    pub to: AgencyCode,
    /// Emergencies, or all others.
    pub emergency: bool,
    /// How many.
    pub count: u64,
    /// Age of the oldest, in real time.
    pub oldest_age: Duration,
}

impl Store {
    /// What waits now.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let (waiting, for_people, head) = self
            .reading(|conn| {
                let waiting = query!(conn, backlog::waiting())?;
                Ok((waiting, query!(conn, backlog::for_people())?, query!(conn, backlog::head())?))
            })
            .await?;
        let real = self.clock().real().micros();
        let line = |(to, emergency, count, oldest): (String, bool, i64, Option<String>)| {
            let oldest_age =
                oldest.map_or(Ok(Duration::ZERO), |id| Ok::<_, StoreError>(age(id.parse()?, real)))?;
            Ok(Waiting { to: to.parse()?, emergency, count: to_u64(count)?, oldest_age })
        };
        let resting = |(to, status, count): (String, String, i64)| {
            Ok((to.parse()?, serde_json::from_value(serde_json::Value::String(status))?, to_u64(count)?))
        };
        let (size, at) = head.unwrap_or((0, self.now().micros()));
        Ok(Backlog {
            waiting: waiting.into_iter().map(line).collect::<Result<_, StoreError>>()?,
            for_people: for_people.into_iter().map(resting).collect::<Result<_, StoreError>>()?,
            entries: to_u64(size)?,
            head_age_micros: self.now().micros().saturating_sub(at),
        })
    }
}

/// Since its id was drawn.
fn age(id: DeliveryId, real: i64) -> Duration {
    let drawn = id.uuid().get_timestamp().map_or((0, 0), |at| at.to_unix());
    let since_1970 = Duration::new(drawn.0, drawn.1);
    micros(real).saturating_sub(since_1970)
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
