//! What a recipient gets of a message: the categories that policy gives it, each in its way (as it was sent,
//! coarser, a word in its place), less those that the child or its guardian asked to withhold, and of the
//! list of recipients only its own line. Consent only ever narrows.
//!
//! Hand-over, an inbox, a party's look and a sender's preview all come through here.

use std::sync::Arc;

use casework::{
    AgencyCode, Categories, Code, Delivery, Document, MessageKind, Priority, Referral, Timestamp,
};
use policies::{Disclosure, Mask};
use schemas::messages::RequestView;
use schemas::{Checked, Minimised, Reading};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{Hub, HubError, measure};

/// Who is to read a message, and all that decides how much of it. Nothing of its content.
pub(crate) struct Sight<'a> {
    pub recipient: &'a AgencyCode,
    pub sender: &'a AgencyCode,
    pub message: MessageKind,
    pub service: &'a Code,
    pub purpose: &'a Code,
    pub basis: &'a Code,
    pub urgency: Priority,
    /// Whom the sender named, if another held the mandate.
    pub addressed: Option<&'a AgencyCode>,
    /// When the child was referred: ages are told as of that day, whenever the message is read.
    pub referred: Timestamp,
}

impl<'a> Sight<'a> {
    /// The recipient of this delivery.
    pub(crate) fn of(delivery: &'a Delivery, referral: &'a Referral) -> Self {
        Self {
            recipient: &delivery.to,
            sender: &delivery.from,
            message: delivery.message,
            service: &referral.service,
            purpose: &referral.purpose,
            basis: &referral.basis,
            urgency: referral.priority,
            addressed: referral.addressed.as_ref(),
            referred: referral.requested,
        }
    }

    /// The recipient's own line of a request.
    pub(crate) fn own_line(&self) -> Value {
        json!({ "agency": self.addressed.unwrap_or(self.recipient), "service": self.service })
    }
}

/// A message cut down for one recipient. No `Debug`: it is about a child.
pub(crate) struct Cut {
    pub value: Document,
    /// Categories it shows.
    pub shown: Categories,
    /// Of these, those it shows less exactly than they were sent.
    pub reduced: Categories,
    /// Categories it had.
    pub withheld: Categories,
    /// Why so, for a preview.
    pub why: Why,
}

/// A message as one party sees it. No `Debug`: it is about a child.
#[derive(Default)]
pub(crate) struct Seen {
    pub message: Option<Document>,
    pub shown: Categories,
    pub reduced: Categories,
    pub withheld: Categories,
}

/// What a cut came from.
pub(crate) struct Why {
    pub mask: Arc<Mask>,
    /// What the child or its guardian asked to withhold.
    pub asked: Categories,
    /// Every place that does not stay as it was sent; its value is left empty.
    pub places: Minimised,
}

/// Into the answer to a caller whose look is entered: the one way by which a message is written out.
pub(crate) fn shown_to_caller<S: Serializer>(message: &Document, to: S) -> Result<S::Ok, S::Error> {
    message.json().serialize(to)
}

/// The same, where there may be none.
#[expect(clippy::ref_option, reason = "serde gives the field as it stands")]
pub(crate) fn shown_if_any<S: Serializer>(message: &Option<Document>, to: S) -> Result<S::Ok, S::Error> {
    message.as_ref().map(Document::json).serialize(to)
}

impl Hub {
    /// Cuts a message down for one reader.
    pub(crate) fn cut_down(&self, message: &Checked, sight: &Sight<'_>) -> Result<Cut, HubError> {
        let keys = self.store.keys();
        self.cut_with(message, sight, &|kind, value| keys.word(sight.recipient, kind, value))
    }

    /// The same with words of the caller's choice.
    pub(crate) fn cut_with(
        &self,
        message: &Checked,
        sight: &Sight<'_>,
        word: &dyn Fn(&str, &str) -> String,
    ) -> Result<Cut, HubError> {
        let mask = self.mask(message, sight)?;
        let mut ways = mask.ways.clone();
        let mut asked = Categories::new();
        if message.kind == MessageKind::Request {
            asked = RequestView::read(message.value.json())?.withheld;
            ways.retain(|category, _| !asked.contains(category));
        }
        let reading = Reading { on: sight.referred.in_pakistan().date_naive(), word };
        let mut places =
            self.schemas.cut(message.kind, message.version, message.value.json(), &ways, &reading);
        let value = std::mem::replace(&mut places.value, Document::of(Value::Null));
        let value = Document::of(for_one(value.into_json(), sight));
        let (withheld, reduced) = (places.withheld.clone(), places.reduced.clone());
        let shown = message.categories.difference(&withheld).copied().collect();
        Ok(Cut { value, shown, reduced, withheld, why: Why { mask, asked, places } })
    }

    /// What policy lets the recipient see.
    fn mask(&self, message: &Checked, sight: &Sight<'_>) -> Result<Arc<Mask>, HubError> {
        let mask = self.mask_of(&Disclosure {
            recipient: sight.recipient.clone(),
            sender: sight.sender.clone(),
            message: sight.message,
            version: message.version,
            service: Some(sight.service.clone()),
            purpose: sight.purpose.clone(),
            basis: sight.basis.clone(),
            urgency: sight.urgency,
        });
        match &mask.failed {
            None => Ok(mask),
            Some(error) => {
                tracing::error!(alarm = "policy-error", %error, "a mask could not be decided; not sent");
                measure::alarm("policy-error");
                Err(HubError::InDoubt("the masks cannot be decided; it is logged as an alarm"))
            }
        }
    }
}

/// A recipient learns of the service asked of it, not whom else the child was referred to, and that something
/// was withheld (the delivery says so), not what the child asked.
fn for_one(mut body: Value, sight: &Sight<'_>) -> Value {
    let own = sight.own_line();
    if let Some(list) = body.get_mut("recipients").and_then(Value::as_array_mut) {
        list.retain(|to| *to == own);
    }
    if let Some(consent) = body.get_mut("consent").and_then(Value::as_object_mut) {
        consent.remove("withheld");
    }
    body
}
