//! Many rows at once on SQLite: one statement, prepared once and run for each row. Nothing travels here, so
//! several rows in one statement would only make SQLite compile a new program for each number of rows.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use crate::rows::{
    BodyRow, CaseKeyRow, CaseRow, CheckRow, DeliveryRow, EntryRow, FactLinkRow, FactStored, HeadRow,
    IdempotencyRow, NodeRow, OutboxRow, ReferralRow, RegisterRow, SlotRow,
};
use crate::schema::{
    bodies, case_keys, cases, deliveries, entries, fact_links, facts, heads, idempotency, identity_checks,
    nodes, outbox, referrals, registers, slots,
};

diesel::define_sql_function! {
    fn coalesce(first: diesel::sql_types::Nullable<diesel::sql_types::Text>,
        second: diesel::sql_types::Nullable<diesel::sql_types::Text>,
    ) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

// A macro, because Diesel's batch insert is a different type for each table and row. What follows `set` is
// taken from the new row where the id is there already.
macro_rules! bulk {
    ($($name:ident($row:ty) in $table:ident $(($id:ident) set $change:expr)?;)*) => {$(
        pub fn $name(conn: &mut Conn, rows: &[$row]) -> QueryResult<()> {
            for row in rows {
                let insert = diesel::insert_into($table::table).values(row);
                $(let insert = insert.on_conflict($table::$id).do_update().set($change);)?
                insert.execute(conn)?;
            }
            Ok(())
        }
    )*};
}

bulk! {
    insert_entries(EntryRow) in entries;
    insert_nodes(NodeRow) in nodes;
    insert_bodies(BodyRow) in bodies;
    insert_case_keys(CaseKeyRow) in case_keys;
    insert_facts(FactStored) in facts;
    insert_fact_links(FactLinkRow) in fact_links;
    insert_keys(IdempotencyRow) in idempotency;
    insert_heads(HeadRow) in heads;
    insert_slots(SlotRow) in slots;
    put_cases(CaseRow) in cases (id) set cases::state.eq(excluded(cases::state));
    put_referrals(ReferralRow) in referrals (id) set (
        referrals::status.eq(excluded(referrals::status)),
        referrals::closed.eq(excluded(referrals::closed)),
        referrals::state.eq(excluded(referrals::state)),
        referrals::due_at.eq(excluded(referrals::due_at)),
        referrals::rung.eq(excluded(referrals::rung)),
        referrals::awaiting.eq(excluded(referrals::awaiting)),
    );
    put_deliveries(DeliveryRow) in deliveries (id) set (
        deliveries::status.eq(excluded(deliveries::status)),
        deliveries::state.eq(excluded(deliveries::state)),
        deliveries::due_at.eq(excluded(deliveries::due_at)),
    );
    put_checks(CheckRow) in identity_checks (id) set (
        identity_checks::status.eq(excluded(identity_checks::status)),
        identity_checks::state.eq(excluded(identity_checks::state)),
    );
    put_registers(RegisterRow) in registers (id) set (
        registers::open.eq(excluded(registers::open)),
        registers::due_at.eq(excluded(registers::due_at)),
        registers::state.eq(excluded(registers::state)),
    );
    put_outbox(OutboxRow) in outbox (delivery_id) set (
        outbox::ready_at.eq(excluded(outbox::ready_at)),
        outbox::relayed_at.eq(excluded(outbox::relayed_at)),
        outbox::lease_until.eq(excluded(outbox::lease_until)),
        outbox::confirmed.eq(excluded(outbox::confirmed)),
        outbox::trace.eq(coalesce(excluded(outbox::trace), outbox::trace)),
    );
}
