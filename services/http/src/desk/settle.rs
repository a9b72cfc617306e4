//! `POST /desk/approvals/{id}/...`: the second person decides, having been asked by the provider a moment
//! ago; the use case is the API's. A form sent twice is one decision.

use actix_web::HttpResponse;
use casework::{ApprovalId, Settlement};
use hub::Key;

use super::refused::{Stop, see_other};
use super::{DeskRoute, Needs, Visit};
use crate::routes::Verb;

pub(crate) const APPROVE: DeskRoute = DeskRoute {
    method: Verb::Post,
    path: "/desk/approvals/{id}/approve",
    needs: Needs::Fresh,
    show: |visit| Box::pin(settle(visit, Settlement::Approve, "approve")),
};

pub(crate) const REFUSE: DeskRoute = DeskRoute {
    method: Verb::Post,
    path: "/desk/approvals/{id}/refuse",
    needs: Needs::Fresh,
    show: |visit| Box::pin(settle(visit, Settlement::Refuse, "refuse")),
};

pub(crate) const WITHDRAW: DeskRoute = DeskRoute {
    method: Verb::Post,
    path: "/desk/approvals/{id}/withdraw",
    needs: Needs::Fresh,
    show: |visit| Box::pin(settle(visit, Settlement::Withdraw, "withdraw")),
};

async fn settle(visit: Visit, how: Settlement, word: &str) -> Result<HttpResponse, Stop> {
    let caller = &visit.session()?.1.caller;
    let id: ApprovalId = visit.segment("id").parse().map_err(|_| Stop::problem("not-found"))?;
    let key = Key::new(&format!("{word}-{id}-{}", caller.actor)).ok_or_else(|| Stop::problem("internal"))?;
    visit.hub().settle_approval(caller, id, how, &key).await?;
    Ok(see_other(&visit.place(&format!("/desk/approvals/{id}")).text()))
}
