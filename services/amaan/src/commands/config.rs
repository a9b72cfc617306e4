//! `amaan config check` and `amaan config print`: what stands in a configuration, before anything starts.

use std::process::ExitCode;

use serde_json::json;

use crate::cli::{ConfigArgs, ConfigPrintArgs};
use crate::config::{self, Refused, listing, reference, secrets};
use crate::failure::Failure;
use crate::telemetry::metrics_page;

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
