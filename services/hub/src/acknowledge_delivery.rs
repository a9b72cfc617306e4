//! An agency that fetches says that its system has a message: the delivery is delivered. That an officer read
//! it, or what the agency decides, is something else.

use adapters::Exchange;
use casework::{Caller, DeliveryId, DeliveryStatus, Refusal};

use crate::error::not_found;
use crate::{Hub, HubError};

impl Hub {
    /// Acknowledges one fetched message; twice is as good as once.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's; `delivery-moved` where it was not fetched.
    pub async fn acknowledge_delivery(&self, caller: &Caller, id: DeliveryId) -> Result<(), HubError> {
        let found = self.store.delivery(id).await?;
        let delivery = found.filter(|held| held.to == caller.agency).ok_or_else(not_found)?;
        match delivery.status {
            DeliveryStatus::Delivered => Ok(()),
            DeliveryStatus::Sent => {
                let evidence = seal::sha256(format!("{id} acknowledged by {}", caller.agency).as_bytes());
                let exchange = Exchange::Delivered { local_reference: None, answer: None, evidence };
                self.record_delivery(&delivery, delivery.attempts, exchange).await.map(|_| ())
            }
            _ => Err(Refusal::DeliveryMoved.into()),
        }
    }
}
