//! `amaan referral`: over the hub's API, as whoever the token speaks for. `preview FILE` says what each
//! recipient would get of a referral and why; nothing is sent. `send FILE` sends it, signed by the agency
//! where a key is named, once however often it is run (`send.rs`). `disclosures CASE` says what of a child
//! went to whom.

mod send;

use std::path::Path;
use std::process::ExitCode;

use egress::Method;
use serde_json::Value;

use super::api::call;
use crate::cli::{ApiArgs, ReferralCommand};
use crate::failure::Failure;

pub async fn run(api: &ApiArgs, command: ReferralCommand) -> Result<ExitCode, Failure> {
    match command {
        ReferralCommand::Preview { file } => preview(api, &file).await,
        ReferralCommand::Send(args) => send::send(api, args).await,
        ReferralCommand::Disclosures { case, child } => disclosures(api, &case, child).await,
    }
}

async fn preview(api: &ApiArgs, file: &Path) -> Result<ExitCode, Failure> {
    let preview = call(api, Method::Post, "/v1/referrals/preview", Some(read(file)?)).await?;
    if api.json {
        println!("{preview}");
        return Ok(ExitCode::SUCCESS);
    }
    for recipient in list(&preview, "/recipients") {
        print(recipient);
    }
    Ok(ExitCode::SUCCESS)
}

/// All pages as one list, newest first.
async fn disclosures(api: &ApiArgs, case: &str, child: bool) -> Result<ExitCode, Failure> {
    let case: casework::CaseId =
        case.parse().map_err(|error| Failure::Usage(format!("the case is {error}")))?;
    let reader = if child { "child" } else { "owner" };
    let (mut rows, mut after) = (Vec::new(), None::<u64>);
    loop {
        let cursor = after.map(|after| format!("&cursor={after}")).unwrap_or_default();
        let path = format!("/v1/cases/{case}/disclosures?for={reader}{cursor}");
        let page = call(api, Method::Get, &path, None).await?;
        rows.extend(list(&page, "/data").cloned());
        let Some(next) = page.get("next_cursor").and_then(Value::as_str) else { break };
        // A cursor only ever goes on: a hub that says otherwise is not asked for ever.
        let next = next.parse().ok().filter(|next| after.is_none_or(|after| *next < after));
        let no_way = || Failure::Failed("the hub's pages do not go on; tell its operator".to_owned());
        after = Some(next.ok_or_else(no_way)?);
    }
    if api.json {
        println!("{}", Value::Array(rows));
    } else {
        rows.iter().for_each(print_disclosure);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_disclosure(row: &Value) {
    let words = |at| list(row, at).filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    let (at, to, how, what) = (text(row, "/at"), text(row, "/to"), text(row, "/how"), text(row, "/what"));
    println!("{at}  {to}  {how}: {what}");
    println!("  saw: {}", words("/categories"));
    if row.get("reduced").is_some() {
        println!("  of these less exactly: {}", words("/reduced"));
    }
    let (purpose, basis) = (text(row, "/purpose"), text(row, "/basis"));
    println!("  for {purpose}, on {basis}, under policies {}", text(row, "/policy_set"));
    if row.get("told_later").is_some() {
        let (from, reason) = (text(row, "/told_later/from"), text(row, "/told_later/reason"));
        println!("  the child is told from {from} on: {reason} (proposed, not law)");
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::Usage(format!("cannot read {}: {error}", file.display()));
    std::fs::read(file).map_err(failed)
}

/// Names of fields and policies, never a value.
fn print(recipient: &Value) {
    let received = recipient.get("may_receive").and_then(Value::as_bool) == Some(true);
    let refused = if received { "" } else { "  (no agreement lets it receive this)" };
    println!("{}, asked for {}{refused}", text(recipient, "/to"), text(recipient, "/beside/service"));
    for field in list(recipient, "/fields") {
        let at = field.get("at").and_then(Value::as_str).map(|at| format!(" as {at}")).unwrap_or_default();
        let (becomes, pointer) = (text(field, "/becomes"), text(field, "/pointer"));
        println!("  {becomes:13} {pointer}{at}  ({}: {})", text(field, "/category"), why(field));
    }
}

fn why(field: &Value) -> String {
    let policies: Vec<String> =
        list(field, "/policies").map(|one| format!("{} {}", text(one, "/id"), text(one, "/title"))).collect();
    match text(field, "/because") {
        "no-policy" => "no agreement gives it".to_owned(),
        "asked-to-withhold" => "the child or its guardian asked to withhold it".to_owned(),
        "not-for-recipients" => "told to no recipient".to_owned(),
        "no-coarser-form" => format!("it has no coarser form; {}", policies.join("; ")),
        "forbidden" => format!("forbidden; {}", policies.join("; ")),
        _ => policies.join("; "),
    }
}

fn list<'a>(value: &'a Value, at: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(at).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or("-")
}
