//! What is seen through a broken glass: the case's referrals, and each of their requests cut down to what its
//! receiver sees, never more. Every look is an entry that names the glass, decided again at the commit: after
//! its hour, or once it was reviewed, there is none.

use casework::{
    Action, Caller, Categories, Delivery, DeliveryStatus, GlassKey, MessageKind, Permit, ReadEntry, Referral,
    ReferralId, Refusal, RegisterKey, Status, TimeSource,
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

/// A referral that moves while it is looked at is looked at again, so often.
const LOOKS_MAX: usize = 3;

impl Hub {
    /// The case, without messages.
    ///
    /// # Errors
    /// `not-found` for anyone but who broke the glass, and after its time.
    pub async fn case_through(&self, caller: &Caller, id: GlassKey) -> Result<CaseThroughGlass, HubError> {
        let (held, permit) = self.shows(caller, id).await?;
        self.spend_read(caller, &id.case.to_string()).await?;
        self.enter_through(caller, permit, id, id.case.to_string(), Default::default()).await?;
        let mut referrals = Vec::new();
        for found in self.store.referrals_of_case(id.case).await? {
            if self.receiver_knows(&found).await? {
                referrals.push(self.view(&found));
            }
        }
        Ok(CaseThroughGlass { glass: self.glass_view(caller, held), referrals })
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
        for _ in 0..LOOKS_MAX {
            match self.looked_through(caller, id, referral).await {
                // It moved while it was looked at: what it rested on may be over.
                Err(HubError::Refused(Refusal::StalePermit)) => {}
                other => return other,
            }
        }
        Err(Refusal::StalePermit.into())
    }

    async fn looked_through(
        &self,
        caller: &Caller,
        id: GlassKey,
        referral: ReferralId,
    ) -> Result<ReferralView, HubError> {
        let (_, mut permit) = self.shows(caller, id).await?;
        self.spend_read(caller, &id.case.to_string()).await?;
        let found = self.known_through(id, referral).await?;
        let mut cut = self.request_through(found.as_ref()).await?;
        while !self.is_of_set_in_force(&permit) {
            permit = self.permit(&ask(caller, Act::BreakGlass, None))?;
            cut = self.request_through(found.as_ref()).await?;
        }
        // What is shown is of this version; the commit refuses where it has moved, or its consent is over.
        permit.read_version = found.as_ref().map(|held| held.version);
        let (shown, reduced) =
            cut.as_ref().map(|cut| (cut.shown.clone(), cut.reduced.clone())).unwrap_or_default();
        self.enter_through(caller, permit, id, referral.to_string(), (shown, reduced)).await?;
        let mut view = self.view(&found.ok_or_else(not_found)?);
        if let Some(cut) = cut {
            (view.message, view.withheld, view.reduced) = (Some(cut.value), cut.withheld, cut.reduced);
        }
        Ok(view)
    }

    /// The referral, where it is of this case and its receiver may know of it.
    async fn known_through(&self, id: GlassKey, referral: ReferralId) -> Result<Option<Referral>, HubError> {
        let found = self.store.referral(referral).await?.filter(|held| held.case == id.case);
        let Some(found) = found else { return Ok(None) };
        Ok(self.receiver_knows(&found).await?.then_some(found))
    }

    /// A draft, what is held, and what was called back before anybody saw it are shown to nobody from
    /// outside either.
    async fn receiver_knows(&self, referral: &Referral) -> Result<bool, HubError> {
        Ok(referral.status != Status::Draft && !self.hidden_from(&referral.to, referral).await?)
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
        // Who lost the right sees nothing more, through no glass opened before either.
        let right = self.store.register(&RegisterKey::Suspension(id.person)).await?;
        if right.is_some_and(|row| row.open()) { Err(not_found()) } else { Ok((held, permit)) }
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
