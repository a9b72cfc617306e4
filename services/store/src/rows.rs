//! The rows of the tables, and how states become rows: a few columns to search by beside the whole state as
//! JSON, which `audit verify` compares with what the ledger gives.

mod brief;
pub mod seen;

use casework::{Case, CaseReference, Clock, Delivery, IdentityCheck, Referral, Register, Timestamp};
use diesel::prelude::*;

use crate::postgres::bulk::{Column, Columns};
use crate::{StoreError, schema};

// A macro, because every table needs its row, Diesel's derives on it, and its columns one by one.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident in $table:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, QueryableByName, Selectable)]
        #[diesel(table_name = schema::$table, treat_none_as_default_value = false)]
        pub struct $name { $(pub $field: $type),* }

        impl Feed for $name {
            fn feed(&self, into: &mut Vec<u8>) {
                $(self.$field.feed(into));*
            }
        }

        impl Columns for $name {
            const TABLE: &'static str = stringify!($table);
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];
            fn columns(rows: &[Self]) -> Vec<Box<dyn Column + '_>> {
                vec![$(Box::new(rows.iter().map(|row| &row.$field).collect::<Vec<&$type>>())),*]
            }
        }
    };
}

row! { /// A leaf and where it belongs.
EntryRow in entries {
    idx: i64, leaf: Vec<u8>, hash: Vec<u8>, kind: String, case_id: Option<String>,
    referral_id: Option<String>,
} }
row! { /// The tree after a batch.
HeadRow in heads { size: i64, at: i64, root: Vec<u8>, peaks: Vec<u8>, key_id: String } }
row! { /// A complete inner node.
NodeRow in nodes { level: i32, idx: i64, hash: Vec<u8> } }
row! { /// A case.
CaseRow in cases { id: String, reference: String, state: String } }
row! { /// A referral.
ReferralRow in referrals {
    id: String, case_id: String, request_id: String, from_agency: String, to_agency: String,
    status: String, closed: bool, state: String, due_at: Option<i64>, rung: i32,
    awaiting: Option<String>,
} }
row! { /// A delivery.
DeliveryRow in deliveries {
    id: String, referral_id: String, from_agency: String, to_agency: String, status: String,
    state: String, due_at: Option<i64>,
} }
row! { /// A case whose time runs or is over.
RetentionRow in retention {
    case_id: String, agency: String, record: String, since: i64, due_at: i64, held: bool, told: bool,
} }
row! { /// An identity check.
CheckRow in identity_checks { id: String, case_id: String, status: String, state: String } }
row! { /// A row of a register.
RegisterRow in registers {
    id: String, book: String, agency: String, open: bool, due_at: Option<i64>, state: String,
} }
row! { /// A sealed body.
BodyRow in bodies { object_id: String, case_id: String, key_id: String, schema: String, sealed: Vec<u8> } }
row! { /// Which key a case has.
CaseKeyRow in case_keys { case_id: String, key_id: String } }
row! { /// One referral's statistics.
FactStored in facts {
    id: String, month: String, service: String, priority: String, to_agency: String,
    dimensions: String, accepted_minutes: Option<i64>, first_action_minutes: Option<i64>,
    closed_minutes: Option<i64>, outcome: Option<String>,
} }
row! { /// The sealed way from a referral to its statistics.
FactLinkRow in fact_links {
    referral_id: String, case_id: String, key_id: String, object_id: String, sealed: Vec<u8>,
} }
row! { /// An idempotency key that was used.
IdempotencyRow in idempotency { key: String, request_hash: Vec<u8>, entry_index: i64, tree_size: i64 } }
row! { /// A delivery on its way.
OutboxRow in outbox {
    delivery_id: String, to_agency: String, emergency: bool, ready_at: i64, relayed_at: Option<i64>,
    lease_until: Option<i64>, trace: Option<String>, confirmed: bool,
} }
row! { /// A key slot: free without an owner, leased with one, or used by a case.
SlotRow in slots {
    key_id: String, epoch: i32, wrapped: Vec<u8>, owner: Option<String>, lease_until: Option<i64>,
    used: bool,
} }

/// Bytes that no two different rows have in common: each column behind its length.
pub trait Feed {
    fn feed(&self, into: &mut Vec<u8>);
}

impl Feed for i64 {
    fn feed(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.to_le_bytes());
    }
}

impl Feed for i32 {
    fn feed(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.to_le_bytes());
    }
}

impl Feed for bool {
    fn feed(&self, into: &mut Vec<u8>) {
        into.push(u8::from(*self));
    }
}

fn feed_bytes(bytes: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(&bytes.len().to_le_bytes());
    into.extend_from_slice(bytes);
}

impl Feed for Vec<u8> {
    fn feed(&self, into: &mut Vec<u8>) {
        feed_bytes(self, into);
    }
}

impl Feed for String {
    fn feed(&self, into: &mut Vec<u8>) {
        feed_bytes(self.as_bytes(), into);
    }
}

impl<T: Feed> Feed for Option<T> {
    fn feed(&self, into: &mut Vec<u8>) {
        into.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.feed(into);
        }
    }
}

/// Its receiver still has to say that it has ceased.
pub const AWAITS_CEASE: &str = "cease";

/// Room for most states, so that they are not moved about while they are written.
const STATE_BYTES: usize = 1024;

fn text(state: &impl serde::Serialize) -> Result<String, StoreError> {
    let mut text = Vec::with_capacity(STATE_BYTES);
    serde_json::to_writer(&mut text, state)?;
    String::from_utf8(text).map_err(|_| StoreError::Unreadable("a state that is not UTF-8".to_owned()))
}

/// When somebody has to be told next of a clock; nothing while none runs.
fn due_at(clocks: &[Clock]) -> Option<i64> {
    casework::wakes(clocks).map(Timestamp::micros)
}

impl TryFrom<&Case> for CaseRow {
    type Error = StoreError;
    fn try_from(case: &Case) -> Result<Self, StoreError> {
        let reference = CaseReference::of(case.id).to_string();
        Ok(Self { id: case.id.to_string(), reference, state: text(case)? })
    }
}

impl TryFrom<&Referral> for ReferralRow {
    type Error = StoreError;
    fn try_from(referral: &Referral) -> Result<Self, StoreError> {
        Ok(Self {
            id: referral.id.to_string(),
            case_id: referral.case.to_string(),
            request_id: referral.request.to_string(),
            from_agency: referral.from.to_string(),
            to_agency: referral.to.to_string(),
            status: referral.status.to_string(),
            closed: referral.closed(),
            state: text(referral)?,
            due_at: due_at(&referral.clocks),
            rung: referral.clocks.iter().map(|clock| i32::from(clock.rung)).max().unwrap_or(0),
            awaiting: referral.awaits_cease().then(|| AWAITS_CEASE.to_owned()),
        })
    }
}

impl TryFrom<&Delivery> for DeliveryRow {
    type Error = StoreError;
    fn try_from(delivery: &Delivery) -> Result<Self, StoreError> {
        Ok(Self {
            id: delivery.id.to_string(),
            referral_id: delivery.referral.to_string(),
            from_agency: delivery.from.to_string(),
            to_agency: delivery.to.to_string(),
            status: delivery.status.as_str().to_owned(),
            state: text(delivery)?,
            due_at: due_at(&delivery.clocks),
        })
    }
}

impl TryFrom<&IdentityCheck> for CheckRow {
    type Error = StoreError;
    fn try_from(check: &IdentityCheck) -> Result<Self, StoreError> {
        let status = serde_json::to_value(check.status)?;
        Ok(Self {
            id: check.id.to_string(),
            case_id: check.case.to_string(),
            status: status.as_str().unwrap_or_default().to_owned(),
            state: text(check)?,
        })
    }
}

impl TryFrom<&Register> for RegisterRow {
    type Error = StoreError;
    fn try_from(row: &Register) -> Result<Self, StoreError> {
        let key = row.key();
        Ok(Self {
            id: key.to_string(),
            book: key.book().to_owned(),
            agency: row.agency().to_string(),
            open: row.open(),
            due_at: row.due().map(Timestamp::micros),
            state: text(row)?,
        })
    }
}
