//! `amaan config check` and `amaan config print`: what stands in a configuration, before anything starts; and
//! `amaan config honey`, which makes what stands in one of its files.

use std::process::ExitCode;

use serde_json::json;
use zeroize::Zeroizing;

use crate::cli::{ConfigArgs, ConfigPrintArgs, HoneyArgs};
use crate::config::{self, Refused, listing, reference, secrets};
use crate::failure::Failure;
use crate::telemetry::metrics_page;

/// Of an identity number.
const NUMBER_DIGITS: usize = 13;

/// Reads everything that `serve` would read, and starts nothing.
pub fn check(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    let checked = config::load(&args.config).and_then(|settings| secrets::open(&settings));
    match checked {
        Err(Refused::Problems(problems)) if args.json => {
            println!("{}", json!({ "ok": false, "problems": problems.to_json() }));
            return Ok(ExitCode::FAILURE);
        }
        Err(refused) => return Err(refused.into()),
        Ok(_) if args.json => println!("{}", json!({ "ok": true, "problems": [] })),
        Ok(_) => println!("ok: {}", args.config.display()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The marks of identity numbers on standard input, one on a line, for `limits.honey_file`. The numbers are
/// kept nowhere.
pub fn honey(args: &HoneyArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let marks = secrets::open_root(&settings)?.mark_key();
    for line in std::io::stdin().lines() {
        let line = Zeroizing::new(line.map_err(Failure::at("reading the numbers"))?);
        let digits = line.bytes().filter(u8::is_ascii_digit).count();
        if digits != NUMBER_DIGITS || line.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'-') {
            let why = "a line is no identity number: thirteen digits, bare or written 5-7-1";
            return Err(Failure::Failed(why.to_owned()));
        }
        println!("{}", hex::encode(marks.mark(&line)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Each value with its origin; secret files need not be there yet.
pub fn print(args: &ConfigPrintArgs) -> Result<ExitCode, Failure> {
    let Some(file) = &args.config else {
        print!("{}", if args.metrics { metrics_page() } else { reference() });
        return Ok(ExitCode::SUCCESS);
    };
    let lines = listing(&config::load(file)?);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&lines).map_err(Failure::at("rendering the settings"))?);
        return Ok(ExitCode::SUCCESS);
    }
    let width = |text: fn(&config::Line) -> &str| lines.iter().map(|line| text(line).chars().count()).max();
    let (keys, values) = (width(|line| &line.key).unwrap_or(0), width(|line| &line.value).unwrap_or(0));
    for line in &lines {
        println!("{:<keys$}  {:<values$}  {}", line.key, line.value, line.origin);
    }
    Ok(ExitCode::SUCCESS)
}
