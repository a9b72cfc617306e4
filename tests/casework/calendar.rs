//! The working calendar by table: weekends, holidays, and days that begin at midnight in Pakistan, five hours
//! before they begin in UTC. Emergencies know no calendar.

use std::str::FromStr;

use casework::{Calendar, ClockKind, ClockRow, Priority, Rules, Timestamp};

use super::world::{DAY, HOUR};

/// RFC 3339 to a time of the hub's.
fn at(text: &str) -> Timestamp {
    fn like<T: FromStr<Err: std::fmt::Debug>>(_like: &T, text: &str) -> T {
        text.parse().unwrap()
    }
    let read = like(&Timestamp::default().in_pakistan(), text);
    Timestamp::from_micros(read.timestamp_micros())
}

/// Start, running time, holidays, due: in Pakistan's time. 2026-03-23 is a Monday.
const TABLE: &[(&str, i64, &[&str], &str)] = &[
    // Within a day, and to its very end: midnight still belongs to the day that ends.
    ("2026-03-24T09:00:00+05:00", 8 * HOUR, &[], "2026-03-24T17:00:00+05:00"),
    ("2026-03-24T09:00:00+05:00", 15 * HOUR, &[], "2026-03-25T00:00:00+05:00"),
    ("2026-03-27T09:00:00+05:00", 15 * HOUR, &[], "2026-03-28T00:00:00+05:00"),
    // Over a weekend.
    ("2026-03-27T09:00:00+05:00", 16 * HOUR, &[], "2026-03-30T01:00:00+05:00"),
    ("2026-03-27T16:00:00+05:00", DAY, &[], "2026-03-30T16:00:00+05:00"),
    ("2026-03-27T16:00:00+05:00", 5 * DAY, &[], "2026-04-03T16:00:00+05:00"),
    // Started on a weekend: it runs from Monday's first minute.
    ("2026-03-28T12:00:00+05:00", 8 * HOUR, &[], "2026-03-30T08:00:00+05:00"),
    ("2026-03-29T23:59:59+05:00", 8 * HOUR, &[], "2026-03-30T08:00:00+05:00"),
    ("2026-03-28T12:00:00+05:00", 0, &[], "2026-03-30T00:00:00+05:00"),
    // Saturday begins in Pakistan while it is Friday evening in UTC.
    ("2026-03-27T18:59:59+00:00", HOUR, &[], "2026-03-30T00:59:59+05:00"),
    ("2026-03-27T19:00:00+00:00", HOUR, &[], "2026-03-30T01:00:00+05:00"),
    // Monday begins on Sunday evening in UTC.
    ("2026-03-29T19:30:00+00:00", HOUR, &[], "2026-03-30T01:30:00+05:00"),
    // Holidays: one in the way, one on the day itself, one that falls on a Sunday, a long feast.
    ("2026-03-20T16:00:00+05:00", DAY, &["2026-03-23"], "2026-03-24T16:00:00+05:00"),
    ("2026-03-23T10:00:00+05:00", 8 * HOUR, &["2026-03-23"], "2026-03-24T08:00:00+05:00"),
    ("2026-03-27T16:00:00+05:00", DAY, &["2026-03-29"], "2026-03-30T16:00:00+05:00"),
    (
        "2026-05-26T12:00:00+05:00",
        2 * DAY,
        &["2026-05-27", "2026-05-28", "2026-05-29"],
        "2026-06-02T12:00:00+05:00",
    ),
    // A year's end, and the longest clock of the list (30 working days).
    ("2026-12-31T20:00:00+05:00", 8 * HOUR, &[], "2027-01-01T04:00:00+05:00"),
    ("2026-03-02T10:00:00+05:00", 30 * DAY, &[], "2026-04-13T10:00:00+05:00"),
    // Nothing runs backwards.
    ("2026-03-24T09:00:00+05:00", -HOUR, &[], "2026-03-24T09:00:00+05:00"),
];

#[test]
fn working_days() {
    for (start, runs, holidays, due) in TABLE {
        let holidays = holidays.iter().map(|day| day.parse().unwrap()).collect();
        let found = Calendar { holidays }.add(at(start), *runs);
        assert_eq!(found.to_string(), *due, "{start} plus {} hours", runs / HOUR);
    }
}

#[test]
fn an_emergency_runs_on_every_day() {
    let mut rules = Rules::default();
    let row = ClockRow { emergency_micros: 4 * HOUR, urgent_micros: 4 * HOUR, normal_micros: 8 * HOUR };
    rules.clocks.insert(ClockKind::Decide, row);
    let saturday = at("2026-03-28T12:00:00+05:00");
    let due = |priority| rules.due(ClockKind::Decide, priority, saturday).unwrap().to_string();
    assert_eq!(due(Priority::Emergency), "2026-03-28T16:00:00+05:00");
    assert_eq!(due(Priority::Urgent), "2026-03-30T04:00:00+05:00");
    assert_eq!(due(Priority::Normal), "2026-03-30T08:00:00+05:00");
    assert_eq!(
        rules.due(ClockKind::Receive, Priority::Normal, saturday),
        None,
        "a clock the list does not have"
    );
}

/// Neither data nor a broken clock makes the calendar loop or panic.
#[test]
fn absurd_times_come_back() {
    let calendar = Calendar::default();
    let start = at("2026-03-24T09:00:00+05:00");
    let two_years = calendar.add(start, i64::MAX);
    assert!(two_years.micros() <= start.plus_micros(731 * DAY).micros(), "bounded by two years");
    for micros in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX, LAST_OF_CHRONO, FIRST_OF_CHRONO] {
        for near in -8..8_i64 {
            let time = Timestamp::from_micros(micros.saturating_add(near * HOUR));
            _ = (time.to_string(), calendar.add(time, DAY), time.minutes_since(start));
        }
    }
}

/// The ends of what chrono holds, in microseconds.
const LAST_OF_CHRONO: i64 = 8_210_266_876_799_999_999;
const FIRST_OF_CHRONO: i64 = -8_334_601_228_800_000_000;
