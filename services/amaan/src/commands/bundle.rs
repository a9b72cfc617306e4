//! `amaan audit verify bundle FILE`: does the evidence of a referral hold, and what does it prove? Asks no
//! hub.
//! `--batch` judges many, for `ops/bundles`, which compares this judge with another.

use std::path::Path;
use std::process::ExitCode;
use std::thread;

use amaan_http::Language;
use hub::evidence::{GivenKeys, Held, Jwk, Refused, judge};
use ledger::{CosignerKey, VerifierKey};
use serde_json::{Value, json};

use crate::cli::{BundleArgs, LangArg};
use crate::failure::Failure;

/// Verdicts made beside one another.
const THREADS_MAX: usize = 8;

pub fn run(args: &BundleArgs) -> Result<ExitCode, Failure> {
    let given = given(args)?;
    let file = read(&args.file)?;
    if args.batch {
        return batch(&file, &given);
    }
    let verdict = judge(&file, &given);
    if args.json {
        println!("{}", as_json(&verdict));
    } else {
        print(&verdict);
    }
    match verdict {
        Ok(held) => page(args, &held),
        Err(_) => Ok(ExitCode::FAILURE),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))
}

fn given(args: &BundleArgs) -> Result<GivenKeys, Failure> {
    let ledger = args.ledger_key.as_ref().map(|text| ledger_keys(text)).transpose()?;
    let witness = |text: &String| {
        CosignerKey::parse(text.trim()).map_err(|error| Failure::Usage(format!("--witness-key: {error}")))
    };
    let set = |file: &Option<std::path::PathBuf>| {
        let keys = |file: &std::path::PathBuf| {
            let set = Jwk::set(&read(file)?);
            set.ok_or_else(|| Failure::Usage(format!("{}: no JWK set (RFC 7517 section 5)", file.display())))
        };
        file.as_ref().map(keys).transpose()
    };
    Ok(GivenKeys {
        ledger: ledger.unwrap_or_default(),
        witnesses: args.witness_key.iter().map(witness).collect::<Result<_, _>>()?,
        hub: set(&args.hub_keys)?,
        agencies: set(&args.agency_keys)?,
    })
}

/// One in each line, as `GET /v1/audit/key` has them. None is a mistake: an empty file is not believed to be
/// a wish to check nothing.
fn ledger_keys(text: &str) -> Result<Vec<VerifierKey>, Failure> {
    let parse = |line: &str| {
        VerifierKey::parse(line).map_err(|error| Failure::Usage(format!("--ledger-key: {error}")))
    };
    let keys = text.split_whitespace().map(parse).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(Failure::Usage(
            "--ledger-key: there is no key in it; leave it out or give one".to_owned(),
        ));
    }
    Ok(keys)
}

fn page(args: &BundleArgs, held: &Held) -> Result<ExitCode, Failure> {
    let Some(file) = &args.html else { return Ok(ExitCode::SUCCESS) };
    let language = match args.lang {
        LangArg::En => Language::English,
        LangArg::Ur => Language::Urdu,
    };
    let page = amaan_http::evidence_page(held, language);
    std::fs::write(file, page)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", file.display())))?;
    eprintln!("wrote {}", file.display());
    Ok(ExitCode::SUCCESS)
}

fn as_json(verdict: &Result<Held, Refused>) -> Value {
    match verdict {
        Ok(held) => json!({
            "holds": true, "verdict": held.to_string(), "proven": held.proven(),
            "not_proven": held.not_proven(),
        }),
        Err(refused) => json!({
            "holds": false, "verdict": refused.to_string(), "line": refused.line,
            "reason": refused.reason.as_str(), "means": refused.reason.means(),
        }),
    }
}

fn print(verdict: &Result<Held, Refused>) {
    match verdict {
        Ok(held) => {
            println!("{held}\n\nproven:");
            held.proven().iter().for_each(|fact| println!("  - {fact}"));
            println!("\nNOT proven:");
            held.not_proven().iter().for_each(|fact| println!("  - {fact}"));
        }
        Err(refused) => {
            println!("{refused}\n\nIT DOES NOT HOLD. Line {}: {}.", refused.line, refused.reason.means());
            println!("Nothing in this file is proven.");
        }
    }
}

/// A verdict for each bundle, in their order; half of a file goes to each of some threads.
fn batch(file: &[u8], given: &GivenKeys) -> Result<ExitCode, Failure> {
    let bundles = parted(file).ok_or_else(|| Failure::Usage("the file is no batch of bundles".to_owned()))?;
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let verdicts = thread::scope(|scope| {
        let part = bundles.len().div_ceil(threads).max(1);
        let judged = |part: &[&[u8]]| part.iter().map(|one| said(one, given)).collect::<Vec<_>>();
        let running: Vec<_> = bundles.chunks(part).map(|part| scope.spawn(move || judged(part))).collect();
        running.into_iter().map(thread::ScopedJoinHandle::join).collect::<Result<Vec<_>, _>>()
    });
    let verdicts = verdicts.map_err(|_| Failure::Failed("a judge broke off".to_owned()))?.concat();
    println!("{}", verdicts.join("\n"));
    let good = verdicts.iter().all(|verdict| verdict.starts_with("holds"));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn said(bundle: &[u8], given: &GivenKeys) -> String {
    judge(bundle, given).map_or_else(|refused| refused.to_string(), |held| held.to_string())
}

/// Bundles, each behind its length.
fn parted(mut rest: &[u8]) -> Option<Vec<&[u8]>> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (length, after) = rest.split_at_checked(end)?;
        let length: usize = str::from_utf8(length).ok()?.parse().ok()?;
        let (one, after) = after.get(1..)?.split_at_checked(length)?;
        all.push(one);
        rest = after;
    }
    Some(all)
}
