//! What random requests rest on and are for, and consent that is taken back at random (`sequences.rs`).

use casework::{Intent, Revoke, RevokeOne, State, Submit};

use super::sequences::{carrier, pick};
use super::world::{World, code, id};

/// On consent, with and without an end, or on a ground of its own.
pub fn on_a_ground(asked: Submit, number: u8, world: &World) -> Submit {
    let basis = ["consent", "best-interests", "consent", "statutory"][usize::from(number / 3 % 4)];
    let until = world.now.at.plus_micros(20 * super::world::DAY);
    let all = world.state.referrals.values();
    let asks = |held: &&casework::Referral| {
        held.intent == Intent::TransferRequest && held.case == asked.case && held.to == asked.from
    };
    let open = all.filter(asks).find(|held| !held.status.terminal());
    let intent = match number % 10 {
        _ if open.is_some() => Intent::Transfer,
        0 | 1 => Intent::Transfer,
        2 | 3 => Intent::TransferRequest,
        4 => Intent::Notify,
        _ => Intent::Refer,
    };
    let answers = open.map(|held| held.id);
    let basis = if intent == Intent::Notify { "statutory" } else { basis };
    let owner = world.state.cases.get(&asked.case).map(|case| case.owner().clone());
    let mut asked = asked;
    match (open, intent, owner) {
        (Some(open), ..) => asked.recipients.iter_mut().for_each(|to| to.to = open.from.clone()),
        (_, Intent::TransferRequest, Some(owner)) => {
            asked.recipients.iter_mut().for_each(|to| to.to = owner.clone());
        }
        _ => {}
    }
    let terms = casework::Terms {
        draft: number % 5 == 1 && open.is_none() && asked.replaces.is_none() && !asked.held,
        intent,
        answers,
        consent_until: (number & 16 == 0 && basis == "consent").then_some(until),
        consent_given: (number & 32 == 0).then_some(world.now.at),
    };
    Submit { basis: code(basis), terms, ..asked }
}

/// What one sender sent of a case.
pub fn revoke(state: &State, next: u128, case: u8, from: u8) -> Option<Revoke> {
    let case = *pick(state.cases.keys(), case)?;
    let of_case: Vec<_> = state.referrals.values().filter(|held| held.case == case).collect();
    let from = pick(of_case.iter(), from)?.from.clone();
    let mine = of_case.iter().filter(|held| held.from == from);
    let one = |(place, held): (u128, &&casework::Referral)| RevokeOne {
        referral: held.id,
        carried: carrier(state, held.id),
        told: id("dl", (next << 40) + place),
    };
    let referrals = (1..).zip(mine).map(one).collect();
    Some(Revoke { case, from, object: id("ob", next), referrals })
}
