//! What another agency has is found as little as what nobody has: by the store's reads, and by what a refused
//! look makes the writer load. Both engines.

use casework::{Action, AgencyCode, CaseId, Command, Permit, ReadEntry, ReferralId, RequestId, touches};

use super::breaker::for_nccia;
use super::policies::worlds;
use super::world::{World, key, system};

/// Whether the agency finds the referral, its case and its request.
async fn finds(world: &World, of: &str, ids: (ReferralId, CaseId, RequestId)) -> [bool; 3] {
    let (store, of): (_, AgencyCode) = (&world.hub.store, of.parse().unwrap());
    [
        store.referral_of_party(ids.0, &of).await.unwrap().is_some(),
        store.case_of_party(ids.1, &of).await.unwrap().is_some(),
        !store.referrals_of_request(ids.2, &of).await.unwrap().is_empty(),
    ]
}

#[tokio::test]
async fn what_is_anothers_is_found_as_little_as_what_is_nobodys() {
    for world in worlds() {
        let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("one")).await.unwrap();
        let ids = (sent.referrals[0].id, sent.case.id, sent.request);
        for (of, expected) in [
            ("ictp", [true, true, true]),
            ("nccia", [true, true, false]),
            ("cpi", [false, false, false]),
            // A part of another's code, and a word that stands in the state and is no agency.
            ("nc", [false, false, false]),
            ("id", [false, false, false]),
        ] {
            assert_eq!(finds(&world, of, ids).await, expected, "{of}");
        }
    }
}

#[test]
fn a_look_that_is_refused_loads_nothing() {
    let referral: ReferralId = "rf_00000000000070008000000000000000".parse().unwrap();
    let look = |permit: Option<Permit>| {
        let read = ReadEntry {
            what: "referral".parse().unwrap(),
            subject: Some(referral.to_string()),
            agency: "cpi".parse().unwrap(),
            categories: Default::default(),
            glass: None,
            reduced: Default::default(),
        };
        let (actor, via) = (system("cpi").actor, casework::Via::Api);
        let command = Command { actor, via, permit, commitment: None, action: Action::Read(read) };
        touches(&command).referrals.len()
    };
    let permit = Permit { policy_set: "0".repeat(16), policies: Vec::new(), read_version: Some(1) };
    assert_eq!((look(None), look(Some(permit))), (0, 1));
}
