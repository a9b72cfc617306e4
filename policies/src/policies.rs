//! A policy set in force: answers questions. How it was loaded and checked stands in `load`.

use std::{path::Path, sync::Arc};

use casework::Permit;
use cedar_policy::{Authorizer, Entities, PolicySet};

use crate::{
    Agreement, Ask, Decision, Disclosure, LoadError, Mask,
    evaluate::{Verdict, evaluate},
    load,
    masks::compile,
    memo::Memo,
    read_set::SetText,
    slices::Slices,
    vocabulary::Vocabulary,
};

/// One accepted policy set. Immutable; see [`crate::InForce`] for replacing it.
#[derive(Debug)]
pub struct Policies {
    pub(crate) digest: String,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) words: Vocabulary,
    pub(crate) slices: Slices,
    pub(crate) all: PolicySet,
    pub(crate) authorizer: Authorizer,
    pub(crate) none: Entities,
    pub(crate) decisions: Memo<Ask, Decision>,
    pub(crate) masks: Memo<Disclosure, Arc<Mask>>,
}

impl Policies {
    /// The set compiled into the program.
    ///
    /// # Errors
    /// [`LoadError`] naming file, line and reason.
    pub fn embedded() -> Result<Self, LoadError> {
        load::accept(&SetText::embedded()?)
    }

    /// The set in a folder: `amaan.cedarschema`, `*.cedar` and `tests/*.toml`.
    ///
    /// # Errors
    /// [`LoadError`] naming file, line and reason.
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        load::accept(&SetText::from_dir(dir)?)
    }

    /// Digest of schema and agreements: 16 hexadecimal digits.
    #[must_use]
    pub fn set_digest(&self) -> &str {
        &self.digest
    }

    /// The agreements of this set, by name.
    #[must_use]
    pub fn agreements(&self) -> &[Agreement] {
        &self.agreements
    }

    /// Decides one question. Deny is the default; an error is never a yes.
    #[must_use]
    pub fn permit(&self, ask: &Ask) -> Decision {
        // The version looked at is no part of the question: it only stands in the permit.
        let Some(version) = ask.read_version else { return self.permit_unread(ask) };
        match self.permit_unread(&Ask { read_version: None, ..ask.clone() }) {
            Decision::Permitted(permit) => {
                Decision::Permitted(Permit { read_version: Some(version), ..permit })
            }
            other => other,
        }
    }

    fn permit_unread(&self, ask: &Ask) -> Decision {
        let decided = |decision: &Decision| !matches!(decision, Decision::Failed { .. });
        self.decisions.get_or(ask, decided, || {
            self.decide(ask, self.slices.for_check(ask.act.as_str(), ask.agency.as_str()))
        })
    }

    /// The same question put to all policies instead of the slice: slower, and always the same answer.
    #[must_use]
    pub fn permit_unsliced(&self, ask: &Ask) -> Decision {
        self.decide(ask, &self.all)
    }

    /// What a recipient may see of a message, and in which way.
    #[must_use]
    pub fn mask(&self, asked: &Disclosure) -> Arc<Mask> {
        let decided = |mask: &Arc<Mask>| mask.failed.is_none();
        self.masks.get_or(asked, decided, || {
            Arc::new(compile(|action, category| {
                let set = self.slices.for_check(action, asked.sender.as_str());
                match self.words.disclose(asked, action, category) {
                    Ok(request) => evaluate(&self.authorizer, &self.none, set, &request),
                    Err(error) => Verdict::Error(error),
                }
            }))
        })
    }

    /// A policy's title, for a person who asks why.
    #[must_use]
    pub fn title_of(&self, policy: &str) -> Option<&str> {
        let all = self.agreements.iter().flat_map(|agreement| &agreement.policies);
        all.filter(|(id, _)| id == policy).map(|(_, title)| title.as_str()).next()
    }

    fn decide(&self, ask: &Ask, set: &PolicySet) -> Decision {
        let request = match self.words.ask(ask) {
            Ok(request) => request,
            Err(error) => return Decision::Failed { error },
        };
        match evaluate(&self.authorizer, &self.none, set, &request) {
            Verdict::Allow(policies) => Decision::Permitted(Permit {
                policy_set: self.digest.clone(),
                policies,
                read_version: ask.read_version,
            }),
            Verdict::Deny(policies) => Decision::Denied { policies },
            Verdict::Error(error) => Decision::Failed { error },
        }
    }
}
