//! A person stops what goes to an agency, all of it or one kind of message, and lets it go again. It stands
//! in the register, so that a hub that starts anew finds it; what waits meanwhile spends no attempt.

use casework::{
    Action, AgencyCode, Caller, Code, Delivery, MessageKind, Refusal, SetSwitch, Switch, Timestamp,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order};

use crate::approvals::by;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, Problem};

/// Why a switch is turned.
const REASONS: &str = "switch_reasons.csv";
/// What is switched off is looked at again after this.
const WAIT_MICROS: i64 = 5 * 1_000_000;

/// A switch.
#[derive(Debug, Clone, Serialize)]
pub struct SwitchView {
    /// For whom.
    pub agency: AgencyCode,
    /// Which kind of message; every kind where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// Does nothing go there?
    pub off: bool,
    /// Why, coded.
    pub reason: Code,
    /// Since when, RFC 3339.
    pub since: String,
}

impl Hub {
    /// What is switched off now. Every caller may know: it is why messages wait.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn list_switches(&self) -> Result<Vec<SwitchView>, HubError> {
        Ok(self.kept().await?.switches.iter().map(view).collect())
    }

    /// Turns a switch off or on. Turning it as it stands changes nothing.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an operator; `unknown-agency`, `unknown-code`.
    pub async fn set_switch(
        &self,
        caller: &Caller,
        asked: SetSwitch,
        key: &Key,
    ) -> Result<Vec<SwitchView>, HubError> {
        let permit = self.permit(&ask(caller, Act::ManageSwitches, None))?;
        self.known_code(REASONS, &asked.reason)?;
        if self.adapters.agency(&asked.agency).is_none() {
            let detail = "no agency of that name is called by this hub";
            return Err(Problem::at("unknown-agency", "/agency".to_owned(), detail).into());
        }
        let said = format!("{} {:?} {} {}", asked.agency, asked.message, asked.off, asked.reason);
        let (agency, off) = (asked.agency.clone(), asked.off);
        let mut order = Order::plain(by(caller, Some(permit), Action::SetSwitch(asked)), Lane::Outcomes);
        order.idempotency = Some(idempotency(caller, key, "POST /v1/switches", said.as_bytes()));
        match self.store.commit(order).await? {
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) if refusal != Refusal::NothingToDo => return Err(refusal.into()),
            Committed::Done(_) => tracing::warn!(%agency, off, "a switch was turned"),
            Committed::Replayed { .. } | Committed::Refused(_) => {}
        }
        self.registers_moved();
        self.list_switches().await
    }

    /// Until when a message waits because it is switched off; none where it may go.
    pub(crate) async fn switched_off(&self, delivery: &Delivery) -> Result<Option<Timestamp>, HubError> {
        let kept = self.kept().await?;
        let off = kept.switch(&delivery.to, delivery.message).is_some();
        Ok(off.then(|| self.store.clock().real().plus_micros(WAIT_MICROS)))
    }

    /// Is a kind of message kept from an agency now, whether it is brought or fetched or looked at again?
    pub(crate) async fn is_kept_from(
        &self,
        agency: &AgencyCode,
        message: MessageKind,
    ) -> Result<bool, HubError> {
        Ok(self.kept().await?.switch(agency, message).is_some())
    }

    /// Is nothing at all to be asked of, or sent to, this agency?
    ///
    /// # Errors
    /// Where the registers were never read.
    pub async fn is_cut_off(&self, agency: &AgencyCode) -> Result<bool, HubError> {
        Ok(self.kept().await?.is_cut_off(agency))
    }
}

fn view(held: &Switch) -> SwitchView {
    SwitchView {
        agency: held.agency.clone(),
        message: held.message.map(MessageKind::schema_name),
        off: held.off,
        reason: held.reason.clone(),
        since: held.since.to_string(),
    }
}
