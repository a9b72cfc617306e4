//! Places where `ops/faults` kills the process or switches on a planted bug. Without the feature `planted`
//! both calls are empty and cost nothing; a release build with it does not compile. It knows no crate and no
//! rule: the steps S0 to S15 and the bugs are named where they stand.

#[cfg(all(feature = "planted", not(debug_assertions)))]
compile_error!("the feature `planted` holds bugs on purpose and is never part of a release; leave it out");

#[cfg(feature = "planted")]
mod armed;

/// The process dies here, where the environment says so: `AMAAN_FAILPOINT=S5:3:1500` is the third time at
/// S5, 1500 microseconds later.
#[cfg(feature = "planted")]
pub fn here(step: &'static str) {
    armed::here(step);
}

/// Does this bug strike now? `AMAAN_PLANTED=outbox-row-dropped:7` is each seventh time.
#[cfg(feature = "planted")]
#[must_use]
pub fn planted(bug: &'static str) -> bool {
    armed::planted(bug)
}

/// Nothing.
#[cfg(not(feature = "planted"))]
pub const fn here(_: &'static str) {}

/// Never.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn planted(_: &'static str) -> bool {
    false
}
