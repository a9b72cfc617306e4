//! An analyst asks for statistics. The question is entered first; the answer is a closed table whose small
//! cells are withheld, together with what would give them away.

use casework::{Caller, Categories};
use oversight::{Coverage, Query, Table};
use policies::Act;

use crate::permits::ask;
use crate::{Hub, HubError, Problem};

impl Hub {
    /// One indicator, broken down by at most two dimensions.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an analyst; `unknown-indicator` or `unknown-dimension` with the closest
    /// names.
    pub async fn ask_indicator(&self, caller: &Caller, id: &str, query: &Query) -> Result<Table, HubError> {
        let permit = self.permit(&ask(caller, Act::ReadIndicator, None))?;
        let indicator = oversight::indicator(id).ok_or_else(unknown_indicator)?;
        let refused = |refusal: oversight::QueryRefusal| Problem::new("indicator-query", refusal.to_string());
        // What cannot be asked is a refusal, not a look.
        query.check_for(indicator).map_err(refused)?;
        self.spend_export(caller).await?;
        self.may_disclose().await?;
        self.enter_read(caller, Some(permit), "indicator", Some(id.to_owned()), Categories::new()).await?;
        let (from, to) = (query.from_month.clone(), query.to_month.clone());
        let rows = if id == oversight::CLOCK_BREACHES {
            self.follow_feeds().await?;
            self.store.breaches(from, to).await?
        } else {
            self.store.facts(from, to).await?
        };
        let table = oversight::answer(indicator, &rows, query).map_err(refused)?;
        let connected = self.adapters.agencies().map(|agency| agency.code.as_str());
        Ok(Table { coverage: Some(Coverage::of(&rows, connected)), ..table })
    }
}

fn unknown_indicator() -> HubError {
    let ids: Vec<&str> = oversight::indicators().iter().map(|indicator| indicator.id()).collect();
    Problem::new("unknown-indicator", format!("no such indicator; there are {}", ids.join(", "))).into()
}
