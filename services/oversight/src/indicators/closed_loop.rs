//! How many referrals came to a reported end: the loop back to the sender closed.

use store::FactRow;

use crate::{Indicator, Measure};

pub(super) struct ClosedLoop;

impl Indicator for ClosedLoop {
    fn id(&self) -> &'static str {
        "closed-loop"
    }
    fn title(&self) -> &'static str {
        "Closed loop"
    }
    fn method(&self) -> &'static str {
        "Referrals of the period whose end was reported with a coded outcome, as a percent of all referrals \
         of the period; those still open count as not closed."
    }
    fn measure(&self) -> Measure {
        Measure::Percent
    }
    fn hit(&self, row: &FactRow) -> bool {
        row.closed_minutes.is_some() && row.outcome.is_some()
    }
}
