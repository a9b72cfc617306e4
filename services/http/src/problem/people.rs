//! Rows of the table of problems that belong to acts of two people.

use super::table::{Kind, mend};

pub(super) const NEEDS_ANOTHER_PERSON: Kind = mend(
    "needs-another-person",
    403,
    "This takes somebody else",
    "the act takes a second person of the agency, who is registered, active, in the role it needs, and not \
     the one who asked or whom it is about",
    "Let such a person decide, with a token of their own. The agency's administrator registers people with \
     `POST /v1/persons`.",
);

pub(super) const APPROVAL_OVER: Kind = mend(
    "approval-over",
    409,
    "The approval is over",
    "it was decided already, taken back, or nobody decided it in time",
    "Look at its status with `GET /v1/approvals/{id}`; where the act is still wanted, ask for it again.",
);
