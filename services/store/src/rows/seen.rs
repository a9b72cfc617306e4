//! The rows of the ledger and of the state tables as `audit verify` reads them: the same columns as in
//! `rows.rs`, in an order that gives the same bytes, with short texts in place (`brief.rs`).

use diesel::prelude::*;

use super::Feed;
use super::brief::{Brief, Digest32};
use crate::schema;

// A macro, for the derives on each and its columns one by one.
macro_rules! seen {
    ($(#[$doc:meta])* $name:ident in $table:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Queryable, Selectable)]
        #[diesel(table_name = schema::$table)]
        pub struct $name { $(pub $field: $type),* }

        impl Feed for $name {
            fn feed(&self, into: &mut Vec<u8>) {
                $(self.$field.feed(into));*
            }
        }
    };
}

/// A leaf and where it belongs.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::entries)]
pub struct SeenEntry {
    pub idx: i64,
    pub leaf: Vec<u8>,
    pub hash: Digest32,
    pub kind: Brief,
    pub case_id: Option<Brief>,
    pub referral_id: Option<Brief>,
}

impl SeenEntry {
    pub fn case(&self) -> Option<&str> {
        self.case_id.as_ref().map(Brief::as_str)
    }

    pub fn referral(&self) -> Option<&str> {
        self.referral_id.as_ref().map(Brief::as_str)
    }
}

seen! { /// A case.
SeenCase in cases { id: Brief, reference: Brief, state: String } }
seen! { /// A referral.
SeenReferral in referrals {
    id: Brief, case_id: Brief, request_id: Brief, from_agency: Brief, to_agency: Brief, status: Brief,
    closed: bool, state: String, due_at: Option<i64>, rung: i32, awaiting: Option<Brief>,
} }
seen! { /// A delivery.
SeenDelivery in deliveries {
    id: Brief, referral_id: Brief, from_agency: Brief, to_agency: Brief, status: Brief, state: String,
    due_at: Option<i64>,
} }
seen! { /// An identity check.
SeenCheck in identity_checks { id: Brief, case_id: Brief, status: Brief, state: String } }
seen! { /// A row of a register.
SeenRegister in registers {
    id: Brief, book: Brief, agency: Brief, open: bool, due_at: Option<i64>, state: String,
} }
