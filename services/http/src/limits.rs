//! What a request counts as, and whether there is room for it: asked once it is known who calls, before
//! anything it sent is looked at. A request whose bucket is empty is read a little all the same, to see
//! whether it is an emergency: those have a bucket of their own that nothing else empties.

use casework::Caller;
use hub::{Hub, Limited, Reached};

use crate::problem::Problem;
use crate::routes::{Access, Route, Verb};

/// What a request of a known caller counts as; none where anybody may ask.
pub(crate) fn limited(route: &Route) -> Option<Limited> {
    if route.access == Access::Public {
        return None;
    }
    Some(match (route.method, route.path) {
        (Verb::Get, _) => Limited::Reads,
        (Verb::Post, "/v1/referrals" | "/v1/drafts") => Limited::Intake,
        (Verb::Post, "/v1/identity-checks") => Limited::IdentityChecks,
        (Verb::Post, _) => Limited::Writes,
    })
}

/// Takes one. A limit that intake has reached is given back, to be looked at with the body.
pub(crate) fn take(hub: &Hub, route: &Route, caller: &Caller) -> Result<Option<Reached>, Problem> {
    let Some(what) = limited(route) else { return Ok(None) };
    match hub.limits.take(caller, what) {
        Ok(()) => Ok(None),
        Err(reached) if what == Limited::Intake => Ok(Some(reached)),
        Err(reached) => Err(reached.into()),
    }
}

/// Takes an emergency though intake's limit is reached.
pub(crate) fn take_emergency(
    hub: &Hub,
    caller: &Caller,
    body: &[u8],
    reached: Reached,
) -> Result<(), Problem> {
    Ok(hub.limits.take_emergency(caller, body, reached)?)
}
