//! How often somebody had to be told that a clock was overdue, and how far up its ladder. Counts rungs, not
//! referrals and not children: one referral that nobody answers climbs several.

use crate::query::BREACH_DIMENSIONS;
use crate::{Indicator, Measure};

/// Its id: its facts are not those of the other indicators.
pub const ID: &str = "clock-breaches";

pub(super) struct ClockBreaches;

impl Indicator for ClockBreaches {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Clock breaches"
    }
    fn method(&self) -> &'static str {
        "Rungs climbed in the period by overdue clocks, by who had to see to it (hub: its operator), clock \
         and rung; not referrals and not children. Clocks are proposed operating times, not law."
    }
    fn measure(&self) -> Measure {
        Measure::Count
    }
    fn unit(&self) -> &'static str {
        "breaches"
    }
    fn by(&self) -> &'static [&'static str] {
        BREACH_DIMENSIONS
    }
}
