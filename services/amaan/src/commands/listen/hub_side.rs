//! The hub as `amaan listen` calls it: pages of events, with a token that is given, or fetched from the
//! issuer again and again by client credentials (RFC 6749 section 4.4), since tokens live for minutes.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use egress::{Client, Request, Rules, Url};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::own_files;
use crate::cli::ListenArgs;
use crate::commands::client_tls;
use crate::failure::Failure;

/// A token is not used for its last seconds.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);

/// A page of events, each as its bytes.
#[derive(Debug, Deserialize)]
pub struct Page {
    pub data: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
    pub more: bool,
}

impl Page {
    pub fn last(&self) -> Result<Option<u64>, Failure> {
        let cursor = self.next_cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(Failure::at("the cursor of the hub's page"))
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

enum Tokens {
    Given(Zeroizing<String>),
    Fetched { issuer: String, basic: Zeroizing<String>, held: Option<(Instant, Zeroizing<String>)> },
}

pub struct HubSide {
    base: String,
    http: Client,
    tokens: Tokens,
}

impl HubSide {
    pub fn new(args: &ListenArgs) -> Result<Self, Failure> {
        let origins = [Some(&args.url), args.issuer.as_ref()].into_iter().flatten();
        let allow = origins.map(|text| origin(text)).collect::<Result<Vec<_>, _>>()?;
        let rules = Rules { body_bytes_max: 4 << 20, ..client_tls::rules(&args.tls, allow)? };
        let http = Client::new(rules).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Self { base: args.url.trim_end_matches('/').to_owned(), http, tokens: tokens(args)? })
    }

    /// A page; none while the hub or the issuer cannot be asked, which is told on stderr and passes.
    pub async fn page(&mut self, after: Option<u64>, limit: u32) -> Result<Option<Page>, Failure> {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let url = format!("{}/v1/events?limit={limit}{after}", self.base);
        let url: Url = url.parse().map_err(Failure::at("--url"))?;
        let bearer = match self.bearer().await {
            Ok(bearer) => bearer,
            Err(why) => return Ok(away(&why)),
        };
        let request = Request::get(url).header("authorization", &format!("Bearer {}", bearer.as_str()));
        let answer = match self.http.send(request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(away(&format!("no answer from {}: {error}", self.base))),
        };
        if answer.is_success() {
            return serde_json::from_slice(&answer.body).map(Some).map_err(Failure::at("the hub's answer"));
        }
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let text = |member| told.get(member).and_then(Value::as_str).unwrap_or("-").to_owned();
        let why = format!("the hub said {}: {}: {}", answer.status, text("title"), text("detail"));
        if answer.status >= 500 { Ok(away(&why)) } else { Err(Failure::Failed(why)) }
    }

    async fn bearer(&mut self) -> Result<Zeroizing<String>, Failure> {
        let Tokens::Fetched { issuer, basic, held } = &mut self.tokens else {
            return Ok(match &self.tokens {
                Tokens::Given(token) => token.clone(),
                Tokens::Fetched { .. } => Zeroizing::default(),
            });
        };
        if let Some((until, token)) = held.as_ref()
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let url = identity::token_endpoint(issuer, &self.http).await.map_err(Failure::at("the issuer"))?;
        let request = Request::post(url, b"grant_type=client_credentials".to_vec())
            .header("authorization", basic)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        let answer = self.http.send(request).await.map_err(Failure::at("the issuer"))?;
        let granted = serde_json::from_slice::<Granted>(&answer.body).ok().filter(|_| answer.is_success());
        let refused = || Failure::Failed(format!("the issuer gave no token (status {})", answer.status));
        let Granted { access_token, expires_in } = granted.ok_or_else(refused)?;
        let token = Zeroizing::new(access_token);
        let life = Duration::from_secs(expires_in).saturating_sub(TOKEN_MARGIN);
        *held = Some((Instant::now() + life, token.clone()));
        Ok(token)
    }
}

fn tokens(args: &ListenArgs) -> Result<Tokens, Failure> {
    match (&args.token, &args.issuer, &args.client, &args.secret_file) {
        (Some(token), None, None, None) => Ok(Tokens::Given(Zeroizing::new(token.clone()))),
        (_, Some(issuer), Some(client), Some(path)) => {
            let secret = own_files::secret(path)?;
            let pair = Zeroizing::new(format!("{client}:{}", secret.as_str()));
            let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
            Ok(Tokens::Fetched { issuer: issuer.clone(), basic, held: None })
        }
        _ => Err(Failure::Usage(
            "who listens? give --token, which lives for minutes, or --issuer, --client and --secret-file"
                .into(),
        )),
    }
}

fn away(why: &dyn std::fmt::Display) -> Option<Page> {
    eprintln!("{why}; it is asked again");
    None
}

/// The allow-list's entry of an address.
fn origin(text: &str) -> Result<String, Failure> {
    let url: Option<Url> = text.parse().ok();
    let entry = url.and_then(|url| egress::entry_for(&url));
    entry.ok_or_else(|| Failure::Usage(format!("`{text}` is no address that may be called")))
}
