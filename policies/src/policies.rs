//! A policy set in force: answers questions. How it was loaded and checked stands in `load`.

use std::{path::Path, sync::Arc};

use casework::Permit;
use cedar_policy::{Authorizer, Entities, PolicySet};

use crate::{
    Agreement, Ask, Decision, Disclosure, LoadError, Mask, Moment,
    evaluate::{LeftOut, Verdict, counted, evaluate},
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
    pub(crate) text: SetText,
    /// Why nothing may be decided by it.
    pub(crate) doubt: Option<String>,
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

    /// The set in a bundle's text, as [`Self::bundle`] wrote it.
    ///
    /// # Errors
    /// [`LoadError`] naming file, line and reason.
    pub fn from_bundle(bundle: &str) -> Result<Self, LoadError> {
        load::accept(&SetText::from_bundle(bundle)?)
    }

    /// The digest of the set in a folder, read and not judged.
    ///
    /// # Errors
    /// [`LoadError`] where the folder cannot be read.
    pub fn digest_of(dir: &Path) -> Result<String, LoadError> {
        Ok(SetText::from_dir(dir)?.digest())
    }

    /// The same set, by which nothing is decided: every answer is a failure, for this reason. For when it is
    /// known that another one should be in force.
    #[must_use]
    pub fn in_doubt(text: &Self, reason: &str) -> Option<Self> {
        let doubt = Some(reason.to_owned());
        load::accept_untested(&text.text).ok().map(|set| Self { doubt, ..set })
    }

    /// Is nothing decided by it?
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// All its files as one text, from which the very same set can be made anywhere.
    #[must_use]
    pub fn bundle(&self) -> String {
        self.text.bundle()
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

    /// Decides one question, as of a moment. Deny is the default; an error is never a yes.
    #[must_use]
    pub fn permit(&self, ask: &Ask, at: Moment) -> Decision {
        // The version looked at is no part of the question: it only stands in the permit.
        let Some(version) = ask.read_version else { return self.permit_unread(ask, at) };
        match self.permit_unread(&Ask { read_version: None, ..ask.clone() }, at) {
            Decision::Permitted(permit) => {
                Decision::Permitted(Permit { read_version: Some(version), ..permit })
            }
            other => other,
        }
    }

    fn permit_unread(&self, ask: &Ask, at: Moment) -> Decision {
        let decided = |decision: &Decision| !matches!(decision, Decision::Failed { .. });
        self.decisions.get_or(at, ask, decided, || self.permit_afresh(ask, at))
    }

    /// The same, neither kept nor looked up: for questions about what was, or might be.
    #[must_use]
    pub fn permit_afresh(&self, ask: &Ask, at: Moment) -> Decision {
        self.answer(ask, self.weigh(ask, at).0)
    }

    /// The same question put to all policies instead of the slice: slower, and always the same answer.
    #[must_use]
    pub fn permit_unsliced(&self, ask: &Ask, at: Moment) -> Decision {
        self.answer(ask, self.weigh_in(&self.all, ask, at).0)
    }

    /// What a recipient may see of a message and in which way, as of a moment.
    #[must_use]
    pub fn mask(&self, asked: &Disclosure, at: Moment) -> Arc<Mask> {
        if self.doubt.is_some() {
            return Arc::new(Mask { failed: self.doubt.clone(), ..Mask::default() });
        }
        let decided = |mask: &Arc<Mask>| mask.failed.is_none();
        self.masks.get_or(at, asked, decided, || {
            let both = [&asked.sender, &asked.recipient];
            Arc::new(compile(|action, category| {
                // A set written before this way was thought of gives nothing in it.
                if !self.words.knows(action) {
                    return Verdict::Deny(Vec::new());
                }
                let set = self.slices.for_check(action, asked.sender.as_str());
                match self.words.disclose(asked, action, category) {
                    Ok(request) => {
                        let verdict = evaluate(&self.authorizer, &self.none, set, &request);
                        counted(&self.agreements, verdict, &both, at).0
                    }
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

    /// The verdict that counts, and the permissions that fit and do not count.
    pub(crate) fn weigh(&self, ask: &Ask, at: Moment) -> (Verdict, Vec<LeftOut>) {
        self.weigh_in(self.slices.for_check(ask.act.as_str(), ask.agency.as_str()), ask, at)
    }

    fn weigh_in(&self, set: &PolicySet, ask: &Ask, at: Moment) -> (Verdict, Vec<LeftOut>) {
        if let Some(doubt) = &self.doubt {
            return (Verdict::Error(doubt.clone()), Vec::new());
        }
        // A set written before the act was thought of permits it to nobody.
        if !self.words.knows(ask.act.as_str()) {
            return (Verdict::Deny(Vec::new()), Vec::new());
        }
        let request = match self.words.ask(ask, at) {
            Ok(request) => request,
            Err(error) => return (Verdict::Error(error), Vec::new()),
        };
        let verdict = evaluate(&self.authorizer, &self.none, set, &request);
        let other = ask.counterpart.as_ref().filter(|_| ask.act.is_between_two());
        let concerned: Vec<_> = std::iter::once(&ask.agency).chain(other).collect();
        counted(&self.agreements, verdict, &concerned, at)
    }

    fn answer(&self, ask: &Ask, verdict: Verdict) -> Decision {
        match verdict {
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
