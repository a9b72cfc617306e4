//! `amaan policy diff | propose | show`: against a hub that runs, as whoever the token speaks for.

use std::process::ExitCode;

use egress::Method;
use serde_json::{Value, json};

use super::sound;
use crate::cli::{ApiArgs, PolicyDiffArgs, PolicyProposeArgs};
use crate::commands::dead_letter::call;
use crate::failure::Failure;

pub async fn diff(args: &PolicyDiffArgs) -> Result<ExitCode, Failure> {
    let asked = json!({ "bundle": bundle(args.dir.as_deref())?, "last": args.last });
    let answer = call(&args.api, Method::Post, "/v1/policies/compare", Some(asked)).await?;
    if args.api.json {
        println!("{answer}");
    } else {
        print!("{}", replay_text(&answer));
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn propose(args: &PolicyProposeArgs) -> Result<ExitCode, Failure> {
    let asked = json!({ "bundle": bundle(args.dir.as_deref())? });
    let answer = call(&args.api, Method::Post, "/v1/policies", Some(asked)).await?;
    if args.api.json {
        println!("{answer}");
    } else {
        print!("{}", proposal_text(&answer));
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn show(api: &ApiArgs) -> Result<ExitCode, Failure> {
    let answer = call(api, Method::Get, "/v1/policies", None).await?;
    if api.json {
        println!("{answer}");
    } else {
        print!("{}", policies_text(&answer));
    }
    Ok(ExitCode::SUCCESS)
}

fn bundle(dir: Option<&std::path::Path>) -> Result<Value, Failure> {
    serde_json::from_str(&sound(dir)?.bundle()).map_err(Failure::at("the set's text"))
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or("-")
}

fn number(value: &Value, at: &str) -> u64 {
    value.pointer(at).and_then(Value::as_u64).unwrap_or(0)
}

fn rows<'a>(value: &'a Value, at: &str) -> &'a [Value] {
    value.pointer(at).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn words(value: &Value, at: &str) -> String {
    let words: Vec<&str> = rows(value, at).iter().filter_map(Value::as_str).collect();
    if words.is_empty() { "no policy".to_owned() } else { words.join(", ") }
}

/// What another set would have made of past decisions.
fn replay_text(answer: &Value) -> String {
    let mut told = format!("{} -> {}: {}\n", text(answer, "/from"), text(answer, "/to"), summary(answer));
    told.push_str(&format!("{} of them were refused then\n", number(answer, "/refusals")));
    for (why, count) in answer.get("not_asked").and_then(Value::as_object).into_iter().flatten() {
        told.push_str(&format!("not asked again: {count} ({why})\n"));
    }
    for row in rows(answer, "/differences") {
        let (was, becomes) = (text(row, "/was"), text(row, "/becomes"));
        let refused = match number(row, "/refused") {
            0 => String::new(),
            refused => format!(", {refused} of them refused then"),
        };
        told.push_str(&format!("  {}x {}{refused}\n", number(row, "/times"), text(row, "/asked")));
        told.push_str(&format!("     {was} by {}\n", words(row, "/was_by")));
        told.push_str(&format!("     becomes {becomes} by {}\n", words(row, "/becomes_by")));
    }
    told
}

fn summary(counts: &Value) -> String {
    format!(
        "of {} past decision(s), {} would be permitted that are not, {} denied that are permitted, {} not \
         decided",
        number(counts, "/decisions"),
        number(counts, "/newly_permitted"),
        number(counts, "/newly_denied"),
        number(counts, "/newly_failed"),
    )
}

fn proposal_text(answer: &Value) -> String {
    let counts = answer.get("replay").unwrap_or(&Value::Null);
    format!(
        "{}  set {} in the place of {}, until {}\n  {}; {} could not be asked again\n  {}: another \
         person in the role `{}` decides with POST /v1/approvals/{}/approve\n",
        text(answer, "/id"),
        text(answer, "/set"),
        text(answer, "/before"),
        text(answer, "/expires"),
        summary(counts),
        number(counts, "/not_asked"),
        text(answer, "/status"),
        text(answer, "/needs"),
        text(answer, "/id"),
    )
}

fn policies_text(answer: &Value) -> String {
    let approved = answer.pointer("/approved").and_then(Value::as_bool) == Some(true);
    let by = if approved { "approved by two people" } else { "the program's own" };
    let mut told = format!("set {} ({by})\n", text(answer, "/set"));
    for one in rows(answer, "/agreements") {
        let until = one.pointer("/valid/until").and_then(Value::as_str).unwrap_or("open");
        let (name, standing, from) = (text(one, "/name"), text(one, "/standing"), text(one, "/valid/from"));
        told.push_str(&format!("  {name}: {standing}, {from} to {until}; {}\n", text(one, "/legal_basis")));
    }
    if let Some(offered) = answer.pointer("/offered").and_then(Value::as_str) {
        told.push_str(&format!("offered by the folder: {offered}\n"));
    }
    for refused in rows(answer, "/refused").iter().filter_map(Value::as_str) {
        told.push_str(&format!("cannot be used: {refused}\n"));
    }
    for proposal in rows(answer, "/proposed") {
        told.push_str("proposed: ");
        told.push_str(&proposal_text(proposal));
    }
    told
}
