//! A process serves the addresses of its own roles; any other is as unknown as one that never was.

use amaan_http::{DESK, PAGES, ROUTES, Role, Roles, Verb, measure, metrics_server};
use egress::{Client, Request, Rules};
use serde_json::json;

use super::world::World;

/// Every address of both tables, asked of a process with these roles.
async fn check(named: &[Role]) {
    let roles = Roles::of(named.iter().copied());
    let world = World::with_roles(roles.clone()).await;
    for route in ROUTES {
        let path = route.path.replace("{name}/{version}", "referral.accept/v1");
        let path = path.replace("{level}", "0").replace("{place}", "000");
        let path = path.replace("{action}", "accept").replace("{delivery}", "x").replace("{id}", "x");
        let call = if route.method == Verb::Get { world.get(&path) } else { world.post(&path, "{}") };
        let served = route.role.is_none_or(|role| named.contains(&role));
        // Without a token nobody gets further; what is not served does not even ask for one.
        assert_eq!(call.send().await.line() != "404 not-found", served, "{path} of {roles}");
    }
    for page in PAGES {
        let answer = world.get(&page.path.replace("{slug}", "not-found")).send().await;
        assert_eq!(answer.response.status == 200, named.contains(&Role::Pages), "{} of {roles}", page.path);
    }
    for route in DESK {
        let path = route.path.replace("{id}", "x").replace("{provider}", "x").replace("{agency}", "x");
        let call = if route.method == Verb::Get { world.get(&path) } else { world.post(&path, "") };
        let known = call.send().await.line() != "404 not-found";
        assert_eq!(known, named.contains(&Role::Pages), "{} of {roles}", route.path);
    }
    let ready = world.get("/readyz").send().await.body;
    assert_eq!(ready, json!({ "ready": true, "degraded": [], "roles": roles.words() }));
    let described = world.get("/openapi.json").send().await.body;
    let mut paths: Vec<&str> = roles.routes().map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let described: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
    assert_eq!(described, paths, "{roles}");
}

#[tokio::test]
async fn each_role_alone_serves_its_own() {
    for role in Role::ALL {
        check(&[role]).await;
    }
}

#[tokio::test]
async fn roles_go_together() {
    check(&[Role::Api, Role::Pages]).await;
    let world = World::with_roles(Roles::of([Role::Api, Role::Pages])).await;
    let page = world.get("/").send().await.text();
    assert!(page.contains("This process does: api, pages."), "{page}");
    assert!(page.contains("/v1/referrals") && !page.contains("/v1/audit/entries"), "{page}");
}

#[test]
fn none_named_means_all() {
    assert!(Roles::of([]).is_all());
    assert_eq!(Roles::all().routes().count(), ROUTES.len());
    // Whoever watches over a process asks it itself, whatever it does.
    let everywhere: Vec<&str> =
        ROUTES.iter().filter(|route| route.role.is_none()).map(|route| route.path).collect();
    assert_eq!(everywhere, ["/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"]);
    assert!(ROUTES.iter().all(|route| route.role != Some(Role::Delivery)), "delivery is not called");
}

/// Where metrics have a listener of their own, they are nowhere else, and there is nothing else there.
#[tokio::test]
async fn metrics_are_served_beside_the_api_or_apart_from_it() {
    let world = World::with_roles(Roles::all()).await;
    assert_eq!(world.get("/metrics").send().await.line(), "200");
    let world = World::with_roles(Roles::all().without_metrics()).await;
    let (hidden, absent) = (world.get("/metrics").send().await, world.get("/metrix").send().await);
    assert_eq!((hidden.line(), absent.line()), ("404 not-found".to_owned(), "404 not-found".to_owned()));
    assert_eq!(world.post("/metrics", "{}").send().await.line(), "404 not-found", "whatever the method");
    let described = world.get("/openapi.json").send().await.body;
    assert_eq!(described["paths"]["/metrics"], serde_json::Value::Null);
    assert!(!world.get("/").send().await.text().contains("/metrics"));

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let server = metrics_server(measure::recorder(), listener).unwrap();
    let handle = server.handle();
    let served = tokio::spawn(server);
    let rules = Rules {
        allow: vec![at.trim_start_matches("http://").to_owned()],
        loopback_http: true,
        ..Rules::default()
    };
    let http = Client::new(rules).unwrap();
    let get =
        async |path: &str| http.send(Request::get(format!("{at}{path}").parse().unwrap())).await.unwrap();
    let shown = get("/metrics").await;
    assert_eq!(shown.status, 200);
    assert!(String::from_utf8(shown.body).unwrap().contains("amaan_http_requests_total"));
    for path in ["/", "/healthz", "/v1/referrals", "/desk", "/openapi.json"] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    handle.stop(false).await;
    served.await.unwrap().unwrap();
}
