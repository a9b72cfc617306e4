//! Rows of the table of problems that belong to acts of two people.

use super::table::{Kind, ask, mend};

pub(super) const NEEDS_ANOTHER_PERSON: Kind = mend(
    "needs-another-person",
    403,
    "This takes somebody else",
    "the act takes a second person of the agency, who is registered, active, in the role it needs, and not \
     the one who asked or whom it is about",
    "Let such a person decide, with a token of their own. The agency's administrator registers people with \
     `POST /v1/persons`.",
);

pub(super) const RIGHT_SUSPENDED: Kind = ask(
    "right-suspended",
    403,
    "The right to break the glass is suspended",
    "an earlier look into a case was not reviewed by another person within three days, and until two people \
     have lifted that, this person breaks no glass",
    "Have the earlier look reviewed with `POST /v1/break-glass/{id}/review`, and the suspension lifted: ask \
     with `POST /v1/break-glass/suspensions/{person}/lift`; another person approves.",
);

pub(super) const ALREADY_REVIEWED: Kind = mend(
    "already-reviewed",
    409,
    "It was reviewed already",
    "another person has looked at this before, and said what was found",
    "Look at it with `GET /v1/break-glass`.",
);

pub(super) const STEP_UP_REQUIRED: Kind = mend(
    "step-up-required",
    401,
    "This takes a fresh sign-in",
    "the person signed in longer ago than five minutes, or the token does not say when",
    "Let the person sign in anew (`max_age=300`, RFC 9470), and repeat with the new token: its claim \
     `auth_time` counts.",
);

pub(super) const APPROVAL_OVER: Kind = mend(
    "approval-over",
    409,
    "The approval is over",
    "it was decided already, taken back, or nobody decided it in time",
    "Look at its status with `GET /v1/approvals/{id}`; where the act is still wanted, ask for it again.",
);
