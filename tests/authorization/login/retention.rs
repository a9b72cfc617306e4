//! `/desk/retention`: who is led there, what stands there, and that nothing is asked for by a form alone.

use casework::{Role, TimeSource};
use store::KeptCaseRow;

use super::world::World;
use crate::hub::held::request;
use crate::hub::world::{key, system};

#[tokio::test]
async fn officers_see_what_is_over_its_time() {
    let world = World::start().await;
    let mut officer = world.signed_in().await;
    assert!(officer.get("/desk").await.body.contains("href=\"/desk/retention\""));
    let empty = officer.get("/desk/retention").await;
    assert_eq!(empty.status, 200);
    assert!(empty.body.contains("There is none.") && !empty.body.contains("<form"), "{}", empty.body);
    let urdu = officer.get("/desk/retention?lang=ur").await.body;
    assert!(urdu.contains("dir=\"rtl\"") && urdu.contains("کوئی نہیں"), "{urdu}");

    // Somebody who works cases is not led there, and is refused.
    let mut caseworker = world.signed_in_as("officer-3").await;
    assert!(!caseworker.get("/desk").await.body.contains("/desk/retention"));
    assert_eq!(caseworker.get("/desk/retention").await.status, 403);

    let hub = &world.served.hub;
    let sent = hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
    let case = sent.case.id;
    let since = hub.store.now().plus_micros(-2_000_000);
    let row = KeptCaseRow {
        case,
        agency: "ictp".parse().unwrap(),
        record: "case-services".parse().unwrap(),
        since,
        due: since,
        held: false,
    };
    hub.store.keep_retention(vec![case], vec![row], ("x".into(), "x".into())).await.unwrap();
    let shown = officer.get("/desk/retention").await.body;
    for part in [sent.case.reference.as_str(), "Any other case that was served", "may be erased", "checkbox"]
    {
        assert!(shown.contains(part), "no `{part}` in {shown}");
    }
    let urdu = officer.get("/desk/retention?lang=ur").await.body;
    assert!(urdu.contains("کوئی اور کیس") && !urdu.contains("Any other case"), "{urdu}");
    let token = world.form_token(&mut officer).await;
    let form = format!("csrf={token}&return_to=/desk/retention&once=1&case={case}");
    // The list is not believed: of this case a referral is open.
    let asked = officer.post("/desk/retention/ask", &form).await;
    assert_eq!((asked.status, asked.location().as_str()), (303, "/desk/retention"));
    let open = hub.list_approvals(&system("ictp"), None).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
    let forged = officer.post("/desk/retention/ask", &form.replace("csrf=", "csrf=x")).await;
    assert_eq!(forged.status, 403);
    // A quarter of an hour later it takes the person once more.
    world.clock.advance(600);
    assert!(!officer.get("/desk/retention").await.body.contains("checkbox"));
    let late = officer.post("/desk/retention/ask", &form).await;
    assert_eq!((late.status, late.location().as_str()), (303, "/desk/confirm?return_to=/desk/retention"));
    world.person("ictp", &world.main, "privacy-9", Role::PrivacyOfficer, true).await;
    let mut privacy = world.signed_in_as("privacy-9").await;
    assert!(privacy.get("/desk/retention").await.body.contains(&sent.case.reference));
}
