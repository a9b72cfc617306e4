//! What is used up of budgets: a work table. Mounted once per engine. Each change is one statement that looks
//! and takes, so that two hubs never take the same rest.

use diesel::prelude::*;

use super::Conn;
use crate::budgets::Window;
use crate::schema::{budget_children, budgets};

/// The row of a window, unless it is there.
pub fn begin(conn: &mut Conn, window: &Window) -> QueryResult<()> {
    let row = (
        budgets::whose.eq(&window.whose),
        budgets::act.eq(&window.act),
        budgets::since.eq(window.since),
        budgets::used.eq(0),
    );
    diesel::insert_into(budgets::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// Takes so many where so many are left.
pub fn take(conn: &mut Conn, window: &Window, many: i64, most: i64) -> QueryResult<bool> {
    let row = budgets::table.find((&window.whose, &window.act, window.since));
    let row = row.filter(budgets::used.le(most));
    diesel::update(row).set(budgets::used.eq(budgets::used + many)).execute(conn).map(|rows| rows > 0)
}

/// Is it known that this child was asked for?
pub fn knows(conn: &mut Conn, window: &Window, child: &str) -> QueryResult<bool> {
    let row = budget_children::table.find((&window.whose, &window.act, window.since, child));
    diesel::select(diesel::dsl::exists(row)).get_result(conn)
}

pub fn remember(conn: &mut Conn, window: &Window, child: &str) -> QueryResult<()> {
    let row = (
        budget_children::whose.eq(&window.whose),
        budget_children::act.eq(&window.act),
        budget_children::since.eq(window.since),
        budget_children::child.eq(child),
    );
    diesel::insert_into(budget_children::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// Windows that began before this are over, whatever their length.
pub fn forget(conn: &mut Conn, before: i64) -> QueryResult<()> {
    diesel::delete(budget_children::table.filter(budget_children::since.lt(before))).execute(conn)?;
    diesel::delete(budgets::table.filter(budgets::since.lt(before))).execute(conn).map(|_| ())
}
