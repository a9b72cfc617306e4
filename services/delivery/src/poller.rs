//! Agency to hub: fetches the answers of an agency whose system cannot call. Each comes in by the same door
//! as any other, with a key of its own, so one fetched twice is taken once. What cannot be mapped is left for
//! a person and named in the log by referral and class, never by content.

use std::sync::Arc;
use std::time::Duration;

use adapters::{ExchangeError, OpenReferral};
use casework::{AgencyCode, Refusal};
use hub::{Hub, HubError, Taken};
use tracing::Instrument;

use crate::{Stop, observe};

/// Referrals asked about in one round.
const OPEN_MAX: i64 = 10_000;
/// Longest wait after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(300);

pub async fn run(hub: Arc<Hub>, agency: AgencyCode, every: Duration, mut stop: Stop) {
    let mut wait = every;
    loop {
        let asked = round(&hub, &agency).instrument(observe::polling(&agency)).await;
        observe::polled(&agency, asked.is_ok());
        wait = match asked {
            Ok(()) => every,
            Err(error) => {
                tracing::warn!(%agency, %error, "a poll gave nothing");
                (wait * 2).min(BACKOFF_MAX.max(every))
            }
        };
        if !stop.pause(wait, None).await {
            return;
        }
    }
}

async fn round(hub: &Hub, code: &AgencyCode) -> Result<(), String> {
    if hub.is_cut_off(code).await.map_err(|error| error.to_string())? {
        return Ok(());
    }
    let (Some(agency), Some(link)) = (hub.adapters.agency(code), hub.links.get(code)) else { return Ok(()) };
    let cursor_name = format!("poll-{code}");
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let cursor = hub.store.cursor(cursor_name.clone()).await.map_err(|error| text(&error))?;
    let open = hub.store.open_referrals_to(code.clone(), OPEN_MAX).await.map_err(|error| text(&error))?;
    let open: Vec<OpenReferral> =
        open.iter().map(|held| OpenReferral { referral: held.id, local_reference: None }).collect();
    let polled = agency.poll(link, &open, cursor).await.map_err(|error: ExchangeError| text(&error))?;
    for triage in &polled.triage {
        let (referral, error) = (triage.referral, &triage.error);
        tracing::warn!(agency = %code, %referral, %error, "an answer needs a person");
        observe::triage(code);
    }
    let mut all = true;
    for answer in &polled.answers {
        all &= take(hub, code, answer).await?;
    }
    // The cursor moves only when everything before it was taken or is known to need a person.
    if let (true, Some(cursor)) = (all, polled.cursor) {
        hub.store.set_cursor(cursor_name, cursor).await.map_err(|error| text(&error))?;
    }
    Ok(())
}

async fn take(hub: &Hub, code: &AgencyCode, answer: &adapters::Inbound) -> Result<bool, String> {
    match hub.take_answer(code, answer).await {
        Ok(Taken::Taken) => Ok(true),
        Ok(Taken::Triage) => {
            observe::triage(code);
            Ok(true)
        }
        Err(HubError::Refused(Refusal::StalePermit)) => Ok(false),
        Err(error) => Err(error.to_string()),
    }
}
