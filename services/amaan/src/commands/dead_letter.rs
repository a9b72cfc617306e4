//! `amaan dead-letter`: lists, replays and settles over the hub's API, as whoever the token speaks for.

use std::process::ExitCode;

use egress::Method;
use serde_json::{Value, json};

use super::api;
use crate::cli::{ApiArgs, DeadLetterCommand, ResolutionArg};
use crate::failure::Failure;

pub async fn run(api: &ApiArgs, command: DeadLetterCommand) -> Result<ExitCode, Failure> {
    let answer = match command {
        DeadLetterCommand::List => list(api).await?,
        DeadLetterCommand::Show { id } => {
            let path = format!("/v1/dead-letters/{}", segment(&id)?);
            let shown = call(api, Method::Get, &path, None).await?;
            print_detail(api, &shown);
            shown
        }
        DeadLetterCommand::Replay { id: Some(id), .. } => {
            let path = format!("/v1/dead-letters/{}/replay", segment(&id)?);
            call(api, Method::Post, &path, Some(json!({}))).await?
        }
        DeadLetterCommand::Replay { id: None, to, reason, message, .. } => {
            let asked = [("to", to), ("reason", reason), ("message", message)];
            let asked = asked.into_iter().filter_map(|(name, given)| Some((name.to_owned(), json!(given?))));
            replay_all(api, asked.collect()).await?
        }
        DeadLetterCommand::Resolve { id, resolution, reason } => {
            let resolution = match resolution {
                ResolutionArg::Delivered => "delivered",
                ResolutionArg::NotDelivered => "not-delivered",
            };
            let path = format!("/v1/dead-letters/{}/resolve", segment(&id)?);
            call(api, Method::Post, &path, Some(json!({ "as": resolution, "reason": reason }))).await?
        }
    };
    if api.json {
        println!("{answer}");
    } else {
        print(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// Request after request until none is left that fits. What was refused rests, and would be refused again.
async fn replay_all(api: &ApiArgs, asked: Value) -> Result<Value, Failure> {
    let answer = call(api, Method::Post, "/v1/dead-letters/replay", Some(asked)).await?;
    if !api.json {
        let list = |member| answer.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        for one in list("refused") {
            let text = |member| one.get(member).and_then(Value::as_str).unwrap_or("-");
            println!("{}  stays: {}", text("id"), text("problem"));
        }
        if answer.get("more").and_then(Value::as_bool) == Some(true) {
            println!("there are more: run it again");
        }
        return Ok(json!({ "data": list("replayed") }));
    }
    Ok(answer)
}

/// What a list does not show.
fn print_detail(api: &ApiArgs, shown: &Value) {
    if api.json {
        return;
    }
    let list = |member| shown.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, at: &str| value.pointer(at).map_or_else(String::new, plain);
    for tried in list("tried") {
        let (step, mapping) = (text(&tried, "/step"), text(&tried, "/mapped/mapping"));
        let (at, attempt, reason) = (text(&tried, "/at"), text(&tried, "/attempt"), text(&tried, "/reason"));
        println!("  {at}  attempt {attempt}: {step} {reason} {mapping}");
    }
    for member in list("preview") {
        println!("  {}: {}", text(&member, "/member"), text(&member, "/category"));
    }
    println!("  mended by the {}: {}", text(shown, "/mend/mends"), text(shown, "/mend/runbook"));
    for contact in list("contacts") {
        println!(
            "  {} {}: {}",
            text(&contact, "/role"),
            text(&contact, "/channel"),
            text(&contact, "/value")
        );
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

pub(super) async fn call(
    api: &ApiArgs,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Failure> {
    api::call(api, method, path, body.map(|body| body.to_string().into_bytes())).await
}

/// All pages as one. A cursor only ever goes on: a hub that says otherwise is not asked for ever.
async fn list(api: &ApiArgs) -> Result<Value, Failure> {
    let (mut letters, mut after) = (Vec::new(), None::<casework::DeliveryId>);
    loop {
        let cursor = after.map(|after| format!("&cursor={after}")).unwrap_or_default();
        let page = call(api, Method::Get, &format!("/v1/dead-letters?limit=200{cursor}"), None).await?;
        letters.extend(page.get("data").and_then(Value::as_array).into_iter().flatten().cloned());
        let Some(next) = page.get("next_cursor").and_then(Value::as_str) else { break };
        let next = next.parse().ok().filter(|next| after.is_none_or(|after| after < *next));
        after = Some(
            next.ok_or_else(|| Failure::Failed("the hub's pages do not go on; tell its operator".into()))?,
        );
    }
    Ok(json!({ "data": letters, "next_cursor": null }))
}

fn segment(id: &str) -> Result<casework::DeliveryId, Failure> {
    id.parse().map_err(|error| Failure::Usage(format!("the id is {error}")))
}

fn print(answer: &Value) {
    let one = std::slice::from_ref(answer);
    let rows = answer.get("data").and_then(Value::as_array).map_or(one, Vec::as_slice);
    if rows.is_empty() {
        println!("no delivery waits for you");
        return;
    }
    for row in rows {
        let text = |member| row.get(member).and_then(Value::as_str).unwrap_or("-");
        let attempts = row.get("attempts").and_then(Value::as_u64).unwrap_or(0);
        println!(
            "{}  {} {} -> {}  {} ({}), {attempts} attempt(s), owner {}, due {}",
            text("id"),
            text("message"),
            text("from"),
            text("to"),
            text("status"),
            text("reason"),
            text("owner"),
            text("due"),
        );
    }
}
