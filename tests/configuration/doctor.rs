//! `amaan doctor` and `amaan migrate` at houses that are in order and at one that is not. What is said of the
//! machine itself is left out: it is another on each.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use identity::issuer::Issuer;
use simulator::RunningIssuer;

use super::place::{Place, Said, snapshot};
use super::running::Running;

const DOCTOR: &[&str] = &["doctor", "--config", "amaan.toml"];

/// What was said of the house, without what was said of the machine.
fn of_the_house(said: &Said) -> String {
    said.out.split_inclusive("\n\n").filter(|part| !part.contains(": this machine: ")).collect()
}

fn issuer() -> RunningIssuer {
    let pem = seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8());
    simulator::start_issuer(0, |url| Issuer::new(url, &pem, "amaan.example.org", Vec::new())).unwrap()
}

fn house(issuer: &str, endpoint: &str) -> Place {
    Place::furnished(&format!(
        "[hub]\nname = \"amaan.example.org\"\n\n[[issuers]]\nissuer = \"{issuer}\"\n\
         audience = \"amaan.example.org\"\n\n[[clients]]\nissuer = \"{issuer}\"\nclient = \"ictp-system\"\n\
         agency = \"ictp\"\nroles = [\"system\"]\nscopes = [\"referral.send\"]\n\n[endpoints.cpi]\n\
         url = \"{endpoint}\"\ncredential_file = \"credentials/cpi\"\n"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_house_has_nothing_to_mend() {
    let (issuer, agency) = (issuer(), TcpListener::bind("127.0.0.1:0").unwrap());
    let place = house(&issuer.url, &format!("http://{}", agency.local_addr().unwrap()));
    let said = place.run(DOCTOR, &[]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(!place.path("data").exists(), "it makes nothing");
    snapshot("doctor-good", &of_the_house(&said));
    let said = place.run(&[DOCTOR, &["--json"]].concat(), &[]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["ok"], true);
    assert!(told["findings"].as_array().unwrap().iter().any(|finding| finding["rank"] == "note"));

    // Beside a running hub: it is seen, and goes on.
    let hub = Running::start(&place, &["serve", "--config", "amaan.toml"]);
    let said = place.run(DOCTOR, &[]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.out.contains("note: data: is written by a hub that runs now"), "{}", said.out);
    assert!(hub.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(hub.end("-TERM").0, Some(0));
    issuer.stop().await;
}

/// The folder's set is judged from its files; what a hub would do with it is told.
#[test]
fn a_set_of_policies_that_cannot_be_used_is_told() {
    let place = Place::furnished("[hub]\nname = \"amaan.example.org\"\n\n[policies]\ndir = \"sets\"\n");
    std::fs::create_dir_all(place.path("sets/tests")).unwrap();
    let said = place.run(DOCTOR, &[]);
    let told = "warning: sets: holds a set that cannot be used: policy set refused: `amaan.cedarschema`";
    assert!(said.out.contains(told), "{}{}", said.out, said.err);
    assert!(said.out.contains("`amaan policy test --dir sets` shows all"), "{}", said.out);
}

#[test]
fn a_bad_house_is_told_the_gravest_first() {
    let place = house("http://127.0.0.1:1", "http://127.0.0.1:1");
    place.mode("keys/root.key", 0o640);
    std::fs::create_dir(place.path("data")).unwrap();
    place.mode("data", 0o755);
    let said = place.run(DOCTOR, &[]);
    assert_eq!(said.code, Some(1));
    snapshot("doctor-bad", &of_the_house(&said));

    place.mode("keys/root.key", 0o600);
    place.mode("data", 0o700);
    std::fs::write(place.path("data/amaan.db"), "invented, and no database").unwrap();
    let said = place.run(DOCTOR, &[]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.starts_with("blocker: the store in data: cannot be read: "), "{}", said.out);

    std::fs::write(
        place.path("amaan.toml"),
        "[hub]\nname = \"amaan.example.org\"\nlisten = \"0.0.0.0:80\"\n",
    )
    .unwrap();
    let said = place.run(&[DOCTOR, &["--json"]].concat(), &[]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &told["ok"]), (Some(1), &serde_json::json!(false)));
    assert_eq!(told["findings"][0]["where"], "amaan.toml:3: hub.listen");
}

#[test]
fn migrate_makes_says_and_changes_nothing_unasked() {
    let place = house("http://127.0.0.1:1", "http://127.0.0.1:1");
    let migrate = |more: &[&str]| place.run(&[&["migrate", "--config", "amaan.toml"], more].concat(), &[]);
    let said = migrate(&["--check"]);
    assert_eq!((said.code, place.path("data").exists()), (Some(1), false), "{}", said.out);
    let said = migrate(&[]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains(": current\n"), "{}", said.out);
    let mode = std::fs::metadata(place.path("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "only its owner enters");
    let said = migrate(&["--check", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &told["current"]), (Some(0), &serde_json::json!(true)));
    assert_eq!(migrate(&["--check", "--down", "1"]).code, Some(2));
}
