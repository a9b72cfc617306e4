//! A sender's officer says that a referral should never have been. Nothing happens by that alone: a second
//! person of the agency has to agree, and then it is entered in error, its receiver told to remove it.

use casework::{Caller, Change, MessageKind, ObjectId, ReferralId, Refusal};
use policies::Act;
use schemas::messages::AnswerView;
use uuid::Uuid;

use crate::permits::ask_about;
use crate::submit_referral::idempotency;
use crate::{ApprovalView, Hub, HubError, Key, Sent};

impl Hub {
    /// Asks for a referral to be voided. The message is sealed now and sent once somebody else has agreed.
    ///
    /// # Errors
    /// What the caller can mend, as a problem; nothing is stored then.
    pub async fn ask_void(
        &self,
        caller: &Caller,
        id: ReferralId,
        sent: impl Into<Sent<'_>>,
        key: &Key,
        expected_version: Option<u64>,
    ) -> Result<ApprovalView, HubError> {
        let sent = sent.into();
        let bytes = sent.bytes;
        let referral = self.of_party(caller, id).await?;
        let once = idempotency(caller, key, &format!("POST /v1/referrals/{id}/void"), bytes);
        if let Some(asked) = self.approval_before(caller, &once).await? {
            return Ok(asked);
        }
        let message = self.schemas.check(Some(MessageKind::Void), bytes)?;
        if expected_version.is_some_and(|seen| seen != referral.version) {
            return Err(Refusal::VersionConflict { current: referral.version }.into());
        }
        let reason = AnswerView::read(message.value.json())?.reason;
        let reason = reason.ok_or(Refusal::ReasonMissing { step: MessageKind::Void })?;
        let permit = self.permit(&ask_about(caller, Act::Answer, &referral, MessageKind::Void))?;
        let object = ObjectId::new(Uuid::now_v7());
        let kept = self.keep(referral.case, false, object, &message, sent).await?;
        let change = Change::VoidReferral { referral: id, reason, object };
        self.ask_approval(caller, change, permit, once, Some(kept)).await
    }
}
