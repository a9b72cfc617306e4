//! Texts of policy sets, by digest: a work table. Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::policy_sets;

/// Keeps a text, unless it is kept already.
pub fn put(conn: &mut Conn, digest: &str, bundle: &str, now: i64) -> QueryResult<()> {
    let row = (policy_sets::digest.eq(digest), policy_sets::bundle.eq(bundle), policy_sets::put_at.eq(now));
    diesel::insert_into(policy_sets::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

pub fn bundle(conn: &mut Conn, digest: &str) -> QueryResult<Option<String>> {
    policy_sets::table.find(digest).select(policy_sets::bundle).first(conn).optional()
}
