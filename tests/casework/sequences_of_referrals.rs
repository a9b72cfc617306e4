//! What a random try means for referrals, deliveries and identity checks as they stand at that moment. The
//! sequences themselves, and what has to hold after each step, are `sequences.rs`.

use casework::{
    Action, AgencyCode, Answer, AnswerIdentity, AskIdentity, Attempt, CaseId, Category, CheckStatus,
    DeliveryStep, Escalate, IdentityResult, Intent, MessageKind, Outcome, Priority, Recipient, Replay,
    Resolution, Resolve, Revoke, RevokeOne, State, Submit, Told, next_actions,
};

use super::sequences::{Try, party, pick};
use super::sequences_of_registers as registers;
use super::world::{World, agency, code, id};

/// The command, or `None` where there is nothing yet to try it on.
pub fn action(world: &World, next: u128, tried: &Try) -> Option<Action> {
    let state = &world.state;
    Some(match tried {
        Try::Submit { case, from, to, urgency, held, replaces } => {
            let replaced = replaces.and_then(|number| pick(state.referrals.values(), number));
            let known = case.and_then(|number| pick(state.cases.keys(), number)).copied();
            let known = replaced.map(|old| old.case).or(known);
            let from = replaced.map_or_else(|| party(*from), |old| old.from.clone());
            let asked = submit(next, known, from, to, *urgency, *held, replaced.map(|old| old.id));
            Action::Submit(on_a_ground(asked, *urgency, world))
        }
        Try::Answer { .. } => Action::Answer(answer(world, next, tried)?),
        Try::Attempt(number) => {
            let delivery = *pick(state.deliveries.keys(), *number)?;
            let attempt = state.deliveries.get(&delivery)?.attempts + 1;
            Action::Attempt(Attempt {
                reduced: [].into(),
                delivery,
                referral: None,
                attempt,
                shown: [Category::Name].into(),
                withheld: [].into(),
                mapped: None,
            })
        }
        Try::Outcome { .. } => Action::Outcome(outcome(state, tried)?),
        Try::Replay(number) => Action::Replay(Replay { delivery: *pick(state.deliveries.keys(), *number)? }),
        Try::Resolve { delivery, delivered } => {
            let resolution = if *delivered { Resolution::Delivered } else { Resolution::NotDelivered };
            let delivery = *pick(state.deliveries.keys(), *delivery)?;
            Action::Resolve(Resolve { delivery, resolution, reason: code("telephoned") })
        }
        Try::Withdraw(number) => Action::Withdraw(withdraw(state, *number)?),
        Try::Revoke { .. } => Action::Revoke(revoke(state, next, tried)?),
        Try::Escalate { .. } => Action::Escalate(escalate(state, next, tried)?),
        Try::Ask { case, from } => {
            let known = case.and_then(|number| pick(state.cases.keys(), number)).copied();
            Action::AskIdentity(AskIdentity {
                check: id("ic", next),
                case: known.unwrap_or_else(|| id("cs", next)),
                open_case: known.is_none(),
                from: party(*from),
                to: agency("nadra"),
                object: id("ob", next),
                shown: [Category::IdNumber].into(),
                role: code("system"),
                purpose: "guardian-verification".parse().unwrap(),
                basis: "consent".parse().unwrap(),
            })
        }
        Try::AnswerCheck { check, status } => {
            use CheckStatus as C;
            let status = [C::Answered, C::Refused, C::TimedOut, C::Asked][usize::from(status % 4)];
            let result = (status == C::Answered).then_some(IdentityResult::NoMatch);
            Action::AnswerIdentity(AnswerIdentity {
                check: *pick(state.checks.keys(), *check)?,
                status,
                result,
            })
        }
        _ => registers::action(state, next, tried)?,
    })
}

fn answer(world: &World, next: u128, tried: &Try) -> Option<Answer> {
    let (state, world_now) = (&world.state, world.now.unclamped);
    let Try::Answer { referral, agency, step, reason, failed, behind } = tried else { return None };
    let held = pick(state.referrals.values(), *referral)?;
    // Mostly a party, so that sequences get somewhere.
    let agency = match agency % 4 {
        0 => held.from.clone(),
        1 | 2 => held.to.clone(),
        _ => party(agency / 4),
    };
    // Two times in three one of the steps on offer, if any is.
    let offers = next_actions(held, &agency);
    let offer = pick(offers.iter(), step / 3).filter(|_| step % 3 != 0);
    let any = MessageKind::ALL[usize::from(*step) % MessageKind::ALL.len()];
    let reasons = ["information-requested", "awaiting-court", "ceased"];
    Some(Answer {
        referral: held.id,
        agency,
        step: offer.map_or(any, |offer| MessageKind::from_action(offer.action).unwrap()),
        expected_version: behind.map(|behind| held.version - u64::from(behind)),
        reason: Some(code(reasons[usize::from(reason % 3)])),
        failed: *failed,
        suggested: None,
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        carried: carrier(state, held.id),
        more: casework::More {
            review: Some(world_now.plus_micros(i64::from(*step) * super::world::HOUR)),
            case: Some(held.case),
        },
    })
}

/// The delivery that carries a referral's request.
pub fn carrier(state: &State, referral: casework::ReferralId) -> Option<casework::DeliveryId> {
    let carries =
        |letter: &&casework::Delivery| letter.referral == referral && letter.message == MessageKind::Request;
    state.deliveries.values().find(carries).map(|letter| letter.id)
}

/// On consent, with and without an end, or on a ground of its own.
fn on_a_ground(asked: Submit, number: u8, world: &World) -> Submit {
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
        signed: number % 3 == 1,
        intent,
        answers,
        consent_until: (number & 16 == 0 && basis == "consent").then_some(until),
        consent_given: (number & 32 == 0).then_some(world.now.at),
    };
    Submit { basis: code(basis), terms, ..asked }
}

/// What one sender sent of a case.
fn revoke(state: &State, next: u128, tried: &Try) -> Option<Revoke> {
    let Try::Revoke { case, from } = tried else { return None };
    let case = *pick(state.cases.keys(), *case)?;
    let of_case: Vec<_> = state.referrals.values().filter(|held| held.case == case).collect();
    let from = pick(of_case.iter(), *from)?.from.clone();
    let mine = of_case.iter().filter(|held| held.from == from);
    let one = |(place, held): (u128, &&casework::Referral)| RevokeOne {
        referral: held.id,
        carried: carrier(state, held.id),
        told: id("dl", (next << 40) + place),
    };
    let referrals = (1..).zip(mine).map(one).collect();
    Some(Revoke { case, from, object: id("ob", next), referrals })
}

/// Mostly the next rung of a clock that runs.
fn escalate(state: &State, next: u128, tried: &Try) -> Option<Escalate> {
    let Try::Escalate { referral, letter, clock, rung_off } = tried else { return None };
    let letter = letter.and_then(|number| pick(state.deliveries.values(), number));
    let held = match letter {
        Some(letter) => &state.referrals[&letter.referral],
        None => pick(state.referrals.values(), *referral)?,
    };
    let clocks = letter.map_or(&held.clocks, |letter| &letter.clocks);
    let clock = pick(clocks.iter(), *clock)?;
    Some(Escalate {
        referral: held.id,
        delivery: letter.map(|letter| letter.id),
        carried: carrier(state, held.id),
        clock: clock.kind,
        rung: clock.rung + 1 + u8::from(*rung_off),
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        also: id("dl", next << 32),
    })
}

fn outcome(state: &State, tried: &Try) -> Option<Outcome> {
    use DeliveryStep as S;
    let Try::Outcome { delivery, step, attempt_off, unknown } = tried else { return None };
    let held = pick(state.deliveries.values(), *delivery)?;
    let steps = [S::Delivered, S::Retry, S::Refused, S::Undeliverable, S::Retry, S::Sent, S::Resolved];
    let failed = if step % 2 == 0 { "panicked" } else { "unreachable" };
    Some(Outcome {
        delivery: held.id,
        attempt: held.attempts + u32::from(*attempt_off),
        step: steps[usize::from(*step) % steps.len()],
        reason: Some(code(if *unknown { "outcome-unknown" } else { failed })),
        evidence: None,
    })
}

fn submit(
    next: u128,
    case: Option<CaseId>,
    from: AgencyCode,
    to: &[u8],
    urgency: u8,
    held: bool,
    replaces: Option<casework::ReferralId>,
) -> Submit {
    let recipient = |(place, number): (u128, &u8)| Recipient {
        referral: id("rf", next * 8 + place),
        delivery: id("dl", (next * 8 + place) << 64),
        to: party(*number),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    Submit {
        request: id("rq", next),
        case: case.unwrap_or_else(|| id("cs", next)),
        open_case: case.is_none(),
        from,
        priority: [Priority::Emergency, Priority::Urgent, Priority::Normal][usize::from(urgency % 3)],
        purpose: code("protection"),
        basis: code("best-interests"),
        held,
        recipients: (0..).zip(to).map(recipient).collect(),
        object: id("ob", next),
        replaces,
        terms: Default::default(),
    }
}

fn withdraw(state: &State, number: u8) -> Option<casework::Withdraw> {
    let held = pick(state.deliveries.values(), number)?;
    Some(casework::Withdraw {
        delivery: held.id,
        referral: held.referral,
        agency: held.from.clone(),
        attempts: held.attempts,
        reason: code("wrong-recipient"),
    })
}
