//! Sending what is due to one webhook: in order, one event after the other, the same id on each try. What
//! fails is tried again on the schedule; after the last try, or when the receiver says that it is gone,
//! nothing more is sent, and an operator is told.

use std::time::{Duration, Instant};

use casework::{Condition, IncidentTurn};
use egress::{EgressError, Request, Response};
use store::WebhookState;

use super::Webhook;
use crate::events::{EventPage, Told};
use crate::{Hub, HubError, measure};

/// Events looked at for one batch.
const BATCH: u32 = 50;
/// No further event of a batch is begun after this: half of the lease, and a call takes 15 s at most.
const BATCH_TIME_MAX: Duration = Duration::from_secs(25);
const CALL_TIME_MAX: Duration = Duration::from_secs(15);
/// What was passed without anything to send is written down when it is so much, or with the next event.
const PASSED_UNSAVED_MAX: u64 = 500;
/// "Gone": the receiver wants nothing any more.
const GONE: u16 = 410;

/// Why a try failed.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It answered, but not well.
    #[error("it answered {0}")]
    Status(u16),
    /// It did not answer.
    #[error(transparent)]
    Call(EgressError),
    /// Nothing could be sent: a fault of ours.
    #[error("it could not be called: {0}")]
    Unsent(&'static str),
}

impl Hub {
    /// Sends what is due to one webhook; true where there is more already.
    ///
    /// # Errors
    /// Where the store or the policies fail; nothing was lost.
    pub async fn serve_webhook(&self, name: &str) -> Result<bool, HubError> {
        let Some(webhook) = self.webhooks.find(name) else { return Ok(false) };
        let seen = self.store.webhook(name).await?;
        if !seen.is_due(self.store.clock().real()) {
            return Ok(false);
        }
        // Looked at before it is claimed: most looks find nothing, and write nothing.
        let page = self.next_page(webhook, &seen).await?;
        let passed = page.last.map_or(0, |last| last.saturating_add(1));
        let wanted = page.events.iter().any(|event| webhook.wants(event.kind));
        if !wanted && passed.saturating_sub(seen.passed) < PASSED_UNSAVED_MAX {
            return Ok(false);
        }
        let Some(mut state) = self.store.claim_webhook(name).await? else { return Ok(false) };
        // Another hub may have sent some of it meanwhile.
        let page = if state.passed == seen.passed { page } else { self.next_page(webhook, &state).await? };
        let whole = self.send_page(webhook, &mut state, &page).await;
        let disabled = state.disabled_since.is_some();
        let problem = state.problem.clone().unwrap_or_default();
        let settled = self.store.settle_webhook(state).await?;
        if settled && disabled {
            tell_disabled(webhook, &problem);
            let (agency, part) = (&webhook.agency, name.parse().ok());
            self.incident(Condition::WebhookDisabled, agency, part, IncidentTurn::Open).await;
        }
        Ok(whole && page.more)
    }

    async fn next_page(&self, webhook: &Webhook, state: &WebhookState) -> Result<EventPage, HubError> {
        let caller = self.webhook_caller(webhook).await?;
        self.list_events(&caller, state.passed.checked_sub(1), BATCH).await
    }

    /// True where all of it is behind the webhook.
    async fn send_page(&self, webhook: &Webhook, state: &mut WebhookState, page: &EventPage) -> bool {
        let begun = Instant::now();
        for event in &page.events {
            if begun.elapsed() > BATCH_TIME_MAX {
                return false;
            }
            if webhook.wants(event.kind)
                && let Err(failed) = self.post(webhook, event).await
            {
                self.note_failed(webhook, state, event, &failed);
                return false;
            }
            state.passed = event.index.saturating_add(1);
            (state.tries, state.problem) = (0, None);
        }
        state.passed = page.last.map_or(state.passed, |last| last.saturating_add(1));
        true
    }

    fn note_failed(&self, webhook: &Webhook, state: &mut WebhookState, event: &Told, failed: &Failed) {
        let now = self.store.clock().real();
        let tried = usize::try_from(state.tries).unwrap_or(usize::MAX);
        let wait = self.webhooks.schedule.get(tried);
        state.tries = state.tries.saturating_add(1);
        state.problem = Some(failed.to_string());
        match wait.filter(|_| !matches!(failed, Failed::Status(GONE))) {
            Some(wait) => {
                let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
                state.next_try = now.plus_micros(micros);
                let (tries, id) = (state.tries, event.id.as_str());
                tracing::warn!(webhook = webhook.name, event = id, tries, %failed, "an event was not taken");
            }
            None => state.disabled_since = Some(now),
        }
    }

    /// One call. The timestamp is this try's, the id the event's.
    pub(super) async fn post(&self, webhook: &Webhook, event: &Told) -> Result<(), Failed> {
        let http = self.webhooks.http.as_ref().ok_or(Failed::Unsent("there is no way out"))?;
        let body = event.body.get().as_bytes();
        let seconds = self.store.clock().real().micros() / 1_000_000;
        let signature = webhook.key.sign(&event.id, seconds, body);
        let signature = signature.map_err(|_| Failed::Unsent("it could not be signed"))?;
        let request = Request::post(webhook.url.clone(), body.to_vec())
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", &seconds.to_string())
            .header("webhook-signature", &signature)
            .within(CALL_TIME_MAX);
        let taken = judge(http.send(request).await);
        measure::webhook_tried(&webhook.name, taken.is_ok());
        taken
    }
}

fn judge(answer: Result<Response, EgressError>) -> Result<(), Failed> {
    match answer {
        Ok(answer) if answer.is_success() => Ok(()),
        Ok(answer) => Err(Failed::Status(answer.status)),
        // It took the event, whatever it had to say about it.
        Err(EgressError::TooLarge { status: 200..=299, .. }) => Ok(()),
        Err(error) => Err(Failed::Call(error)),
    }
}

fn tell_disabled(webhook: &Webhook, problem: &str) {
    measure::alarm("webhook-disabled");
    tracing::error!(
        alarm = "webhook-disabled",
        webhook = webhook.name,
        agency = %webhook.agency,
        problem,
        "a webhook is sent nothing any more; mend it, then `POST /v1/webhooks/{{name}}/replay`"
    );
}
