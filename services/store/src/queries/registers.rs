//! Rows of the registers: what counts now, what an agency has, what ends by itself. Mounted once per engine.

use diesel::dsl::{min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::schema::registers;

pub fn state(conn: &mut Conn, id: &str) -> QueryResult<Option<String>> {
    registers::table.find(id).select(registers::state).first(conn).optional()
}

/// What counts now of some books. Word for word the condition of the index `registers_open`.
pub fn open(conn: &mut Conn, books: &[String], limit: i64) -> QueryResult<Vec<String>> {
    let rows = registers::table.filter(sql::<Bool>("open")).filter(registers::book.eq_any(books));
    rows.order((registers::book.asc(), registers::id.asc())).limit(limit).select(registers::state).load(conn)
}

/// A book's rows of one agency, or of all, the greatest id first.
pub fn of(conn: &mut Conn, book: &str, agency: Option<&str>, limit: i64) -> QueryResult<Vec<String>> {
    let mut rows = registers::table.filter(registers::book.eq(book)).into_boxed();
    if let Some(agency) = agency {
        rows = rows.filter(registers::agency.eq(agency.to_owned()));
    }
    rows.order(registers::id.desc()).limit(limit).select(registers::state).load(conn)
}

/// What counts now of one book and agency.
pub fn open_of(conn: &mut Conn, book: &str, agency: &str, limit: i64) -> QueryResult<Vec<String>> {
    let rows = registers::table.filter(sql::<Bool>("open")).filter(registers::book.eq(book));
    let rows = rows.filter(registers::agency.eq(agency)).order(registers::id.asc());
    rows.limit(limit).select(registers::state).load(conn)
}

/// Broken glasses of an agency's people, and into cases it answers for, reviewed or not; the greatest id
/// first. Who answers for a case stands in the state alone, whose texts are codes.
pub fn glass(conn: &mut Conn, agency: &str, reviewed: bool, limit: i64) -> QueryResult<Vec<String>> {
    let answers_for = format!("%\"owner\":\"{agency}\"%");
    let known = registers::agency.eq(agency.to_owned()).or(registers::state.like(answers_for));
    let rows = registers::table.filter(registers::book.eq("break-glass")).filter(known).into_boxed();
    let is_reviewed = registers::state.like("%\"status\":\"reviewed\"%");
    let rows = if reviewed { rows.filter(is_reviewed) } else { rows.filter(diesel::dsl::not(is_reviewed)) };
    rows.order(registers::id.desc()).limit(limit).select(registers::state).load(conn)
}

/// Rows whose id is after one and before another, in the order of their ids.
pub fn between(conn: &mut Conn, after: &str, before: &str, limit: i64) -> QueryResult<Vec<String>> {
    let rows = registers::table.filter(registers::id.gt(after)).filter(registers::id.lt(before));
    rows.order(registers::id.asc()).limit(limit).select(registers::state).load(conn)
}

/// States of rows that end by themselves by then, the longest overdue first.
pub fn due(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    registers::table
        .filter(registers::due_at.is_not_null())
        .filter(registers::due_at.le(now))
        .order(registers::due_at.asc())
        .select(registers::state)
        .limit(limit)
        .load(conn)
}

/// When the next one ends.
pub fn next(conn: &mut Conn) -> QueryResult<Option<i64>> {
    registers::table.filter(registers::due_at.is_not_null()).select(min(registers::due_at)).first(conn)
}
