//! What answers everybody: health, readiness, metrics, the API's description, the first page, the pages of
//! the problems; each with the headers that keep a browser out of mischief.

use super::answer::Answer;
use super::sandbox::sandbox;

fn get(path: &str) -> Answer {
    let answer = sandbox().get("", path).ok();
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"), "{path}");
    assert!(answer.header("request-id").is_some(), "{path}");
    answer
}

#[test]
fn health_readiness_and_metrics_answer() {
    let _turn = sandbox().beside();
    assert_eq!(get("/healthz").text(), "ok\n");
    assert_eq!(get("/readyz").json()["ready"], true);
    let metrics = get("/metrics").text();
    for name in ["amaan_http_requests_total", "amaan_referrals_total", "amaan_hand_overs_total"] {
        assert!(metrics.contains(name), "no {name} in\n{metrics}");
    }
    for id in ["rf_", "cs_", "dl_"] {
        assert!(!metrics.contains(id), "a metric names a `{id}` id");
    }
}

/// Its plan outlives it: a port that the system may give to anybody who connects would be taken at its next
/// start.
#[test]
fn ports_are_none_that_the_system_gives_away() {
    let plan = &sandbox().plan;
    let agencies = plan["agency_ports"].as_object().unwrap();
    assert!(!agencies.is_empty());
    for port in agencies.values().chain(["api_port", "issuer_port", "clock_port"].map(|name| &plan[name])) {
        assert!((10_000..20_000).contains(&port.as_u64().unwrap()), "{port}");
    }
}

#[test]
fn the_api_describes_itself() {
    let _turn = sandbox().beside();
    let document = get("/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], sandbox().api.as_str());
    for path in ["/v1/referrals", "/v1/referrals/{id}/{action}", "/v1/identity-checks", "/v1/dead-letters"] {
        assert!(document["paths"].get(path).is_some(), "{path} is not described");
    }
    let schema = get("/v1/schemas/referral.accept/v1").json();
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn the_first_page_says_what_runs() {
    let _turn = sandbox().beside();
    let page = get("/");
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{:?}", page.headers);
    let text = page.text();
    for words in ["Amaan", "/openapi.json", "ynthetic"] {
        assert!(text.contains(words), "the first page does not say `{words}`:\n{text}");
    }
    assert!(!text.contains("<script"), "the page has a script");
}

#[test]
fn every_problem_has_a_page() {
    let _turn = sandbox().beside();
    for kind in amaan_http::problem::PROBLEMS {
        let page = get(&format!("/problems/{}", kind.slug)).text();
        assert!(page.contains(kind.slug), "the page of {} does not name it", kind.slug);
    }
    assert_eq!(sandbox().get("", "/problems/no-such-problem").status, 404);
}
