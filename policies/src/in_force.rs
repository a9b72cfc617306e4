//! The set in force, replaceable while questions are asked. A set that is refused leaves the old one in
//! force.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;

use crate::{Ask, Decision, Disclosure, LoadError, Mask, Moment, Policies};

/// A shared place for the set in force.
#[derive(Debug)]
pub struct InForce(ArcSwap<Policies>);

impl InForce {
    /// Starts with an accepted set.
    #[must_use]
    pub fn new(policies: Policies) -> Self {
        Self(ArcSwap::from_pointee(policies))
    }

    /// The set to ask now; hold it for one decision, not longer.
    #[must_use]
    pub fn current(&self) -> Arc<Policies> {
        self.0.load_full()
    }

    /// Decides one question by the set in force. Who asks several that belong together holds one set for
    /// them ([`Self::current`]).
    #[must_use]
    pub fn permit(&self, ask: &Ask, at: Moment) -> Decision {
        self.0.load().permit(ask, at)
    }

    /// What a recipient may see of a message, by the set in force.
    #[must_use]
    pub fn mask(&self, asked: &Disclosure, at: Moment) -> Arc<Mask> {
        self.0.load().mask(asked, at)
    }

    /// Puts an accepted set in force. Whoever holds the old one finishes by it.
    pub fn replace(&self, policies: Policies) {
        self.0.store(Arc::new(policies));
    }

    /// Replaces the set by the one in a folder.
    ///
    /// # Errors
    /// [`LoadError`]; the old set stays in force.
    pub fn replace_from(&self, dir: &Path) -> Result<(), LoadError> {
        self.replace(Policies::from_dir(dir)?);
        Ok(())
    }
}
