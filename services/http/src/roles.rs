//! What a process does: all of it, or a part beside other processes on the same database and broker. Here
//! stands which words there are and which addresses a process serves; what else a role starts is the
//! program's business.

use std::collections::BTreeSet;
use std::fmt;

use crate::api::service::metrics;
use crate::desk::{DESK, DeskRoute};
use crate::pages::{PAGES, Page};
use crate::routes::{ROUTES, Route};

/// One part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What agencies' systems call.
    Api,
    /// Pages for people.
    Pages,
    /// Relay, workers, pollers and sweeper.
    Delivery,
    /// Statistics and the audit trail.
    Oversight,
}

impl Role {
    /// All of them, as they are listed everywhere.
    pub const ALL: [Self; 4] = [Self::Api, Self::Pages, Self::Delivery, Self::Oversight];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Pages => "pages",
            Self::Delivery => "delivery",
            Self::Oversight => "oversight",
        }
    }
}

/// The roles of one process; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    here: BTreeSet<Role>,
    /// Are metrics shown where the API is?
    metrics: bool,
}

impl Roles {
    /// Everything in one process.
    #[must_use]
    pub fn all() -> Self {
        Self { here: Role::ALL.into(), metrics: true }
    }

    /// These; all where none is named.
    #[must_use]
    pub fn of(named: impl IntoIterator<Item = Role>) -> Self {
        let here: BTreeSet<Role> = named.into_iter().collect();
        if here.is_empty() { Self::all() } else { Self { here, metrics: true } }
    }

    /// The same, but `/metrics` is unknown where the API is: they tell of alarms and of how agencies' systems
    /// answer, which is no stranger's business.
    #[must_use]
    pub fn without_metrics(self) -> Self {
        Self { metrics: false, ..self }
    }

    /// Are metrics shown where the API is?
    #[must_use]
    pub const fn shows_metrics(&self) -> bool {
        self.metrics
    }

    /// Does this process do that?
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.here.contains(&role)
    }

    /// Does this process do everything?
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.here.len() == Role::ALL.len()
    }

    /// Their words, in the order of the list.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        self.here.iter().map(|role| role.as_str()).collect()
    }

    /// The endpoints served here. Those without a role are served everywhere: whoever watches over a process
    /// asks it itself.
    pub fn routes(&self) -> impl Iterator<Item = &'static Route> {
        let here = ROUTES.iter().filter(|route| route.role.is_none_or(|role| self.has(role)));
        here.filter(|route| self.metrics || route.path != metrics::PATH)
    }

    /// The pages served here.
    pub fn pages(&self) -> impl Iterator<Item = &'static Page> {
        PAGES.iter().filter(|_| self.has(Role::Pages))
    }

    /// The pages of the desk served here.
    pub fn desk(&self) -> impl Iterator<Item = &'static DeskRoute> {
        DESK.iter().filter(|_| self.has(Role::Pages))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(", "))
    }
}
