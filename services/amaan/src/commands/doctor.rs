//! `amaan doctor`: prints what was found, the gravest first; fails where something keeps the hub from
//! running.

use std::process::ExitCode;

use crate::cli::DoctorArgs;
use crate::doctor::examine;
use crate::doctor::finding::{blocked, text, to_json};
use crate::failure::Failure;

pub async fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let findings = examine(&args.config).await?;
    if args.json {
        println!("{}", to_json(&findings));
    } else {
        print!("{}", text(&findings));
    }
    Ok(if blocked(&findings) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
