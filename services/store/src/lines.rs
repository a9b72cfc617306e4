//! What stands in an agency's line: its inbox in the order in which it may have the messages, what nobody has
//! in hand, and when something is tried next. Looks only.

use std::collections::{BTreeMap, BTreeSet};

use casework::{AgencyCode, Delivery, DeliveryId, DeliveryStatus, ReferralId, Timestamp, waits_for};

use crate::due::beside;
use crate::engine::query;
use crate::load::{parse, parse_all};
use crate::reads::PAGE_MAX;
use crate::{Store, StoreError};

/// Rows of an inbox looked through for those whose turn it is.
const INBOX_ROWS_MAX: i64 = 10 * PAGE_MAX;

impl Store {
    /// What waits for an agency that fetches, oldest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn inbox(&self, agency: AgencyCode, limit: i64) -> Result<Vec<Delivery>, StoreError> {
        let now = self.clock.real().micros();
        let limit = limit.clamp(1, PAGE_MAX);
        self.reading(move |conn| {
            let (mut found, mut offset) = (Vec::new(), 0);
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            // What waits its turn is passed over, and may be many.
            while found.len() < wanted && offset < INBOX_ROWS_MAX {
                let page: Vec<Delivery> =
                    parse_all(&query!(conn, read::inbox(agency.as_str(), now, (PAGE_MAX, offset)))?)?;
                let (beside, last) = (beside(conn, &page)?, page.len());
                found.extend(page.into_iter().filter(|held| waits_for(held, &beside).is_none()));
                offset = offset.saturating_add(PAGE_MAX);
                if i64::try_from(last).unwrap_or(i64::MAX) < PAGE_MAX {
                    break;
                }
            }
            found.truncate(wanted);
            Ok(found)
        })
        .await
    }

    /// Those of these deliveries that no earlier message of their referral holds up any more, and whether
    /// each still waits to be tried for the first time.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn first_in_line(
        &self,
        of: BTreeSet<DeliveryId>,
    ) -> Result<BTreeMap<DeliveryId, bool>, StoreError> {
        let ids: Vec<String> = of.iter().map(ToString::to_string).collect();
        self.reading(move |conn| {
            let rows = query!(conn, commit::deliveries_by_id(&ids))?;
            let held: Vec<Delivery> = rows.iter().map(|row| parse(&row.state)).collect::<Result<_, _>>()?;
            let beside = beside(conn, &held)?;
            let free = held.iter().filter(|held| waits_for(held, &beside).is_none());
            Ok(free.map(|held| (held.id, held.status == DeliveryStatus::Queued)).collect())
        })
        .await
    }

    /// When the deliveries of a referral that nobody has in hand are due at the earliest, in real time.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn tries_of(
        &self,
        referral: ReferralId,
    ) -> Result<BTreeMap<DeliveryId, Timestamp>, StoreError> {
        let rows = self.reading(move |conn| Ok(query!(conn, read::tries_of(&referral.to_string()))?)).await?;
        let row = |(id, at): (String, i64)| Ok((id.parse()?, Timestamp::from_micros(at)));
        rows.into_iter().map(row).collect()
    }

    /// A page of what stands in an agency's line and nobody has in hand, after a delivery.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn in_line(
        &self,
        agency: AgencyCode,
        after: Option<DeliveryId>,
    ) -> Result<Vec<Delivery>, StoreError> {
        let after = after.map(|id| id.to_string());
        self.reading(move |conn| {
            parse_all(&query!(conn, read::in_line(agency.as_str(), after.as_deref(), PAGE_MAX))?)
        })
        .await
    }
}
