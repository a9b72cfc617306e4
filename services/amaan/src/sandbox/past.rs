//! The past: synthetic referrals of the last 90 days, through the very pipeline that serves the present. The
//! case clock stands 90 days back when a sandbox is new and is raised from one moment of the plan to the
//! next; at each moment up to sixteen officers act at once.

use std::collections::BTreeMap;
use std::time::Duration;

use casework::{DeliveryStatus, MessageKind, ReferralId, Status, Timestamp};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::children::{self, Dice, Kind};
use super::house::House;
use super::wait;
use crate::failure::Failure;

/// Officers acting at the same time, and referrals that begin at the same moment.
const AT_A_TIME: usize = 16;
const DAYS: i64 = 90;
const MINUTE: i64 = 60_000_000;
const SEED: u64 = 7;
/// Everything an act sets in motion is done within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// Something an officer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Submit,
    Received,
    Accept,
    Reject,
    Progress,
    Outcome,
    Feedback,
    Close,
}

/// What happens when, and to whom.
type Moments = BTreeMap<Timestamp, Vec<(u32, Act)>>;

struct Child {
    kind: Kind,
    body: Value,
}

/// Plays it; afterwards the case clock tells the real time.
pub async fn play(house: &House, count: u32) -> Result<(), Failure> {
    let real = house.hub.store.clock().real();
    let (children, moments) = plan(count, real);
    let bar = progress(moments.values().map(Vec::len).sum());
    let mut referrals: BTreeMap<u32, ReferralId> = BTreeMap::new();
    for (at, acts) in moments {
        house.hub.store.raise_clock(at).map_err(Failure::at("raising the case clock"))?;
        let known = &referrals;
        let done = stream::iter(acts.into_iter().map(|(number, act)| {
            let (children, bar) = (&children, &bar);
            async move {
                let child = children.get(&number);
                let child = child.ok_or_else(|| Failure::Failed("a child of no plan".to_owned()))?;
                let made = perform(house, number, child, act, known.get(&number).copied()).await?;
                bar.inc(1);
                Ok::<_, Failure>(made.map(|referral| (number, referral)))
            }
        }));
        let made: Vec<_> = done.buffer_unordered(AT_A_TIME).try_collect().await?;
        referrals.extend(made.into_iter().flatten());
    }
    bar.finish_and_clear();
    let now = house.hub.store.clock().real();
    house.hub.store.raise_clock(now).map_err(Failure::at("raising the case clock"))?;
    all_told(house).await
}

/// What is overdue by now is told before the story begins: a notice on its way would meet the fault that the
/// story prepares for another message.
async fn all_told(house: &House) -> Result<(), Failure> {
    let climbed = |error: hub::HubError| Failure::Failed(format!("overdue clocks: {}", error.slug()));
    while house.hub.escalate_overdue().await.map_err(climbed)? > 0 {}
    wait::until("all messages of the past to come to rest", PATIENCE, || async move {
        let counts = house.hub.store.conservation().await.map_err(Failure::at("counting deliveries"))?;
        Ok(counts.iter().all(|(_, agency)| agency.in_flight == 0).then_some(()))
    })
    .await
}

fn progress(acts: usize) -> ProgressBar {
    if acts == 0 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(acts).unwrap_or(0));
    let style = ProgressStyle::with_template("the past {bar:40} {pos}/{len} acts, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Waves of sixteen, evenly over the days; each referral takes its own way from there.
fn plan(count: u32, real: Timestamp) -> (BTreeMap<u32, Child>, Moments) {
    let mut dice = Dice::new(SEED);
    let (mut children, mut moments) = (BTreeMap::new(), Moments::new());
    let waves = (i64::from(count) + 15) / 16;
    for number in 0..count {
        let kind = dice.pick(children::KINDS);
        let body = children::past_request(number.saturating_add(1_000), kind, &mut dice);
        children.insert(number, Child { kind, body });
        let wave = i64::from(number) / 16;
        let start = real
            .plus_micros(-DAYS * 1_440 * MINUTE + MINUTE + wave * (DAYS - 8) * 1_440 / waves.max(1) * MINUTE);
        for (minutes, act) in life(kind, &mut dice) {
            let at = start.plus_micros(minutes * MINUTE);
            if at < real {
                moments.entry(at).or_default().push((number, act));
            }
        }
    }
    (children, moments)
}

/// One referral's acts, in minutes from its request.
fn life(kind: Kind, dice: &mut Dice) -> Vec<(i64, Act)> {
    let mut acts = vec![(0, Act::Submit)];
    let decided = dice.pick(&[20, 45, 90, 180, 360, 720, 1_440, 2_880]);
    // Primero knows no "opened"; the others' officers say so half the time.
    if kind.1 != "cpi" && dice.percent(50) {
        acts.push((decided / 2, Act::Received));
    }
    if dice.percent(5) {
        return acts;
    }
    if dice.percent(12) {
        acts.extend([(decided, Act::Reject), (decided + 120, Act::Close)]);
        return acts;
    }
    acts.push((decided, Act::Accept));
    if dice.percent(70) {
        acts.push((decided + dice.pick(&[30, 240, 1_440]), Act::Progress));
        let ended = decided + dice.pick(&[2_880, 4_320, 7_200]);
        acts.push((ended, Act::Outcome));
        if dice.percent(60) {
            acts.push((ended + 180, Act::Feedback));
        }
    }
    acts
}

/// The new referral's id where the act made one.
async fn perform(
    house: &House,
    number: u32,
    child: &Child,
    act: Act,
    referral: Option<ReferralId>,
) -> Result<Option<ReferralId>, Failure> {
    if act == Act::Submit {
        return submit(house, number, child).await.map(Some);
    }
    let referral =
        referral.ok_or_else(|| Failure::Failed("an act on a referral that was not made".to_owned()))?;
    let (_, receiver, ..) = child.kind;
    let (agency, step, body, after) = match act {
        Act::Received => (receiver, "received", json!({}), Status::Received),
        Act::Accept => (receiver, "accept", json!({}), Status::Accepted),
        Act::Reject => (receiver, "reject", json!({ "reason": "no-capacity" }), Status::Rejected),
        Act::Progress => (receiver, "progress", json!({ "step": "service-started" }), Status::InProgress),
        Act::Outcome => {
            let outcome = outcome(receiver);
            (receiver, "outcome", json!({ "result": "completed", "outcome": outcome }), Status::Completed)
        }
        Act::Feedback => ("ictp", "feedback", json!({ "satisfied": true }), Status::Completed),
        Act::Close | Act::Submit => {
            ("ictp", "close", json!({ "reason": "referred-elsewhere" }), Status::Rejected)
        }
    };
    let answer = house.officers.act(agency, referral, step, body).await?;
    // 409: an earlier run of this folder did it already.
    if answer.status != 409 {
        answer.good(step)?;
    }
    reached(house, referral, after).await?;
    Ok(None)
}

fn outcome(receiver: &str) -> &'static str {
    match receiver {
        "laja" => "represented",
        "nccia" => "case-registered",
        _ => "service-delivered",
    }
}

async fn submit(house: &House, number: u32, child: &Child) -> Result<ReferralId, Failure> {
    let answer = house.officers.submit("ictp", &format!("past-{number}"), child.body.clone()).await?;
    let body = answer.good("a referral of the past")?;
    let id = body.pointer("/referrals/0/id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| Failure::Failed("the hub named no referral".to_owned()))?;
    delivered(house, id).await?;
    Ok(id)
}

/// The receiver's system has it: before that its officers cannot act.
async fn delivered(house: &House, id: ReferralId) -> Result<(), Failure> {
    wait::until("a referral to reach its agency", PATIENCE, || async move {
        let found = house.hub.store.deliveries_of(id).await.map_err(Failure::at("reading"))?;
        let Some(request) = found.iter().find(|held| held.message == MessageKind::Request) else {
            return Ok(None);
        };
        match request.status {
            DeliveryStatus::Delivered => Ok(Some(())),
            status if status.in_flight() => Ok(None),
            // Waiting on would only hide why.
            status => {
                let (to, why) = (&request.to, request.reason.as_ref().map_or("-", casework::Code::as_str));
                let what = format!("a referral of the past to {to} is {} ({why})", status.as_str());
                Err(Failure::Failed(what))
            }
        }
    })
    .await
}

async fn reached(house: &House, id: ReferralId, status: Status) -> Result<(), Failure> {
    wait::until("a step to reach the hub", PATIENCE, || async move {
        let found = house.hub.store.referral(id).await.map_err(Failure::at("reading"))?;
        Ok(found.filter(|held| held.status >= status).map(|_| ()))
    })
    .await
}
