//! Rows of the table of problems that belong to consent and to who has a case.

use super::table::{Kind, mend};

pub(super) const NOT_IN_FORCE: Kind = mend(
    "consent-not-in-force",
    409,
    "This consent is not in force",
    "the consent this rests on is over, or was taken back for the case after it was given",
    "Ask again. If it is given, send when (`consent.given_at`, later than it was taken back); if it cannot \
     be, and the child must be served, name another ground.",
);

pub(super) const NOTHING_TO_REVOKE: Kind = mend(
    "nothing-to-revoke",
    409,
    "There is nothing to take back",
    "consent for your referrals of this case was taken back before, or none of them was ever shown",
    "Fetch the case: `outstanding_ceases` names whoever still has to answer.",
);

pub(super) const NOT_CASE_OWNER: Kind = mend(
    "not-case-owner",
    409,
    "Another agency has this case",
    "only the agency that is responsible for a case can hand it over, and only it can be asked for it",
    "`owner` of `GET /v1/cases/{id}` names it.",
);
