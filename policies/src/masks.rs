//! Masks: each category asked about by itself, the most open way first. Kept once decided, see `memo`.

use std::collections::BTreeSet;

use casework::{Category, Way};

use crate::{
    Mask,
    evaluate::Verdict,
    vocabulary::{DISCLOSE, DISCLOSE_GENERALISED, DISCLOSE_PSEUDONYMISED},
};

/// The action that gives a category in each way. A prohibition of the wider one leaves the narrower ones
/// alone: who must not read an identity number may still be told that two messages are about one.
pub(crate) const WAYS: [(&str, Way); 3] = [
    (DISCLOSE, Way::Keep),
    (DISCLOSE_GENERALISED, Way::Generalise),
    (DISCLOSE_PSEUDONYMISED, Way::Pseudonymise),
];

/// Asks `verdict` for every category. One error and nothing at all is allowed.
pub(crate) fn compile(verdict: impl Fn(&str, Category) -> Verdict) -> Mask {
    let mut mask = Mask::default();
    for category in Category::ALL {
        if let Err(error) = decide(&mut mask, *category, &verdict) {
            return Mask { failed: Some(error), ..Mask::default() };
        }
    }
    let given = mask.ways.keys().filter_map(|category| mask.by.get(category)).flatten().cloned();
    mask.policies = given.collect::<BTreeSet<_>>().into_iter().collect();
    mask
}

/// The first way that is permitted; every way is asked for, so that an error in any of them closes the mask.
fn decide(
    mask: &mut Mask,
    category: Category,
    verdict: &impl Fn(&str, Category) -> Verdict,
) -> Result<(), String> {
    let mut forbidding = BTreeSet::new();
    for (action, way) in WAYS {
        match verdict(action, category) {
            Verdict::Allow(by) if !mask.ways.contains_key(&category) => {
                mask.ways.insert(category, way);
                mask.by.insert(category, by);
            }
            Verdict::Allow(_) => {}
            Verdict::Deny(by) => forbidding.extend(by),
            Verdict::Error(error) => return Err(error),
        }
    }
    if !mask.ways.contains_key(&category) && !forbidding.is_empty() {
        mask.by.insert(category, forbidding.into_iter().collect());
    }
    Ok(())
}
