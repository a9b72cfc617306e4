//! What witnesses said of heads: a work table. Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{cosignatures, heads};

pub fn keep(conn: &mut Conn, size: i64, witness: &str, line: &str) -> QueryResult<()> {
    let row = (cosignatures::size.eq(size), cosignatures::witness.eq(witness), cosignatures::line.eq(line));
    diesel::insert_into(cosignatures::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// The newest size that this witness cosigned.
pub fn newest_of(conn: &mut Conn, witness: &str) -> QueryResult<Option<i64>> {
    let rows = cosignatures::table.filter(cosignatures::witness.eq(witness));
    rows.order(cosignatures::size.desc()).select(cosignatures::size).first(conn).optional()
}

/// The first size beyond this one that was cosigned.
pub fn first_beyond(conn: &mut Conn, size: i64) -> QueryResult<Option<i64>> {
    let rows = cosignatures::table.filter(cosignatures::size.gt(size));
    rows.order(cosignatures::size.asc()).select(cosignatures::size).first(conn).optional()
}

/// Who cosigned a size, and with which line.
pub fn of(conn: &mut Conn, size: i64) -> QueryResult<Vec<(String, String)>> {
    let rows = cosignatures::table.filter(cosignatures::size.eq(size)).order(cosignatures::witness.asc());
    rows.select((cosignatures::witness, cosignatures::line)).load(conn)
}

/// Lines of heads from a size on that are older than a time: size, witness, the head's time; in that order.
pub fn older(conn: &mut Conn, from: i64, than: i64, limit: i64) -> QueryResult<Vec<(i64, String, i64)>> {
    let both = cosignatures::table.inner_join(heads::table.on(heads::size.eq(cosignatures::size)));
    let rows = both.filter(cosignatures::size.ge(from)).filter(heads::at.lt(than));
    let rows = rows.order((cosignatures::size.asc(), cosignatures::witness.asc())).limit(limit);
    rows.select((cosignatures::size, cosignatures::witness, heads::at)).load(conn)
}

/// Forgets what this witness said of these sizes.
pub fn forget(conn: &mut Conn, witness: &str, sizes: &[i64]) -> QueryResult<usize> {
    let rows = cosignatures::table.filter(cosignatures::witness.eq(witness));
    diesel::delete(rows.filter(cosignatures::size.eq_any(sizes))).execute(conn)
}
