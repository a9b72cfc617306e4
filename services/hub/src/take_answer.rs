//! An agency's answer that an adapter fetched comes in by the same door as any other, as that agency's
//! system. What no rule allows or no mapping knows is not guessed: it is left for a person, and said so.

use adapters::Inbound;
use casework::{AgencyCode, Refusal};
use tracing::Instrument;

use crate::{Hub, HubError, Key};

/// What became of a fetched answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It moved the referral, now or before.
    Taken,
    /// It does not fit the referral as it stands; a person has to look.
    Triage,
}

impl Hub {
    /// Takes one fetched answer.
    ///
    /// # Errors
    /// Where the store fails; the poller comes again.
    pub async fn take_answer(&self, agency: &AgencyCode, answer: &Inbound) -> Result<Taken, HubError> {
        let caller = self.adapter_caller(agency).await?;
        let Some(key) = Key::new(&answer.key) else { return Ok(Taken::Triage) };
        let bytes = answer.body.to_bytes();
        let span = tracing::info_span!("answer", %agency, referral = %answer.referral);
        let taken = self.answer_referral(&caller, answer.referral, answer.action, bytes.expose(), &key, None);
        match taken.instrument(span).await {
            Ok(_) => Ok(Taken::Taken),
            Err(error) if error.is_passing() => Err(error),
            Err(HubError::Refused(Refusal::StalePermit)) => Err(Refusal::StalePermit.into()),
            Err(error) => {
                let (referral, problem) = (answer.referral, error.slug());
                tracing::warn!(%agency, %referral, problem, "a fetched answer needs a person");
                Ok(Taken::Triage)
            }
        }
    }
}
