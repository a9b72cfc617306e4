//! `codelists/referral_clocks.csv`, `holidays.csv` and `outcomes.csv` read into the rules `casework` decides
//! by; ladders and lives have files of their own. Nothing here starts or stops a clock.

use casework::{Calendar, ClockKind, ClockRow, Code, Rules};
use chrono::NaiveDate;

use crate::{LoadError, codelist::Lists, ladders, lives};

const CLOCKS: &str = "referral_clocks.csv";
const MICROS_PER_MINUTE: i64 = 60_000_000;
const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;
/// Longer than a year is a mistake in the list.
const MINUTES_MAX: i64 = 366 * MINUTES_PER_DAY;

/// The rules, with a row for every clock the hub runs.
pub(crate) fn rules(lists: &Lists) -> Result<Rules, LoadError> {
    let mut rules = Rules { calendar: calendar(lists)?, ..Rules::default() };
    let file = format!("codelists/{CLOCKS}");
    for row in lists.table(CLOCKS)?.rows().filter(|row| row("run_by_hub") == "yes") {
        let name = row("clock");
        let unknown =
            || LoadError::bad(&file, &name, "no clock of that name; `casework::ClockKind` has them");
        let kind = *ClockKind::ALL.iter().find(|kind| kind.as_str() == name).ok_or_else(unknown)?;
        let micros = |column: &str| {
            let wrong =
                || LoadError::bad(&file, &name, format!("{column}: expected a duration such as PT4H or P2D"));
            duration_micros(&row(column)).filter(|micros| *micros > 0).ok_or_else(wrong)
        };
        let clock = ClockRow {
            emergency_micros: micros("emergency")?,
            urgent_micros: micros("urgent")?,
            normal_micros: micros("normal")?,
        };
        rules.clocks.insert(kind, clock);
    }
    if let Some(kind) = ClockKind::ALL.iter().find(|kind| !rules.clocks.contains_key(kind)) {
        return Err(LoadError::bad(&file, kind.as_str(), "the hub runs this clock, but the list has no row"));
    }
    rules.failed_outcomes = failed_outcomes(lists)?;
    rules.ladders = ladders::ladders(lists)?;
    rules.lives = lives::lives(lists)?;
    Ok(rules)
}

fn failed_outcomes(lists: &Lists) -> Result<std::collections::BTreeSet<Code>, LoadError> {
    let failed = lists.table("outcomes.csv")?.rows().filter(|row| row("result") == "failed");
    let code =
        |text: String| text.parse().map_err(|error| LoadError::bad("codelists/outcomes.csv", text, error));
    failed.map(|row| code(row("code"))).collect()
}

fn calendar(lists: &Lists) -> Result<Calendar, LoadError> {
    let day = |text: String| {
        let wrong = |_| LoadError::bad("codelists/holidays.csv", &text, "expected a day as YYYY-MM-DD");
        text.parse::<NaiveDate>().map_err(wrong)
    };
    let days: Result<_, LoadError> =
        lists.table("holidays.csv")?.rows().map(|row| day(row("date"))).collect();
    Ok(Calendar { holidays: days? })
}

/// ISO 8601 days, hours and minutes: `P2D`, `PT4H`, `P1DT12H`. Months and years have no fixed length.
pub(crate) fn duration_micros(text: &str) -> Option<i64> {
    let (days, time) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let minutes =
        units(days, &[('D', MINUTES_PER_DAY)])? + units(time, &[('H', MINUTES_PER_HOUR), ('M', 1)])?;
    (0..=MINUTES_MAX).contains(&minutes).then_some(minutes * MICROS_PER_MINUTE)
}

/// The sum of `<number><unit>` pairs, in minutes.
fn units(text: &str, minutes_of: &[(char, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut minutes: i64 = 0;
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(at)?;
        let unit = after.chars().next()?;
        let (_, each) = minutes_of.iter().find(|(known, _)| *known == unit)?;
        minutes = minutes.checked_add(number.parse::<i64>().ok()?.checked_mul(*each)?)?;
        rest = after.strip_prefix(unit)?;
    }
    Some(minutes)
}
