//! A draft is written, and sent later as if it were written then: who holds the mandate today, what the
//! policies say today, whether its consent still holds. Nothing is guessed: where today's mandate leads
//! elsewhere the writer is told, and the draft stays.

use casework::{
    Action, Answer, Caller, Command, Commitment, DeliveryId, FactId, MessageKind, More, ObjectId, Referral,
    ReferralId, Refusal, TimeSource, Told,
};
use policies::Act;
use schemas::Checked;
use store::{Committed, Idempotency, Lane, NewFact, Order};
use uuid::Uuid;

use crate::answer_referral::{Answered, answered};
use crate::error::{not_found, route_problem};
use crate::keep_body::Kept;
use crate::permits::ask_about;
use crate::submit_referral::key_reused;
use crate::{Hub, HubError, Key, Problem, Sent, Submitted, trace_context};

/// A draft as it was sealed.
struct Reopened {
    message: Checked,
    opening: String,
    commitment: Commitment,
}

impl Hub {
    /// Takes a `referral.request` that is not sent yet.
    ///
    /// # Errors
    /// What its writer can mend, as a problem; nothing is stored then.
    pub async fn write_draft(
        &self,
        caller: &Caller,
        sent: impl Into<Sent<'_>>,
        key: &Key,
    ) -> Result<Submitted, HubError> {
        self.take_request(caller, sent.into(), key, true).await
    }

    /// Sends a draft. The receipt is for the message that was written.
    pub(crate) async fn send_draft(
        &self,
        caller: &Caller,
        referral: Referral,
        sending: Sent<'_>,
        once: Idempotency,
        expected_version: Option<u64>,
    ) -> Result<Answered, HubError> {
        let id = referral.id;
        let message = self.schemas.check(Some(MessageKind::Send), sending.bytes)?;
        let asked = sent(caller, &referral, expected_version);
        let Some(object) = referral.draft else {
            return Err(self.refused_send(caller, asked).await);
        };
        let draft = self.reopened(object).await?;
        self.routed_as_written(&referral)?;
        // For the key: the link to the statistics is made now, since only now there is something to count.
        let kept = self.keep(referral.case, false, asked.told.object, &message, sending).await?;
        let permit = self.permit(&ask_about(caller, Act::Send, &referral, MessageKind::Request))?;
        let command = Command {
            actor: caller.actor,
            via: caller.via,
            permit: Some(permit),
            commitment: Some(draft.commitment),
            action: Action::Answer(asked),
        };
        let order = Order {
            idempotency: Some(once),
            case_key: kept.case_key,
            facts: vec![self.counted(&referral, &draft.message, &kept)],
            trace: trace_context::current(),
            ..Order::plain(command, Lane::Intake)
        };
        match self.store.commit(order).await? {
            Committed::Done(done) => {
                self.bell.notify_one();
                answered(done.entries.first(), done.proof()?, draft.opening, false)
            }
            Committed::Replayed { index, size } => self.answered_before(index, size).await,
            Committed::KeyReused => Err(key_reused()),
            Committed::Refused(Refusal::StalePermit) => {
                let newest = self.of_party(caller, id).await?;
                Err(Refusal::VersionConflict { current: newest.version }.into())
            }
            Committed::Refused(refusal) => Err(refusal.into()),
        }
    }

    /// What the rules say of something that is no draft; nothing is entered.
    async fn refused_send(&self, caller: &Caller, asked: Answer) -> HubError {
        let (actor, via, action) = (caller.actor, caller.via, Action::Answer(asked));
        let command = Command { actor, via, permit: None, commitment: None, action };
        match self.store.commit(Order::plain(command, Lane::Intake)).await {
            Ok(Committed::Refused(refusal)) => refusal.into(),
            Ok(_) => not_found(),
            Err(error) => error.into(),
        }
    }

    async fn reopened(&self, object: ObjectId) -> Result<Reopened, HubError> {
        let opened = self.open_unshown(object).await?;
        let message = self.schemas.reread(MessageKind::Request, opened.bytes.expose())?;
        let commitment = opened.commitment().ok_or_else(not_found)?;
        Ok(Reopened { message, opening: opened.opening, commitment })
    }

    /// Does today's mandate lead where it led when this was written?
    fn routed_as_written(&self, referral: &Referral) -> Result<(), HubError> {
        let today = self.store.now().in_pakistan().date_naive();
        let addressed = referral.addressed.as_ref().unwrap_or(&referral.to);
        let route = self.directory.route(addressed, &referral.service, today);
        let route = route.map_err(|refusal| route_problem(0, &refusal))?;
        if route.to == referral.to {
            return Ok(());
        }
        let detail = format!("today this goes to `{}`; put the draft away and write it anew", route.to);
        Err(Problem::new("no-longer-routed", detail).into())
    }

    fn counted(&self, referral: &Referral, message: &Checked, kept: &Kept) -> NewFact {
        let fact = FactId::drawn(self.store.now(), Uuid::new_v4());
        NewFact {
            fact,
            referral: referral.id,
            service: referral.service.clone(),
            priority: referral.priority,
            to: referral.to.clone(),
            dimensions: message.facts.clone(),
            link: kept.link(&self.name, fact),
        }
    }
}

fn sent(caller: &Caller, referral: &Referral, expected_version: Option<u64>) -> Answer {
    let id: ReferralId = referral.id;
    Answer {
        referral: id,
        agency: caller.agency.clone(),
        step: MessageKind::Send,
        expected_version,
        reason: None,
        failed: false,
        suggested: None,
        told: Told { delivery: DeliveryId::new(Uuid::now_v7()), object: ObjectId::new(Uuid::now_v7()) },
        carried: None,
        more: More { case: Some(referral.case), ..More::default() },
    }
}
