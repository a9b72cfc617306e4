//! The list of indicators: one file and one line each.

mod acceptance_rate;
pub mod clock_breaches;
mod closed_loop;
mod referrals;
mod time_to_acceptance;

use crate::Indicator;

static ALL: &[&dyn Indicator] = &[
    &referrals::Referrals,
    &time_to_acceptance::TimeToAcceptance,
    &acceptance_rate::AcceptanceRate,
    &closed_loop::ClosedLoop,
    &clock_breaches::ClockBreaches,
];

/// All of them, in the order they are listed to people.
#[must_use]
pub fn indicators() -> &'static [&'static dyn Indicator] {
    ALL
}

/// The one of that name.
#[must_use]
pub fn indicator(id: &str) -> Option<&'static dyn Indicator> {
    ALL.iter().copied().find(|indicator| indicator.id() == id)
}
