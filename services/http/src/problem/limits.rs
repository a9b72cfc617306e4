//! Rows of the table of problems that belong to limits.

use super::table::{Kind, retry};

pub(super) const LIMIT_REACHED: Kind = retry(
    "limit-reached",
    429,
    "A limit is reached",
    "this caller, its person or its agency has asked as often, or for as many children, as it may in this \
     time",
    "Wait as long as `Retry-After` says; `limit` names which limit it is. Emergencies are taken all the \
     same. Where the work needs more, ask the hub's operator: the limits are settings.",
);
