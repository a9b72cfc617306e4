//! How long a case is kept, by rows of a schedule: which row counts, what starts it, and when nothing does.

use casework::{
    Case, Clock, Keeping, KeptCase, KeptFor, KeptFrom, KeptRow, Priority, Referral, Status, Timestamp,
};

use super::world::{DAY, HOUR, MONDAY, agency, code, id};

fn case() -> Case {
    Case {
        id: id("cs", 1),
        opened_by: agency("ictp"),
        opened_at: Timestamp::from_micros(MONDAY),
        parties: [agency("ictp")].into(),
        owner: None,
        revoked: Default::default(),
        holds: Default::default(),
        erased: None,
    }
}

fn referral(status: Status, purpose: &str, moved: i64) -> Referral {
    let text = serde_json::json!({
        "id": id::<casework::ReferralId>("rf", 1), "request": id::<casework::RequestId>("rq", 1),
        "case": id::<casework::CaseId>("cs", 1), "from": "ictp", "to": "cpi", "service": "SVC-SHELTER",
        "priority": Priority::Normal, "purpose": purpose, "basis": "consent", "status": status,
        "clocks": [], "version": 3, "requested": MONDAY, "moved": MONDAY + moved,
    });
    serde_json::from_value(text).unwrap()
}

fn keeping() -> Keeping {
    let row = |record: &str, of, from, months, days| KeptRow {
        record: code(record),
        of,
        from,
        keep: KeptFor { months, days },
    };
    Keeping {
        rows: vec![
            row("justice", KeptCase::Purpose(code("justice")), KeptFrom::Closed, 120, 0),
            row("shelter", KeptCase::Service(code("SVC-SHELTER")), KeptFrom::Closed, 24, 0),
            row("rest", KeptCase::Any, KeptFrom::Closed, 60, 0),
            row("declined", KeptCase::NotServed, KeptFrom::LastActivity, 0, 10),
            row("checked", KeptCase::NoReferral, KeptFrom::LastActivity, 0, 90),
        ],
    }
}

/// The row that counts, and its day.
fn check(referrals: &[Referral], activity: i64, expect: Option<(&str, &str)>) {
    let found = keeping().until(&case(), referrals, Timestamp::from_micros(MONDAY + activity));
    let found = found.map(|until| (until.record.to_string(), until.due.to_string()[..10].to_owned()));
    let found = found.as_ref().map(|(record, day)| (record.as_str(), day.as_str()));
    assert_eq!(found, expect);
}

#[test]
fn the_row_that_keeps_longest_counts() {
    let (done, failed) = (Status::Completed, Status::Failed);
    check(&[referral(done, "health", DAY)], 0, Some(("rest", "2031-03-03")));
    check(&[referral(done, "justice", DAY)], 0, Some(("justice", "2036-03-03")));
    let two = [referral(failed, "health", 3 * DAY), referral(done, "justice", DAY)];
    check(&two, 0, Some(("justice", "2036-03-05")));
}

#[test]
fn cases_of_a_kind_of_their_own() {
    check(&[], 2 * DAY, Some(("checked", "2026-06-02")));
    let declined =
        [referral(Status::Rejected, "justice", DAY), referral(Status::EnteredInError, "health", 0)];
    check(&declined, 5 * DAY, Some(("declined", "2026-03-17")));
    check(&declined, 0, Some(("declined", "2026-03-13")));
    // One that was taken up by somebody is no such case.
    let mixed = [referral(Status::Rejected, "health", 0), referral(Status::Cancelled, "health", HOUR)];
    check(&mixed, 0, Some(("rest", "2031-03-02")));
}

#[test]
fn nothing_runs_while_something_is_open_or_once_it_is_erased() {
    check(&[referral(Status::Accepted, "health", 0)], 0, None);
    let mut waits = referral(Status::Completed, "health", 0);
    let (at, kind) = (Timestamp::from_micros(MONDAY), casework::ClockKind::Feedback);
    waits.clocks.push(Clock { kind, started: at, due: at, paused: None, rung: 0, next: None });
    check(&[waits], 0, None);
    let erased = Case { erased: Some(Timestamp::from_micros(1)), ..case() };
    assert_eq!(keeping().until(&erased, &[], Timestamp::from_micros(MONDAY)), None);
    assert_eq!(Keeping::default().until(&case(), &[], Timestamp::from_micros(MONDAY)), None);
}

#[test]
fn months_are_the_calendars() {
    let leap = Timestamp::from_micros(1_709_200_000_000_000);
    assert_eq!(leap.to_string()[..10], *"2024-02-29");
    let year = KeptFor { months: 12, days: 0 };
    assert_eq!(year.after(leap).to_string()[..10], *"2025-02-28");
    let never = KeptFor { months: u32::MAX, days: 0 };
    assert_eq!(never.after(leap).micros(), i64::MAX);
}
