//! The story: a girl found at a bus stop, and a second child for whom there is no bed. Five chapters, each
//! played by officers in their own systems. It can be started again after any crash: its keys are fixed, and
//! an act that was done is not done again.

use std::time::Duration;

use casework::{CaseId, DeliveryStatus, MessageKind, ReferralId};
use serde_json::{Value, json};
use store::{VerifyOptions, VerifyReport, verify};

use super::children;
use super::house::House;
use super::narrator::{Narrator, Step};
use super::wait;
use crate::failure::Failure;

/// Everything an act sets in motion, time-outs and retries included, is done within this.
const PATIENCE: Duration = Duration::from_secs(30);

/// NCRC's client in the sandbox.
const ANALYST: &str = "ncrc-analyst";

/// What the story leaves behind.
pub struct Story {
    pub steps: Vec<Step>,
    pub referrals: Vec<ReferralId>,
    pub table: Value,
    pub acceptance: Value,
    pub trail: Value,
    /// Steps of the girl's referral to CPI that the police see.
    pub sender_sees: usize,
    pub verified: VerifyReport,
    pub checkpoint: String,
}

/// The case of a story that was told from this folder before.
const TOLD: &str = "sandbox-story";

/// Plays it.
pub async fn play(house: &House, aloud: bool) -> Result<Story, Failure> {
    let mut told = Narrator::new(aloud);
    let (girl, case) = refer_girl(house, &mut told).await?;
    ask_nadra(house, &mut told, &case).await?;
    serve_girl(house, &mut told, &girl).await?;
    let second = refuse_second_child(house, &mut told).await?;
    look_back(house, told, girl.all().into_iter().chain([second]).collect()).await
}

/// The three referrals of the girl.
struct Girl {
    cpi: ReferralId,
    laja: ReferralId,
    nccia: ReferralId,
}

impl Girl {
    const fn all(&self) -> [ReferralId; 3] {
        [self.cpi, self.laja, self.nccia]
    }
}

/// For a case that is open: without one nobody is asked for.
async fn ask_nadra(house: &House, told: &mut Narrator, case: &str) -> Result<(), Failure> {
    told.say("2. Police ask NADRA to check the number of a woman who says that she is her aunt");
    let asked = children::guardian_check(case);
    house.officers.check_identity("ictp", "story-2-guardian", asked).await?.good("the identity check")?;
    told.catch_up(house).await
}

async fn refer_girl(house: &House, told: &mut Narrator) -> Result<(Girl, String), Failure> {
    told.say("1. ICT Police refer a found, undocumented girl: shelter, legal aid, online exploitation");
    // NCCIA's system will not answer the first two times; told again, nothing is sent.
    let sent_before = house.hub.store.cursor(TOLD.to_owned()).await.map_err(Failure::at("reading"))?;
    if sent_before.is_none() {
        house.officers.knobs("nccia", &json!({ "time_out_next": 2 })).await?;
    }
    let answer = house.officers.submit("ictp", "story-1-found-girl", children::found_girl()).await?;
    let body = answer.good("the girl's referral")?;
    let case = text(&body, "/case/id")?;
    told.follow(parse::<CaseId>(&case)?);
    let noted = house.hub.store.set_cursor(TOLD.to_owned(), case.clone()).await;
    noted.map_err(Failure::at("noting that the story is told"))?;
    let referral = |to: &str| -> Result<ReferralId, Failure> {
        let list = body.get("referrals").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let found = list.iter().find(|held| held.get("to").and_then(Value::as_str) == Some(to));
        found
            .ok_or_else(|| Failure::Failed(format!("no referral to {to}")))
            .and_then(|held| parse(&text(held, "/id")?))
    };
    let girl = Girl { cpi: referral("cpi")?, laja: referral("laja")?, nccia: referral("nccia")? };
    told.catch_up(house).await?;
    Ok((girl, case))
}

async fn serve_girl(house: &House, told: &mut Narrator, girl: &Girl) -> Result<(), Failure> {
    told.say("3. CPI gives shelter, LAJA asks before it accepts, NCCIA is reached at the third attempt");
    let worked = json!({ "step": "service-started", "services_given": ["SVC-SHELTER"] });
    let ended = json!({ "result": "completed", "outcome": "placed", "services_given": ["SVC-SHELTER"] });
    arrived(house, girl.cpi, MessageKind::Request).await?;
    act(house, "cpi", girl.cpi, "accept", json!({})).await?;
    act(house, "cpi", girl.cpi, "progress", worked).await?;
    act(house, "cpi", girl.cpi, "outcome", ended).await?;
    told.catch_up(house).await?;
    if !ask_before_accepting(house, girl.laja).await? {
        told.say(
            "   LAJA's system may have a message or not. Nobody guesses: dead-letter resolve settles it",
        );
    }
    told.catch_up(house).await?;
    arrived(house, girl.nccia, MessageKind::Request).await?;
    act(house, "nccia", girl.nccia, "accept", json!({})).await?;
    arrived(house, girl.cpi, MessageKind::Outcome).await?;
    act(house, "ictp", girl.cpi, "feedback", json!({ "satisfied": true })).await?;
    for referral in girl.all() {
        all_arrived(house, referral).await?;
    }
    told.catch_up(house).await
}

/// False where a message to LAJA rests with a person: its system neither dedupes nor can be asked.
async fn ask_before_accepting(house: &House, laja: ReferralId) -> Result<bool, Failure> {
    let question = json!({
        "reason": "information-requested",
        "question": "Has the child a guardian in law? Invented for the sandbox.",
        "review_on": "2027-01-15",
    });
    let answer = json!({ "answer": "NADRA confirms the guardian's number. Invented for the sandbox." });
    if !arrived(house, laja, MessageKind::Request).await? {
        return Ok(false);
    }
    act(house, "laja", laja, "received", json!({})).await?;
    act(house, "laja", laja, "hold", question).await?;
    arrived(house, laja, MessageKind::Hold).await?;
    act(house, "ictp", laja, "information", answer).await?;
    if !arrived(house, laja, MessageKind::Information).await? {
        return Ok(false);
    }
    act(house, "laja", laja, "accept", json!({})).await?;
    Ok(true)
}

async fn refuse_second_child(house: &House, told: &mut Narrator) -> Result<ReferralId, Failure> {
    told.say("4. A second child: CPI has no bed, the police are responsible again");
    let answer = house.officers.submit("ictp", "story-4-second-child", children::second_child()).await?;
    let body = answer.good("the second child's referral")?;
    told.follow(parse(&text(&body, "/case/id")?)?);
    let referral = parse(&text(&body, "/referrals/0/id")?)?;
    arrived(house, referral, MessageKind::Request).await?;
    let refusal = json!({ "reason": "no-capacity", "suggested_receiver": "pbm" });
    act(house, "cpi", referral, "reject", refusal).await?;
    all_arrived(house, referral).await?;
    told.catch_up(house).await?;
    Ok(referral)
}

async fn look_back(house: &House, told: Narrator, referrals: Vec<ReferralId>) -> Result<Story, Failure> {
    told.say("5. The police look back; NCRC asks for numbers and reads the trail; the record is verified");
    let (from, to) = months(house);
    let period = format!("from={from}&to={to}");
    let table =
        house.officers.get(ANALYST, &format!("/v1/indicators/referrals?by=service&by=sex&{period}")).await?;
    let acceptance = house
        .officers
        .get(ANALYST, &format!("/v1/indicators/time-to-acceptance?by=service&{period}"))
        .await?;
    let trail = house.officers.get(ANALYST, "/v1/audit/entries?limit=5").await?;
    let seen = match referrals.first() {
        Some(first) => house.officers.get("ictp", &format!("/v1/referrals/{first}/history")).await?,
        None => Value::Null,
    };
    let sender_sees = seen.get("data").and_then(Value::as_array).map_or(0, Vec::len);
    let checkpoint = house.hub.store.checkpoint().await.map_err(Failure::at("the checkpoint"))?;
    let checkpoint = checkpoint.map(|(_, note)| note).unwrap_or_default();
    let options = VerifyOptions {
        place: house.parts.place.clone(),
        trusted: vec![checkpoint.clone()],
        vkey: Some(house.hub.store.key().vkey()),
    };
    let verified = tokio::task::spawn_blocking(move || verify(&options)).await;
    let verified = verified.map_err(Failure::at("verifying"))?.map_err(Failure::at("verifying"))?;
    Ok(Story { steps: told.steps, referrals, table, acceptance, trail, sender_sees, verified, checkpoint })
}

/// From the month the past begins to this one.
fn months(house: &House) -> (String, String) {
    let now = casework::TimeSource::now(&*house.hub.store);
    let month = |at: casework::Timestamp| at.in_pakistan().format("%Y-%m").to_string();
    (month(now.plus_seconds(-91 * 86_400)), month(now))
}

/// An officer's act, unless the referral is past it already.
pub async fn act(
    house: &House,
    agency: &str,
    referral: ReferralId,
    action: &str,
    body: Value,
) -> Result<(), Failure> {
    let kind = MessageKind::from_action(action).map_err(Failure::at("an act"))?;
    if did(house, referral, kind).await? {
        return Ok(());
    }
    let answer = house.officers.act(agency, referral, action, body).await?;
    if answer.status != 409 {
        answer.good(action)?;
    }
    wait::until(&format!("{agency}'s {action} to reach the hub"), PATIENCE, || async move {
        Ok(did(house, referral, kind).await?.then_some(()))
    })
    .await
}

/// Did this step happen?
async fn did(house: &House, referral: ReferralId, step: MessageKind) -> Result<bool, Failure> {
    let history = house.hub.store.history(referral).await.map_err(Failure::at("reading"))?;
    let is = |event: &casework::Event| matches!(event, casework::Event::Moved(moved) if moved.step == step);
    Ok(history.iter().any(|found| is(&found.entry.event)))
}

/// A message of this kind has come to rest at the other side: true where its system has it, false where a
/// person has to settle it.
pub async fn arrived(house: &House, referral: ReferralId, message: MessageKind) -> Result<bool, Failure> {
    wait::until(&format!("{message} to reach its agency's system"), PATIENCE, || async move {
        let all = house.hub.store.deliveries_of(referral).await.map_err(Failure::at("reading"))?;
        let of_kind: Vec<_> = all.iter().filter(|held| held.message == message).collect();
        let delivered = of_kind.iter().any(|held| held.status == DeliveryStatus::Delivered);
        let dead = [DeliveryStatus::Undeliverable, DeliveryStatus::Expired];
        let rests = of_kind.iter().any(|held| dead.contains(&held.status));
        Ok((delivered || rests).then_some(delivered))
    })
    .await
}

/// Every message of the referral has come to rest.
pub async fn all_arrived(house: &House, referral: ReferralId) -> Result<(), Failure> {
    wait::until("the referral's messages to come to rest", PATIENCE, || async move {
        let all = house.hub.store.deliveries_of(referral).await.map_err(Failure::at("reading"))?;
        Ok(all.iter().all(|held| !held.status.in_flight()).then_some(()))
    })
    .await
}

pub fn text(value: &Value, pointer: &str) -> Result<String, Failure> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Failure::Failed(format!("the hub's answer has no {pointer}")))
}

pub fn parse<T: std::str::FromStr<Err = casework::BadId>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(Failure::at("an id in the hub's answer"))
}
