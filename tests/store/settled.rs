//! What came to its end is settled by `verify` and no longer held; what moves again after that is read again,
//! and still nothing wrong with either is overlooked. On both engines.

use casework::{Action, CaseId, KeyId, ReferralId};
use store::Store;

use super::world::{Asked, House, ask, audit, check_sound, live};

/// More than a verifier holds at once of them.
const LIVES: usize = 12;

/// A later request about the same child.
fn later(store: &Store, case: CaseId, key: KeyId) -> Asked {
    let mut asked = ask(store, "cpi");
    let Action::Submit(submit) = &mut asked.order.command.action else { panic!("not a request") };
    (submit.case, submit.open_case) = (case, false);
    if let Some(body) = &mut asked.order.body {
        (body.case, body.key) = (case, key);
    }
    asked.order.case_key = None;
    asked
}

struct Lived {
    house: House,
    vkey: String,
    case: CaseId,
    /// Closed, and the last to be.
    referral: ReferralId,
}

/// Many whole lives one after the other, and a closed case that is opened again by another request.
async fn lived() -> Option<Lived> {
    let house = House::new()?;
    let store = house.open();
    let first = ask(&store, "cpi");
    let (case, key) = (first.case, first.key.id());
    live(&store, first).await;
    for _ in 0..LIVES {
        live(&store, ask(&store, "cpi")).await;
    }
    let again = later(&store, case, key);
    let referral = again.referral;
    live(&store, again).await;
    let vkey = store.key().vkey();
    drop(store);
    Some(Lived { house, vkey, case, referral })
}

#[tokio::test]
async fn what_came_to_its_end_is_not_held() {
    let Some(Lived { house, vkey, .. }) = lived().await else { return };
    let report = check_sound(house.place(), &vkey);
    assert!(!report.read_again, "nothing was in doubt");
    // The messages that tell of its steps are on their way for ever: three of each life; and one life.
    let most = u64::try_from(3 * (LIVES + 2) + 8).unwrap();
    assert!(report.held_max <= most, "{} held of {} entries", report.held_max, report.entries);
}

/// One wrong row each, of things that came to their end, and of a table that holds one too many or too few.
#[tokio::test]
async fn what_is_wrong_with_it_is_found() {
    let Some(Lived { house, vkey, case, referral }) = lived().await else { return };
    let last = check_sound(house.place(), &vkey).entries - 1;
    let checks: [(&str, String, String, &[&str]); 5] = [
        (
            "a column",
            format!("UPDATE referrals SET to_agency = 'laja' WHERE id = '{referral}'"),
            format!("UPDATE referrals SET to_agency = 'cpi' WHERE id = '{referral}'"),
            &["state-mismatch"],
        ),
        (
            "a case",
            format!("UPDATE cases SET state = state || ' ' WHERE id = '{case}'"),
            format!("UPDATE cases SET state = trim(state) WHERE id = '{case}'"),
            &["state-mismatch"],
        ),
        (
            "one row for two",
            format!("UPDATE referrals SET id = 'rf_00' WHERE id = '{referral}'"),
            format!("UPDATE referrals SET id = '{referral}' WHERE id = 'rf_00'"),
            &["state-missing", "state-unknown"],
        ),
        (
            "a clock",
            format!("UPDATE referrals SET due_at = 7 WHERE id = '{referral}'"),
            format!("UPDATE referrals SET due_at = NULL WHERE id = '{referral}'"),
            &["state-mismatch"],
        ),
        (
            "a delivery's status",
            format!(
                "UPDATE deliveries SET status = 'refused' \
           WHERE referral_id = '{referral}' AND status = 'delivered'"
            ),
            format!(
                "UPDATE deliveries SET status = 'delivered' \
           WHERE referral_id = '{referral}' AND status = 'refused'"
            ),
            &["state-mismatch"],
        ),
    ];
    for (what, wrong, right, kinds) in checks {
        if house.sql(&wrong).is_none() {
            return;
        }
        let report = audit(house.place(), &vkey, Vec::new());
        let mut found: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
        found.sort_unstable();
        assert_eq!(found, kinds, "{what}: {:?}", report.findings);
        assert!(report.read_again, "{what}");
        assert!(report.findings.iter().all(|finding| finding.first <= last + 1), "{what}");
        house.sql(&right).unwrap();
        assert!(check_sound(house.place(), &vkey).held_max > 0, "{what} was put right");
    }
}
