//! `amaan listen`: fetches an agency's events from the hub and posts each, signed like a webhook's, to an
//! address on this machine or an https one. For a developer at a desk that no hub can reach, and for systems
//! behind a wall. It asks the list once a second, which tells what the stream tells.
//!
//! In order, one after the other; where it stands is kept in a file after each event, so that after a stop it
//! goes on, at most repeating the last one under the same id.

mod hub_side;
mod own_files;

use std::process::ExitCode;
use std::time::Duration;

use egress::{Client, Request, Rules, Url};
use seal::WebhookKey;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::timeout;

use crate::cli::ListenArgs;
use crate::failure::Failure;
use crate::signals::Signals;
use hub_side::HubSide;

/// Between two looks when there is nothing more.
const EVERY: Duration = Duration::from_secs(1);
/// After an event that was not taken, doubled each time up to the second.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// As the hub's own webhooks have it.
const CALL_TIME_MAX: Duration = Duration::from_secs(15);

/// What a line says of an event.
#[derive(Debug, Deserialize)]
struct Named {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
}

struct Forwarding<'a> {
    args: &'a ListenArgs,
    to: Url,
    http: Client,
    key: WebhookKey,
}

pub async fn run(args: &ListenArgs) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    let (to, http) = target(&args.forward_to)?;
    let key = own_files::key(&args.key_file)?;
    if let Some(public) = key.public() {
        eprintln!("events go to {to}, signed (v1a) by {public}");
    }
    let mut hub = HubSide::new(args)?;
    let mut after = match own_files::cursor(&args.cursor_file)? {
        Some(kept) => Some(kept),
        None => begin(args, &mut hub).await?,
    };
    let forwarding = Forwarding { args, to, http, key };
    let mut wait = FIRST_WAIT;
    loop {
        let pause = match round(&forwarding, &mut hub, &mut after).await? {
            Round::More => continue,
            Round::Done if args.once => return Ok(ExitCode::SUCCESS),
            Round::Refused if args.once => return Ok(ExitCode::FAILURE),
            Round::Done => {
                wait = FIRST_WAIT;
                EVERY
            }
            Round::Refused => {
                let now = wait;
                wait = (wait * 2).min(LONGEST_WAIT);
                now
            }
        };
        if let Ok(signal) = timeout(pause, signals.first()).await {
            eprintln!("{signal}: stopped; it goes on from {}", args.cursor_file.display());
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Where to begin the first time: after the named event, else now.
async fn begin(args: &ListenArgs, hub: &mut HubSide) -> Result<Option<u64>, Failure> {
    let after = match args.after {
        Some(after) => Some(after),
        None => {
            let page = hub.page(Some(u64::MAX), 1).await?;
            page.ok_or_else(|| Failure::Failed("nobody says where to begin; see that the hub runs".into()))?
                .last()?
        }
    };
    if let Some(after) = after {
        own_files::keep_cursor(&args.cursor_file, after)?;
    }
    Ok(after)
}

enum Round {
    More,
    Done,
    Refused,
}

async fn round(
    forwarding: &Forwarding<'_>,
    hub: &mut HubSide,
    after: &mut Option<u64>,
) -> Result<Round, Failure> {
    let Some(page) = hub.page(*after, 50).await? else { return Ok(Round::Refused) };
    for body in &page.data {
        let named: Named = serde_json::from_str(body.get()).map_err(Failure::at("an event of the hub"))?;
        if !forward(forwarding, &named, body).await? {
            return Ok(Round::Refused);
        }
        let index = named.id.rsplit('/').next().and_then(|index| index.parse().ok());
        let index = index.ok_or_else(|| Failure::Failed(format!("the event `{}` has no place", named.id)))?;
        own_files::keep_cursor(&forwarding.args.cursor_file, index)?;
        *after = Some(index);
    }
    if let Some(last) = page.last()?.filter(|last| Some(*last) != *after) {
        own_files::keep_cursor(&forwarding.args.cursor_file, last)?;
        *after = Some(last);
    }
    Ok(if page.more { Round::More } else { Round::Done })
}

/// Posts one and prints its line; true where it was taken.
async fn forward(to: &Forwarding<'_>, named: &Named, body: &RawValue) -> Result<bool, Failure> {
    let seconds = identity::TokenTime::unix_seconds(&identity::RealTime::default());
    let signature = to.key.sign(&named.id, seconds, body.get().as_bytes()).map_err(Failure::at("signing"))?;
    let request = Request::post(to.to.clone(), body.get().as_bytes().to_vec())
        .header("content-type", "application/cloudevents+json; charset=utf-8")
        .header("webhook-id", &named.id)
        .header("webhook-timestamp", &seconds.to_string())
        .header("webhook-signature", &signature)
        .within(CALL_TIME_MAX);
    let (taken, answered) = match to.http.send(request).await {
        Ok(answer) => (answer.is_success(), answer.status.to_string()),
        Err(error) => (false, error.to_string()),
    };
    let Named { id, kind, subject } = named;
    if to.args.json {
        println!(
            "{}",
            json!({ "id": id, "type": kind, "subject": subject, "taken": taken, "answer": answered })
        );
    } else {
        println!("{id}  {kind}  {subject}  -> {answered}{}", if taken { "" } else { ", comes again" });
    }
    Ok(taken)
}

/// The address, and a client that may call it and nothing else.
fn target(text: &str) -> Result<(Url, Client), Failure> {
    let usage = |why: &dyn std::fmt::Display| {
        Failure::Usage(format!("--forward-to: {why}; name an address on this machine, or an https one"))
    };
    let url: Url = text.parse().map_err(|error| usage(&error))?;
    let entry = egress::entry_for(&url).ok_or_else(|| usage(&"it may not be called"))?;
    let rules = Rules { allow: vec![entry], loopback_http: true, ..Rules::default() };
    let http = Client::new(rules).map_err(|error| usage(&error))?;
    Ok((url, http))
}
