//! Do the issuers, and the providers where people sign in, answer as `identity` will ask them: discovery,
//! keys, algorithms, and what time is it there?

use std::time::Duration;

use chrono::DateTime;
use egress::{Client, Request, Response, Url};
use futures_util::future::join_all;
use identity::{RealTime, TokenTime};
use serde_json::Value;

use super::finding::{Finding, Rank};
use crate::config::{Issuer, Provider, Settings};

/// As `identity` waits.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// `identity` forgives ten seconds; a `Date` has whole seconds and a way to go.
const AWAY_SECONDS_MAX: u64 = 8;

/// Asks each issuer, all at once.
pub async fn look(settings: &Settings, http: &Client) -> Vec<Finding> {
    let mut findings: Vec<Finding> = join_all(settings.issuers.iter().map(|issuer| one(issuer, http)))
        .await
        .into_iter()
        .flatten()
        .collect();
    let people = settings.providers.iter().map(|(name, held)| signing_in(name, held, http));
    findings.extend(join_all(people).await.into_iter().flatten());
    let lacking = [("issuers", settings.issuers.is_empty()), ("clients", settings.clients.is_empty())];
    for (list, _) in lacking.into_iter().filter(|(_, empty)| *empty) {
        findings.push(Finding::new(
            Rank::Warning,
            settings.file.display().to_string(),
            format!("names no `{list}`"),
            "nobody could call",
            format!("add `[[{list}]]`"),
        ));
    }
    findings
}

async fn one(issuer: &Issuer, http: &Client) -> Vec<Finding> {
    let place = format!("issuer {}", issuer.issuer.as_str());
    let mut findings = Vec::new();
    match keys(issuer.issuer.as_str(), http, &mut findings, &place).await {
        Ok(keys) if keys.iter().any(usable) => {}
        Ok(_) => findings.push(Finding::new(
            Rank::Blocker,
            place,
            "has no key that the hub could use",
            "believed are tokens signed with EdDSA, ES256 or PS256 by a key with an id",
            "let the issuer sign access tokens with one of these",
        )),
        Err((what, fix)) => {
            let why = "its clients are refused until the hub has its keys";
            findings.push(Finding::new(Rank::Warning, place, what, why, fix));
        }
    }
    findings
}

/// Do people get to their provider?
async fn signing_in(name: &str, provider: &Provider, http: &Client) -> Vec<Finding> {
    let place = format!("provider {name}, {}", provider.issuer.as_str());
    let mut findings = Vec::new();
    if let Err((what, fix)) = keys(provider.issuer.as_str(), http, &mut findings, &place).await {
        let why = "nobody can sign in there";
        findings.push(Finding::new(Rank::Warning, place, what, why, fix));
    }
    findings
}

/// What is wrong, and the fix.
type Wrong = (String, &'static str);

/// The issuer's keys, by the way that its name leads.
async fn keys(
    issuer: &str,
    http: &Client,
    findings: &mut Vec<Finding>,
    place: &str,
) -> Result<Vec<Value>, Wrong> {
    let discovery = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let (answer, found) = get(http, &discovery).await?;
    findings.extend(clock(&answer, place));
    let named = |member| found.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    if named("issuer") != issuer {
        let what = "its discovery document names another issuer".to_owned();
        return Err((what, "write the issuer exactly as it calls itself, to the last slash"));
    }
    let (_, set) =
        get(http, &named("jwks_uri")).await.map_err(|(what, fix)| (format!("its keys: {what}"), fix))?;
    Ok(set.get("keys").and_then(Value::as_array).cloned().unwrap_or_default())
}

async fn get(http: &Client, address: &str) -> Result<(Response, Value), Wrong> {
    let url: Url = address.parse().map_err(|_| ("is not a web address".to_owned(), "ask whoever runs it"))?;
    let request = Request::get(url).header("accept", "application/json").within(ANSWER_TIME_MAX);
    let reached = "see that it runs, and that its certificate is signed by an authority the hub believes \
                   (`outbound.ca_file`)";
    let answer = http.send(request).await.map_err(|error| (format!("does not answer: {error}"), reached))?;
    if answer.status != 200 {
        return Err((
            format!("answers with status {}", answer.status),
            "see that the issuer's name leads to it",
        ));
    }
    let value = serde_json::from_slice(&answer.body);
    let value =
        value.map_err(|_| ("answers with something else than JSON".to_owned(), "ask whoever runs it"))?;
    Ok((answer, value))
}

fn usable(key: &Value) -> bool {
    let member = |name| key.get(name).and_then(Value::as_str);
    let fits = match (member("kty"), member("crv")) {
        (Some("EC"), Some("P-256")) => member("alg").is_none_or(|alg| alg == "ES256"),
        (Some("OKP"), Some("Ed25519")) => member("alg").is_none_or(|alg| alg == "EdDSA"),
        (Some("RSA"), _) => member("alg").is_none_or(|alg| alg == "PS256"),
        _ => false,
    };
    fits && member("kid").is_some() && member("use").is_none_or(|purpose| purpose == "sig")
}

/// Its clock by the `Date` of its answer, if it says one.
fn clock(answer: &Response, place: &str) -> Option<Finding> {
    let there = DateTime::parse_from_rfc2822(answer.header("date")?).ok()?.timestamp();
    let away = there.saturating_sub(RealTime::default().unix_seconds());
    (away.unsigned_abs() > AWAY_SECONDS_MAX).then(|| {
        Finding::new(
            Rank::Warning,
            place,
            format!("has a clock {away} s away from this machine's"),
            "its tokens come from the future here, or are over too early",
            "let both keep time by the same server (NTP)",
        )
    })
}
