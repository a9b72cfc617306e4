//! Masks: each category asked about by itself. Kept once decided, see `memo`.

use std::collections::BTreeSet;

use casework::Category;

use crate::{Mask, evaluate::Verdict};

/// Asks `verdict` for every category. One error and nothing at all is allowed.
pub(crate) fn compile(verdict: impl Fn(Category) -> Verdict) -> Mask {
    let mut mask = Mask::default();
    let mut policies = BTreeSet::new();
    for category in Category::ALL {
        match verdict(*category) {
            Verdict::Allow(by) => {
                mask.allowed.insert(*category);
                policies.extend(by);
            }
            Verdict::Deny(_) => {}
            Verdict::Error(error) => return Mask { failed: Some(error), ..Mask::default() },
        }
    }
    mask.policies = policies.into_iter().collect();
    mask
}
