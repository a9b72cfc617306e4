//! When a delivery is tried again: the longest wait after each attempt, and what an agency asked for.

use casework::Timestamp;
use hub::Retry;

const RETRY: Retry = Retry { first_ms: 1_000, longest_ms: 60_000, attempts_max: 24 };

/// The wait in milliseconds after an attempt, for this throw of the dice.
fn wait(attempt: u32, asked_s: Option<u64>, jitter: u64) -> i64 {
    RETRY.at(Timestamp::from_micros(0), attempt, asked_s, jitter).micros() / 1_000
}

/// Full jitter: anything from nothing to the bound, which doubles from the first wait up to the longest.
#[test]
fn the_bound_doubles_up_to_the_longest() {
    let bounds =
        [(1, 1_000), (2, 2_000), (3, 4_000), (6, 32_000), (7, 60_000), (24, 60_000), (u32::MAX, 60_000)];
    for (attempt, bound) in bounds {
        assert_eq!(wait(attempt, None, bound - 1), i64::try_from(bound).unwrap() - 1, "attempt {attempt}");
        assert_eq!(wait(attempt, None, bound), 0, "attempt {attempt}");
    }
}

#[test]
fn what_an_agency_asked_for_is_honoured_and_capped() {
    assert_eq!(wait(1, Some(30), 999), 30_000);
    assert_eq!(wait(7, Some(30), 45_000), 45_000);
    assert_eq!(wait(1, Some(u64::MAX), 0), 60_000);
}
