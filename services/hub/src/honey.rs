//! Honey records: identity numbers that belong to nobody and that nobody has a reason to ask for. A check of
//! one is asked and answered like any that finds nothing; beside it an alarm is raised, an incident noted,
//! and the people who look after personal data are told. The asker's own system may be what is wrong: the
//! incident is the hub's, and the notice goes to no system.

use casework::{
    Action, AgencyCode, Caller, CaseId, CheckId, Code, Condition, IncidentTurn, Notice, Noticed, Role,
};
use store::{Lane, Order};

use crate::check_identity::role_of;
use crate::{Hub, measure};

impl Hub {
    /// Somebody asked for one. Whatever fails here changes nothing of the answer.
    pub(crate) async fn note_honey(&self, caller: &Caller, case: CaseId, check: CheckId) {
        let agency = &caller.agency;
        tracing::error!(alarm = "honey-record", %agency, %check, "a honey record was asked for");
        measure::alarm("honey-record");
        let asker: Option<Code> = caller.agency.as_str().parse().ok();
        self.incident(Condition::HoneyRecord, &AgencyCode::hub(), asker, IncidentTurn::Open).await;
        let told = Action::Notice(self.told_of_honey(caller, case, check).await);
        if let Err(error) = self.store.commit(Order::plain(self.own(told), Lane::Outcomes)).await {
            tracing::error!(%error, %check, "nobody could be told of a honey record; the alarm stands");
        }
    }

    /// The privacy officers of the case's owner and of the asker, and the hub's operators.
    async fn told_of_honey(&self, caller: &Caller, case: CaseId, check: CheckId) -> Vec<Noticed> {
        let held = self.store.case(case).await.ok().flatten();
        let owner = held.map_or_else(|| caller.agency.clone(), |held| held.owner().clone());
        let mut whom = vec![
            (AgencyCode::hub(), Role::Operator),
            (caller.agency.clone(), Role::PrivacyOfficer),
            (owner, Role::PrivacyOfficer),
        ];
        whom.dedup();
        let notice = |(whom, role)| Noticed {
            what: Notice::HoneyRecord,
            case,
            whom,
            role,
            by: caller.agency.clone(),
            by_role: role_of(caller),
            about: check.to_string(),
        };
        whom.into_iter().map(notice).collect()
    }
}
