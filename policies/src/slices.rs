//! The set cut into slices at load: per action, and within it per acting agency, so that one check
//! evaluates a handful of policies however many agreements there are (Cedar's cost is linear in the
//! policies it is given).
//!
//! INVARIANT: a slice leaves out only policies whose scope names another action or another principal, which
//! cannot apply. A test compares every decision with the unsliced set.

use std::collections::BTreeMap;

use cedar_policy::{ActionConstraint, Policy, PolicySet, PrincipalConstraint};

use crate::{Act, LoadError, masks::WAYS, vocabulary::Vocabulary};

/// Policy sets by action and acting agency.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    by_action: BTreeMap<&'static str, Slice>,
    empty: PolicySet,
}

#[derive(Debug, Default)]
struct Slice {
    /// For an agency that no policy of the action names as principal.
    general: PolicySet,
    by_agency: BTreeMap<String, PolicySet>,
}

impl Slices {
    pub(crate) fn cut(words: &Vocabulary, policies: &[Policy]) -> Result<Self, LoadError> {
        let mut slices = Self::default();
        for name in Act::ALL.iter().map(|act| act.as_str()).chain(WAYS.map(|(action, _)| action)) {
            let of_action = policies.iter().filter(|policy| covers(words, policy, name));
            slices.by_action.insert(name, Slice::cut(words, of_action)?);
        }
        Ok(slices)
    }

    /// The policies that may apply when `agency` does `action`.
    pub(crate) fn for_check(&self, action: &str, agency: &str) -> &PolicySet {
        let Some(slice) = self.by_action.get(action) else { return &self.empty };
        slice.by_agency.get(agency).unwrap_or(&slice.general)
    }
}

impl Slice {
    fn cut<'a>(words: &Vocabulary, policies: impl Iterator<Item = &'a Policy>) -> Result<Self, LoadError> {
        let (named, general): (Vec<_>, Vec<_>) = policies
            .map(|policy| (principal_of(words, policy), policy))
            .partition(|(agency, _)| agency.is_some());
        let general: Vec<_> = general.into_iter().map(|(_, policy)| policy).collect();
        let mut by_agency: BTreeMap<String, Vec<&Policy>> = BTreeMap::new();
        for (agency, policy) in named {
            if let Some(agency) = agency {
                by_agency.entry(agency).or_insert_with(|| general.clone()).push(policy);
            }
        }
        let by_agency = by_agency.into_iter().map(|(agency, policies)| Ok((agency, set_of(&policies)?)));
        Ok(Self { general: set_of(&general)?, by_agency: by_agency.collect::<Result<_, LoadError>>()? })
    }
}

fn covers(words: &Vocabulary, policy: &Policy, action: &str) -> bool {
    let action = words.action(action);
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(named) => named == action,
        // The schema has no action groups, so `in` is a plain list.
        ActionConstraint::In(named) => named.contains(&action),
    }
}

/// The one agency a policy's scope names as principal.
fn principal_of(words: &Vocabulary, policy: &Policy) -> Option<String> {
    match policy.principal_constraint() {
        PrincipalConstraint::Eq(agency) if words.is_agency(&agency) => {
            Some(agency.id().unescaped().to_owned())
        }
        _ => None,
    }
}

fn set_of(policies: &[&Policy]) -> Result<PolicySet, LoadError> {
    let owned = policies.iter().map(|policy| (*policy).clone());
    PolicySet::from_policies(owned).map_err(|error| LoadError::new("*.cedar", error.to_string()))
}
