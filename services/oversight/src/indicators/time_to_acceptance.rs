//! How long a child waits until somebody takes responsibility.

use store::FactRow;

use crate::{Indicator, Measure};

pub(super) struct TimeToAcceptance;

impl Indicator for TimeToAcceptance {
    fn id(&self) -> &'static str {
        "time-to-acceptance"
    }
    fn title(&self) -> &'static str {
        "Median time to acceptance"
    }
    fn method(&self) -> &'static str {
        "Median of whole minutes from request to acceptance, over referrals of the period that were \
         accepted; those not accepted are left out, so read it with the acceptance rate."
    }
    fn measure(&self) -> Measure {
        Measure::MedianMinutes
    }
    fn minutes(&self, row: &FactRow) -> Option<i64> {
        row.accepted_minutes
    }
}
