//! What is refused, and in what words.

use super::place::{Place, Said, root, snapshot};

const CHECK: &[&str] = &["config", "check", "--config", "amaan.toml"];
const GOOD: &str = "[hub]\nname = \"amaan.example.org\"\n\n[endpoints.cpi]\n\
                    url = \"https://primero.example.org\"\ncredential_file = \"credentials/cpi\"\n";

/// A furnished place, something done to it, and what the program then says.
fn check(text: &str, variables: &[(&str, &str)], change: impl FnOnce(&Place)) -> Said {
    let place = Place::furnished(text);
    change(&place);
    place.run(CHECK, variables)
}

#[test]
fn every_bad_file_is_refused_in_words() {
    let cases = std::fs::read_dir(root().join("tests/configuration/cases")).unwrap();
    let mut cases: Vec<_> = cases.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut told = String::new();
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        let place = Place::furnished(&text);
        let said = place.run(CHECK, &[]);
        assert_eq!(said.code, Some(1), "{}: {}", case.display(), said.err);
        // What would be refused later is refused at the start, in the same words.
        let served = place.run(&["serve", "--config", "amaan.toml"], &[]);
        assert_eq!((served.code, &served.err), (Some(1), &said.err));
        assert!(!place.path("data").exists(), "nothing was started");
        told += &said.told(&case.file_stem().unwrap().to_string_lossy());
    }
    snapshot("bad-files", &told);
}

#[test]
fn the_environment_is_checked_like_the_file() {
    let mut told = String::new();
    for (name, value) in [
        ("AMAAN_HUB__LISTEN", "0.0.0.0:1"),
        ("AMAAN_HUB__LISTN", "127.0.0.1:1"),
        ("AMAAN_HUBB__LISTEN", "127.0.0.1:1"),
        ("AMAAN_HUB__NAME", "12345"),
        ("AMAAN_DELIVERY__ATTEMPTS_MAX", "500"),
        ("AMAAN_DELIVERY__ATTEMPTS_MAX", "many"),
        ("AMAAN_KEYS__ROOT_KEY", "hunter2"),
        ("AMAAN_CLIENTS__0__AGENCY", "cpi"),
        ("AMAAN_ENDPOINTS__CPI__URL", "http://primero.example.org"),
        ("AMAAN_ENDPOINTS__ICTP__URL", "https://ictp.example.org"),
        ("AMAAN_ENDPOINTS__LAJA__URL", "https://laja.example.org"),
    ] {
        let said = check(GOOD, &[(name, value)], |_| {});
        assert_eq!(said.code, Some(1), "{name}");
        told += &said.told(name);
    }
    snapshot("bad-environment", &told);
}

#[test]
fn the_environment_mends_what_the_file_lacks() {
    let said = check("", &[("AMAAN_HUB__NAME", "amaan.example.org"), ("AMAAN_LOG", "warn")], |_| {});
    assert_eq!((said.code, said.out.as_str()), (Some(0), "ok: amaan.toml\n"), "{}", said.err);
}

#[test]
fn secret_files_have_to_be_secret_and_whole() {
    let gone = |path: &'static str| move |place: &Place| std::fs::remove_file(place.path(path)).unwrap();
    let holds = |path: &'static str, text: &'static str| move |place: &Place| place.secret(path, text);
    let mut told = String::new();
    let mut tell = |of: &str, said: Said| {
        assert_eq!(said.code, Some(1), "{of}");
        told += &said.told(of);
    };
    tell("all in order but one mode", check(GOOD, &[], |place| place.mode("keys/root.key", 0o640)));
    tell("a credential that all can read", check(GOOD, &[], |place| place.mode("credentials/cpi", 0o604)));
    tell("no root key", check(GOOD, &[], gone("keys/root.key")));
    tell("no credential", check(GOOD, &[], gone("credentials/cpi")));
    tell("a short root key", check(GOOD, &[], holds("keys/root.key", "5ec2e7ff")));
    tell("no ledger key in it", check(GOOD, &[], holds("keys/ledger.key", "hunter2")));
    tell("an empty credential", check(GOOD, &[], holds("credentials/cpi", "\n")));
    tell("a credential of two lines", check(GOOD, &[], holds("credentials/cpi", "hunter2\nhunter2\n")));
    assert_eq!(check(GOOD, &[], |_| {}).code, Some(0), "and all in order passes");
    snapshot("bad-secret-files", &told);
}

#[test]
fn a_sandbox_is_not_gone_on_with() {
    for data in ["data", "data/store"] {
        let said =
            check(&format!("[hub]\nname = \"amaan.example.org\"\ndata = \"{data}\"\n"), &[], |place| {
                place.secret("data/sandbox.json", "{}");
            });
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains("amaan.toml:3: hub.data: is a sandbox's data"), "{}", said.err);
    }
}

#[test]
fn the_command_line_says_what_it_wants() {
    let place = Place::bare("");
    let mut told = String::new();
    for words in [
        &["config", "check"][..],
        &["config", "check", "--config", "amaan.tml"],
        &["config", "print"],
        &["config", "chek", "--config", "amaan.toml"],
        &["serve"],
        &["serve", "--confg", "amaan.toml"],
        &["serve", "--config", "."],
    ] {
        let said = place.run(words, &[]);
        assert_eq!(said.code, Some(2), "{words:?}");
        told += &said.told(&words.join(" "));
    }
    snapshot("bad-command-lines", &told);
}

#[test]
fn machines_get_the_same_problems() {
    let place = Place::furnished("[hub]\nname = \"amaan.example.org\"\nlisten = \"0.0.0.0:1\"\n");
    let said = place.run(&["config", "check", "--config", "amaan.toml", "--json"], &[]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &answer["ok"]), (Some(1), &serde_json::json!(false)));
    assert_eq!(answer["problems"][0]["where"], "amaan.toml:3");
    assert_eq!(answer["problems"][0]["key"], "hub.listen");
}
