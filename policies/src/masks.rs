//! Masks, compiled when first asked for and kept: a mask is a function of closed code lists, so the same
//! question always has the same answer as long as the set is in force.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

use casework::Category;

use crate::{Disclosure, Mask, evaluate::Verdict};

/// Masks kept. Nine agencies pairwise, twelve messages and a handful of services in use stay well below; a
/// full table is emptied and fills again.
const MASKS_MAX: usize = 8192;

#[derive(Debug, Default)]
pub(crate) struct Masks(RwLock<HashMap<Disclosure, Mask>>);

impl Masks {
    /// The mask kept for `asked`, or the one `compile` makes. A failed one is not kept.
    pub(crate) fn get_or(&self, asked: &Disclosure, compile: impl FnOnce() -> Mask) -> Mask {
        if let Some(mask) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(asked) {
            return mask.clone();
        }
        let mask = compile();
        if mask.failed.is_none() {
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MASKS_MAX {
                kept.clear();
            }
            kept.insert(asked.clone(), mask.clone());
        }
        mask
    }
}

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
