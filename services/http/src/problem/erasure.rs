//! Rows of the table of problems that belong to erasing a case.

use super::table::{Kind, ask, mend};

pub(super) const ERASED: Kind = mend(
    "erased",
    410,
    "This was erased",
    "two people had the case erased, and its keys are destroyed, or are about to be: nobody can read it any \
     more",
    "`GET /v1/cases/{id}/erasure` tells who ordered it, on what ground and when. What happened when still \
     stands in the ledger, and receipts stay good.",
);

pub(super) const CASE_HELD: Kind = mend(
    "case-held",
    409,
    "This case must be kept",
    "an agency holds the case, so nothing of it is erased until two of its people have lifted that",
    "`holds` of `GET /v1/cases/{id}/erasure` names who holds it.",
);

pub(super) const CASE_OPEN: Kind = mend(
    "case-open",
    409,
    "Something of this case is open",
    "a case is erased only once all its referrals are closed and none of its messages waits",
    "`GET /v1/cases/{id}` shows your referrals of it; settle what is open, then ask again.",
);

pub(super) const RETENTION_NOT_OVER: Kind = mend(
    "retention-not-over",
    409,
    "The time for keeping this case is not over",
    "the ground `retention-over` is said of cases alone whose time by the retention schedule is over",
    "`GET /v1/retention/due` lists those; `GET /v1/retention/schedule` says how long what is kept.",
);

pub(super) const KEY_LOSS: Kind = ask(
    "key-loss",
    503,
    "A key is gone",
    "the key of this case is gone although nobody had the case erased, so this cannot be shown",
    "An operator has been alarmed, and may bring the key back from a backup. In an emergency use the \
     telephone.",
);
