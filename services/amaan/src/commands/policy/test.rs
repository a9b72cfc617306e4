//! `amaan policy test`: every row of every table, and each that does not hold with what was decided instead.

use std::process::ExitCode;

use policies::Examined;
use serde_json::json;

use super::examined;
use crate::cli::PolicyTestArgs;
use crate::failure::Failure;

pub fn run(args: &PolicyTestArgs) -> Result<ExitCode, Failure> {
    let Examined { policies, rows } = examined(args.dir.as_deref())?;
    let failing: Vec<_> = rows.iter().filter(|row| !row.holds).collect();
    if args.json {
        let set = policies.set_digest();
        println!("{}", json!({ "set": set, "rows": rows, "failing": failing.len() }));
    } else {
        for row in &failing {
            println!("{}: {row}", row.file);
        }
        let agreements = policies.agreements().len();
        let of = format!("{agreements} agreement(s), set {}", policies.set_digest());
        match failing.len() {
            0 => println!("all {} rows hold ({of})", rows.len()),
            broken => println!("{broken} of {} rows do not hold ({of})", rows.len()),
        }
    }
    Ok(if failing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
