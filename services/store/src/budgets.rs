//! Budgets that outlive a restart and hold across hubs: how much of a window is used up, and for which
//! children. Work, no fact: the accept path never comes here, and a refusal is entered by whoever refuses.

use crate::engine::query;
use crate::{Store, StoreError};

/// Which window of whose budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// A stand-in, or an agency.
    pub whose: String,
    /// Of what, for example `identity-checks`.
    pub act: String,
    /// When it began: real time, microseconds.
    pub since: i64,
}

/// How much of a window there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The window.
    pub window: Window,
    /// Its bound.
    pub most: u32,
}

impl Store {
    /// Takes so many of each of these budgets, all or none; gives the first that has not so many left.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn spend(&self, asked: Vec<Budget>, many: u32) -> Result<Option<usize>, StoreError> {
        self.working(move |conn| Ok(query!(conn, budgets::spend(&asked, i64::from(many)))?)).await
    }

    /// Counts a child in each of these, once however often it is asked for; gives the first without room.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn spend_for(&self, asked: Vec<Budget>, child: String) -> Result<Option<usize>, StoreError> {
        self.working(move |conn| Ok(query!(conn, budgets::spend_for(&asked, &child))?)).await
    }

    /// Forgets windows that began before this.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn forget_budgets(&self, before: i64) -> Result<(), StoreError> {
        self.working(move |conn| Ok(query!(conn, budgets::forget(before))?)).await
    }
}
