//! `amaan audit verify`: recomputes a store from outside and says what does not hold.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use store::{Place, VerifyOptions, VerifyReport, verify};

use crate::cli::VerifyArgs;
use crate::config;
use crate::failure::Failure;
use crate::sandbox::{self, STORE_FOLDER};
use crate::wiring;

/// Findings printed; more are counted.
const FINDINGS_SHOWN: usize = 20;

pub fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let trusted = args.checkpoint.iter().map(read_note).collect::<Result<Vec<_>, _>>()?;
    if let Some(vkey) = &args.vkey {
        ledger::VerifierKey::parse(vkey).map_err(|error| Failure::Usage(format!("--vkey: {error}")))?;
    }
    let (place, said) = place(args)?;
    let options = VerifyOptions { place, trusted, vkey: args.vkey.clone() };
    let report = verify(&options).map_err(|error| Failure::Failed(format!("{said}: {error}")))?;
    if args.json {
        println!("{}", as_json(&report)?);
    } else {
        print(&report);
    }
    Ok(if report.verified() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

fn print(report: &VerifyReport) {
    println!("entries    {}", report.entries);
    println!("heads      {}", report.heads);
    println!("root       {}", report.root);
    println!("compared   {} checkpoint(s) kept outside the database", report.compared);
    for finding in report.findings.iter().take(FINDINGS_SHOWN) {
        let place = if finding.first == finding.last {
            format!("entry {}", finding.first)
        } else {
            format!("entries {} to {}", finding.first, finding.last)
        };
        println!("FAULT      {} at {place}: {}", finding.kind, finding.detail);
    }
    let more = report.findings.len().saturating_sub(FINDINGS_SHOWN);
    if more > 0 {
        println!("           and {more} more (--json shows all)");
    }
    println!("{}", if report.verified() { "the record holds" } else { "THE RECORD DOES NOT HOLD" });
}
