//! What a process does: all of it, or a part beside other processes on the same database and broker. Here
//! stands which words there are and which addresses a process serves; what else a role starts is the
//! program's business.

use std::collections::BTreeSet;
use std::fmt;

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
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Everything in one process.
    #[must_use]
    pub fn all() -> Self {
        Self(Role::ALL.into())
    }

    /// These; all where none is named.
    #[must_use]
    pub fn of(named: impl IntoIterator<Item = Role>) -> Self {
        let named: BTreeSet<Role> = named.into_iter().collect();
        if named.is_empty() { Self::all() } else { Self(named) }
    }

    /// Does this process do that?
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Does this process do everything?
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.len() == Role::ALL.len()
    }

    /// Their words, in the order of the list.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|role| role.as_str()).collect()
    }

    /// The endpoints served here. Those without a role are served everywhere: whoever watches over a process
    /// asks it itself.
    pub fn routes(&self) -> impl Iterator<Item = &'static Route> {
        ROUTES.iter().filter(|route| route.role.is_none_or(|role| self.has(role)))
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
