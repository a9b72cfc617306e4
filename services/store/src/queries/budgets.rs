//! What is used up of budgets: a work table. Mounted once per engine. All budgets of one question are looked
//! at and taken in one short transaction, so that two hubs never take the same rest; its first statement
//! writes, so that SQLite has the lock before anything is read.

use diesel::prelude::*;
use diesel::result::Error;

use super::Conn;
use crate::budgets::{Budget, Window};
use crate::schema::{budget_children, budgets};

/// Takes so many of each, all or none; gives the first that has not so many left.
pub fn spend(conn: &mut Conn, asked: &[Budget], many: i64) -> QueryResult<Option<usize>> {
    all_or_none(conn, asked, |conn, budget| {
        begin(conn, &budget.window)?;
        take(conn, budget, many)
    })
}

/// Counts a child in each, once; gives the first that has no room for it.
pub fn spend_for(conn: &mut Conn, asked: &[Budget], child: &str) -> QueryResult<Option<usize>> {
    all_or_none(conn, asked, |conn, budget| {
        begin(conn, &budget.window)?;
        if knows(conn, &budget.window, child)? {
            return Ok(true);
        }
        Ok(take(conn, budget, 1)? && remember(conn, &budget.window, child)?)
    })
}

/// Windows that began before this are over, whatever their length.
pub fn forget(conn: &mut Conn, before: i64) -> QueryResult<()> {
    diesel::delete(budget_children::table.filter(budget_children::since.lt(before))).execute(conn)?;
    diesel::delete(budgets::table.filter(budgets::since.lt(before))).execute(conn).map(|_| ())
}

fn all_or_none(
    conn: &mut Conn,
    asked: &[Budget],
    mut one: impl FnMut(&mut Conn, &Budget) -> QueryResult<bool>,
) -> QueryResult<Option<usize>> {
    let mut short = None;
    let done = conn.transaction(|conn| {
        for (at, budget) in asked.iter().enumerate() {
            if !one(conn, budget)? {
                short = Some(at);
                return Err(Error::RollbackTransaction);
            }
        }
        Ok(())
    });
    match done {
        Err(Error::RollbackTransaction) if short.is_some() => Ok(short),
        done => done.map(|()| None),
    }
}

/// The row of a window, unless it is there.
fn begin(conn: &mut Conn, window: &Window) -> QueryResult<()> {
    let row = (
        budgets::whose.eq(&window.whose),
        budgets::act.eq(&window.act),
        budgets::since.eq(window.since),
        budgets::used.eq(0),
    );
    diesel::insert_into(budgets::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// Takes so many where so many are left.
fn take(conn: &mut Conn, budget: &Budget, many: i64) -> QueryResult<bool> {
    let window = &budget.window;
    let row = budgets::table.find((&window.whose, &window.act, window.since));
    let row = row.filter(budgets::used.le(i64::from(budget.most).saturating_sub(many)));
    diesel::update(row).set(budgets::used.eq(budgets::used + many)).execute(conn).map(|rows| rows > 0)
}

/// Is it known that this child was asked for?
fn knows(conn: &mut Conn, window: &Window, child: &str) -> QueryResult<bool> {
    let row = budget_children::table.find((&window.whose, &window.act, window.since, child));
    diesel::select(diesel::dsl::exists(row)).get_result(conn)
}

fn remember(conn: &mut Conn, window: &Window, child: &str) -> QueryResult<bool> {
    let row = (
        budget_children::whose.eq(&window.whose),
        budget_children::act.eq(&window.act),
        budget_children::since.eq(window.since),
        budget_children::child.eq(child),
    );
    let put = diesel::insert_into(budget_children::table).values(row).on_conflict_do_nothing();
    put.execute(conn).map(|_| true)
}
