//! Which body an entry commits to. A command's commitment stands in its first entry; a request's first entry
//! names no body, the referrals behind it do.

use std::collections::BTreeMap;

use casework::{Change, Commitment, Entry, ErasureStatus, Event, ObjectId, Register, RequestId};

use crate::StoreError;
use crate::engine::{Conn, query};
use crate::rows::seen::SeenEntry;

/// Erasures looked through; far more than a hub ever orders.
const ERASURES_MAX: i64 = 1_000_000;
/// Entries of a case looked through for its end.
const HISTORY_MAX: i64 = 100_000;

/// An entry, and the body that it commits to.
pub struct Named {
    pub index: u64,
    pub said: Commitment,
    pub object: String,
    pub case: Option<String>,
}

/// A request whose referrals have not been read yet.
#[derive(Default)]
pub struct Pairing(Option<(RequestId, u64, Commitment)>);

impl Pairing {
    /// What this entry, or the request just before it, commits to.
    pub fn next(&mut self, row: &SeenEntry, entry: &Entry) -> Option<Named> {
        let index = u64::try_from(row.idx).ok()?;
        let before = self.0.take();
        let case = row.case().map(str::to_owned);
        let named =
            |index, said, object: ObjectId| Some(Named { index, said, object: object.to_string(), case });
        match (&entry.event, said(entry)) {
            (Event::Requested(asked), Some(said)) => {
                self.0 = Some((asked.request, index, said));
                None
            }
            (Event::Created(made) | Event::Drafted(made), None) => {
                let (_, index, said) = before.filter(|(request, ..)| *request == made.request)?;
                named(index, said, made.object)
            }
            (event, Some(said)) => named(index, said, object_of(event)?),
            _ => None,
        }
    }
}

fn said(entry: &Entry) -> Option<Commitment> {
    let (message, signature) = (entry.commitment.clone()?, entry.signature.clone());
    Some(Commitment { message, signature })
}

/// The body that an entry is about.
pub fn object_of(event: &Event) -> Option<ObjectId> {
    match event {
        Event::Created(made) | Event::Drafted(made) => Some(made.object),
        Event::Moved(step) => step.object,
        Event::Overdue(step) => step.object,
        Event::Identity(step) => Some(step.object),
        Event::Register(Register::BreakGlass(held)) => Some(held.object),
        Event::Register(Register::Approval(held)) => match &held.change {
            Change::VoidReferral { object, .. } => Some(*object),
            _ => None,
        },
        _ => None,
    }
}

/// Cases that are erased, each with the entry that says so.
pub fn erased(conn: &mut Conn) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut found = BTreeMap::new();
    for state in query!(conn, registers::of("erasure", None, ERASURES_MAX))? {
        let Ok(Register::Erasure(held)) = serde_json::from_str(&state) else { continue };
        if held.status != ErasureStatus::Erased {
            continue;
        }
        let case = held.case.to_string();
        for row in query!(conn, trail::entries_of_case(&case, HISTORY_MAX))? {
            let Ok(entry) = Entry::from_leaf(&row.leaf) else { continue };
            let Event::Register(Register::Erasure(row_said)) = &entry.event else { continue };
            if row_said.status == ErasureStatus::Erased {
                found.insert(case.clone(), row.idx.unsigned_abs());
            }
        }
    }
    Ok(found)
}
