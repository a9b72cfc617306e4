//! `codelists/retention_schedule.csv`: how long what is kept, as a person reads it and as `casework` runs it.
//! Every row says what it rests on and how sure anybody is of it. Rows that the hub does not run are agreed
//! on paper and shown beside the others.

use casework::{Code, Keeping, KeptCase, KeptFor, KeptFrom, KeptRow};
use serde::Serialize;

use crate::{LoadError, codelist::Lists, source::Files};

const LIST: &str = "retention_schedule.csv";
const FILE: &str = "codelists/retention_schedule.csv";
const CONFIDENCES: &[&str] = &["HIGH", "LOW", "proposed", "UNVERIFIED"];
/// What starts the time of a row that the hub does not run.
const ON_PAPER: &[&str] = &["child-turns-18", "written"];
const FOR_EVER: &str = "for-ever";
/// Longer than anybody lives is a mistake in the list.
const YEARS_MAX: u32 = 120;

/// The schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionSchedule {
    /// The file, by whose digest the ledger names it.
    pub file: Vec<u8>,
    /// As it stands in the file.
    pub rows: Vec<RetentionRow>,
    /// The rows that the hub runs.
    pub keeping: Keeping,
}

/// A row, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionRow {
    /// Its name.
    pub record: Code,
    /// For a person.
    pub label: String,
    /// The same in Urdu; not reviewed.
    pub label_ur: String,
    /// Of which cases: `purpose:...`, `service:...`, `not-served`, `no-referral`, `any`.
    pub applies: String,
    /// What starts the time.
    pub starts: String,
    /// How long, ISO 8601, or `for-ever`.
    pub keep: String,
    /// The rule that it rests on, as far as one was found.
    pub basis: String,
    /// Where that was read, or who proposes it.
    pub source: String,
    /// `HIGH`, `LOW`, `proposed` or `UNVERIFIED`.
    pub confidence: String,
    /// Does the hub run it? Some are agreed on paper only.
    pub run_by_hub: bool,
}

/// Why a cell is wrong, and which.
type Cell = (&'static str, String);

pub(crate) fn schedule(lists: &Lists, files: &Files) -> Result<RetentionSchedule, LoadError> {
    let (mut rows, mut keeping) = (Vec::<RetentionRow>::new(), Keeping::default());
    for (line, row) in lists.table(LIST)?.lines() {
        let bad = |(column, why): Cell| LoadError::bad(FILE, format!("line {line}, column `{column}`"), why);
        let read = read(&row).map_err(bad)?;
        if rows.iter().any(|held| held.record == read.record) {
            return Err(bad(("record", format!("`{}` stands twice; give each row its own", read.record))));
        }
        if read.run_by_hub {
            keeping.rows.push(run(&read, lists).map_err(bad)?);
        }
        rows.push(read);
    }
    if !keeping.rows.iter().any(|row| row.of == KeptCase::Any) {
        let why =
            "no row with `applies` any and `run_by_hub` yes: what no other row names would be kept for ever";
        return Err(LoadError::bad(FILE, "the file", why));
    }
    let bytes = files.get(FILE).ok_or_else(|| LoadError::Missing { file: FILE.to_owned() })?;
    Ok(RetentionSchedule { file: bytes.clone(), rows, keeping })
}

fn read(row: &dyn Fn(&str) -> String) -> Result<RetentionRow, Cell> {
    let wrong = |column, why: &str| (column, why.to_owned());
    let filled = |column: &'static str, why: &str| {
        Some(row(column)).filter(|text| !text.is_empty()).ok_or_else(|| wrong(column, why))
    };
    let record = row("record");
    let run_by_hub = match row("run_by_hub").as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(wrong("run_by_hub", "expected yes or no")),
    };
    let confidence = row("confidence");
    if !CONFIDENCES.contains(&confidence.as_str()) {
        return Err(wrong("confidence", "expected HIGH, LOW, proposed or UNVERIFIED"));
    }
    let keep = row("keep");
    if keep != FOR_EVER && kept_for(&keep).is_none() {
        return Err(wrong(
            "keep",
            "expected a time such as P10Y, P18M or P90D, at most 120 years, or for-ever",
        ));
    }
    let starts = row("starts");
    if kept_from(&starts).is_none() && !ON_PAPER.contains(&starts.as_str()) {
        return Err(wrong("starts", "expected closed, last-activity, child-turns-18 or written"));
    }
    Ok(RetentionRow {
        record: record.parse().map_err(|_| wrong("record", "expected a code such as case-services"))?,
        label: filled("label", "say what is kept, for a person")?,
        label_ur: filled("label_ur", "say the same in Urdu")?,
        applies: filled("applies", "expected purpose:CODE, service:CODE, not-served, no-referral or any")?,
        starts,
        keep,
        basis: filled("basis", "say on what rule it rests; `no statute found` is one")?,
        source: filled("source", "say where this was read, or who proposes it")?,
        confidence,
        run_by_hub,
    })
}

/// The row as it is run.
fn run(row: &RetentionRow, lists: &Lists) -> Result<KeptRow, Cell> {
    let wrong = |column, why: &str| (column, why.to_owned());
    let by_paper = "the hub cannot run this: say `run_by_hub` no, or start it by `closed` or `last-activity`";
    let from = kept_from(&row.starts).ok_or_else(|| wrong("starts", by_paper))?;
    let for_ever = "for-ever is nothing to run: say `run_by_hub` no";
    let keep = kept_for(&row.keep).ok_or_else(|| wrong("keep", for_ever))?;
    Ok(KeptRow { record: row.record.clone(), of: kept_case(&row.applies, lists)?, from, keep })
}

fn kept_case(text: &str, lists: &Lists) -> Result<KeptCase, Cell> {
    let (kind, code) = text.split_once(':').map_or((text, ""), |(kind, code)| (kind, code));
    let listed = |list: &str| {
        let found = lists.select(list).unwrap_or_default().into_iter().any(|row| row.code == code);
        let why = || ("applies", format!("`{code}` is no code of codelists/{list}"));
        code.parse::<Code>().ok().filter(|_| found).ok_or_else(why)
    };
    match (kind, code) {
        ("purpose", _) => listed("purposes.csv").map(KeptCase::Purpose),
        ("service", _) => listed("services.csv").map(KeptCase::Service),
        ("not-served", "") => Ok(KeptCase::NotServed),
        ("no-referral", "") => Ok(KeptCase::NoReferral),
        ("any", "") => Ok(KeptCase::Any),
        _ => {
            let why = "expected purpose:CODE, service:CODE, not-served, no-referral or any";
            Err(("applies", why.to_owned()))
        }
    }
}

fn kept_from(text: &str) -> Option<KeptFrom> {
    match text {
        "closed" => Some(KeptFrom::Closed),
        "last-activity" => Some(KeptFrom::LastActivity),
        _ => None,
    }
}

/// `P10Y`, `P18M`, `P90D`: one number and one unit, counted by the calendar.
fn kept_for(text: &str) -> Option<KeptFor> {
    let rest = text.strip_prefix('P')?;
    let (number, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = number.parse().ok().filter(|number| plain && *number > 0)?;
    let (months, days) = match unit {
        "Y" => (number.checked_mul(12)?, 0),
        "M" => (number, 0),
        "D" => (0, number),
        _ => return None,
    };
    (months <= YEARS_MAX * 12 && days <= YEARS_MAX * 366).then_some(KeptFor { months, days })
}
