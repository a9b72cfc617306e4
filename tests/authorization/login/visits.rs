//! Visits that fail though somebody is, or was, signed in: sessions that are over, forms of other sites,
//! acts for which the person was not asked, addresses of other hosts; and providers that nobody is sent to.

use casework::Role;
use serde_json::json;

use super::browser::{Browser, LOGIN, SESSION, Seen};
use super::defects::Judged;
use super::rules::Told;
use super::world::{RULES, SUBJECT, World};

const ACT: &str = "/desk/approvals/ap_00000000000070008000000000000000/approve";
/// Addresses outside the desk, as they are tried.
const ELSEWHERE: &[&str] = &[
    "https://zqx.example/",
    "//zqx.example",
    "/\\zqx.example",
    "\\\\zqx.example",
    "/desk//zqx.example",
    "/%2f%2fzqx.example",
    "/%252f%252fzqx.example",
    "/desk/../v1/referrals",
    "/desk%0d%0aSet-Cookie:%20zqx=1",
    "/desk?lang=ur%0d%0aX:%20y",
    "/desk?return_to=//zqx.example",
    "/desk/approvals/zqx%2f..%2f..",
    "/desk@zqx.example",
    "javascript:alert(1)",
    "/v1/referrals",
    "/desk/sign-out",
    "/desk/callback/main",
    "desk",
    "",
];

struct Bench {
    world: World,
    judged: Vec<Judged>,
}

/// Every visit that fails.
pub async fn all() -> Vec<Judged> {
    let mut bench = Bench { world: World::start().await, judged: Vec::new() };
    bench.secrets().await;
    bench.ends().await;
    bench.people().await;
    bench.forms().await;
    bench.confirmations().await;
    bench.addresses().await;
    bench.doors().await;
    bench.providers().await;
    bench.judged
}

impl Bench {
    /// Looks at this browser's visit, which is refused for this word.
    async fn judge(
        &mut self,
        rule: &'static str,
        name: &'static str,
        told: Told,
        word: &str,
        visit: impl AsyncFnOnce(&World) -> Seen,
    ) {
        let before = self.world.counted(word).await;
        let seen = visit(&self.world).await;
        let counted = if word.is_empty() { None } else { Some(self.world.counted(word).await - before) };
        self.judged.push(Judged { rule, name, told, seen, counted });
    }

    async fn home(&mut self, rule: &'static str, name: &'static str, word: &str, mut browser: Browser) {
        self.judge(rule, name, Told::SignIn, word, async |_| browser.get("/desk").await).await;
    }

    async fn secrets(&mut self) {
        let rule = "session-known";
        let with = |secret: &str| {
            let mut browser = Browser::at("");
            browser.cookies.insert(SESSION.into(), secret.into());
            browser.cookies
        };
        let at = self.world.browser();
        let guessed = Browser { cookies: with(&crate::identity::world::encode([5; 32])), ..at.clone() };
        self.home(rule, "a guess", "session-unknown", guessed).await;
        self.home(rule, "no secret at all", "", Browser { cookies: with("zqx"), ..at.clone() }).await;
        self.home(rule, "none", "", at.clone()).await;
        let good = self.world.signed_in().await;
        let twice = format!("{SESSION}=zqx; {SESSION}={}", good.cookies[SESSION]);
        self.judge(rule, "two of one name", Told::SignIn, "", async |world| {
            world.browser().send("GET", "/desk", &[("Cookie", &twice)], "").await
        })
        .await;
        let begun = self.world.begin(at).await;
        let ticket = begun.browser.cookies[LOGIN].clone();
        let taken = Browser { cookies: with(&ticket), ..begun.browser };
        self.home(rule, "the ticket of a login", "session-unknown", taken).await;
        // A browser that somebody planted a secret in, and one that was signed in before.
        let planted = good.clone();
        let begun = self.world.begin(good).await;
        let making = self.world.making(&begun);
        let after = self.world.finish(begun, making).await;
        assert_ne!(after.cookies[SESSION], planted.cookies[SESSION]);
        self.home("new-id-at-login", "what it had before", "session-unknown", planted).await;
    }

    async fn ends(&mut self) {
        let idle = self.world.signed_in().await;
        self.world.clock.advance(RULES.idle_seconds);
        self.home("session-idle", "a quarter of an hour", "session-idle", idle).await;
        let mut used = self.world.signed_in().await;
        for _ in 0..RULES.absolute_seconds / 600 - 1 {
            self.world.clock.advance(600);
            assert_eq!(used.get("/desk").await.status, 200, "it is used");
        }
        // Confirmed on its last day, which does not make it last.
        let begun = self.world.sent_by(used, "/desk/confirm/go?return_to=/desk").await;
        let making = self.world.making(&begun);
        let mut used = self.world.finish(begun, making).await;
        assert_eq!(used.get("/desk").await.status, 200);
        self.world.clock.advance(600);
        self.home("session-absolute", "used and confirmed to the end", "session-over", used).await;
        let mut leaving = self.world.signed_in().await;
        let copied = leaving.clone();
        let token = self.world.form_token(&mut leaving).await;
        let seen = leaving.post("/desk/sign-out", &format!("csrf={token}")).await;
        assert_eq!((seen.status, leaving.cookies.get(SESSION)), (200, None), "{}", seen.body);
        assert!(seen.body.contains("/goodbye?client_id="), "{}", seen.body);
        self.home("session-ends-at-sign-out", "a copy of it", "session-unknown", copied).await;
    }

    async fn people(&mut self) {
        let rule = "session-needs-person";
        let mut there = self.world.signed_in_as("officer-3").await;
        assert!(there.get("/desk").await.body.contains("caseworker"));
        let world = &self.world;
        world.person("ictp", &world.main, "officer-3", Role::Analyst, true).await;
        let home = there.get("/desk").await.body;
        assert!(home.contains("analyst") && !home.contains("caseworker"), "roles are those of now");
        world.person("ictp", &world.main, "officer-3", Role::Analyst, false).await;
        self.home(rule, "may not act any more", "session-person", there).await;
    }

    async fn forms(&mut self) {
        let (site, path) = (self.world.site.clone(), "/desk/sign-out");
        let mut browser = self.world.signed_in().await;
        let token = self.world.form_token(&mut browser).await;
        let mut second = self.world.signed_in().await;
        let others = self.world.form_token(&mut second).await;
        let (form, ours) = (format!("csrf={token}"), ("Origin", site.as_str()));
        let rows = posts(&token, &others, ours);
        for (rule, name, word, body, headers) in rows {
            let (before, seen) =
                (self.world.counted(word).await, browser.clone().post_from(path, &body, &headers).await);
            let counted = Some(self.world.counted(word).await - before);
            self.judged.push(Judged { rule, name, told: Told::NotDone, seen, counted });
        }
        let mut nobody = self.world.browser();
        let seen = nobody.post(path, &form).await;
        self.judged.push(Judged {
            rule: "session-known",
            name: "a form",
            told: Told::NotDone,
            seen,
            counted: None,
        });
        assert_eq!(browser.get("/desk").await.status, 200, "nobody was signed out by it");
    }

    async fn confirmations(&mut self) {
        let mut browser = self.world.signed_in().await;
        let token = self.world.form_token(&mut browser).await;
        let form = format!("csrf={token}&return_to=/desk");
        assert_eq!(browser.post(ACT, &form).await.status, 404, "a moment after signing in it is taken");
        self.world.clock.advance(hub::FRESH_SECONDS + 1);
        let old = browser.clone();
        self.judge(
            "dangerous-needs-fresh",
            "asked six minutes ago",
            Told::Confirm,
            "auth-time-old",
            async |_| old.clone().post(ACT, &form).await,
        )
        .await;
        let go = "/desk/confirm/go?return_to=/desk";
        let begun = self.world.sent_by(browser.clone(), go).await;
        assert_eq!(begun.prompt, "login 0");
        let mut making = self.world.making(&begun);
        making.claims["auth_time"] = json!(making.now - 60);
        self.back("confirm-asks-anew", "the provider remembers", "auth-time-stale", begun, making).await;
        let begun = self.world.sent_by(browser.clone(), go).await;
        let mut making = self.world.making(&begun);
        making.claims["sub"] = json!("officer-3");
        self.world.person("ictp", &self.world.main, "officer-3", Role::Supervisor, true).await;
        self.back("confirm-same-person", "a colleague", "person-unknown", begun, making).await;
        let mut begun = self.world.sent_by(browser.clone(), go).await;
        let making = self.world.making(&begun);
        begun.browser.cookies.remove(SESSION);
        self.back("confirm-same-person", "without the session", "person-unknown", begun, making).await;
        let mut begun = self.world.sent_by(browser.clone(), go).await;
        let making = self.world.making(&begun);
        begun.browser.cookies.extend(self.world.signed_in().await.cookies);
        self.back("confirm-same-person", "in another session", "person-unknown", begun, making).await;
        let begun = self.world.sent_by(browser.clone(), go).await;
        let making = self.world.making(&begun);
        let mut confirmed = self.world.finish(begun, making).await;
        self.home("new-id-at-confirmation", "the old one", "session-unknown", browser).await;
        let token = self.world.form_token(&mut confirmed).await;
        assert_eq!(confirmed.post(ACT, &format!("csrf={token}")).await.status, 404, "confirmed, it is taken");
    }

    /// Comes back with an answer that is not believed.
    async fn back(
        &mut self,
        rule: &'static str,
        name: &'static str,
        word: &str,
        mut begun: super::world::Begun,
        making: super::world::Making,
    ) {
        self.judge(rule, name, Told::NotSignedIn, word, async |world| {
            world.grant(&begun, making, "confirm-code");
            let answer = world.answer(&begun, "confirm-code");
            world.come_back(&mut begun.browser, "main", &answer).await
        })
        .await;
    }

    async fn addresses(&mut self) {
        for wanted in ELSEWHERE {
            let world = &self.world;
            let path = format!(
                "/desk/sign-in/main/ictp?return_to={}",
                wanted.replace('?', "%3F").replace('\\', "%5C")
            );
            let mut begun = world.sent_by(world.browser(), &path).await;
            world.grant(&begun, world.making(&begun), "a-code");
            let answer = world.answer(&begun, "a-code");
            let seen = world.come_back(&mut begun.browser, "main", &answer).await;
            let name = "an address that is none of the desk's pages";
            let rule = "goes-on-within-the-desk";
            self.judged.push(Judged { rule, name, told: Told::Home, seen, counted: None });
        }
        let world = &self.world;
        for good in ["/desk/approvals", "/desk/approvals/ap_00000000000070008000000000000000?lang=ur"] {
            let path = format!("/desk/sign-in/main/ictp?return_to={}", good.replace('?', "%3F"));
            let mut begun = world.sent_by(world.browser(), &path).await;
            world.grant(&begun, world.making(&begun), "a-code");
            let answer = world.answer(&begun, "a-code");
            assert_eq!(world.come_back(&mut begun.browser, "main", &answer).await.location(), good);
        }
    }

    async fn doors(&mut self) {
        let browser = self.world.signed_in().await;
        let cookie = format!("{SESSION}={}", browser.cookies[SESSION]);
        let token = format!("Bearer {}", self.world.served.token("ictp-system", None));
        let (with_token, with_cookie) = (("Authorization", token.as_str()), ("Cookie", cookie.as_str()));
        self.judge("api-takes-no-cookie", "a list by cookie", Told::Unauthorized, "", async |world| {
            world.browser().send("GET", "/v1/approvals", &[with_cookie], "").await
        })
        .await;
        self.judge("desk-takes-no-token", "the desk by token", Told::SignIn, "", async |world| {
            world.browser().send("GET", "/desk", &[with_token], "").await
        })
        .await;
        for host in ["zqx.example", "localhost", "127.0.0.1:1"] {
            self.judge("one-host", "another name", Told::Elsewhere, "", async |world| {
                world.browser().send("GET", "/desk", &[with_cookie, ("Host", host)], "").await
            })
            .await;
        }
    }

    async fn providers(&mut self) {
        for (name, member, value, word) in [
            (
                "only the plain challenge",
                "code_challenge_methods_supported",
                json!(["plain"]),
                "provider-unfit",
            ),
            (
                "people are sent in clear",
                "authorization_endpoint",
                json!("http://zqx.example/a"),
                "provider-unfit",
            ),
            ("another's document", "issuer", json!("https://zqx.example"), "provider-away"),
        ] {
            // The document is kept for ten minutes.
            self.world.clock.advance(601);
            self.world.other.says(member, value);
            let before = self.world.counted(word).await;
            let seen = self.world.browser().get("/desk/sign-in/other/cpi").await;
            let counted = Some(self.world.counted(word).await - before);
            self.judged.push(Judged { rule: "provider-fit", name, told: Told::Away, seen, counted });
            self.world.other.says("code_challenge_methods_supported", json!(["S256"]));
        }
        assert_eq!(SUBJECT, "supervisor-7", "`rules.rs` looks for it on pages");
    }
}

/// Rule, name, the word it is counted under, body, headers.
type Post<'a> = (&'static str, &'static str, &'static str, String, Vec<(&'static str, &'a str)>);

/// Forms that are not ours, each a good one but for one thing.
fn posts<'a>(token: &str, others: &str, ours: (&'static str, &'a str)) -> Vec<Post<'a>> {
    let good = format!("csrf={token}");
    let (null, site) = (("Origin", "null"), ("Sec-Fetch-Site", "same-origin"));
    let (another, port) = (("Origin", "http://zqx.example"), ("Origin", "http://127.0.0.1:1"));
    let (cross, near) = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"));
    let (json, plain) = (("Content-Type", "application/json"), ("Content-Type", "text/plain"));
    let token_rows = [
        ("none", "csrf-missing", "zqx=1".to_owned()),
        ("empty", "csrf-wrong", "csrf=".to_owned()),
        ("another session's", "csrf-wrong", format!("csrf={others}")),
        ("twice", "csrf-missing", format!("{good}&{good}")),
    ];
    let by_token = |(name, word, body)| ("form-token", name, word, body, vec![ours, site]);
    let origin_rows = [
        ("none", "origin-wrong", vec![site]),
        ("null", "origin-wrong", vec![null, site]),
        ("another site", "origin-wrong", vec![another]),
        ("this name on another port", "origin-wrong", vec![port]),
        ("twice", "origin-wrong", vec![ours, ours]),
        ("cross-site by the browser's word", "fetch-site-wrong", vec![ours, cross]),
        ("same site, another origin", "fetch-site-wrong", vec![ours, near]),
    ];
    let by_origin = |(name, word, headers)| ("form-origin", name, word, good.clone(), headers);
    let media_rows = [
        ("JSON", format!("{{\"csrf\":\"{token}\"}}"), vec![ours, site, json]),
        ("plain text", good.clone(), vec![ours, site, plain]),
    ];
    let by_media = |(name, body, headers)| ("form-media", name, "form-malformed", body, headers);
    let rows = token_rows.into_iter().map(by_token).chain(origin_rows.into_iter().map(by_origin));
    rows.chain(media_rows.into_iter().map(by_media)).collect()
}
