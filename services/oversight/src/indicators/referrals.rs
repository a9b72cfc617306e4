//! How many referrals were made. Counts referrals, not children: a child referred to three agencies counts
//! thrice.

use crate::{Indicator, Measure};

pub(super) struct Referrals;

impl Indicator for Referrals {
    fn id(&self) -> &'static str {
        "referrals"
    }
    fn title(&self) -> &'static str {
        "Referrals"
    }
    fn method(&self) -> &'static str {
        "Referrals sent in the period, one per receiving agency; not children."
    }
    fn measure(&self) -> Measure {
        Measure::Count
    }
}
