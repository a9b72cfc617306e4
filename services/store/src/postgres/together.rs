//! A commit's questions and changes on PostgreSQL, pipelined: all statements are sent before the first answer
//! is waited for. The server still runs them one after another, each seeing what the ones before it did.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::async_connection_wrapper::BlockOn;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::{BoxFuture, try_join_all};
use futures_util::try_join;

use super::bulk::{Upsert, statement};
use super::{Link, commit, moment};
use crate::Step;
use crate::rows::HeadRow;
use crate::schema::facts;
use crate::together::{Asked, Changes, FactStepRow, Found};

/// The questions wait at the server behind the lock: each sees what the lock's last holder committed. Where
/// the lock is not had, the transaction has failed, and they with it.
pub fn begin_asking(link: &Link, asked: &Asked, offset_cursor: &str) -> QueryResult<Found> {
    let conn: &AsyncPgConnection = &link.conn;
    let begin = super::begin_write_text();
    // A macro, because each statement is of another type. Without ids there is no statement.
    macro_rules! some {
        ($statement:ident($ids:expr)) => {
            async {
                if $ids.is_empty() {
                    return Ok(Vec::new());
                }
                RunQueryDsl::load(commit::$statement(&$ids), &mut &*conn).await
            }
        };
    }
    let asking = async {
        try_join!(
            async { (&mut &*conn).batch_execute(&begin).await },
            moment::ask(conn, offset_cursor),
            RunQueryDsl::load::<HeadRow>(commit::newest_head(), &mut &*conn),
            some!(cases_of(asked.cases)),
            some!(referrals_of(asked.referrals)),
            some!(deliveries_of(asked.deliveries)),
            some!(checks_of(asked.checks)),
            some!(registers_of(asked.registers)),
            some!(keys_among(asked.keys)),
            some!(references_among(asked.references)),
        )
    };
    let ((), moment, heads, cases, referrals, deliveries, checks, registers, keys, references) =
        link.driver.block_on(asking)?;
    let (moment, head) = (Some(moment), heads.into_iter().next());
    Ok(Found { moment, head, cases, referrals, deliveries, checks, registers, keys, references })
}

pub fn write(link: &Link, changes: &Changes) -> QueryResult<()> {
    let mut pipe = Pipe { conn: &link.conn, sent: Vec::new() };
    pipe.put(&changes.entries);
    pipe.put(&changes.keys);
    pipe.put(&changes.bodies);
    pipe.put(&changes.case_keys);
    pipe.put(&changes.facts);
    pipe.put(&changes.fact_links);
    pipe.put(&changes.cases);
    pipe.put(&changes.referrals);
    pipe.put(&changes.deliveries);
    pipe.put(&changes.checks);
    pipe.put(&changes.registers);
    pipe.put(&changes.outbox);
    pipe.put(&changes.nodes);
    pipe.put(&changes.heads);
    for step in &changes.fact_steps {
        pipe.set(step);
    }
    if !changes.resting.is_empty() {
        let gone = diesel::delete(commit::outbox_rows(&changes.resting));
        pipe.sent.push((&mut &*pipe.conn).execute_returning_count(gone));
    }
    link.driver.block_on(try_join_all(pipe.sent)).map(|_| ())
}

/// Statements on their way.
struct Pipe<'c> {
    conn: &'c AsyncPgConnection,
    sent: Vec<BoxFuture<'c, QueryResult<usize>>>,
}

impl Pipe<'_> {
    fn put<R: Upsert>(&mut self, rows: &[R]) {
        if !rows.is_empty() {
            self.sent.push((&mut &*self.conn).execute_returning_count(statement(rows)));
        }
    }

    fn set(&mut self, row: &FactStepRow) {
        let FactStepRow { fact, minutes, step } = row;
        let conn = &mut &*self.conn;
        self.sent.push(match step {
            Step::Accepted => {
                let change = facts::accepted_minutes.eq(minutes);
                conn.execute_returning_count(diesel::update(commit::not_yet_accepted(fact)).set(change))
            }
            Step::FirstAction => {
                let change = facts::first_action_minutes.eq(minutes);
                conn.execute_returning_count(diesel::update(commit::not_yet_begun(fact)).set(change))
            }
            Step::Closed(outcome) => {
                let change = (facts::closed_minutes.eq(minutes), facts::outcome.eq(outcome.as_str()));
                conn.execute_returning_count(diesel::update(commit::not_yet_closed(fact)).set(change))
            }
        });
    }
}
