//! Messages for agencies that fetch, and do not: nobody tries them, so nobody would notice that their life is
//! over. They come to rest with their sender as all others do, by an attempt at which nothing was shown.

use adapters::Protocol;
use casework::{AgencyCode, DeliveryId, TimeSource};

use crate::hand_over::later;
use crate::{Hub, HubError};

impl Hub {
    /// Ends what nobody fetched in its life; how many there were.
    ///
    /// # Errors
    /// Where the store fails; it comes again.
    pub async fn expire_unfetched(&self) -> Result<usize, HubError> {
        let mut ended = 0_usize;
        for agency in self.adapters.agencies().filter(|agency| agency.protocol == Protocol::Pull) {
            let mut after = None;
            loop {
                let (last, over) = self.expire_page(&agency.code, after).await?;
                ended = ended.saturating_add(over);
                if last.is_none() {
                    break;
                }
                after = last;
            }
        }
        Ok(ended)
    }

    /// One page of an agency's line: its last message, and how many of it were ended.
    async fn expire_page(
        &self,
        agency: &AgencyCode,
        after: Option<DeliveryId>,
    ) -> Result<(Option<DeliveryId>, usize), HubError> {
        let page = self.store.in_line(agency.clone(), after).await?;
        let now = self.store.now();
        let mut ended = 0_usize;
        for held in page.iter().filter(|held| self.directory.life_is_over(held, now)) {
            self.rest_unsent(held, later("left-alone")).await?;
            ended = ended.saturating_add(1);
        }
        Ok((page.last().map(|held| held.id), ended))
    }
}
