//! The sandbox's issuer for people: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9207)
//! for one client, the hub's desk. Whoever sits at the browser picks one of the sandbox's invented people;
//! nobody is asked for a password, so this is nothing for a real installation.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::{OAuthError, TokenRequest};

/// A code is exchanged at once or never (RFC 6749 section 4.1.2 asks for less than ten minutes).
const CODE_SECONDS: i64 = 60;
/// More than a sandbox ever has on the way.
const CODES_MAX: usize = 1_000;

/// An invented person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `sub` of the person's tokens.
    pub subject: String,
    /// In words, for the page.
    pub about: String,
}

/// The one client that people come from, and the people.
pub struct People {
    /// `client_id`.
    pub client: String,
    /// Its secret.
    pub secret: String,
    /// Where answers go, exactly.
    pub redirect_uri: String,
    /// Everybody.
    pub people: Vec<Person>,
}

/// The same with the codes under way.
pub(super) struct Desk {
    pub people: People,
    codes: Mutex<HashMap<[u8; 32], Granted>>,
}

/// What a code stands for.
struct Granted {
    subject: String,
    nonce: Option<String>,
    challenge: String,
    until: i64,
}

/// A well-formed question.
struct Question {
    state: Option<String>,
    nonce: Option<String>,
    challenge: String,
}

impl Desk {
    pub(super) fn new(people: People) -> Self {
        Self { people, codes: Mutex::default() }
    }

    /// Is this a question of the hub's desk? Only then the page is shown, and only then is anybody sent back.
    pub(super) fn check(&self, query: &str) -> Result<(), OAuthError> {
        self.read(query).map(|_| ())
    }

    /// The address that brings the answer for this person.
    pub(super) fn answer(
        &self,
        query: &str,
        subject: &str,
        issuer: &str,
        now: i64,
    ) -> Result<String, OAuthError> {
        let Question { state, nonce, challenge } = self.read(query)?;
        if !self.people.people.iter().any(|person| person.subject == subject) {
            return Err(OAuthError::InvalidRequest);
        }
        let code = URL_SAFE_NO_PAD.encode(seal::random::<32>());
        let granted = Granted { subject: subject.to_owned(), nonce, challenge, until: now + CODE_SECONDS };
        let mut codes = self.codes();
        codes.retain(|_, held| held.until > now);
        if codes.len() >= CODES_MAX {
            return Err(OAuthError::ServerError);
        }
        codes.insert(seal::sha256(code.as_bytes()), granted);
        drop(codes);
        let mut url: Url = self.people.redirect_uri.parse().map_err(|_| OAuthError::ServerError)?;
        url.query_pairs_mut().append_pair("code", &code).append_pair("iss", issuer);
        if let Some(state) = state {
            url.query_pairs_mut().append_pair("state", &state);
        }
        Ok(url.into())
    }

    /// The claims of the ID token for a code, which is used up by asking.
    pub(super) fn exchange(&self, form: &TokenRequest, now: i64) -> Result<Map<String, Value>, OAuthError> {
        let code = form.code.as_deref().ok_or(OAuthError::InvalidRequest)?;
        let granted = self.codes().remove(&seal::sha256(code.as_bytes()));
        let granted = granted.filter(|held| held.until > now).ok_or(OAuthError::InvalidGrant)?;
        let verifier = form.code_verifier.as_deref().ok_or(OAuthError::InvalidRequest)?;
        let fits = URL_SAFE_NO_PAD.encode(seal::sha256(verifier.as_bytes())) == granted.challenge;
        if !fits || form.redirect_uri.as_deref() != Some(&*self.people.redirect_uri) {
            return Err(OAuthError::InvalidGrant);
        }
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), json!(granted.subject));
        claims.insert("aud".to_owned(), json!(self.people.client));
        claims.insert("auth_time".to_owned(), json!(granted.until - CODE_SECONDS));
        if let Some(nonce) = granted.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        Ok(claims)
    }

    fn read(&self, query: &str) -> Result<Question, OAuthError> {
        let mut told: HashMap<String, String> = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if told.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(OAuthError::InvalidRequest);
            }
        }
        let is = |name: &str, wanted: &str| told.get(name).is_some_and(|held| held == wanted);
        let known = is("client_id", &self.people.client) && is("redirect_uri", &self.people.redirect_uri);
        let scopes = told.get("scope").map(String::as_str).unwrap_or_default();
        let openid = scopes.split(' ').any(|scope| scope == "openid");
        if !known || !is("response_type", "code") || !is("code_challenge_method", "S256") || !openid {
            return Err(OAuthError::InvalidRequest);
        }
        let challenge = told.remove("code_challenge").ok_or(OAuthError::InvalidRequest)?;
        Ok(Question { state: told.remove("state"), nonce: told.remove("nonce"), challenge })
    }

    fn codes(&self) -> MutexGuard<'_, HashMap<[u8; 32], Granted>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
