//! What a recipient gets of a message: the categories that policy gives it, less those that the child or its
//! guardian asked to withhold, and of the list of recipients only its own line. Consent only ever narrows.

use casework::{Categories, Delivery, MessageKind, Referral};
use policies::Disclosure;
use schemas::Checked;
use schemas::messages::RequestView;
use serde_json::Value;

use crate::{Hub, HubError, measure};

/// A message cut down for one recipient.
pub(crate) struct Cut {
    pub value: Value,
    /// Categories it shows.
    pub shown: Categories,
    /// Categories it had.
    pub withheld: Categories,
}

impl Hub {
    /// Cuts a message down for the recipient of this delivery.
    pub(crate) fn cut_down(
        &self,
        message: &Checked,
        delivery: &Delivery,
        referral: &Referral,
    ) -> Result<Cut, HubError> {
        let mut allowed = self.mask(delivery, referral)?;
        if message.kind == MessageKind::Request {
            let asked = RequestView::read(&message.value)?.withheld;
            allowed.retain(|category| !asked.contains(category));
        }
        let cut = self.schemas.minimise(message.kind, message.version, &message.value, &allowed);
        let shown = message.categories.difference(&cut.withheld).copied().collect();
        Ok(Cut { value: for_one(cut.value, referral), shown, withheld: cut.withheld })
    }

    /// What policy lets the recipient see.
    fn mask(&self, delivery: &Delivery, referral: &Referral) -> Result<Categories, HubError> {
        let mask = self.mask_of(&Disclosure {
            recipient: delivery.to.clone(),
            sender: delivery.from.clone(),
            message: delivery.message,
            service: Some(referral.service.clone()),
            purpose: referral.purpose.clone(),
            basis: referral.basis.clone(),
            urgency: referral.priority,
        });
        match mask.failed {
            None => Ok(mask.allowed),
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
fn for_one(mut body: Value, referral: &Referral) -> Value {
    let addressed = referral.addressed.as_ref().unwrap_or(&referral.to);
    let own = serde_json::json!({ "agency": addressed, "service": referral.service });
    if let Some(list) = body.get_mut("recipients").and_then(Value::as_array_mut) {
        list.retain(|to| *to == own);
    }
    if let Some(consent) = body.get_mut("consent").and_then(Value::as_object_mut) {
        consent.remove("withheld");
    }
    body
}
