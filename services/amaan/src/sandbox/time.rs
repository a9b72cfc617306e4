//! `amaan sandbox clock +72h`: moves the case clock of a running sandbox, so that a person sees in a moment
//! what a week without an answer does. Only case time moves: tokens, TLS, leases and retries go by real time.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use casework::{TimeSource, Timestamp};
use egress::{Client, Method, Request, Rules, Url};
use hub::Hub;
use serde_json::{Value, json};
use simulator::{MoveClock, RunningCaseClock};

use super::plan::Plan;
use crate::cli::ClockArgs;
use crate::failure::Failure;

/// Stops on the way; past that it goes the rest in one step.
const STOPS_MAX: usize = 10_000;
/// Climbing many ladders takes a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// The sandbox's side: a port on loopback.
pub fn serve(hub: &Arc<Hub>, port: u16) -> Result<RunningCaseClock, Failure> {
    let hub = Arc::clone(hub);
    let clock: MoveClock = Arc::new(move |seconds| {
        let hub = Arc::clone(&hub);
        Box::pin(async move { advance(hub, seconds).await })
    });
    simulator::start_case_clock(port, clock).map_err(Failure::at("the port of the case clock"))
}

/// Stops wherever a clock wakes on the way, so that what happens is what would have happened.
pub async fn advance(hub: Arc<Hub>, seconds: i64) -> Result<Value, String> {
    let was = hub.store.clock().now();
    let until = was.plus_seconds(seconds);
    let mut climbed = 0_usize;
    for _ in 0..STOPS_MAX {
        let next = hub.store.next_overdue().await.map_err(|error| error.to_string())?;
        let Some(next) = next.filter(|next| *next < until) else { break };
        go_to(&hub, next).await?;
        climbed = climbed.saturating_add(fell_due(&hub).await?);
    }
    go_to(&hub, until).await?;
    let (climbed, now) = (climbed.saturating_add(fell_due(&hub).await?), hub.store.clock().now());
    Ok(json!({ "was": was.to_string(), "now": now.to_string(), "rungs_climbed": climbed }))
}

/// What happens at this moment: rows of registers whose time is over end, and rungs are climbed; how many.
async fn fell_due(hub: &Arc<Hub>) -> Result<usize, String> {
    hub.lapse_registers().await.map_err(|error| error.slug().to_owned())?;
    hub.escalate_overdue().await.map_err(|error| error.slug().to_owned())
}

async fn go_to(hub: &Arc<Hub>, time: Timestamp) -> Result<(), String> {
    let by = time.micros().saturating_sub(hub.store.clock().now().micros());
    let of = Arc::clone(hub);
    let moving = tokio::task::spawn_blocking(move || of.store.advance_clock(by));
    moving.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// The command's side.
pub async fn run(args: &ClockArgs) -> Result<ExitCode, Failure> {
    let seconds = parse(&args.by)?;
    let plan = Plan::load(&args.data)?;
    let told = ask(&args.data, plan.clock_port, seconds).await?;
    if args.json {
        println!("{told}");
        return Ok(ExitCode::SUCCESS);
    }
    let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let climbed = told.get("rungs_climbed").and_then(Value::as_u64).unwrap_or(0);
    println!("case time was  {}\ncase time is   {}", word("was"), word("now"));
    println!("rungs climbed by overdue clocks: {climbed}");
    Ok(ExitCode::SUCCESS)
}

async fn ask(dir: &Path, port: u16, seconds: i64) -> Result<Value, Failure> {
    let gone = |error: &dyn std::fmt::Display| {
        let dir = dir.display();
        Failure::Failed(format!("no sandbox runs in {dir} ({error}); start one: amaan sandbox --data {dir}"))
    };
    let rules = Rules {
        allow: vec![format!("127.0.0.1:{port}")],
        loopback_http: true,
        total_timeout: PATIENCE,
        ..Rules::default()
    };
    let http = Client::new(rules).map_err(Failure::at("the outbound client"))?;
    let url: Url = format!("http://127.0.0.1:{port}/_sim/clock").parse().map_err(|error| gone(&error))?;
    let mut request =
        Request::new(Method::Post, url).header("content-type", "application/json").within(PATIENCE);
    request.body = json!({ "by_seconds": seconds }).to_string().into_bytes();
    let answer = http.send(request).await.map_err(|error| gone(&error.code()))?;
    if answer.status != 200 {
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        return Err(Failure::Failed(format!("the sandbox answered {}: {said}", answer.status)));
    }
    serde_json::from_slice(&answer.body).map_err(Failure::at("reading the sandbox's answer"))
}

/// `+72h`, `+3d`, `+90m`: forward only, as time goes.
fn parse(text: &str) -> Result<i64, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "`{text}`: expected how far forward, such as +90m, +72h or +14d; it cannot go back"
        ))
    };
    let (number, unit) = text
        .strip_prefix('+')
        .and_then(|rest| rest.split_at_checked(rest.len().checked_sub(1)?))
        .ok_or_else(wrong)?;
    let each = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let count: i64 = number.parse().map_err(|_| wrong())?;
    count.checked_mul(each).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}
