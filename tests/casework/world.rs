//! A small world without a database: agencies, rules, and a state that lives only by `decide` and `apply`,
//! keeping every leaf it wrote.

use casework::{
    Action, AgencyCode, ClockKind, ClockRow, Code, Command, Effect, Entry, Now, Permit, Pseudonym, Refusal,
    Rules, Rung, State, Timestamp, Touched, Via, Whom, apply, decide, touches,
};

pub const HOUR: i64 = 3_600_000_000;
pub const DAY: i64 = 24 * HOUR;
/// Monday 2026-03-02, 10:00 in Pakistan.
pub const MONDAY: i64 = 1_772_427_600_000_000;

/// An id of any kind, the same for the same number.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: u128) -> T {
    format!("{prefix}_{number:032x}").parse().unwrap()
}

pub fn agency(text: &str) -> AgencyCode {
    text.parse().unwrap()
}

pub fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// Every clock of the code list, with figures that are easy to tell apart: emergency in hours, urgent and
/// normal in working days.
pub fn rules() -> Rules {
    let mut rules = Rules::default();
    for (clock, hours) in ClockKind::ALL.iter().zip(1..) {
        let row = ClockRow {
            emergency_micros: hours * HOUR,
            urgent_micros: hours * DAY,
            normal_micros: 2 * hours * DAY,
        };
        rules.clocks.insert(*clock, row);
        rules.ladders.insert(*clock, ladder(*clock));
    }
    let life = |days| ClockRow {
        emergency_micros: days * DAY,
        urgent_micros: 2 * days * DAY,
        normal_micros: 3 * days * DAY,
    };
    rules.lives.any = Some(life(10));
    rules.lives.of.insert(casework::MessageKind::Outcome, life(20));
    rules
}

/// Three rungs, an hour and a day apart; the last one ends what nobody answers, or reaches the hub.
fn ladder(clock: ClockKind) -> Vec<Rung> {
    let rung = |whom, after: i64, effect| {
        let after = ClockRow { emergency_micros: after, urgent_micros: after, normal_micros: after };
        Rung { whom, role: code("supervisor"), after, effect }
    };
    let last = match clock {
        ClockKind::Receive | ClockKind::Decide => rung(Whom::Sender, DAY, Effect::Expire),
        ClockKind::Answer => rung(Whom::Receiver, DAY, Effect::Lapse),
        ClockKind::ConsentExpiry => rung(Whom::Sender, DAY, Effect::Withdraw),
        _ => rung(Whom::Hub, DAY, Effect::Tell),
    };
    vec![rung(Whom::Receiver, 0, Effect::Tell), rung(Whom::Owner, HOUR, Effect::Tell), last]
}

pub fn command(action: Action) -> Command {
    Command {
        actor: id::<Pseudonym>("ps", 1),
        via: Via::Api,
        permit: Some(Permit {
            policy_set: "0123456789abcdef".into(),
            policies: Vec::new(),
            read_version: None,
        }),
        commitment: Some(casework::Commitment { message: "ab".repeat(32), signature: Some("cd".repeat(32)) }),
        action,
    }
}

/// State, and every leaf that made it.
pub struct World {
    pub state: State,
    pub rules: Rules,
    pub leaves: Vec<Vec<u8>>,
    pub entries: Vec<Entry>,
    pub now: Now,
}

impl World {
    pub fn new() -> Self {
        let start = Timestamp::from_micros(MONDAY);
        Self {
            state: State::default(),
            rules: rules(),
            leaves: Vec::new(),
            entries: Vec::new(),
            now: Now { at: start, unclamped: start },
        }
    }

    /// Moves the clock; backwards moves only the unclamped reading, as in the store.
    pub fn wait(&mut self, micros: i64) {
        let unclamped = self.now.unclamped.plus_micros(micros);
        self.now = Now { at: self.now.at.max(unclamped), unclamped };
    }

    /// Decides and applies, as the store does: over no more than what `touches` names.
    pub fn act(&mut self, action: Action) -> Result<Vec<Entry>, Refusal> {
        let command = by_whom(command(action));
        let narrow = narrowed(&self.state, &touches(&command));
        let events = decide(&self.state, &command, &self.rules, self.now);
        assert_eq!(decide(&narrow, &command, &self.rules, self.now), events, "`touches` names too little");
        let entries = command.entries(events?, self.now);
        let mut loaded = narrow;
        let mut moved = Touched::default();
        for entry in &entries {
            self.leaves.push(entry.to_leaf().unwrap());
            moved.merge(&apply(&mut self.state, entry));
            apply(&mut loaded, entry);
        }
        assert_eq!(narrowed(&loaded, &moved), narrowed(&self.state, &moved), "`touches` names too little");
        self.entries.extend(entries.iter().cloned());
        Ok(entries)
    }
}

/// Who decides an approval says who he is; all else is done by the first.
fn by_whom(command: Command) -> Command {
    match &command.action {
        Action::SettleApproval(asked) => Command { actor: asked.person, ..command },
        _ => command,
    }
}

/// Only the named part of a state.
pub fn narrowed(state: &State, named: &Touched) -> State {
    let mut narrow = state.clone();
    narrow.cases.retain(|id, _| named.cases.contains(id));
    narrow.referrals.retain(|id, _| named.referrals.contains(id));
    narrow.deliveries.retain(|id, _| named.deliveries.contains(id));
    narrow.checks.retain(|id, _| named.checks.contains(id));
    narrow.registers.retain(|key, _| named.registers.contains(key));
    narrow
}
