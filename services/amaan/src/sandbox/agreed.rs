//! Endings that take two people: a referral that should never have been, and a dead letter that is given up.
//! One officer of the police asks, their supervisor agrees; the receiver removes what it had.

use casework::{MessageKind, ReferralId};
use serde_json::json;

use super::endings::{referred, resting};
use super::house::House;
use super::people::{OFFICER, SUPERVISOR};
use super::story::{act, all_arrived, arrived, text};
use crate::failure::Failure;

/// Name, kind, referral.
type Played = (&'static str, &'static str, ReferralId);

/// Plays them; each begins as a referral to LAJA.
pub async fn play(house: &House) -> Result<Vec<Played>, Failure> {
    let removed = shown(house, "void-removed").await?;
    void(house, removed).await?;
    arrived(house, removed, MessageKind::Void).await?;
    act(house, "laja", removed, "purged", json!({})).await?;
    let kept = shown(house, "void-not-removed").await?;
    void(house, kept).await?;
    let asked = shown(house, "void-nobody-agrees").await?;
    ask_void(house, asked).await?;
    let unseen = never_shown(house).await?;
    let discarded = discarded(house).await?;
    for referral in [removed, kept, asked, unseen] {
        all_arrived(house, referral).await?;
    }
    Ok(vec![
        ("entered-in-error-and-removed", "ended", removed),
        ("entered-in-error-before-anybody-saw-it", "ended", unseen),
        ("dead-letter-discarded-and-closed", "ended", discarded),
        ("nobody-removes-it", "left-alone", kept),
        ("nobody-agrees-to-the-void", "left-alone", asked),
    ])
}

async fn shown(house: &House, name: &str) -> Result<ReferralId, Failure> {
    let referral = referred(house, name).await?;
    arrived(house, referral, MessageKind::Request).await?;
    Ok(referral)
}

/// The officer asks; the approval's id.
async fn ask_void(house: &House, referral: ReferralId) -> Result<String, Failure> {
    let body = json!({ "schema": "referral.void/v1", "reason": "sent-twice" });
    let path = format!("/v1/referrals/{referral}/void");
    let answer = house.officers.call(OFFICER, &path, &format!("void-{referral}"), &body).await?;
    text(&answer.good("asking for the void")?, "/id")
}

async fn agree(house: &House, approval: &str) -> Result<(), Failure> {
    let path = format!("/v1/approvals/{approval}/approve");
    let answer = house.officers.call(SUPERVISOR, &path, &format!("agree-{approval}"), &json!({})).await?;
    answer.good("the supervisor's yes").map(|_| ())
}

async fn void(house: &House, referral: ReferralId) -> Result<(), Failure> {
    let approval = ask_void(house, referral).await?;
    agree(house, &approval).await
}

/// An operator stops what goes to LAJA; so nobody there has seen what is voided meanwhile.
async fn never_shown(house: &House) -> Result<ReferralId, Failure> {
    turn(house, true).await?;
    let referral = referred(house, "void-unseen").await?;
    void(house, referral).await?;
    turn(house, false).await?;
    Ok(referral)
}

async fn turn(house: &House, off: bool) -> Result<(), Failure> {
    let reason = if off { "agency-asked" } else { "over" };
    let body = json!({ "agency": "laja", "message": "referral.request", "off": off, "reason": reason });
    let answer = house.officers.call("operator", "/v1/switches", &format!("switch-{off}"), &body).await?;
    answer.good("turning a switch").map(|_| ())
}

/// LAJA's system breaks off; two people give the message up, and the police close the referral.
async fn discarded(house: &House) -> Result<ReferralId, Failure> {
    house.officers.knobs("laja", &json!({ "time_out_next": 1 })).await?;
    let referral = referred(house, "discarded").await?;
    let letter = resting(house, referral).await?;
    let path = format!("/v1/dead-letters/{letter}/discard");
    let body = json!({ "reason": "told-otherwise" });
    let answer = house.officers.call(OFFICER, &path, &format!("discard-{letter}"), &body).await?;
    let approval = text(&answer.good("asking for the discard")?, "/id")?;
    agree(house, &approval).await?;
    act(house, "ictp", referral, "close", json!({ "reason": "family-solved" })).await?;
    Ok(referral)
}
