//! Somebody looks: the entry is committed before anything is shown.

use casework::{Action, Caller, Categories, Command, Permit, ReadEntry, Refusal, Timestamp};
use store::{Committed, Lane, Order};

use crate::hand_over::code;
use crate::{Hub, HubError};

/// A look that shows these categories as they were sent.
pub(crate) fn look(
    caller: &Caller,
    what: &'static str,
    subject: Option<String>,
    categories: Categories,
) -> ReadEntry {
    let agency = caller.agency.clone();
    ReadEntry { what: code(what), subject, agency, categories, reduced: Categories::new(), glass: None }
}

impl Hub {
    /// Enters a look before anything is shown.
    pub(crate) async fn enter_read(
        &self,
        caller: &Caller,
        permit: Option<Permit>,
        what: &'static str,
        subject: Option<String>,
        categories: Categories,
    ) -> Result<(), HubError> {
        self.enter_look(caller, permit, look(caller, what, subject, categories)).await
    }

    /// The same, however it was shown.
    pub(crate) async fn enter_look(
        &self,
        caller: &Caller,
        permit: Option<Permit>,
        look: ReadEntry,
    ) -> Result<(), HubError> {
        self.entered_look(caller, permit, look).await.map(|_| ())
    }

    /// The same, for whoever tells which entry it is, and when that was.
    pub(crate) async fn entered_look(
        &self,
        caller: &Caller,
        permit: Option<Permit>,
        look: ReadEntry,
    ) -> Result<(u64, Timestamp), HubError> {
        // What shows codes only, such as the trail, stays open for whoever has to find out what is wrong.
        if !look.categories.is_empty() {
            self.may_disclose().await?;
        }
        let action = Action::Read(look);
        let command = Command { actor: caller.actor, via: caller.via, permit, commitment: None, action };
        match self.store.commit(Order::plain(command, Lane::Reads)).await? {
            Committed::Refused(refusal) => Err(refusal.into()),
            Committed::Done(done) => {
                Ok((done.index, done.entries.first().map(|entry| entry.at).unwrap_or_default()))
            }
            Committed::Replayed { index, .. } => Ok((index, Timestamp::default())),
            Committed::KeyReused => Err(Refusal::NothingToDo.into()),
        }
    }
}
