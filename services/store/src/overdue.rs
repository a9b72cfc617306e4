//! Clocks that nobody stopped in time, found by when they wake. Looks only; climbing a rung is a command.

use casework::{
    AgencyCode, Clock, ClockKind, Delivery, DeliveryId, Referral, ReferralId, TimeSource, Timestamp,
};

use crate::engine::query;
use crate::load::parse_all;
use crate::{Store, StoreError};

/// Referrals, and deliveries, looked at together.
const AT_ONCE: i64 = 256;

/// A clock that has to climb a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverdueClock {
    /// The referral, or the referral of the delivery.
    pub referral: ReferralId,
    /// The delivery whose clock it is; none for the referral's own.
    pub delivery: Option<DeliveryId>,
    /// Which clock.
    pub clock: ClockKind,
    /// The rung to climb to.
    pub rung: u8,
    /// When it fell due.
    pub due: Timestamp,
}

impl Store {
    /// Clocks that are overdue now, by case time; at most 256 referrals and 256 deliveries at a time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn overdue(&self) -> Result<Vec<OverdueClock>, StoreError> {
        let now = self.clock.now();
        let looked = self.reading(move |conn| {
            let referrals = query!(conn, overdue::referrals(now.micros(), AT_ONCE))?;
            let deliveries = query!(conn, overdue::deliveries(now.micros(), AT_ONCE))?;
            Ok((parse_all::<Referral>(&referrals)?, parse_all::<Delivery>(&deliveries)?))
        });
        let (referrals, deliveries) = looked.await?;
        let mut found = Vec::new();
        for held in &referrals {
            found.extend(woken(&held.clocks, now).map(|clock| of(held.id, None, clock)));
        }
        for letter in &deliveries {
            found.extend(woken(&letter.clocks, now).map(|clock| of(letter.referral, Some(letter.id), clock)));
        }
        Ok(found)
    }

    /// How many referrals wait for their receiver to say that it has ceased, by receiver.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn awaiting_cease(&self) -> Result<Vec<(AgencyCode, u64)>, StoreError> {
        let rows = self.reading(|conn| Ok(query!(conn, overdue::awaiting_cease())?)).await?;
        let row = |(to, count): (String, i64)| Ok((to.parse()?, crate::commit::to_u64(count)?));
        rows.into_iter().map(row).collect()
    }

    /// When the next clock wakes, or a row of a register ends by itself, in case time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn next_overdue(&self) -> Result<Option<Timestamp>, StoreError> {
        let looked =
            self.reading(|conn| Ok((query!(conn, overdue::next())?, query!(conn, registers::next())?)));
        let ((referral, letter), row) = looked.await?;
        Ok([referral, letter, row].into_iter().flatten().min().map(Timestamp::from_micros))
    }
}

fn woken(clocks: &[Clock], now: Timestamp) -> impl Iterator<Item = &Clock> {
    clocks.iter().filter(move |clock| clock.wakes().is_some_and(|wakes| wakes <= now))
}

fn of(referral: ReferralId, delivery: Option<DeliveryId>, clock: &Clock) -> OverdueClock {
    let rung = clock.rung.saturating_add(1);
    OverdueClock { referral, delivery, clock: clock.kind, rung, due: clock.due }
}
