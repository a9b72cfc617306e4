//! People signing in and signed in: work tables. Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{actors, sessions, sign_ins};
use crate::sessions::{SessionRow, SignInRow};

/// Takes away what is over. How many still stand is the answer.
pub fn clear_sign_ins(conn: &mut Conn, now: i64) -> QueryResult<i64> {
    diesel::delete(sign_ins::table.filter(sign_ins::ends.le(now))).execute(conn)?;
    sign_ins::table.count().get_result(conn)
}

pub fn begin(conn: &mut Conn, row: &SignInRow) -> QueryResult<()> {
    diesel::insert_into(sign_ins::table).values(row).execute(conn).map(|_| ())
}

/// Gives it and takes it away, by one statement: nobody gets it twice.
pub fn take(conn: &mut Conn, id: &str) -> QueryResult<Option<SignInRow>> {
    diesel::delete(sign_ins::table.find(id)).returning(SignInRow::as_returning()).get_result(conn).optional()
}

pub fn clear_sessions(conn: &mut Conn, now: i64) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::ends.le(now))).execute(conn).map(|_| ())
}

pub fn open(conn: &mut Conn, row: &SessionRow) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(row).execute(conn).map(|_| ())
}

pub fn one(conn: &mut Conn, id: &str) -> QueryResult<Option<SessionRow>> {
    sessions::table.find(id).select(SessionRow::as_select()).first(conn).optional()
}

/// Never back: another process may have seen it later.
pub fn touch(conn: &mut Conn, id: &str, seen: i64) -> QueryResult<()> {
    let row = sessions::table.find(id).filter(sessions::seen.lt(seen));
    diesel::update(row).set(sessions::seen.eq(seen)).execute(conn).map(|_| ())
}

/// Was it there?
pub fn close(conn: &mut Conn, id: &str) -> QueryResult<bool> {
    diesel::delete(sessions::table.find(id)).execute(conn).map(|rows| rows > 0)
}

/// The pseudonym behind a label, where there is one.
pub fn pseudonym(conn: &mut Conn, label: &str) -> QueryResult<Option<String>> {
    actors::table.filter(actors::label.eq(label)).select(actors::pseudonym).first(conn).optional()
}
