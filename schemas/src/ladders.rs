//! `codelists/ladders.csv` read into the rungs `casework` climbs. A ladder that leaves a clock of the hub
//! without an end is refused: an overdue clock that reaches nobody is the failure this exists to prevent.

use std::collections::BTreeMap;

use casework::{ClockKind, ClockRow, Effect, Rung, Whom};

use crate::{LoadError, clocks::duration_micros, codelist::Lists};

const FILE: &str = "codelists/ladders.csv";
const ROLES: &str = "roles.csv";

type Row<'a> = &'a dyn Fn(&str) -> String;

/// A ladder for every clock that the hub runs.
pub(crate) fn ladders(lists: &Lists) -> Result<BTreeMap<ClockKind, Vec<Rung>>, LoadError> {
    let roles = lists.select(ROLES).unwrap_or_default();
    let mut ladders: BTreeMap<ClockKind, Vec<Rung>> = BTreeMap::new();
    for row in lists.table("ladders.csv")?.rows() {
        let name = row("clock");
        let kind = ClockKind::ALL.iter().find(|kind| kind.as_str() == name);
        let kind = *kind.ok_or_else(|| bad(&name, "no clock of that name"))?;
        let ladder = ladders.entry(kind).or_default();
        if row("rung") != ladder.len().saturating_add(1).to_string() {
            return Err(bad(&name, "rungs count from 1 and leave none out"));
        }
        if !roles.iter().any(|role| role.code == row("role")) {
            return Err(bad(&name, &format!("no role `{}` in codelists/{ROLES}", row("role"))));
        }
        ladder.push(rung(&name, &row)?);
    }
    for kind in ClockKind::ALL {
        check(*kind, ladders.get(kind).map_or(&[], Vec::as_slice))?;
    }
    Ok(ladders)
}

fn rung(name: &str, row: Row<'_>) -> Result<Rung, LoadError> {
    let micros = |column: &str| {
        let wrong = || bad(name, &format!("{column}: expected a duration such as PT0M, PT4H or P2D"));
        duration_micros(&row(column)).ok_or_else(wrong)
    };
    let whom = match row("whom").as_str() {
        "receiver" => Whom::Receiver,
        "sender" => Whom::Sender,
        "owner" => Whom::Owner,
        "hub" => Whom::Hub,
        _ => return Err(bad(name, "whom: expected receiver, sender, owner or hub")),
    };
    let effect = match row("does").as_str() {
        "tell" => Effect::Tell,
        "expire" => Effect::Expire,
        "lapse" => Effect::Lapse,
        "withdraw" => Effect::Withdraw,
        _ => return Err(bad(name, "does: expected tell, expire, lapse or withdraw")),
    };
    let after = ClockRow {
        emergency_micros: micros("emergency")?,
        urgent_micros: micros("urgent")?,
        normal_micros: micros("normal")?,
    };
    let role = row("role").parse().map_err(|error| bad(name, &format!("role: {error}")))?;
    Ok(Rung { whom, role, after, effect })
}

/// The first rung is due with the clock, the others later and later, and the last one either ends what nobody
/// answers or reaches the hub's operator.
fn check(kind: ClockKind, ladder: &[Rung]) -> Result<(), LoadError> {
    let name = kind.as_str();
    let Some((last, before)) = ladder.split_last() else {
        return Err(bad(name, "the hub runs this clock, but it has no ladder"));
    };
    if before.iter().any(|rung| rung.effect != Effect::Tell) {
        return Err(bad(name, "only the last rung may expire, lapse or withdraw"));
    }
    if last.effect == Effect::Tell && last.whom != Whom::Hub {
        return Err(bad(name, "the last rung must expire, lapse, withdraw or reach the hub"));
    }
    let all = |of: fn(&ClockRow) -> i64| ladder.iter().map(|rung| of(&rung.after)).collect::<Vec<_>>();
    let columns =
        [all(|row| row.emergency_micros), all(|row| row.urgent_micros), all(|row| row.normal_micros)];
    let rises = |column: &Vec<i64>| column.first() == Some(&0) && column.is_sorted_by(|a, b| a < b);
    if columns.iter().all(rises) {
        Ok(())
    } else {
        Err(bad(name, "rungs begin at zero and come later and later"))
    }
}

fn bad(row: &str, problem: &str) -> LoadError {
    LoadError::bad(FILE, row, problem)
}
