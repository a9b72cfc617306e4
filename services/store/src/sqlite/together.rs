//! A commit's questions and changes on SQLite, one statement after another: nothing travels here.

use diesel::prelude::*;

use super::{Conn, bulk, commit};
use crate::Step;
use crate::schema::facts;
use crate::together::{Asked, Changes, FactStepRow, Found};

pub fn ask(conn: &mut Conn, asked: &Asked) -> QueryResult<Found> {
    Ok(Found {
        moment: None,
        head: commit::newest_head().first(conn).optional()?,
        cases: some(&asked.cases, |ids| commit::cases_by_id(conn, ids))?,
        referrals: some(&asked.referrals, |ids| commit::referrals_by_id(conn, ids))?,
        deliveries: some(&asked.deliveries, |ids| commit::deliveries_by_id(conn, ids))?,
        checks: some(&asked.checks, |ids| commit::checks_of(ids).load(conn))?,
        registers: some(&asked.registers, |ids| commit::registers_of(ids).load(conn))?,
        keys: some(&asked.keys, |keys| commit::keys_used(conn, keys))?,
        references: some(&asked.references, |taken| commit::references_among(taken).load(conn))?,
    })
}

/// No statement where nothing is asked for.
fn some<R>(ids: &[String], load: impl FnOnce(&[String]) -> QueryResult<Vec<R>>) -> QueryResult<Vec<R>> {
    if ids.is_empty() { Ok(Vec::new()) } else { load(ids) }
}

pub fn write(conn: &mut Conn, changes: &Changes) -> QueryResult<()> {
    bulk::insert_entries(conn, &changes.entries)?;
    bulk::insert_keys(conn, &changes.keys)?;
    bulk::insert_bodies(conn, &changes.bodies)?;
    bulk::insert_case_keys(conn, &changes.case_keys)?;
    bulk::insert_facts(conn, &changes.facts)?;
    bulk::insert_fact_links(conn, &changes.fact_links)?;
    bulk::put_cases(conn, &changes.cases)?;
    bulk::put_referrals(conn, &changes.referrals)?;
    bulk::put_deliveries(conn, &changes.deliveries)?;
    bulk::put_checks(conn, &changes.checks)?;
    bulk::put_registers(conn, &changes.registers)?;
    bulk::put_outbox(conn, &changes.outbox)?;
    bulk::insert_nodes(conn, &changes.nodes)?;
    bulk::insert_heads(conn, &changes.heads)?;
    for step in &changes.fact_steps {
        set(conn, step)?;
    }
    if !changes.resting.is_empty() {
        diesel::delete(commit::outbox_rows(&changes.resting)).execute(conn)?;
    }
    Ok(())
}

fn set(conn: &mut Conn, row: &FactStepRow) -> QueryResult<usize> {
    let FactStepRow { fact, minutes, step } = row;
    match step {
        Step::Accepted => {
            let change = facts::accepted_minutes.eq(minutes);
            diesel::update(commit::not_yet_accepted(fact)).set(change).execute(conn)
        }
        Step::FirstAction => {
            let change = facts::first_action_minutes.eq(minutes);
            diesel::update(commit::not_yet_begun(fact)).set(change).execute(conn)
        }
        Step::Closed(outcome) => {
            let change = (facts::closed_minutes.eq(minutes), facts::outcome.eq(outcome.as_str()));
            diesel::update(commit::not_yet_closed(fact)).set(change).execute(conn)
        }
    }
}
