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
    /// Takes so many of a budget, all or none; gives whether they were there.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn spend(&self, budget: Budget, many: u32) -> Result<bool, StoreError> {
        let Some(room) = budget.most.checked_sub(many) else { return Ok(false) };
        self.working(move |conn| {
            query!(conn, budgets::begin(&budget.window))?;
            Ok(query!(conn, budgets::take(&budget.window, i64::from(many), i64::from(room)))?)
        })
        .await
    }

    /// Counts a child in a window, once however often it is asked for; gives whether there was room. Two hubs
    /// that meet the same new child at once may count it twice, never not at all.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn spend_for(&self, budget: Budget, child: String) -> Result<bool, StoreError> {
        let Some(room) = budget.most.checked_sub(1) else { return Ok(false) };
        self.working(move |conn| {
            let Budget { window, .. } = &budget;
            if query!(conn, budgets::knows(window, &child))? {
                return Ok(true);
            }
            query!(conn, budgets::begin(window))?;
            if !query!(conn, budgets::take(window, 1, i64::from(room)))? {
                return Ok(false);
            }
            query!(conn, budgets::remember(window, &child))?;
            Ok(true)
        })
        .await
    }

    /// Forgets windows that began before this.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn forget_budgets(&self, before: i64) -> Result<(), StoreError> {
        self.working(move |conn| Ok(query!(conn, budgets::forget(before))?)).await
    }
}
