//! Rows of the table of problems that belong to changes of the policies.

use super::table::{Kind, mend};

pub(super) const POLICY_SET_REFUSED: Kind = mend(
    "policy-set-refused",
    422,
    "This set of policies cannot be used",
    "the set does not parse, does not validate, breaks a row of its own tables, or is not known here",
    "Run `amaan policy test --dir` on its folder: it names file, line and reason. The set in force stays.",
);

pub(super) const POLICIES_MOVED: Kind = mend(
    "policies-moved",
    409,
    "Another set of policies is in force",
    "the set was compared with one that is not in force any more, or is in force itself",
    "Look at `GET /v1/policies`, compare again, and propose anew what is still wanted.",
);
