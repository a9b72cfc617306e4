//! Principles 1 and 2 as checks over a state, over one entry's change, and over a delivery's whole history.

use std::collections::BTreeMap;

use casework::{
    Action, ApprovalStatus, ClockKind, DeliveryId, DeliveryStatus, DeliveryStep, Entry, Erasure,
    ErasureStatus, Event, MessageKind, Outcome, Priority, Referral, Register, RegisterKey, State, Status,
    decide, next_actions,
};

use super::world::{World, agency, command, id};

/// Holds after every command.
pub fn check_state(world: &World) {
    for referral in world.state.referrals.values() {
        check_referral(referral);
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for delivery in world.state.deliveries.values() {
        *counts.entry(delivery.status.as_str()).or_default() += 1;
        let dead = delivery.status.is_dead();
        let waits = dead || delivery.status == DeliveryStatus::Held;
        assert_eq!(delivery.owner.is_some(), waits, "a dead or held letter has an owner: {delivery:?}");
        assert!(delivery.lost < 3 || dead, "the third lost worker is a quarantine: {delivery:?}");
        let expired = delivery.reason.as_ref().is_some_and(|reason| reason.as_str() == "life-over");
        assert_eq!(delivery.status == DeliveryStatus::Expired, expired, "{delivery:?}");
        assert_eq!(delivery.clocks.len(), usize::from(dead), "a dead letter has a clock: {delivery:?}");
    }
    for row in world.state.registers.values() {
        check_register(row);
        check_kept(&world.state, row);
    }
    let made: u64 = world.entries.iter().map(|entry| made_by(&entry.event)).sum();
    assert_eq!(counts.values().sum::<u64>(), made, "created = the sum of where they rest: {counts:?}");
    let in_flight = world.state.deliveries.values().filter(|delivery| delivery.status.in_flight()).count();
    let rest: u64 = ["delivered", "refused", "undeliverable", "expired", "withdrawn"]
        .iter()
        .filter_map(|rest| counts.get(rest))
        .sum();
    assert_eq!(u64::try_from(in_flight).unwrap() + rest, made);
}

/// Two people are two, and what is open ends by itself.
fn check_register(row: &Register) {
    match row {
        Register::Approval(held) => {
            let decided = matches!(held.status, ApprovalStatus::Approved | ApprovalStatus::Refused);
            assert!(!decided || held.decided_by.is_some_and(|by| by != held.by), "{held:?}");
            assert_eq!(row.open(), row.due().is_some(), "an approval nobody decides ends: {held:?}");
        }
        Register::Incident(held) => assert!(held.times > 0, "{held:?}"),
        Register::BreakGlass(held) => {
            assert!(held.reviewed_by != Some(held.person), "nobody reviews his own look: {held:?}");
            assert_eq!(row.open(), row.due().is_some(), "a look that nobody reviews ends: {held:?}");
        }
        Register::Person(_)
        | Register::Switch(_)
        | Register::Suspension(_)
        | Register::PolicySet(_)
        | Register::Hold(_)
        | Register::Erasure(_)
        | Register::ErasureCopy(_)
        | Register::Suspicion(_)
        | Register::LedgerEpoch(_)
        | Register::NoteKey(_)
        | Register::RetentionSchedule(_) => {}
    }
}

/// What a case says of itself is what the registers say of it.
fn check_kept(state: &State, row: &Register) {
    match row {
        Register::Hold(held) => {
            let holds = &state.cases[&held.case].holds;
            assert_eq!(holds.contains(&held.agency), held.lifted.is_none(), "{held:?}");
        }
        Register::Erasure(held) => {
            let called_off = held.status == ErasureStatus::CalledOff;
            assert_eq!(state.cases[&held.case].erased.is_none(), called_off, "{held:?}");
            assert_eq!(held.erased.is_some(), held.status == ErasureStatus::Erased, "{held:?}");
        }
        Register::ErasureCopy(held) => {
            let of = state.registers.get(&RegisterKey::Erasure(held.case));
            assert!(
                matches!(of, Some(Register::Erasure(of)) if of.status == ErasureStatus::Erased),
                "only of what is erased is a copy asked after: {held:?}"
            );
        }
        _ => {}
    }
}

/// A case is ordered to be erased by whoever is responsible for it, once, while nobody keeps it; it is erased
/// only then; and nothing comes into it any more.
fn check_erasure(before: &State, entry: &Entry) {
    let erased = |case| before.cases.get(&case).is_some_and(|held| held.erased.is_some());
    match &entry.event {
        Event::Requested(asked) => assert!(!erased(asked.case), "{asked:?}"),
        Event::Created(made) | Event::Drafted(made) => assert!(!erased(made.case), "{made:?}"),
        Event::Register(Register::Hold(held)) if held.lifted.is_none() => assert!(!erased(held.case)),
        Event::Register(Register::Erasure(row)) => {
            let held = &before.cases[&row.case];
            if row.status == ErasureStatus::ErasureOrdered {
                assert!(held.holds.is_empty() && held.erased.is_none(), "{held:?}");
                assert_eq!(*held.owner(), row.agency);
                return;
            }
            let was = before.registers.get(&RegisterKey::Erasure(row.case));
            let ordered = |was: &Erasure| was.status == ErasureStatus::ErasureOrdered;
            assert!(matches!(was, Some(Register::Erasure(was)) if ordered(was)), "{row:?}");
        }
        _ => {}
    }
}

fn made_by(event: &Event) -> u64 {
    match event {
        Event::Created(_) => 1,
        Event::Moved(step) => u64::from(step.delivery.is_some()),
        Event::Overdue(step) => u64::from(step.delivery.is_some()),
        _ => 0,
    }
}

/// Principle 2.
fn check_referral(referral: &Referral) {
    // That consent will end is nobody's task yet.
    let running = referral.clocks.iter().filter(|clock| clock.kind != ClockKind::ConsentExpiry);
    let running = running.filter(|clock| clock.paused.is_none()).count();
    if referral.status.terminal() {
        assert!(referral.reason.is_some(), "an ending without a reason: {referral:?}");
    }
    let open = !referral.status.terminal();
    assert!(referral.cancel.is_none() || open, "nothing is called off twice: {referral:?}");
    let cancelling = referral.clocks.iter().any(|clock| clock.kind == ClockKind::CancelConfirm);
    assert_eq!(cancelling, referral.cancel.is_some(), "a cancellation waits by its clock: {referral:?}");
    if referral.closed() {
        assert!(referral.status.terminal() && referral.clocks.is_empty(), "{referral:?}");
        assert_eq!(referral.owner, None, "nobody owns what is closed: {referral:?}");
        return;
    }
    assert!(running > 0, "a child that nobody's clock runs for: {referral:?}");
    let owner = referral.owner.clone().unwrap_or_else(|| panic!("a child without an owner: {referral:?}"));
    assert!(referral.has_party(&owner), "{referral:?}");
    let standing =
        if referral.status == Status::OnHold { referral.previous.unwrap() } else { referral.status };
    let taken = matches!(standing, Status::Accepted | Status::InProgress);
    assert_eq!(owner, if taken { referral.to.clone() } else { referral.from.clone() }, "{referral:?}");
    for clock in referral.clocks.iter().filter(|clock| clock.paused.is_some()) {
        let reason = referral.reason.as_ref().map(casework::Code::as_str);
        assert_ne!(referral.priority, Priority::Emergency, "an emergency never pauses: {clock:?}");
        assert_eq!((referral.status, reason), (Status::OnHold, Some("information-requested")), "{clock:?}");
        let answer = referral.clocks.iter().find(|other| other.kind == ClockKind::Answer);
        assert!(answer.is_some_and(|answer| answer.paused.is_none()), "somebody has to answer: {referral:?}");
    }
    let on_consent = referral.basis.as_str() == "consent" && !referral.status.terminal();
    assert!(!(on_consent && referral.revoked.is_some()), "it goes on without its ground: {referral:?}");
    let mut kinds: Vec<_> = referral.clocks.iter().map(|clock| clock.kind).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), referral.clocks.len(), "one clock of a kind: {referral:?}");
}

/// What one entry may change.
pub fn check_change(before: &State, after: &State, entry: &Entry) {
    check_erasure(before, entry);
    for (id, now) in &after.referrals {
        let Some(was) = before.referrals.get(id) else { continue };
        let step = match &entry.event {
            Event::Moved(step) if step.referral == *id => step.step,
            Event::Overdue(step) if step.referral == *id => {
                let clocks = was.clocks.clone();
                assert_eq!(*was, Referral { clocks, ..now.clone() }, "a rung moves nothing but its clock");
                continue;
            }
            _ => {
                assert_eq!(was, now, "only its own entries move a referral");
                continue;
            }
        };
        assert_eq!(now.version, was.version + 1);
        let opens = step == MessageKind::ConsentRevoked && now.awaits_cease();
        let voided = step == MessageKind::Void;
        assert!(
            voided || opens || !was.closed(),
            "closed is closed, but for what never should have been: {was:?}"
        );
        assert_eq!(voided, now.status != was.status && now.status == Status::EnteredInError, "{now:?}");
        if was.from != was.to && was.owner.as_ref() != Some(&was.to) && now.owner.as_ref() == Some(&was.to) {
            assert_eq!(step, MessageKind::Accept, "responsibility moves only on accept: {now:?}");
        }
        if now.owner.is_none() {
            use MessageKind as M;
            let ends =
                matches!(step, M::Close | M::Feedback | M::CancelConfirm | M::CancelRequest | M::Cease)
                    || was.status == Status::Draft
                    || matches!(step, M::Void | M::Purged)
                    || (step == M::Received && now.intent == casework::Intent::Notify)
                    || now.intent == casework::Intent::TransferRequest;
            assert!(ends, "{now:?}");
        }
    }
    for (id, was) in &before.cases {
        let taken = match &entry.event {
            Event::Moved(step) => step.step == MessageKind::Accept && step.case == Some(*id),
            _ => false,
        };
        assert!(was.owner() == after.cases[id].owner() || taken, "a case moves on accept only: {was:?}");
    }
    for (id, was) in &before.deliveries {
        let now = &after.deliveries[id];
        use DeliveryStatus as D;
        if matches!(was.status, D::Delivered | D::Refused | D::Withdrawn) {
            assert_eq!(was, now, "a finished delivery does not move");
        }
    }
    for (id, was) in &before.checks {
        if was.status != casework::CheckStatus::Asked {
            assert_eq!(was, &after.checks[id], "an answered check does not move");
        }
    }
}

/// No claimed attempt is dropped: attempts count 1, 2, 3 and each but the running one has an end. Only word
/// that the agency has it may still come after that.
pub fn check_attempts(world: &World) {
    let mut history: BTreeMap<DeliveryId, Vec<(DeliveryStep, u32, bool)>> = BTreeMap::new();
    for entry in &world.entries {
        if let Event::Delivery(step) = &entry.event {
            let proves = step.reason.as_ref().is_some_and(casework::proves_not_taken);
            history.entry(step.delivery).or_default().push((step.step, step.attempt, proves));
        }
    }
    for (id, steps) in history {
        let (mut attempts, mut open, mut safe) = (0, false, true);
        for (step, attempt, proves) in steps {
            match step {
                DeliveryStep::Sent => {
                    assert!(!open, "a second attempt while one runs: {id}");
                    (attempts, open) = (attempts + 1, true);
                }
                DeliveryStep::Replayed | DeliveryStep::Resolved | DeliveryStep::Discarded => {
                    assert!(!open, "{id}");
                }
                DeliveryStep::Withdrawn => assert!(!open && safe, "called back after it was shown: {id}"),
                // Good news counts late, once there has been an attempt.
                DeliveryStep::Delivered => {
                    assert!(attempts > 0, "delivered without an attempt: {id}");
                    open = false;
                }
                _ => {
                    assert!(open, "an outcome without an attempt: {id}");
                    open = false;
                }
            }
            safe = proves || matches!(step, DeliveryStep::Replayed | DeliveryStep::Resolved);
            assert_eq!(attempt, attempts, "attempts count without a hole: {id}");
        }
        let held = &world.state.deliveries[&id];
        assert_eq!(open, held.status == DeliveryStatus::Sent, "{held:?}");
        if open {
            let step = DeliveryStep::Undeliverable;
            let end = Outcome { delivery: id, attempt: attempts, step, reason: None, evidence: None };
            let end = command(Action::Outcome(end));
            assert!(
                decide(&world.state, &end, &world.rules, world.now).is_ok(),
                "it can still end: {held:?}"
            );
        }
    }
}

/// The first half of an act that takes two.
fn ask_void(referral: &Referral, agency: &casework::AgencyCode) -> Action {
    let (reason, object) = (super::world::code("other"), id("ob", u128::MAX));
    let change = casework::Change::VoidReferral { referral: referral.id, reason, object };
    Action::AskApproval(casework::AskApproval { id: id("ap", u128::MAX), change, agency: agency.clone() })
}

/// What is offered is what is allowed, to everybody, in every step.
pub fn check_offers(world: &World, referral: &Referral) {
    for agency in ["ictp", "cpi", "laja", "nccia"].map(agency) {
        let offered: Vec<&str> =
            next_actions(referral, &agency).into_iter().map(|offer| offer.action).collect();
        let accepted: Vec<&str> = MessageKind::ALL
            .iter()
            .filter(|step| {
                let told = casework::Told { delivery: id("dl", u128::MAX), object: id("ob", u128::MAX) };
                let asked = casework::Answer {
                    referral: referral.id,
                    agency: agency.clone(),
                    step: **step,
                    expected_version: None,
                    reason: Some(super::world::code("ceased")),
                    failed: false,
                    suggested: None,
                    told,
                    carried: None,
                    more: casework::More { case: Some(referral.case), ..Default::default() },
                };
                let decided = |action| decide(&world.state, &command(action), &world.rules, world.now);
                match decided(Action::Answer(asked)) {
                    Err(casework::Refusal::NeedsApproval) => decided(ask_void(referral, &agency)).is_ok(),
                    // That a case went to another meanwhile is not the referral's own state.
                    answered => {
                        use casework::Refusal::{NoConsent, NotOwner};
                        matches!(answered, Ok(_) | Err(NotOwner | NoConsent))
                    }
                }
            })
            .map(|step| step.action())
            .collect();
        assert_eq!(offered, accepted, "for {agency}: {referral:?}");
        assert!(
            next_actions(referral, &agency)
                .iter()
                .all(|offer| offer.schema == format!("referral.{}/v1", offer.action))
        );
    }
}
