//! What random sequences try with the registers: people, acts of two, incidents, switches.

use casework::{
    AcknowledgeErasure, Action, AskApproval, Change, Condition, ErasureTurn, IncidentKey, IncidentTurn,
    MoveErasure, NoteIncident, Person, Register, RegisterKey, Role, SetPerson, SetSwitch, SettleApproval,
    Settlement, Standing, State, Told,
};

use super::sequences::{Try, party, pick};
use super::sequences_of_referrals::carrier;
use super::world::{code, id};

/// The newest approval.
const NEWEST: u8 = u8::MAX;

/// Whoever is asked mostly answers at once: after days the time to do so is over.
pub fn with_answers(tries: &[(i64, Try)]) -> Vec<(i64, Try)> {
    let mut all = Vec::new();
    for (wait, tried) in tries {
        all.push((*wait, tried.clone()));
        if let Try::AskTwo { then: Some((who, how)), .. } | Try::AskOfCase { then: Some((who, how)), .. } =
            tried
        {
            all.push((0, Try::Settle { approval: NEWEST, who: *who, how: *how }));
        }
    }
    all
}

/// Three people; the first is whoever does everything else.
fn somebody(number: u8) -> casework::Pseudonym {
    id("ps", 1 + u128::from(number % 3))
}

pub fn action(state: &State, next: u128, tried: &Try) -> Option<Action> {
    Some(match tried {
        Try::Person { who, of, supervisor, active } => {
            let roles = [if *supervisor { Role::Supervisor } else { Role::Caseworker }].into();
            let (id, agency) = (somebody(*who), party(*of % 2));
            let by = if who % 16 == 15 { party(of.wrapping_add(1)) } else { agency.clone() };
            Action::SetPerson(SetPerson { by, person: Person { id, agency, roles, active: *active } })
        }
        Try::AskTwo { .. } => ask(state, next, tried)?,
        Try::AskOfCase { case, what, agency, .. } => ask_of_case(state, next, *case, *what, *agency)?,
        Try::Erase { case, off, shown } => {
            let of = |row: &&Register| matches!(row, Register::Erasure(_));
            let all: Vec<&Register> = state.registers.values().filter(of).collect();
            let case = pick(all.iter(), *case)?.case()?;
            let shown = (0..4).filter(|number| shown & (1 << number) != 0).map(party).collect();
            let turn = if *off { ErasureTurn::CallOff } else { ErasureTurn::Erased { keys: 1, shown } };
            Action::MoveErasure(MoveErasure { case, turn })
        }
        Try::Acknowledge(number) => {
            let keys = state.registers.keys();
            let copies: Vec<_> = keys
                .filter_map(|key| if let RegisterKey::ErasureCopy(key) = key { Some(key) } else { None })
                .collect();
            Action::AcknowledgeErasure(AcknowledgeErasure { key: (*pick(copies.iter(), *number)?).clone() })
        }
        Try::Settle { approval, who, how } => settle(state, next, *approval, *who, *how)?,
        Try::Lapse(number) => Action::Lapse(pick(state.registers.keys(), *number)?.clone()),
        Try::Incident { agency, turn } => {
            use IncidentTurn as T;
            let turn = [T::Open, T::Recover, T::Close][usize::from(turn % 3)];
            let condition = Condition::AgencyUnreachable;
            let key = IncidentKey { condition, agency: party(*agency), part: None };
            Action::NoteIncident(NoteIncident { key, turn })
        }
        Try::Switch { agency, off } => {
            let (agency, reason) = (party(*agency), code("agency-asked"));
            Action::SetSwitch(SetSwitch { agency, message: None, off: *off, reason })
        }
        _ => return None,
    })
}

fn ask(state: &State, next: u128, tried: &Try) -> Option<Action> {
    let Try::AskTwo { referral, letter, agency, .. } = tried else { return None };
    let letter = letter.and_then(|number| {
        let dead: Vec<_> = state.deliveries.values().filter(|held| held.status.is_dead()).collect();
        pick(dead.iter(), number).copied()
    });
    let (change, owner) = match letter {
        Some(held) => {
            let (delivery, referral, reason) = (held.id, held.referral, code("told-otherwise"));
            (Change::DiscardDeadLetter { delivery, referral, reason }, held.from.clone())
        }
        None => {
            let held = pick(state.referrals.values(), *referral)?;
            let (reason, object) = (code("sent-twice"), id("ob", next));
            (Change::VoidReferral { referral: held.id, reason, object }, held.from.clone())
        }
    };
    let agency = if agency % 8 == 7 { party(*agency / 8) } else { owner };
    Some(Action::AskApproval(AskApproval { id: id("ap", next), change, agency }))
}

/// Mostly by whoever is responsible for the case.
fn ask_of_case(state: &State, next: u128, case: u8, what: u8, agency: u8) -> Option<Action> {
    let held = pick(state.cases.values(), case)?;
    let case = held.id;
    let change = match what % 4 {
        0 | 1 => Change::EraseCase { case, basis: code("retention-over") },
        2 => Change::HoldCase { case, reason: code("court-order") },
        _ => Change::LiftHold { case },
    };
    let agency = if agency % 4 == 3 { party(agency / 4) } else { held.owner().clone() };
    Some(Action::AskApproval(AskApproval { id: id("ap", next), change, agency }))
}

fn settle(state: &State, next: u128, approval: u8, who: u8, how: u8) -> Option<Action> {
    use Settlement as S;
    let open = |row: &&Register| matches!(row, Register::Approval(_));
    let all: Vec<&Register> = state.registers.values().filter(open).collect();
    let chosen = if approval == NEWEST { all.last() } else { pick(all.iter(), approval) };
    let Register::Approval(held) = chosen.copied()? else { return None };
    let of = |row: &&Register| matches!(row, Register::Person(one) if one.agency == held.agency);
    let people: Vec<&Register> = state.registers.values().filter(of).collect();
    let person = pick(people.iter(), who).filter(|_| !who.is_multiple_of(4)).and_then(|row| match row {
        Register::Person(one) => Some(one.id),
        _ => None,
    });
    let agency = if how % 8 == 7 { party(how / 8) } else { held.agency.clone() };
    Some(Action::SettleApproval(SettleApproval {
        id: held.id,
        change: held.change.clone(),
        agency,
        person: person.unwrap_or_else(|| somebody(who)),
        settlement: [S::Approve, S::Approve, S::Approve, S::Refuse, S::Withdraw][usize::from(how % 5)],
        standing: Standing {
            told: Told { delivery: id("dl", next << 40), object: id("ob", next) },
            carried: held.change.referral().and_then(|referral| carrier(state, referral)),
        },
    }))
}

/// A word for what stands in a register now.
pub fn word(row: &Register) -> String {
    match (row.key(), row) {
        (_, Register::Approval(held)) => {
            let what = match held.change {
                Change::VoidReferral { .. } => "void",
                Change::DiscardDeadLetter { .. } => "discard",
                Change::RenewBreakGlass { .. } => "further hour",
                Change::LiftSuspension { .. } => "lifting",
                Change::PolicyChange { .. } => "policy change",
                Change::EraseCase { .. } => "erasure",
                Change::HoldCase { .. } => "hold",
                Change::LiftHold { .. } => "lifted hold",
                Change::ReopenDisclosure { .. } => "reopening",
                Change::TurnNoteKey { .. } => "turn of keys",
            };
            format!("approval of a {what}: {}", held.status.as_str())
        }
        (_, Register::Incident(held)) => {
            let again = if held.times > 1 { " again" } else { "" };
            format!("incident {}{again}", held.status.as_str())
        }
        (RegisterKey::Switch(..), Register::Switch(held)) => format!("switch off: {}", held.off),
        (_, Register::Hold(held)) => format!("hold lifted: {}", held.lifted.is_some()),
        (_, Register::Erasure(held)) => format!("erasure {:?}", held.status),
        (_, Register::ErasureCopy(held)) => {
            format!("copy of an erased case: late {}, gone {}", held.overdue, held.acknowledged.is_some())
        }
        (_, row) => format!("person may act: {}", matches!(row, Register::Person(held) if held.active)),
    }
}
