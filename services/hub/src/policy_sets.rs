//! Which set of policies is in force, and how another one comes there: it is put before the hub (by a folder
//! or over the API), compared by a replay, proposed, and agreed to by another person. What two people
//! approved stands in the register; each hub follows it within a second, from the text that the store keeps.
//! A set that cannot be used leaves the old one in force, loudly.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use casework::{Condition, IncidentTurn};
use policies::{LoadError, Policies};

use crate::{Hub, HubError, measure};

/// What this process knows of sets that are not in force.
#[derive(Debug, Default)]
pub struct PolicySets(Mutex<Known>);

#[derive(Debug, Default, Clone)]
struct Known {
    /// Has this process been under what the register says, or under nothing else than its own set?
    begun: bool,
    /// What lay in the folder when it was looked at last: its digest, or why it is none.
    seen: Option<Result<String, String>>,
    /// Why the folder's set cannot be used.
    folder: Option<String>,
    /// Why the approved set cannot be used.
    approved: Option<String>,
}

/// Where a set that cannot be used comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Folder,
    Approval,
}

impl From {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Approval => "approved",
        }
    }
}

impl PolicySets {
    fn known(&self) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The digest of the usable set in the folder, if there is one.
    pub(crate) fn offered(&self) -> Option<String> {
        let known = self.known();
        known.seen.and_then(Result::ok).filter(|_| known.folder.is_none())
    }

    /// Why a set cannot be used, if so.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let known = self.known();
        known.approved.into_iter().chain(known.folder).collect()
    }
}

impl Hub {
    /// Puts in force what two people approved, if it is not in force here already. Called every second.
    pub async fn follow_policies(&self) {
        let followed = self.follow_approved().await;
        let first = self.policy_sets.with(|known| !std::mem::replace(&mut known.begun, true));
        if let (Err(reason), true) = (&followed, first) {
            // Nobody approved the set this process was built with in the place of the one that is missing.
            let doubted = Policies::in_doubt(&self.policies.current(), reason);
            doubted.into_iter().for_each(|set| self.policies.replace(set));
        }
        self.note_set(From::Approval, followed.err()).await;
    }

    async fn follow_approved(&self) -> Result<(), String> {
        let kept = self.kept().await.map_err(|error| format!("the registers: {error}"))?;
        let current = self.policies.current();
        let Some(wanted) = kept.policies.as_ref().map(|held| held.set.clone()) else {
            // Nobody ever approved one; only while the register could not be read was that in doubt.
            if current.is_in_doubt() {
                let text = current.bundle();
                self.policies.replace(off_the_threads(move || Policies::from_bundle(&text)).await?);
            }
            return Ok(());
        };
        if current.set_digest() == wanted && !current.is_in_doubt() {
            return Ok(());
        }
        let text = self.store.policy_set(wanted.clone()).await.map_err(|error| error.to_string())?;
        let text =
            text.ok_or_else(|| format!("the text of the approved set {wanted} is not in the store"))?;
        let set = off_the_threads(move || Policies::from_bundle(&text)).await?;
        if set.set_digest() != wanted {
            return Err(format!("the text kept for the approved set {wanted} is another set's"));
        }
        tracing::warn!(set = %wanted, before = current.set_digest(), "another set of policies is in force");
        self.policies.replace(set);
        measure::policies_changed();
        Ok(())
    }

    /// Looks whether the folder holds a new set. A usable one is kept, to be proposed; it changes nothing
    /// yet.
    pub async fn look_at_policies(&self, dir: &Path) {
        let folder = dir.to_owned();
        let seen = off_the_threads(move || Policies::digest_of(&folder)).await;
        if self.policy_sets.known().seen.as_ref() == Some(&seen) {
            return;
        }
        let looked = match &seen {
            Ok(_) => self.take_from(dir).await,
            Err(reason) => Err(reason.clone()),
        };
        self.policy_sets.with(|known| known.seen = Some(seen));
        self.note_set(From::Folder, looked.err()).await;
    }

    async fn take_from(&self, dir: &Path) -> Result<(), String> {
        let folder = dir.to_owned();
        let set = off_the_threads(move || Policies::from_dir(&folder)).await?;
        let digest = set.set_digest().to_owned();
        let kept = self.store.keep_policy_set(digest.clone(), set.bundle()).await;
        kept.map_err(|error| error.to_string())?;
        if digest != self.policies.current().set_digest() {
            tracing::warn!(set = %digest, "a new set of policies lies in the folder; propose it");
        }
        Ok(())
    }

    /// Notes that a set cannot be used, or can again: in the log once, as an alarm, as an incident.
    async fn note_set(&self, from: From, trouble: Option<String>) {
        let is_new = self.policy_sets.with(|known| {
            let held = match from {
                From::Folder => &mut known.folder,
                From::Approval => &mut known.approved,
            };
            std::mem::replace(held, trouble.clone()) != trouble
        });
        measure::policy_sets_refused(self.policy_sets.troubles().len());
        if let (Some(reason), true) = (&trouble, is_new) {
            let from = from.as_str();
            tracing::error!(alarm = "policy-set-refused", from, %reason, "a set of policies cannot be used");
            measure::alarm("policy-set-refused");
        }
        if trouble.is_some() || is_new {
            let turn = if trouble.is_some() { IncidentTurn::Open } else { IncidentTurn::Recover };
            let part = from.as_str().parse().ok();
            self.incident(Condition::PolicySetRefused, &casework::AgencyCode::hub(), part, turn).await;
        }
    }

    /// A set from its text, validated and tested.
    pub(crate) async fn set_of(&self, bundle: String) -> Result<Policies, HubError> {
        let read = off_the_threads(move || Policies::from_bundle(&bundle)).await;
        // The reason would repeat what was submitted; who wrote the set reads it at home.
        let detail = "the set does not parse, validate or keep to its own tables; `amaan policy test --dir` \
                      names file, line and reason";
        read.map_err(|_| crate::Problem::new("policy-set-refused", detail).into())
    }
}

/// Reading a set runs its tables: some hundredths of a second that no request waits for.
async fn off_the_threads<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LoadError> + Send + 'static,
) -> Result<T, String> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|_| "reading the set made a thread panic".to_owned())?.map_err(|error| error.to_string())
}
