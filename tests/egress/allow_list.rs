//! What the allow-list lets through: exact origins only, whatever spelling a URL uses.

use egress::{Client, EgressError, Forbidden, Request, Rules, RulesError};

use super::responder::{Act, Responder, answer};

fn rules(allow: &[&str]) -> Rules {
    Rules {
        allow: allow.iter().map(|entry| (*entry).to_owned()).collect(),
        loopback_http: true,
        ..Rules::default()
    }
}

/// Sends to `url` under an allow-list of one public and one loopback origin.
async fn check(url: &str, expect: Forbidden) {
    let client = Client::new(rules(&["agency.example:443", "127.0.0.1:9"])).unwrap();
    let refused = client.send(Request::get(url.parse().unwrap())).await.unwrap_err();
    assert_eq!(refused, EgressError::NotAllowed(expect), "{url}");
    assert!(refused.nothing_was_sent());
}

#[tokio::test]
async fn an_origin_is_compared_whole() {
    for url in [
        "https://other.example/",
        "https://agency.example.evil.example/",
        "https://evil.example/agency.example:443",
        "https://evil.example/?agency.example",
        "https://evil.example#@agency.example",
        "https://agency.example:8443/",
        "https://agency.example./",
        "https://xagency.example/",
        "https://аgency.example/", // the first letter is Cyrillic
        "https://127.0.0.1/",
        "http://127.0.0.1:10/",
        "http://127.0.0.2:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://0.0.0.0:9/",
        "https://169.254.169.254/latest/meta-data/",
        "http://agency.example/",
    ] {
        check(url, Forbidden::Origin).await;
    }
}

#[tokio::test]
async fn schemes_and_users_are_refused() {
    for url in ["http://agency.example:443/", "https://127.0.0.1:9/", "ftp://127.0.0.1:9/"] {
        check(url, Forbidden::Scheme).await;
    }
    for url in
        ["https://agency.example@evil.example/", "https://:x@agency.example/", "https://u@agency.example/"]
    {
        check(url, Forbidden::UserInUrl).await;
    }
}

#[tokio::test]
async fn odd_spellings_of_an_allowed_origin_reach_it() {
    let server = Responder::start(Act::Answer(answer("200 OK", "{}"))).await;
    let port = server.address.port();
    let client = Client::new(rules(&[&format!("127.0.0.1:{port}")])).unwrap();
    for host in ["127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433"] {
        let url = format!("http://{host}:{port}/").parse().unwrap();
        assert_eq!(client.send(Request::get(url)).await.unwrap().status, 200, "{host}");
    }
}

#[test]
fn an_entry_is_host_and_port() {
    for entry in [
        "",
        ":",
        "agency.example",
        "agency.example:",
        "agency.example:0",
        "agency.example:65536",
        "agency.example:https",
        "https://agency.example:443",
        "agency.example:443/",
        "agency.example:443/path",
        "u@agency.example:443",
        "agency.example:443?x",
        "*.agency.example:443x",
        "10.0.0.1:443",
        "169.254.169.254:80",
        "[fd00::1]:443",
        "[::ffff:127.0.0.1]:80",
        "0.0.0.0:80",
        "[::1]",
    ] {
        let refused = Client::new(rules(&[entry])).err();
        assert_eq!(refused, Some(RulesError::BadOrigin(entry.to_owned())), "{entry}");
    }
    for entry in ["agency.example:443", "AGENCY.example:8443", "8.8.8.8:443", "[::1]:80", "localhost:80"] {
        assert!(Client::new(rules(&[entry])).is_ok(), "{entry}");
    }
}

#[test]
fn loopback_entries_need_leave() {
    for entry in ["127.0.0.1:80", "localhost:80", "[::1]:80"] {
        let strict = Rules { loopback_http: false, ..rules(&[entry]) };
        assert_eq!(Client::new(strict).err(), Some(RulesError::LoopbackOrigin(entry.to_owned())));
    }
}

#[test]
fn limits_are_checked_at_the_start() {
    use std::time::Duration;
    let second = Duration::from_secs(1);
    let same = Rules { connect_timeout: second, total_timeout: second, ..Rules::default() };
    assert_eq!(Client::new(same).err(), Some(RulesError::BadTimeouts));
    let long = Rules { total_timeout: Duration::from_secs(121), ..Rules::default() };
    assert_eq!(Client::new(long).err(), Some(RulesError::BadTimeouts));
    let huge = Rules { body_bytes_max: usize::MAX, ..Rules::default() };
    assert_eq!(Client::new(huge).err(), Some(RulesError::BadBodyLimit));
    let many = Rules { allow: (1..=257).map(|n| format!("a{n}.example:443")).collect(), ..Rules::default() };
    assert_eq!(Client::new(many).err(), Some(RulesError::TooManyOrigins));
}
