//! An operator looks at the policies in force, compares another set by a replay of what was decided, and
//! proposes it; another operator agrees, and it comes into force with that entry.

use casework::{AgencyCode, ApprovalStatus, Caller, Change, Register, Replayed};
use policies::{Act, Agreement, Policies, Replay, Standing};
use serde::Serialize;

use crate::approvals::view as approval_view;
use crate::permits::ask;
use crate::submit_referral::idempotency;
use crate::{ApprovalView, Hub, HubError, Key, Problem};

/// Past decisions that a proposal is compared by, unless said otherwise; and at most.
pub(crate) const REPLAYED: u64 = 10_000;

/// The policies in force, and what may take their place.
#[derive(Debug, Clone, Serialize)]
pub struct PoliciesView {
    /// The digest of the set in force, as entries name it.
    pub set: String,
    /// Did two people put it there? Otherwise it is the program's own.
    pub approved: bool,
    /// Since when, RFC 3339, where two people put it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Why nothing is decided by it, if so.
    pub in_doubt: bool,
    /// Its agreements.
    pub agreements: Vec<AgreementView>,
    /// The usable set in the hub's folder, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered: Option<String>,
    /// Sets that cannot be used, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Changes that wait for a second person.
    pub proposed: Vec<ApprovalView>,
}

/// An agreement, and how it stands today.
#[derive(Debug, Clone, Serialize)]
pub struct AgreementView {
    /// What its file says.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// `not-yet`, `in-force`, `ended`.
    pub standing: &'static str,
    /// Days left, where it binds and has an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// Has anybody confirmed its legal basis?
    pub confirmed: bool,
}

/// Another set: its text, or the digest of one that was put before the hub.
#[derive(Debug, Clone)]
pub enum OtherSet {
    /// As `Policies::bundle` wrote it.
    Bundle(String),
    /// Offered in the folder, or in force before.
    Known(String),
}

impl Hub {
    /// The policies in force. For operators and auditors.
    ///
    /// # Errors
    /// `not-permitted` for anyone else.
    pub async fn show_policies(&self, caller: &Caller) -> Result<PoliciesView, HubError> {
        if let Err(error) = self.permit(&ask(caller, Act::ManagePolicies, None)) {
            self.permit(&ask(caller, Act::ReadAudit, None)).map_err(|_| error)?;
        }
        let (set, kept) = (self.policies.current(), self.kept().await?);
        let digest = set.set_digest();
        let held = kept.policies.as_ref().filter(|held| held.set == digest);
        let today = self.moment().day;
        let agreement = |agreement: &Agreement| AgreementView {
            standing: agreement.valid.on(today).as_str(),
            days_left: agreement.valid.days_left(today),
            confirmed: agreement.is_confirmed(),
            agreement: agreement.clone(),
        };
        Ok(PoliciesView {
            set: digest.to_owned(),
            approved: held.is_some(),
            since: held.map(|held| held.since.to_string()),
            in_doubt: set.is_in_doubt(),
            agreements: set.agreements().iter().map(agreement).collect(),
            offered: self.policy_sets.offered().filter(|offered| offered != digest),
            refused: self.policy_sets.troubles(),
            proposed: self.proposed(caller).await?,
        })
    }

    async fn proposed(&self, caller: &Caller) -> Result<Vec<ApprovalView>, HubError> {
        let rows = self.store.registers("approval", Some(AgencyCode::hub())).await?;
        let proposal = |row| match row {
            Register::Approval(held)
                if held.status == ApprovalStatus::Open
                    && matches!(held.change, Change::PolicyChange { .. }) =>
            {
                Some(held)
            }
            _ => None,
        };
        Ok(rows.into_iter().filter_map(proposal).map(|held| approval_view(caller, held)).collect())
    }

    /// What another set would have made of the last decisions.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an operator; `policy-set-refused` where the set cannot be used.
    pub async fn compare_policies(
        &self,
        caller: &Caller,
        other: OtherSet,
        last: Option<u64>,
    ) -> Result<Replay, HubError> {
        self.permit(&ask(caller, Act::ManagePolicies, None))?;
        let set = self.other_set(other).await?;
        self.replayed(&set, last.unwrap_or(REPLAYED)).await
    }

    async fn replayed(&self, set: &Policies, last: u64) -> Result<Replay, HubError> {
        let past = self.past_questions(last.min(REPLAYED)).await?;
        Ok(policies::replay(&self.policies.current(), set, &past, self.moment()))
    }

    async fn other_set(&self, other: OtherSet) -> Result<Policies, HubError> {
        let bundle = match other {
            OtherSet::Bundle(bundle) => bundle,
            OtherSet::Known(digest) => self.store.policy_set(digest).await?.ok_or_else(|| {
                let detail = "no set of this digest was ever put before the hub; send its text instead";
                Problem::at("policy-set-refused", "/set".to_owned(), detail)
            })?,
        };
        self.set_of(bundle).await
    }

    /// Proposes another set: tested, kept, compared by a replay whose summary the second person sees.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an operator; `policy-set-refused`; `policies-moved` where it is in
    /// force already.
    pub async fn propose_policies(
        &self,
        caller: &Caller,
        other: OtherSet,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::ManagePolicies, None))?;
        let set = self.other_set(other).await?;
        let digest = set.set_digest().to_owned();
        let once = idempotency(caller, key, "POST /v1/policies", digest.as_bytes());
        if let Some(asked) = self.approval_before(caller, &once).await? {
            return Ok(asked);
        }
        let before = self.policies.current().set_digest().to_owned();
        if before == digest {
            let detail = "this very set is in force";
            return Err(Problem::new("policies-moved", detail).into());
        }
        let replay = self.replayed(&set, REPLAYED).await?;
        self.store.keep_policy_set(digest.clone(), set.bundle()).await?;
        let change = Change::PolicyChange { set: digest, before, replay: counts(&replay) };
        self.ask_approval(caller, change, permit, once, None).await
    }

    /// Notes which agreements end within a month or have ended, each once, and which no more.
    pub(crate) async fn watch_agreements(&self) -> usize {
        let (set, today) = (self.policies.current(), self.moment().day);
        let ending: Vec<_> = set.agreements().iter().filter(|agreement| ends(agreement, today)).collect();
        let hub = AgencyCode::hub();
        for agreement in &ending {
            let part = agreement.name.parse().ok();
            self.incident(casework::Condition::AgreementEnding, &hub, part, casework::IncidentTurn::Open)
                .await;
        }
        self.recover_agreements(&ending).await;
        ending.len()
    }

    async fn recover_agreements(&self, ending: &[&Agreement]) {
        let Ok(kept) = self.kept().await else { return };
        let of = |held: &&casework::Incident| held.condition == casework::Condition::AgreementEnding;
        for held in kept.incidents.values().filter(of) {
            let still =
                ending.iter().any(|one| held.part.as_ref().is_some_and(|part| part.as_str() == one.name));
            if !still {
                let (part, turn) = (held.part.clone(), casework::IncidentTurn::Recover);
                self.incident(held.condition, &held.agency, part, turn).await;
            }
        }
    }
}

/// What the second person sees of a replay.
fn counts(replay: &Replay) -> Replayed {
    Replayed {
        decisions: replay.decisions,
        newly_permitted: replay.newly_permitted,
        newly_denied: replay.newly_denied,
        newly_failed: replay.newly_failed,
        not_asked: replay.not_asked.values().fold(0, |all, more| all.saturating_add(*more)),
    }
}

/// Days before its end from which an agreement is told of.
pub const ENDING_DAYS: i64 = 30;

/// Does it end within a month, or has it ended?
fn ends(agreement: &Agreement, today: chrono::NaiveDate) -> bool {
    agreement.valid.days_left(today).is_some_and(|left| left <= ENDING_DAYS)
        || agreement.valid.on(today) == Standing::Ended
}
