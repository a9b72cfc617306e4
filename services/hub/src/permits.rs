//! Asking the policies. A no is told to the caller as a refusal; an error is an alarm and never a yes.

use std::sync::Arc;

use casework::{ASKED_ROLES_MAX, AgencyCode, Caller, Code, MessageKind, Permit, PolicyAsked, Referral};
use policies::{Act, Ask, Decision, Disclosure, Mask, Moment};

use crate::{Denied, Hub, HubError, measure};

/// What intake makes of the policies' answer.
pub(crate) enum Admission {
    /// Go on.
    Permitted(Permit),
    /// Take it, show it to nobody.
    Held,
}

impl Hub {
    /// Asks for anything but intake: an error closes the door.
    pub(crate) fn permit(&self, ask: &Ask) -> Result<Permit, HubError> {
        match self.policies.permit(ask, self.moment()) {
            Decision::Permitted(permit) => Ok(permit),
            Decision::Denied { .. } => Err(denied(ask)),
            Decision::Failed { error } => {
                tracing::error!(alarm = "policy-error", act = ask.act.as_str(), %error, "a policy failed");
                measure::alarm("policy-error");
                Err(HubError::InDoubt("the policies cannot be asked; it is logged as an alarm"))
            }
        }
    }

    /// What a recipient may see of a message now.
    pub(crate) fn mask_of(&self, asked: &Disclosure) -> Arc<Mask> {
        self.policies.mask(asked, self.moment())
    }

    /// Was this said by the set in force? Then a mask asked for since is of the same set: a message is shown
    /// by one set or the other, never by half of each.
    pub(crate) fn is_of_set_in_force(&self, permit: &Permit) -> bool {
        self.policies.current().set_digest() == permit.policy_set
    }

    /// Now, as far as policies may know it.
    pub(crate) fn moment(&self) -> Moment {
        Moment::of(casework::TimeSource::now(&*self.store))
    }

    /// Asks for intake: an error takes the message into `held`.
    pub(crate) fn admit(&self, asks: &[Ask]) -> Result<Admission, HubError> {
        let (mut permits, mut failed) = (Vec::new(), false);
        // One request is decided by one set, whatever comes into force meanwhile.
        let (set, at) = (self.policies.current(), self.moment());
        for ask in asks {
            match set.permit(ask, at) {
                Decision::Permitted(permit) => permits.push(permit),
                // A no for one recipient is a no, whatever failed for another.
                Decision::Denied { .. } => return Err(denied(ask)),
                Decision::Failed { error } => {
                    tracing::error!(alarm = "policy-error", %error, "a policy failed at intake; held");
                    measure::alarm("policy-error");
                    failed = true;
                }
            }
        }
        if failed {
            return Ok(Admission::Held);
        }
        let mut permits = permits.into_iter();
        let Some(mut first) = permits.next() else { return Ok(Admission::Held) };
        first.policies.extend(permits.flat_map(|permit| permit.policies));
        Ok(Admission::Permitted(first))
    }
}

fn denied(ask: &Ask) -> HubError {
    let detail = match (ask.act, &ask.counterpart) {
        (Act::Send, Some(to)) => format!(
            "no agreement in force lets this agency send this to `{to}` for this purpose; \
             ask the operator which agreements cover your agency"
        ),
        (Act::CheckIdentity, _) => "no agreement in force lets this agency ask for this check".to_owned(),
        _ => "no agreement in force lets this caller do this".to_owned(),
    };
    HubError::Denied(Denied { detail, asked: asked(ask) })
}

/// The question as the refusal's entry keeps it; none where the caller has more roles than fit there.
fn asked(ask: &Ask) -> Option<Box<PolicyAsked>> {
    let roles: Option<Vec<Code>> = ask.roles.iter().map(|role| role.parse().ok()).collect();
    Some(Box::new(PolicyAsked {
        act: ask.act.as_str().parse().ok()?,
        roles: roles.filter(|roles| roles.len() <= ASKED_ROLES_MAX)?,
        to: ask.counterpart.clone(),
        message: ask.message,
        service: ask.service.clone(),
        purpose: ask.purpose.clone(),
        basis: ask.basis.clone(),
        urgency: ask.urgency,
    }))
}

/// A question without a referral behind it.
pub(crate) fn ask(caller: &Caller, act: Act, counterpart: Option<AgencyCode>) -> Ask {
    Ask {
        scopes: caller.scopes.clone(),
        counterpart,
        ..Ask::of(caller.agency.clone(), caller.roles.clone(), act)
    }
}

/// A question about a referral the caller is a party to.
pub(crate) fn ask_about(caller: &Caller, act: Act, referral: &Referral, message: MessageKind) -> Ask {
    let other = if referral.from == caller.agency { &referral.to } else { &referral.from };
    Ask {
        message: Some(message),
        service: Some(referral.service.clone()),
        purpose: Some(referral.purpose.clone()),
        basis: Some(referral.basis.clone()),
        urgency: Some(referral.priority),
        read_version: Some(referral.version),
        ..ask(caller, act, Some(other.clone()))
    }
}
