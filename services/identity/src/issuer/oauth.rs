//! The token endpoint's words: a request as a form (with or without HTTP Basic), an answer, an error, each in
//! the shape of RFC 6749. Nothing is decided here.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::form_urlencoded;

use crate::Thumbprint;

/// More than any honest token request.
const FORM_BYTES_MAX: usize = 8 * 1024;

/// A request for a token. Not printable: it holds a secret.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    /// `client_credentials`, or `authorization_code` where there are people.
    pub grant_type: String,
    /// The client.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<String>,
    /// Space-separated scopes; all of the client's where missing.
    pub scope: Option<String>,
    /// The audience wanted (RFC 8707), where it is said.
    pub resource: Option<String>,
    /// The same by the name some libraries use.
    pub audience: Option<String>,
    /// The certificate that the caller's connection showed: the token is bound to it (RFC 8705 section 3).
    #[serde(skip)]
    pub certificate: Option<Thumbprint>,
    /// The code, with its grant.
    pub code: Option<String>,
    /// Where the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made from (RFC 7636).
    pub code_verifier: Option<String>,
}

impl TokenRequest {
    /// The usual request of a system.
    #[must_use]
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            grant_type: "client_credentials".to_owned(),
            client_id: Some(id.into()),
            client_secret: Some(secret.into()),
            ..Self::default()
        }
    }

    /// From a form body and the `Authorization` header, if there is one.
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`] for a form too large, with a parameter twice, or with two ways of
    /// authenticating; [`OAuthError::InvalidClient`] for a header that is no HTTP Basic.
    pub fn parse(form: &[u8], authorization: Option<&str>) -> Result<Self, OAuthError> {
        if form.len() > FORM_BYTES_MAX {
            return Err(OAuthError::InvalidRequest);
        }
        let mut request = Self::default();
        let mut grant_type = None;
        for (name, value) in form_urlencoded::parse(form) {
            let place = match &*name {
                "grant_type" => &mut grant_type,
                "client_id" => &mut request.client_id,
                "client_secret" => &mut request.client_secret,
                "scope" => &mut request.scope,
                "resource" => &mut request.resource,
                "audience" => &mut request.audience,
                "code" => &mut request.code,
                "redirect_uri" => &mut request.redirect_uri,
                "code_verifier" => &mut request.code_verifier,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(OAuthError::InvalidRequest);
            }
        }
        request.grant_type = grant_type.ok_or(OAuthError::InvalidRequest)?;
        if let Some(header) = authorization {
            let (id, secret) = basic(header).ok_or(OAuthError::InvalidClient)?;
            if request.client_secret.is_some() || request.client_id.as_ref().is_some_and(|own| *own != id) {
                return Err(OAuthError::InvalidRequest);
            }
            (request.client_id, request.client_secret) = (Some(id), Some(secret));
        }
        Ok(request)
    }

    /// Every audience it names.
    pub(super) fn audiences(&self) -> impl Iterator<Item = &String> {
        self.resource.iter().chain(&self.audience)
    }
}

/// HTTP Basic, both halves form-encoded (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        let form = format!("v={text}");
        form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

/// A token and what it is good for; serialises to the endpoint's JSON. Not printable.
#[derive(Clone, Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds it lives.
    pub expires_in: i64,
    /// The scopes it carries, space-separated.
    pub scope: String,
    /// Who signed in, with a code's grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// Why no token is given (RFC 6749 section 5.2, RFC 8707 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// A parameter is missing, twice, or contradicts another.
    #[error("the token request is malformed; send `grant_type` once and authenticate one way")]
    InvalidRequest,
    /// The client is unknown, or its secret wrong, or none was given.
    #[error("the client is unknown or its secret is wrong")]
    InvalidClient,
    /// The code is not one, was used, is over, or belongs to another request.
    #[error("the code does not fit, was used before, or is over")]
    InvalidGrant,
    /// Another grant than those given here.
    #[error("only the grant `client_credentials` is given here, and `authorization_code` for people")]
    UnsupportedGrantType,
    /// A scope the client may not have.
    #[error("a scope was asked for that this client may not have")]
    InvalidScope,
    /// Another audience than the hub.
    #[error("tokens are given for the hub only")]
    InvalidTarget,
    /// Signing failed.
    #[error("the token could not be signed")]
    ServerError,
}

impl OAuthError {
    /// The `error` code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
        }
    }
    /// The HTTP status to answer with; a 401 needs `WWW-Authenticate: Basic` beside it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::ServerError => 500,
            _ => 400,
        }
    }
    /// The JSON to answer with.
    #[must_use]
    pub fn to_json(self) -> String {
        json!({ "error": self.code(), "error_description": self.to_string() }).to_string()
    }
}
