//! A hub with a desk, two providers that do as they are told, a clock that tests move, and the steps of an
//! honest login, each of which a test can bend.

use std::collections::BTreeSet;
use std::sync::Arc;

use amaan_http::{Desk, DeskProvider};
use casework::{AgencyCode, Caller, Pseudonym, Role, Sensitive, Via};
use egress::Rules;
use hub::{Key, LimitSettings, PersonSaid, SessionRules};
use identity::TokenTime;
use identity::login::{Login, Provider as Known};
use serde_json::{Value, json};

use super::browser::{Browser, SESSION, Seen, query};
use super::provider::{CLIENT, KID, Provider, SECRET, tokens};
use crate::http::world::World as Served;
use crate::identity::world::HandClock;

/// The person of the good login.
pub const SUBJECT: &str = "supervisor-7";
pub const RULES: SessionRules = SessionRules { idle_seconds: 900, absolute_seconds: 43_200 };
/// The provider `main` asks for this.
pub const ACR: &str = "urn:test:two-factors";

pub struct World {
    pub served: Served,
    pub site: String,
    pub clock: Arc<HandClock>,
    pub main: Provider,
    pub other: Provider,
}

/// A login that waits for the provider's answer.
pub struct Begun {
    pub browser: Browser,
    pub state: String,
    pub nonce: String,
    pub challenge: String,
    pub prompt: String,
}

/// An ID token in the making.
pub struct Making {
    pub header: Value,
    pub claims: Value,
    /// Instead of what header and claims give.
    pub text: Option<String>,
    /// Instead of what the token endpoint answers.
    pub answer: Option<Value>,
    pub now: i64,
}

impl World {
    pub async fn start() -> Self {
        Self::limited(LimitSettings::without_rates()).await
    }

    /// With bounds of the test's own.
    pub async fn limited(limits: LimitSettings) -> Self {
        let (main, other) = (Provider::start().await, Provider::start().await);
        let clock = Arc::new(HandClock::default());
        let known = |name: &str, provider: &Provider, acr: Option<&str>| Known {
            name: name.to_owned(),
            issuer: provider.issuer().to_owned(),
            client: CLIENT.to_owned(),
            secret: Sensitive::new(SECRET.to_owned()),
            acr: acr.map(str::to_owned),
        };
        let both = vec![known("main", &main, Some(ACR)), known("other", &other, None)];
        let allow =
            [&main, &other].map(|provider| provider.issuer().trim_start_matches("http://").to_owned());
        let rules = Rules { allow: allow.to_vec(), loopback_http: true, ..Rules::default() };
        let http = egress::Client::new(rules).unwrap();
        let time: Arc<dyn TokenTime> = clock.clone();
        let issuers = vec![main.issuer().to_owned(), other.issuer().to_owned()];
        let mut site = String::new();
        let served = Served::with_desk(issuers, limits, |url| {
            site = url.to_owned();
            let login = Login::new(both, &format!("{url}{}", Desk::CALLBACKS), http, time);
            let at = |name: &str, agencies: &[&str]| DeskProvider {
                name: name.to_owned(),
                agencies: agencies.iter().map(|agency| agency.parse().unwrap()).collect(),
            };
            // Both vouch for the police's people, so that nothing but its address tells an answer's provider.
            let providers = vec![at("main", &["ictp"]), at("other", &["cpi", "ictp"])];
            Desk { login, providers, rules: RULES, url: url.to_owned() }
        });
        let served = served.await;
        let world = Self { served, site, clock, main, other };
        world.person("ictp", &world.main, SUBJECT, Role::Supervisor, true).await;
        world.person("ictp", &world.main, "officer-3", Role::Caseworker, true).await;
        world.person("ictp", &world.main, "gone-5", Role::Supervisor, false).await;
        world.person("cpi", &world.other, SUBJECT, Role::Supervisor, true).await;
        world.person("cpi", &world.main, "of-another-agency", Role::Supervisor, true).await;
        world
    }

    /// What an agency's administrator says of a person.
    pub async fn person(&self, agency: &str, at: &Provider, subject: &str, role: Role, active: bool) {
        let agency: AgencyCode = agency.parse().unwrap();
        let admin = Caller {
            actor: Pseudonym::new(uuid::Uuid::from_u128(99)),
            via: Via::Api,
            roles: vec!["agency-admin".into()],
            scopes: Vec::new(),
            client: "admin".into(),
            agency,
        };
        let said = PersonSaid {
            subject: subject.to_owned(),
            issuer: Some(at.issuer().to_owned()),
            roles: BTreeSet::from([role]),
            active,
        };
        let key = Key::new(&uuid::Uuid::new_v4().to_string()).unwrap();
        self.served.hub.set_person(&admin, &said, &key).await.unwrap();
    }

    pub fn now(&self) -> i64 {
        self.clock.unix_seconds()
    }

    pub fn browser(&self) -> Browser {
        Browser::at(&self.site)
    }

    /// A browser is sent to the provider.
    pub async fn begin(&self, browser: Browser) -> Begun {
        self.sent_by(browser, "/desk/sign-in/main/ictp?return_to=/desk").await
    }

    /// By this page.
    pub async fn sent_by(&self, mut browser: Browser, path: &str) -> Begun {
        let sent = browser.get(path).await;
        assert_eq!(sent.status, 303, "{path}: {}", sent.body);
        let address = sent.location();
        assert_eq!(query(&address, "code_challenge_method"), "S256");
        assert_eq!(query(&address, "response_type"), "code");
        assert_eq!(query(&address, "client_id"), CLIENT);
        Begun {
            state: query(&address, "state"),
            nonce: query(&address, "nonce"),
            challenge: query(&address, "code_challenge"),
            prompt: format!("{} {}", query(&address, "prompt"), query(&address, "max_age")),
            browser,
        }
    }

    /// A good ID token for it.
    pub fn making(&self, begun: &Begun) -> Making {
        let now = self.now();
        Making {
            header: json!({ "typ": "JWT", "alg": "EdDSA", "kid": KID }),
            claims: json!({
                "iss": self.main.issuer(), "sub": SUBJECT, "aud": CLIENT, "nonce": begun.nonce, "iat": now,
                "exp": now + 300, "auth_time": now, "acr": ACR,
            }),
            text: None,
            answer: None,
            now,
        }
    }

    /// The provider will give this for the code.
    pub fn grant(&self, begun: &Begun, making: Making, code: &str) {
        let Making { header, claims, text, answer, .. } = making;
        let text = text.unwrap_or_else(|| self.main.sign(&header.to_string(), &claims.to_string()));
        self.main.grant(code, &begun.challenge, answer.unwrap_or_else(|| tokens(Some(&text))));
    }

    /// The query of an honest answer.
    pub fn answer(&self, begun: &Begun, code: &str) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![pair("code", code), pair("state", &begun.state), pair("iss", self.main.issuer())]
    }

    /// The browser comes back with it.
    pub async fn come_back(&self, browser: &mut Browser, at: &str, answer: &[(String, String)]) -> Seen {
        let mut url: egress::Url = format!("{}/desk/callback/{at}", self.site).parse().unwrap();
        url.query_pairs_mut().extend_pairs(answer);
        browser.get(&format!("{}?{}", url.path(), url.query().unwrap_or_default())).await
    }

    /// A login without a fault, as whoever it is.
    pub async fn signed_in_as(&self, subject: &str) -> Browser {
        let begun = self.begin(self.browser()).await;
        let mut making = self.making(&begun);
        making.claims["sub"] = json!(subject);
        self.finish(begun, making).await
    }

    pub async fn signed_in(&self) -> Browser {
        self.signed_in_as(SUBJECT).await
    }

    /// The rest of a login or of a confirmation that goes well.
    pub async fn finish(&self, mut begun: Begun, making: Making) -> Browser {
        let code = uuid::Uuid::new_v4().to_string();
        self.grant(&begun, making, &code);
        let answer = self.answer(&begun, &code);
        let seen = self.come_back(&mut begun.browser, "main", &answer).await;
        assert_eq!(seen.status, 303, "{}", seen.body);
        assert!(begun.browser.cookies.contains_key(SESSION), "{}", seen.head);
        begun.browser
    }

    /// The token of the forms of this browser's session.
    pub async fn form_token(&self, browser: &mut Browser) -> String {
        let home = browser.get("/desk").await;
        assert_eq!(home.status, 200, "{}", home.location());
        let (_, rest) = home.body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// How often this defect was counted.
    pub async fn counted(&self, defect: &str) -> u64 {
        let text = self.served.get("/metrics").send().await.text();
        let line = format!("amaan_desk_refused_total{{defect=\"{defect}\"}} ");
        text.lines().find_map(|held| held.strip_prefix(&line)).map_or(0, |count| count.parse().unwrap())
    }
}
