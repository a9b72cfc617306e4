//! What is seen through a broken glass: the case's referrals, and each of their requests cut down to what its
//! receiver sees, never more. Every look is an entry that names the glass, decided again at the commit: after
//! its hour, or once it was reviewed, there is none.

use casework::{
    Action, Caller, Categories, Delivery, DeliveryStatus, GlassKey, MessageKind, Permit, ReadEntry, Referral,
    ReferralId, RegisterKey, Status, TimeSource,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order};

use crate::approvals::by;
use crate::break_glass::{GlassView, glass};
use crate::cut_down::{Cut, Sight};
use crate::error::not_found;
use crate::hand_over::code;
use crate::permits::ask;
use crate::{Hub, HubError, ReferralView};

/// A case through a broken glass.
#[derive(Debug, Clone, Serialize)]
pub struct CaseThroughGlass {
    /// The glass.
    pub glass: GlassView,
    /// The case's referrals, without messages.
    pub referrals: Vec<ReferralView>,
}

impl Hub {
    /// The case, without messages.
    ///
    /// # Errors
    /// `not-found` for anyone but who broke the glass, and after its time.
    pub async fn case_through(&self, caller: &Caller, id: GlassKey) -> Result<CaseThroughGlass, HubError> {
        let (held, permit) = self.shows(caller, id).await?;
        self.spend_read(caller, &id.case.to_string()).await?;
        self.enter_through(caller, permit, id, id.case.to_string(), Default::default()).await?;
        let referrals = self.store.referrals_of_case(id.case).await?;
        let shown = referrals.iter().filter(|held| held.status != Status::Draft);
        Ok(CaseThroughGlass {
            glass: self.glass_view(caller, held),
            referrals: shown.map(|held| self.view(held)).collect(),
        })
    }

    /// One of its referrals with its request, as far as its receiver sees it.
    ///
    /// # Errors
    /// `not-found` for anyone but who broke the glass, after its time, and where it is of another case.
    pub async fn referral_through(
        &self,
        caller: &Caller,
        id: GlassKey,
        referral: ReferralId,
    ) -> Result<ReferralView, HubError> {
        let (_, mut permit) = self.shows(caller, id).await?;
        self.spend_read(caller, &id.case.to_string()).await?;
        let found = self.store.referral(referral).await?;
        let found = found.filter(|held| held.case == id.case && held.status != Status::Draft);
        let mut cut = self.request_through(found.as_ref()).await?;
        while !self.is_of_set_in_force(&permit) {
            permit = self.permit(&ask(caller, Act::BreakGlass, None))?;
            cut = self.request_through(found.as_ref()).await?;
        }
        let (shown, reduced) =
            cut.as_ref().map(|cut| (cut.shown.clone(), cut.reduced.clone())).unwrap_or_default();
        self.enter_through(caller, permit, id, referral.to_string(), (shown, reduced)).await?;
        let mut view = self.view(&found.ok_or_else(not_found)?);
        if let Some(cut) = cut {
            (view.message, view.withheld, view.reduced) = (Some(cut.value), cut.withheld, cut.reduced);
        }
        Ok(view)
    }

    /// What the receiver sees of the request; nothing of one that is held, or whose consent is over.
    async fn request_through(&self, referral: Option<&Referral>) -> Result<Option<Cut>, HubError> {
        let Some(referral) = referral else { return Ok(None) };
        let deliveries = self.store.deliveries_of(referral.id).await?;
        let carries = |held: &&Delivery| held.message == MessageKind::Request;
        let first = deliveries.iter().find(carries).filter(|held| held.status != DeliveryStatus::Held);
        let Some(first) = first.filter(|_| referral.consent_holds(TimeSource::now(&*self.store))) else {
            return Ok(None);
        };
        let opened = self.open_stored(first.object).await?;
        let message = self.schemas.check(Some(MessageKind::Request), opened.bytes.expose())?;
        self.cut_down(&message, &Sight::of(first, referral)).map(Some)
    }

    /// The glass, while it shows anything to this caller.
    async fn shows(&self, caller: &Caller, id: GlassKey) -> Result<(casework::BreakGlass, Permit), HubError> {
        self.may_disclose().await?;
        let permit = self.permit(&ask(caller, Act::BreakGlass, None))?;
        let held = self.store.register(&RegisterKey::BreakGlass(id)).await?.and_then(glass);
        let own = |held: &casework::BreakGlass| held.person == caller.actor && held.agency == caller.agency;
        let now = TimeSource::now(&*self.store);
        let held = held.filter(|held| own(held) && held.shows(now)).ok_or_else(not_found)?;
        Ok((held, permit))
    }

    /// Enters a look, marked with the glass: what it shows, and which of it less exactly.
    async fn enter_through(
        &self,
        caller: &Caller,
        permit: Permit,
        id: GlassKey,
        subject: String,
        (categories, reduced): (Categories, Categories),
    ) -> Result<(), HubError> {
        let (what, agency) = (code("break-glass"), caller.agency.clone());
        let glass = Some(id.to_string());
        let read = ReadEntry { what, subject: Some(subject), agency, categories, reduced, glass };
        let order = Order::plain(by(caller, Some(permit), Action::Read(read)), Lane::Reads);
        match self.store.commit(order).await? {
            Committed::Refused(refusal) => Err(refusal.into()),
            _ => Ok(()),
        }
    }
}
