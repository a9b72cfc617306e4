//! The sandbox's issuer: metadata, key set and client-credentials tokens (RFC 6749 section 4.4, RFC 9068)
//! for a handful of known clients, and ID tokens for invented people (`authorize.rs`). Pure but for time and
//! randomness; no HTTP server (the simulator has it), no refresh tokens. Not for production: use a real OIDC
//! provider there.

mod authorize;
mod oauth;

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};

use crate::{RealTime, TokenTime};
pub use authorize::{People, Person};
pub use oauth::{OAuthError, TokenAnswer, TokenRequest};

/// How long its tokens live (the hub believes none that lives longer than 600 s).
pub const TOKEN_SECONDS: i64 = 300;
/// Path of the metadata below the base URL, as discovery asks for it.
pub const METADATA_PATH: &str = "/.well-known/openid-configuration";
/// Path of the key set below the base URL.
pub const JWKS_PATH: &str = "/jwks.json";
/// Path of the token endpoint below the base URL.
pub const TOKEN_PATH: &str = "/token";

/// Path where people are asked who they are.
pub const AUTHORIZE_PATH: &str = "/authorize";
/// Path where people say goodbye.
pub const END_SESSION_PATH: &str = "/end-session";

/// The issuer cannot be made from what configuration gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// The key does not parse.
    #[error("the issuer's key is no ed25519 private key in pkcs#8 pem")]
    BadKey,
}

/// A client of the sandbox.
#[derive(Clone)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The scopes it may ask for, and gets when it asks for none.
    pub scopes: Vec<String>,
}

/// The issuer. Cheap to clone.
#[derive(Clone)]
pub struct Issuer {
    base_url: Arc<str>,
    inner: Arc<Inner>,
    desk: Option<Arc<authorize::Desk>>,
}

struct Inner {
    audience: String,
    key: CoreEdDsaPrivateSigningKey,
    kid: String,
    clients: BTreeMap<String, Known>,
    /// Keys the commitments to the clients' secrets, so that no secret is kept and comparing takes the same
    /// time whatever is sent.
    opening: [u8; 32],
}

struct Known {
    secret: [u8; 32],
    scopes: Vec<String>,
}

impl Issuer {
    /// An issuer named `base_url` (without a slash at its end), signing with an Ed25519 key (PKCS#8 PEM),
    /// for one audience and these clients.
    ///
    /// # Errors
    /// [`IssuerError`] where the key does not parse.
    pub fn new(
        base_url: impl Into<String>,
        key_pem: &str,
        audience: impl Into<String>,
        clients: Vec<Client>,
    ) -> Result<Self, IssuerError> {
        let load = |kid| CoreEdDsaPrivateSigningKey::from_ed25519_pem(key_pem, kid);
        let unnamed = load(None).map_err(|_| IssuerError::BadKey)?;
        let kid = thumbprint(&unnamed.as_verification_key()).ok_or(IssuerError::BadKey)?;
        let key = load(Some(JsonWebKeyId::new(kid.clone()))).map_err(|_| IssuerError::BadKey)?;
        let opening = seal::random::<32>();
        let known = |client: Client| {
            let secret = seal::commitment(&opening, client.secret.as_bytes());
            (client.id, Known { secret, scopes: client.scopes })
        };
        let clients = clients.into_iter().map(known).collect();
        let inner = Arc::new(Inner { audience: audience.into(), key, kid, clients, opening });
        Ok(Self { base_url: without_slash(base_url.into()), inner, desk: None })
    }

    /// The same issuer by another name, for a server that learns its port only when it starts.
    #[must_use]
    pub fn at(&self, base_url: impl Into<String>) -> Self {
        Self { base_url: without_slash(base_url.into()), ..self.clone() }
    }

    /// The same issuer, at which these people sign in.
    #[must_use]
    pub fn with_people(self, people: People) -> Self {
        Self { desk: Some(Arc::new(authorize::Desk::new(people))), ..self }
    }

    /// Who can be picked, if this is a question of the people's client.
    ///
    /// # Errors
    /// [`OAuthError`]; nobody is sent back for it.
    pub fn ask(&self, query: &str) -> Result<&[Person], OAuthError> {
        let desk = self.desk.as_ref().ok_or(OAuthError::InvalidRequest)?;
        desk.check(query)?;
        Ok(&desk.people.people)
    }

    /// The address that brings this person's answer to the question.
    ///
    /// # Errors
    /// As [`Issuer::ask`], and for somebody who is not there.
    pub fn pick(&self, query: &str, subject: &str) -> Result<String, OAuthError> {
        let desk = self.desk.as_ref().ok_or(OAuthError::InvalidRequest)?;
        desk.answer(query, subject, &self.base_url, RealTime::default().unix_seconds())
    }

    /// Its name, the `iss` of its tokens.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The id of its key: the key's thumbprint (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.inner.kid
    }

    /// The discovery document, as JSON. The authorization endpoint is named because discovery requires one;
    /// where there are no people, everybody is refused there.
    #[must_use]
    pub fn metadata(&self) -> String {
        let base = &*self.base_url;
        let scopes: std::collections::BTreeSet<&String> =
            self.inner.clients.values().flat_map(|client| &client.scopes).collect();
        json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}{AUTHORIZE_PATH}"),
            "end_session_endpoint": format!("{base}{END_SESSION_PATH}"),
            "authorization_response_iss_parameter_supported": true,
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint": format!("{base}{TOKEN_PATH}"),
            "jwks_uri": format!("{base}{JWKS_PATH}"),
            "scopes_supported": scopes,
            "response_types_supported": ["code"],
            "grant_types_supported": ["client_credentials", "authorization_code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        })
        .to_string()
    }

    /// The key set, as JSON: one public key.
    #[must_use]
    pub fn jwks(&self) -> String {
        let set: CoreJsonWebKeySet = CoreJsonWebKeySet::new(vec![self.inner.key.as_verification_key()]);
        serde_json::to_string(&set).unwrap_or_default()
    }

    /// A token for a client, valid from now for [`TOKEN_SECONDS`].
    ///
    /// # Errors
    /// [`OAuthError`], to be answered with its status and JSON.
    pub fn token(&self, form: &TokenRequest) -> Result<TokenAnswer, OAuthError> {
        self.token_at(form, RealTime::default().unix_seconds())
    }

    /// The same, issued at a given second since 1970.
    ///
    /// # Errors
    /// As [`Issuer::token`].
    pub fn token_at(&self, form: &TokenRequest, now: i64) -> Result<TokenAnswer, OAuthError> {
        if form.grant_type == "authorization_code" {
            return self.id_token_at(form, now);
        }
        let client = self.authenticate(form)?;
        if form.grant_type != "client_credentials" {
            return Err(OAuthError::UnsupportedGrantType);
        }
        if form.audiences().any(|audience| *audience != self.inner.audience) {
            return Err(OAuthError::InvalidTarget);
        }
        let scope = granted(form.scope.as_deref(), &client.scopes)?;
        let id = form.client_id.as_deref().unwrap_or_default();
        let mut claims = json!({
            "iss": &*self.base_url,
            "sub": id,
            "client_id": id,
            "aud": self.inner.audience,
            "iat": now,
            "exp": now.saturating_add(TOKEN_SECONDS),
            "jti": URL_SAFE_NO_PAD.encode(seal::random::<16>()),
            "scope": scope,
        });
        if let (Some(certificate), Some(claims)) = (form.certificate, claims.as_object_mut()) {
            claims.insert("cnf".to_owned(), json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(certificate) }));
        }
        let access_token = self.sign("at+jwt", &claims)?;
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: TOKEN_SECONDS,
            scope,
            id_token: None,
        })
    }

    /// For a code. The access token beside it opens nothing.
    fn id_token_at(&self, form: &TokenRequest, now: i64) -> Result<TokenAnswer, OAuthError> {
        let desk = self.desk.as_ref().ok_or(OAuthError::UnsupportedGrantType)?;
        let expected = seal::commitment(&self.inner.opening, desk.people.secret.as_bytes());
        let secret = form.client_secret.as_deref().unwrap_or_default();
        let fits = seal::verify_commitment(&self.inner.opening, secret.as_bytes(), &expected);
        if !fits || form.client_id.as_deref() != Some(&*desk.people.client) {
            return Err(OAuthError::InvalidClient);
        }
        let mut claims = desk.exchange(form, now)?;
        claims.insert("iss".to_owned(), json!(&*self.base_url));
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now.saturating_add(TOKEN_SECONDS)));
        let id_token = Some(self.sign("JWT", &Value::Object(claims))?);
        let access_token = URL_SAFE_NO_PAD.encode(seal::random::<16>());
        let (expires_in, scope) = (TOKEN_SECONDS, "openid".to_owned());
        Ok(TokenAnswer { access_token, token_type: "Bearer", expires_in, scope, id_token })
    }

    /// Who asks. An unknown client takes as long as a wrong secret, and looks the same.
    fn authenticate(&self, form: &TokenRequest) -> Result<&Known, OAuthError> {
        let (Some(id), Some(secret)) = (&form.client_id, &form.client_secret) else {
            return Err(OAuthError::InvalidClient);
        };
        let client = self.inner.clients.get(id);
        let expected = client.map_or([0; 32], |known| known.secret);
        let fits = seal::verify_commitment(&self.inner.opening, secret.as_bytes(), &expected);
        client.filter(|_| fits).ok_or(OAuthError::InvalidClient)
    }

    fn sign(&self, typ: &str, claims: &Value) -> Result<String, OAuthError> {
        let header = json!({ "typ": typ, "alg": "EdDSA", "kid": self.inner.kid });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signing_input = format!("{}.{}", encode(&header), encode(claims));
        let signed = self.inner.key.sign(&CoreJwsSigningAlgorithm::EdDsa, signing_input.as_bytes());
        let signature = signed.map_err(|_| OAuthError::ServerError)?;
        Ok(format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn without_slash(base_url: String) -> Arc<str> {
    base_url.trim_end_matches('/').into()
}

/// The scopes asked for, if the client may have them all; all of its own if it asked for none.
fn granted(asked: Option<&str>, own: &[String]) -> Result<String, OAuthError> {
    let asked: Vec<&str> = asked.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).collect();
    if asked.is_empty() {
        return Ok(own.join(" "));
    }
    let may = |scope: &&str| own.iter().any(|held| held == scope);
    if asked.iter().all(may) { Ok(asked.join(" ")) } else { Err(OAuthError::InvalidScope) }
}

/// RFC 7638 with RFC 8037 appendix A.3: SHA-256 over the required members in alphabetical order.
fn thumbprint(key: &CoreJsonWebKey) -> Option<String> {
    let key = serde_json::to_value(key).ok()?;
    let x = key.get("x")?.as_str()?;
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    Some(URL_SAFE_NO_PAD.encode(seal::sha256(members.as_bytes())))
}
