//! Databases and brokers as a configuration names them: by files with URLs, judged without asking any
//! network.

use super::place::{Place, Said, root, snapshot};

const CHECK: &[&str] = &["config", "check", "--config", "amaan.toml"];
const AUTHORITY: &str = include_str!("authority.pem");
const MAIN: &str = "postgresql://amaan:hunter2@db.example.org/amaan";
const KEYS: &str = "postgresql://amaan:hunter2@keys.example.org:5433/amaan_keys";
const BROKER: &str = "amqps://amaan:hunter2@broker.example.org/amaan";

/// A place with these three URLs; `[store]` and `[queue]` name an authority where it is asked for.
fn check(main: &str, keys: &str, broker: &str, authority: Option<&str>) -> Said {
    let ca = if authority.is_some() { "ca_file = \"ca.pem\"\n" } else { "" };
    let place = Place::furnished(&format!(
        "[hub]\nname = \"amaan.example.org\"\n\n[store]\nurl_file = \"secrets/store\"\n\
         keys_url_file = \"secrets/keys\"\n{ca}\n[queue]\nurl_file = \"secrets/queue\"\n{ca}"
    ));
    place.secret("secrets/store", main);
    place.secret("secrets/keys", keys);
    place.secret("secrets/queue", broker);
    std::fs::write(place.path("ca.pem"), authority.unwrap_or_default()).unwrap();
    place.run(CHECK, &[])
}

#[test]
fn servers_are_taken_where_nothing_crosses_a_network_in_clear() {
    for (main, keys, broker, authority) in [
        (MAIN, KEYS, BROKER, Some(AUTHORITY)),
        (&format!("{MAIN}?sslmode=require"), KEYS, BROKER, Some(AUTHORITY)),
        ("postgres://amaan@127.0.0.1/amaan", "postgres://amaan@[::1]/keys", BROKER, None),
        (
            "postgresql://amaan@127.0.0.1/amaan",
            "postgresql://amaan@127.0.0.1/keys",
            "amqp://a@localhost",
            None,
        ),
        ("postgresql://amaan@%2Frun%2Fpostgresql/amaan", "postgresql://amaan@127.0.0.1/keys", BROKER, None),
    ] {
        let said = check(main, keys, broker, authority);
        assert_eq!((said.code, said.out.as_str()), (Some(0), "ok: amaan.toml\n"), "{main}: {}", said.err);
    }
}

#[test]
fn others_are_refused_in_words() {
    let key = format!("{AUTHORITY}-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
    let with = |parameter: &str| format!("{MAIN}?{parameter}");
    let mut told = String::new();
    for (of, said) in [
        ("in clear beyond this machine", check(MAIN, KEYS, "amqp://a:hunter2@broker.example.org", None)),
        (
            "no databases",
            check("mysql://a:hunter2@db/amaan", "hunter2", "redis://hunter2@b", Some(AUTHORITY)),
        ),
        ("TLS turned off", check(&with("sslmode=disable"), KEYS, BROKER, Some(AUTHORITY))),
        ("commits before they are on disk", {
            check(&with("options=-c%20synchronous_commit=off"), KEYS, BROKER, Some(AUTHORITY))
        }),
        ("two servers", {
            check(
                "postgresql://a:hunter2@db1,db2/amaan",
                KEYS,
                "amqps://a:hunter2@b/v?verify=no",
                Some(AUTHORITY),
            )
        }),
        ("one database for both", check(MAIN, &with("sslmode=require"), BROKER, Some(AUTHORITY))),
        ("TLS asked for and not spoken", check(MAIN, KEYS, "amqp://a:hunter2@127.0.0.1", Some(AUTHORITY))),
        ("authorities that are none", check(MAIN, KEYS, BROKER, Some("hunter2"))),
        ("authorities with a key", check(MAIN, KEYS, BROKER, Some(&key))),
    ] {
        assert_eq!(said.code, Some(1), "{of}: {}", said.out);
        told += &said.told(of);
    }
    snapshot("bad-servers", &told);
}

/// The example of a large installation, with every file it names.
#[test]
fn the_production_example_is_in_order() {
    let text = std::fs::read_to_string(root().join("ops/examples/amaan-production.toml")).unwrap();
    let place = Place::furnished(&text);
    place.secret("secrets/store.url", MAIN);
    place.secret("secrets/keys.url", KEYS);
    place.secret("secrets/queue.url", BROKER);
    place.secret("credentials/nadra", "hunter2");
    for file in ["ca/servers.pem", "ca/agencies.pem"] {
        std::fs::create_dir_all(place.path("ca")).unwrap();
        std::fs::write(place.path(file), AUTHORITY).unwrap();
    }
    let said = place.run(CHECK, &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "ok: amaan.toml\n"), "{}", said.err);
    let printed = place.run(&["config", "print", "--config", "amaan.toml"], &[]);
    snapshot("printed-production", &printed.out);
}
