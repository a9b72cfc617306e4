//! Every endpoint of `/openapi.json` x every agency x every role x what it names: something of one's own,
//! something of others, something that does not exist. Others' and nobody's are answered alike, byte for byte
//! but for the id asked for; no list holds an id of a child that an agency has nothing to do with. What each
//! role of a party gets is a snapshot to be read; the list of who may look at others' may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::placed::{Kind, Placed, STEPS, body_for, kind_of};
use crate::http::world::{Answer, Registered, World};
use crate::journeys::sandbox::fresh_key;

const AGENCIES: &[&str] = &["ictp", "cpi", "laja", "nccia", "nadra", "ncrc", "hub"];
const ROLES: &[&str] =
    &["system", "caseworker", "supervisor", "agency-admin", "privacy-officer", "analyst", "operator"];
/// An answer that waits for what has not happened yet, or for an agency's system that is silent here.
const NOT_ASKED: &[&str] = &["/v1/events/stream", "/v1/identity-checks"];
/// Where existing and absent may differ for one who is no party: role and agency, endpoint, why.
const MAY_LOOK_AT_OTHERS: &[(&str, &str, &str)] =
    &[("hub operator", "/v1/dead-letters/{id}", "operators settle what no agency can")];

pub struct Endpoint {
    pub post: bool,
    pub path: String,
}

/// All endpoints that need a token, each step of a referral by itself.
pub async fn endpoints(world: &World) -> Vec<Endpoint> {
    let document = world.get("/openapi.json").send().await.body;
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if NOT_ASKED.contains(&path.as_str()) {
            continue;
        }
        for (method, operation) in operations.as_object().unwrap() {
            let post = method == "post";
            let steps: Vec<String> = match path.contains("{action}") {
                true => STEPS.iter().map(|step| path.replace("{action}", step)).collect(),
                false => vec![path.clone()],
            };
            if operation["security"].is_array() {
                found.extend(steps.into_iter().map(|path| Endpoint { post, path }));
            }
        }
    }
    found
}

impl Endpoint {
    pub fn name(&self) -> String {
        format!("{:4} {}", if self.post { "POST" } else { "GET" }, self.path)
    }

    /// As this client, its variable segment filled with this.
    pub async fn call(&self, world: &World, client: &str, id: &str) -> Answer {
        let named = ["{id}", "{delivery}", "{referral}", "{person}"];
        let mut path = named.iter().fold(self.path.clone(), |path, name| path.replace(name, id));
        for (segment, other) in [
            ("{incident}", "agency-unreachable.cpi"),
            ("{name}", "nobody-here"),
            ("{reason}", "seen-more"),
            ("{level}", "0"),
            ("{place}", "000.p/1"),
        ] {
            path = path.replace(segment, other);
        }
        assert!(!path.contains('{'), "a variable segment this test cannot fill: {path}");
        let call = match self.post {
            true => world.post(&path, body_for(&path).to_string()).key(&fresh_key()),
            false => world.get(&path),
        };
        call.calling_as(client).send().await
    }
}

/// Status, headers and body, without what any two answers differ in.
fn told(answer: &Answer, id: &str) -> String {
    let mut body = answer.text().replace(id, "ID");
    if let Some(instance) = answer.body["instance"].as_str() {
        body = body.replace(instance, "INSTANCE");
    }
    format!("{} {} {body}", answer.line(), answer.header("content-type"))
}

pub fn clients() -> Vec<Registered> {
    let of = |agency: &&str| ROLES.iter().map(move |role| client(agency, role)).collect::<Vec<_>>();
    AGENCIES.iter().flat_map(of).collect()
}

fn client(agency: &str, role: &str) -> Registered {
    (format!("{agency}.{role}"), agency.to_owned(), role.to_owned())
}

/// Who got what: answer, then agency, then roles.
type Got = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn note(got: &mut Got, answer: &Answer, agency: &str, role: &str) {
    got.entry(answer.line()).or_default().entry(agency.to_owned()).or_default().insert(role.to_owned());
}

/// `200 ictp cpi: system caseworker`, agencies with the same roles together.
fn lines(got: &Got) -> String {
    let mut text = String::new();
    for (answer, by_agency) in got {
        let mut by_roles: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (agency, roles) in by_agency {
            let all = roles.len() == ROLES.len();
            let words = if all { "all".to_owned() } else { in_order(roles) };
            by_roles.entry(words).or_default().push(agency);
        }
        for (roles, agencies) in by_roles {
            writeln!(text, "    {answer:28} {}: {roles}", agencies.join(" ")).unwrap();
        }
    }
    text
}

fn in_order(roles: &BTreeSet<String>) -> String {
    let listed: Vec<&str> = ROLES.iter().copied().filter(|role| roles.contains(*role)).collect();
    listed.join(" ")
}

/// What every role of every agency gets for an endpoint that names nothing; no id in it is of others'
/// children.
async fn asked_in_general(world: &World, endpoint: &Endpoint, placed: &Placed) -> String {
    let mut got = Got::new();
    for (name, agency, role) in clients() {
        let answer = endpoint.call(world, &name, "nobody-here").await;
        note(&mut got, &answer, &agency, &role);
        let stranger = !["ictp", "cpi", "ncrc", "hub"].contains(&agency.as_str());
        let text = answer.text();
        for id in placed.ids().filter(|_| stranger) {
            assert!(!text.contains(id), "{} tells {name} of {id}", endpoint.name());
        }
    }
    lines(&got)
}

/// Whoever is no party gets the same for what others have and for what nobody has.
async fn asked_by_strangers(
    world: &World,
    endpoint: &Endpoint,
    kind: &Kind,
    placed: &Placed,
    leaks: &mut Vec<String>,
) -> String {
    let mut got = Got::new();
    for (name, agency, role) in clients() {
        if kind.parties.contains(&agency.as_str()) {
            continue;
        }
        let (there, absent) = (placed.id(kind), kind.absent());
        let existing = endpoint.call(world, &name, there).await;
        let nothing = endpoint.call(world, &name, &absent).await;
        note(&mut got, &existing, &agency, &role);
        let may = MAY_LOOK_AT_OTHERS
            .iter()
            .any(|(who, path, _)| *who == format!("{agency} {role}") && endpoint.path.starts_with(path));
        let (seen, missed) = (told(&existing, there), told(&nothing, &absent));
        if !may && (seen != missed || existing.response.status < 400) {
            leaks.push(format!("{} by {name}:\n  {seen}\n  {missed}", endpoint.name()));
        }
    }
    lines(&got)
}

/// What each role of a party gets; a fresh one for each where the call changes something.
async fn asked_by_parties(world: &World, endpoint: &Endpoint, kind: &Kind, placed: &Placed) -> String {
    let mut got = Got::new();
    for agency in kind.parties {
        for role in ROLES {
            let fresh = if endpoint.post { Some(Placed::make(world).await) } else { None };
            let id = fresh.as_ref().unwrap_or(placed).id(kind);
            let answer = endpoint.call(world, &format!("{agency}.{role}"), id).await;
            note(&mut got, &answer, agency, role);
        }
    }
    lines(&got)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_of_every_agency_at_every_endpoint() {
    let world = World::called_by(&clients()).await;
    let (mut table, mut leaks) = (String::new(), Vec::new());
    for endpoint in endpoints(&world).await {
        writeln!(table, "{}", endpoint.name()).unwrap();
        let placed = Placed::make(&world).await;
        match kind_of(&endpoint.path) {
            None => table += &asked_in_general(&world, &endpoint, &placed).await,
            Some(kind) => {
                table += "  of others\n";
                table += &asked_by_strangers(&world, &endpoint, &kind, &placed, &mut leaks).await;
                table += "  one's own\n";
                table += &asked_by_parties(&world, &endpoint, &kind, &placed).await;
            }
        }
    }
    assert!(leaks.is_empty(), "what exists is told from what does not:\n{}", leaks.join("\n"));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("objects", table);
    });
}

/// Nothing that was placed is missing from what the test asks about.
#[test]
fn the_exceptions_name_what_exists() {
    for (who, _, why) in MAY_LOOK_AT_OTHERS {
        let (agency, role) = who.split_once(' ').unwrap();
        assert!(AGENCIES.contains(&agency) && ROLES.contains(&role) && !why.is_empty(), "{who}");
    }
}
