//! Rows of the table of problems that belong to deliveries.

use super::table::{Kind, ask, mend};

pub(super) const DELIVERY_MOVED: Kind = mend(
    "delivery-moved",
    409,
    "The delivery is in another state",
    "the delivery is not in a state for this: it is finished, under way, or was never fetched",
    "Fetch it again and look at its status.",
);

pub(super) const OUTCOME_UNKNOWN: Kind = ask(
    "outcome-unknown",
    409,
    "Nobody knows whether it arrived",
    "this message may have arrived, so it is not sent again blindly",
    "Ask the agency whether it has the message, then settle it with `POST \
     /v1/dead-letters/{id}/resolve`.",
);
