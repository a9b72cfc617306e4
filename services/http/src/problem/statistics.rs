//! Rows of the table of problems that belong to statistics.

use super::table::{Kind, mend};

pub(super) const UNKNOWN_INDICATOR: Kind = mend(
    "unknown-indicator",
    404,
    "No such indicator",
    "there is no indicator of that name",
    "`GET /v1/indicators` lists them.",
);

pub(super) const INDICATOR_QUERY: Kind = mend(
    "indicator-query",
    400,
    "The indicator cannot be asked like this",
    "the dimensions or the period asked for are not possible",
    "The `detail` names what is allowed: at most two dimensions, months as `2026-11`.",
);
