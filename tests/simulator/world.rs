//! Running agencies with their logs in a temporary folder, and calls to them through the hub's own client.

use std::{collections::BTreeMap, path::Path, time::Duration};

use ::simulator::{AgenciesConfig, RunningAgencies, start_agencies};
use egress::{EgressError, Request, Rules, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const SECRET: &str = "secret-of-the-hub";

/// The agencies, and the folder that survives [`World::restart`].
pub struct World {
    dir: TempDir,
    hub: String,
    running: Option<RunningAgencies>,
    http: egress::Client,
    endpoints: BTreeMap<String, String>,
}

/// One call to an agency's system.
pub struct Call {
    pub agency: &'static str,
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn get(agency: &'static str, path: &str) -> Self {
        let headers = vec![("authorization".into(), format!("Bearer {SECRET}"))];
        Self { agency, method: "GET", path: path.into(), headers, body: Vec::new() }
    }

    pub fn post(agency: &'static str, path: &str, body: &Value) -> Self {
        let call = Self { method: "POST", body: body.to_string().into_bytes(), ..Self::get(agency, path) };
        call.header("content-type", "application/json")
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(held, _)| held != name);
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl World {
    /// The agencies, with a hub nobody listens at.
    pub fn new() -> Self {
        Self::with_hub("http://127.0.0.1:9")
    }

    /// The agencies, with this hub, which is also their issuer.
    pub fn with_hub(hub: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut world = Self {
            dir,
            hub: hub.into(),
            running: None,
            http: egress::Client::new(Rules::default()).expect("a client"),
            endpoints: BTreeMap::new(),
        };
        world.start();
        world
    }

    /// Stops and starts again over the same folder, as after a kill.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start();
    }

    pub async fn stop(&mut self) {
        self.running.take().expect("running").stop().await;
    }

    pub fn log_file(&self, agency: &str) -> std::path::PathBuf {
        Path::new(self.dir.path()).join(format!("{agency}.effects.jsonl"))
    }

    pub fn start(&mut self) {
        let running = start_agencies(self.config()).expect("agencies that start");
        self.endpoints = running.endpoints.clone();
        let allow = self.endpoints.values().map(|url| url.replace("http://", "")).collect();
        let rules = Rules {
            allow,
            loopback_http: true,
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(10),
            ..Rules::default()
        };
        self.http = egress::Client::new(rules).expect("a client");
        self.running = Some(running);
    }

    /// What the agencies are started with, for the tests in which they do not start.
    pub fn config(&self) -> AgenciesConfig {
        let client =
            |agency: &&str| ((*agency).to_owned(), (format!("{agency}-system"), "own secret".to_owned()));
        AgenciesConfig {
            dir: self.dir.path().into(),
            hub: self.hub.clone(),
            issuer_url: self.hub.clone(),
            extra_roots_pem: None,
            agency_ports: BTreeMap::new(),
            agency_secret: SECRET.into(),
            clients: ["ictp", "nccia", "laja", "cpi"].iter().map(client).collect(),
            signing: ::simulator::Signing::default(),
        }
    }

    /// Status and JSON body (a string where it is no JSON).
    pub async fn call(&self, call: Call) -> Result<(u16, Value), EgressError> {
        let url: Url = format!("{}{}", self.endpoints[call.agency], call.path).parse().expect("an address");
        let method = match call.method {
            "GET" => egress::Method::Get,
            "PATCH" => egress::Method::Patch,
            _ => egress::Method::Post,
        };
        let request = Request { headers: call.headers, body: call.body, ..Request::new(method, url) };
        let answer = self.http.send(request).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Ok((answer.status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Turns knobs.
    pub async fn knobs(&self, agency: &'static str, change: Value) {
        let (status, _) = self.call(Call::post(agency, "/_sim/knobs", &change)).await.expect("an answer");
        assert_eq!(status, 200);
    }

    /// The effects of a kind.
    pub async fn effects(&self, agency: &'static str, kind: &str) -> Vec<Value> {
        let (_, answer) = self.call(Call::get(agency, "/_sim/effects")).await.expect("an answer");
        let all = answer["effects"].as_array().expect("effects").clone();
        all.into_iter().filter(|effect| effect["kind"] == json!(kind)).collect()
    }

    /// What the officers can see about a referral.
    pub async fn inbox(&self, agency: &'static str, referral: &str) -> Vec<Value> {
        let path = format!("/_sim/inbox?referral={referral}");
        let (_, answer) = self.call(Call::get(agency, &path)).await.expect("an answer");
        answer["messages"].as_array().expect("messages").clone()
    }
}
