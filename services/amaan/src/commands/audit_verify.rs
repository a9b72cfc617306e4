//! `amaan audit verify`: recomputes a store from outside and says what does not hold.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use store::{
    BodiesReport, Finding, LostRange, Place, VerifyBodies, VerifyOptions, VerifyReport, verify, verify_bodies,
};

use super::bundle;
use crate::cli::{VerifyArgs, VerifyCommand};
use crate::config;
use crate::failure::Failure;
use crate::sandbox::{self, STORE_FOLDER};
use crate::wiring;

/// Findings printed; more are counted.
const FINDINGS_SHOWN: usize = 20;

pub fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    if let Some(VerifyCommand::Bundle(args)) = &args.command {
        return bundle::run(args);
    }
    let trusted = args.checkpoint.iter().map(read_note).collect::<Result<Vec<_>, _>>()?;
    for vkey in args.vkey.iter().flat_map(|vkeys| vkeys.split_whitespace()) {
        ledger::VerifierKey::parse(vkey).map_err(|error| Failure::Usage(format!("--vkey: {error}")))?;
    }
    let (place, said) = place(args)?;
    let failed = |error: store::StoreError| Failure::Failed(format!("{said}: {error}"));
    let bodies = if args.bodies { Some(bodies(args, place.clone())?) } else { None };
    let options = VerifyOptions { place, trusted, vkey: args.vkey.clone() };
    let mut report = verify(&options).map_err(failed)?;
    let bodies = bodies.map(|asked| verify_bodies(&asked)).transpose().map_err(failed)?;
    if let Some(bodies) = &bodies {
        report.findings.extend(bodies.findings.iter().cloned());
        report.findings.sort_by_key(|finding| finding.first);
    }
    if args.json {
        println!("{}", whole(&report, bodies.as_ref())?);
    } else {
        print(&report, bodies.as_ref());
    }
    Ok(if report.verified() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// With which keys, and under which name, bodies are opened.
fn bodies(args: &VerifyArgs, place: Place) -> Result<VerifyBodies, Failure> {
    let (root, hub) = match &args.config {
        Some(file) => {
            let settings = config::load(file)?;
            (config::secrets::open_root(&settings)?, settings.hub.name)
        }
        None => sandbox::root_key(args.data.as_deref().unwrap_or_else(|| Path::new(".")))?,
    };
    Ok(VerifyBodies { place, root, hub, sample: args.sample, committed: hub::committed })
}

/// Where the store lies, and how an error calls it.
fn place(args: &VerifyArgs) -> Result<(Place, String), Failure> {
    if let Some(file) = &args.config {
        let settings = config::load(file)?;
        let databases = config::secrets::open_databases(&settings)?;
        return Ok((wiring::place(settings.hub.data, databases), format!("--config {}", file.display())));
    }
    let data = args.data.as_deref().unwrap_or_else(|| Path::new("."));
    let said = format!("--data {}", data.display());
    match &args.store {
        Some(url) => Ok((sandbox::place_on(url, args.ca.as_deref(), data)?, said)),
        None => Ok((Place::Sqlite { dir: folder(data) }, said)),
    }
}

/// A sandbox keeps its store in a folder of its own.
fn folder(data: &Path) -> PathBuf {
    let inner = data.join(STORE_FOLDER);
    if inner.is_dir() { inner } else { data.to_path_buf() }
}

/// A signed note, or a receipt (JSON) whose proof ends in one.
fn read_note(path: &PathBuf) -> Result<String, Failure> {
    let what =
        |error: &dyn std::fmt::Display| Failure::Usage(format!("--checkpoint {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| what(&error))?;
    let Ok(json) = serde_json::from_str::<Value>(&text) else {
        return ledger::parse_note(&text).map(|_| text.clone()).map_err(|error| what(&error));
    };
    let receipt = json.get("receipt").unwrap_or(&json);
    let proof = receipt.get("tlog_proof").and_then(Value::as_str);
    let proof =
        proof.ok_or_else(|| what(&"neither a signed checkpoint nor a receipt with a `tlog_proof`"))?;
    store::note_of_proof(proof).map_err(|error| what(&error))
}

pub fn as_json(report: &VerifyReport) -> Result<Value, Failure> {
    let mut value = serde_json::to_value(report).map_err(Failure::at("rendering the report"))?;
    if let Some(members) = value.as_object_mut() {
        members.insert("verified".to_owned(), json!(report.verified()));
    }
    Ok(value)
}

fn whole(report: &VerifyReport, bodies: Option<&BodiesReport>) -> Result<Value, Failure> {
    let mut value = as_json(report)?;
    if let (Some(members), Some(bodies)) = (value.as_object_mut(), bodies) {
        let BodiesReport { committed, opened, erased, .. } = bodies;
        let said = json!({ "committed": committed, "opened": opened, "erased": erased });
        members.insert("bodies".to_owned(), said);
    }
    Ok(value)
}

fn print(report: &VerifyReport, bodies: Option<&BodiesReport>) {
    println!("entries    {}", report.entries);
    println!("heads      {}", report.heads);
    println!("root       {}", report.root);
    println!("compared   {} checkpoint(s) kept outside the database", report.compared);
    if let Some(BodiesReport { committed, opened, erased, .. }) = bodies {
        println!("bodies     {opened} opened of {committed}; {erased} of erased cases");
    }
    for lost in &report.lost {
        let LostRange { epoch, first, last } = lost;
        println!("LOST       entries {first} to {last}, as the first entry of epoch {epoch} says");
    }
    report.findings.iter().take(FINDINGS_SHOWN).for_each(print_finding);
    let more = report.findings.len().saturating_sub(FINDINGS_SHOWN);
    if more > 0 {
        println!("           and {more} more (--json shows all)");
    }
    println!("{}", if report.verified() { "the record holds" } else { "THE RECORD DOES NOT HOLD" });
}

fn print_finding(finding: &Finding) {
    let place = if finding.first == finding.last {
        format!("entry {}", finding.first)
    } else {
        format!("entries {} to {}", finding.first, finding.last)
    };
    println!("FAULT      {} at {place}: {}", finding.kind, finding.detail);
}
