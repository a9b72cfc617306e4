//! How many referrals somebody took responsibility for.

use store::FactRow;

use crate::{Indicator, Measure};

pub(super) struct AcceptanceRate;

impl Indicator for AcceptanceRate {
    fn id(&self) -> &'static str {
        "acceptance-rate"
    }
    fn title(&self) -> &'static str {
        "Acceptance rate"
    }
    fn method(&self) -> &'static str {
        "Referrals of the period that were accepted, as a percent of all referrals of the period; those \
         still waiting count as not accepted."
    }
    fn measure(&self) -> Measure {
        Measure::Percent
    }
    fn minutes(&self, row: &FactRow) -> Option<i64> {
        row.accepted_minutes
    }
}
