//! `amaan policy explain`: one question, its answer in words, and what would turn it round. Codes only; no
//! hub is asked.

use std::process::ExitCode;
use std::str::FromStr;

use chrono::NaiveDate;
use policies::{Act, Ask, Moment, Places};

use super::examined;
use crate::cli::PolicyExplainArgs;
use crate::failure::Failure;

pub fn run(args: &PolicyExplainArgs) -> Result<ExitCode, Failure> {
    let set = examined(args.dir.as_deref())?.policies;
    let at = Moment { hour: args.hour, ..day(args)? };
    let explained = set.explain(&question(args)?, at);
    if args.json {
        println!("{}", serde_json::to_string(&explained).map_err(Failure::at("the explanation"))?);
    } else {
        print!("{explained}");
    }
    Ok(ExitCode::SUCCESS)
}

fn question(args: &PolicyExplainArgs) -> Result<Ask, Failure> {
    let provinces = args.agency_provinces.iter();
    Ok(Ask {
        scopes: args.scopes.clone(),
        counterpart: optional("the other agency", args.to.as_deref())?,
        message: optional("--message", args.message.as_deref())?,
        service: optional("--service", args.service.as_deref())?,
        purpose: optional("--purpose", args.purpose.as_deref())?,
        basis: optional("--basis", args.basis.as_deref())?,
        urgency: args.urgency.as_deref().map(urgency).transpose()?,
        places: Places {
            agency_provinces: provinces
                .map(|code| named("--agency-province", code))
                .collect::<Result<_, _>>()?,
            case_province: optional("--case-province", args.case_province.as_deref())?,
            case_district: optional("--case-district", args.case_district.as_deref())?,
        },
        ..Ask::of(named("the agency", &args.who)?, args.roles.clone(), act(&args.act)?)
    })
}

fn optional<T: FromStr>(what: &str, given: Option<&str>) -> Result<Option<T>, Failure> {
    given.map(|given| named(what, given)).transpose()
}

fn named<T: FromStr>(what: &str, given: &str) -> Result<T, Failure> {
    given.parse().map_err(|_| Failure::Usage(format!("{what}: `{given}` is none; see schemas/codelists")))
}

/// As tables write it (`check-identity`) or as policies do (`check_identity`).
fn act(given: &str) -> Result<Act, Failure> {
    let name = given.replace('-', "_");
    Act::ALL.iter().find(|act| act.as_str() == name).copied().ok_or_else(|| {
        let all: Vec<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
        Failure::Usage(format!("`{given}` is no act; there are {}", all.join(", ")))
    })
}

fn urgency(given: &str) -> Result<casework::Priority, Failure> {
    let read = serde_json::from_value(serde_json::Value::String(given.to_owned()));
    read.map_err(|_| Failure::Usage(format!("--urgency: `{given}` is none of emergency, urgent, normal")))
}

fn day(args: &PolicyExplainArgs) -> Result<Moment, Failure> {
    let Some(given) = &args.on else { return Ok(Moment::of(store::CaseClock::default().real())) };
    let day = given.parse::<NaiveDate>();
    day.map(Moment::on).map_err(|_| Failure::Usage(format!("--on: `{given}` is no day such as 2026-12-31")))
}
