//! A first start from the example, and what is refused afterwards.

use std::os::unix::fs::PermissionsExt;

use super::place::{Place, root, snapshot};
use super::running::Running;

fn example() -> Place {
    Place::bare(&std::fs::read_to_string(root().join("ops/examples/amaan.toml")).unwrap())
}

const SERVE: &[&str] = &["serve", "--config", "amaan.toml"];
const MAKING_KEYS: &[&str] = &["serve", "--config", "amaan.toml", "--make-keys"];
const CHECK: &[&str] = &["config", "check", "--config", "amaan.toml"];

#[test]
fn the_example_starts_serves_and_ends() {
    let place = example();
    assert_eq!(place.run(SERVE, &[]).code, Some(1), "without keys it does not start");

    let first = Running::start(&place, MAKING_KEYS);
    assert!(first.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(first.get("/v1/referrals").starts_with("HTTP/1.1 401"), "nobody is let in without a token");
    for key in ["keys/root.key", "keys/ledger.key"] {
        let mode = std::fs::metadata(place.path(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    snapshot("a-first-start", &first.said.replace(&first.address, "[address]"));
    let (code, said) = first.end("-TERM");
    assert_eq!((code, said.as_str()), (Some(0), "SIGTERM: finishing what runs\nstopped\n"));

    assert_eq!(place.run(CHECK, &[]).out, "ok: amaan.toml\n");
    let keys = std::fs::read(place.path("keys/root.key")).unwrap();
    let second = Running::start(&place, MAKING_KEYS);
    assert!(second.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(std::fs::read(place.path("keys/root.key")).unwrap(), keys, "a key is never made twice");
    let (code, said) = second.end("-INT");
    assert_eq!((code, said.as_str()), (Some(0), "SIGINT: finishing what runs\nstopped\n"));

    // A new key could not open what the old one sealed.
    std::fs::remove_file(place.path("keys/root.key")).unwrap();
    let said = place.run(MAKING_KEYS, &[]);
    assert!(!place.path("keys/root.key").exists());
    snapshot("no-new-key-over-old-data", &said.told("serve --make-keys"));
}

#[test]
fn a_taken_port_and_a_taken_folder_are_named() {
    let place = example();
    let first = Running::start(&place, MAKING_KEYS);
    let port = place.run(SERVE, &[("AMAAN_HUB__LISTEN", &first.address)]);
    let folder = place.run(SERVE, &[("AMAAN_HUB__LISTEN", "127.0.0.1:0")]);
    let told =
        port.told("the same port").replace(&first.address, "[address]") + &folder.told("the same folder");
    assert_eq!((port.code, folder.code), (Some(1), Some(1)));
    snapshot("taken", &told);
    assert_eq!(first.end("-TERM").0, Some(0));
}

#[test]
fn each_value_is_printed_with_who_set_it() {
    let place = Place::furnished(
        "[hub]\nname = \"amaan.example.org\"\n\n[keys]\nroot_key_file = \"keys/root.key\"\n\n\
         [endpoints.cpi]\nurl = \"https://primero.example.org\"\ncredential_file = \"credentials/cpi\"\n",
    );
    let variables = [("AMAAN_HUB__LISTEN", "[::1]:0"), ("AMAAN_DELIVERY__ATTEMPTS_MAX", "7")];
    let said = place.run(&["config", "print", "--config", "amaan.toml"], &variables);
    assert_eq!(said.code, Some(0), "{}", said.err);
    snapshot("printed", &said.out);

    let said = place.run(&["config", "print", "--config", "amaan.toml", "--json"], &variables);
    let lines: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(lines[0]["key"], "hub.name");
    assert_eq!(lines[0]["origin"], "amaan.toml:2");
}
