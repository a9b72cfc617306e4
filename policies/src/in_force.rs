//! The set in force, replaceable while questions are asked. A set that is refused leaves the old one in
//! force.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;

use crate::{LoadError, Policies};

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

    /// Replaces the set by the one in a folder.
    ///
    /// # Errors
    /// [`LoadError`]; the old set stays in force.
    pub fn replace_from(&self, dir: &Path) -> Result<(), LoadError> {
        self.0.store(Arc::new(Policies::from_dir(dir)?));
        Ok(())
    }
}
