//! A look at the broker from outside, for `amaan doctor`: connects, logs in and hangs up. It declares and
//! sends nothing, so it cannot see whether the broker refuses publishers for want of memory or disk: that is
//! told only to one who publishes.

use std::sync::Arc;

use casework::Sensitive;

use super::link::Link;
use super::settings::RabbitSettings;
use crate::QueueError;

/// Is there a broker that takes this hub?
///
/// # Errors
/// [`QueueError::Settings`] where URL or authorities are unusable, [`QueueError::Unreachable`] where it does
/// not answer or does not know the user.
pub async fn probe(url: Sensitive<String>, ca_pem: Option<String>) -> Result<(), QueueError> {
    let settings = RabbitSettings { ca_pem, ..RabbitSettings::new(url, "doctor") };
    let (uri, tls, within) = (settings.address()?, settings.tls()?, settings.tuning.connect_within);
    let link = Link::open(uri, Arc::new(tls), "amaan doctor", within).await;
    link.map_err(|_| QueueError::Unreachable)?.close().await;
    Ok(())
}
