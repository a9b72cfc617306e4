//! A person signs in at a provider: authorization code with PKCE (RFC 6749, RFC 7636, RFC 9207, OpenID
//! Connect Core). The browser is sent there with what is made from its [`Ticket`], comes back with a code,
//! and the code becomes an ID token that is judged here.
//!
//! It keeps no login under way and opens no session: `hub` does. Who the subject is only the hub's registry
//! knows. Outbound calls go through `egress`; the library makes the requests and reads the answers.

mod answer;
mod defect;
mod id_token;
mod metadata;
mod ticket;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthPrompt, CoreClient, CoreErrorResponseType, CoreJsonWebKeySet, CoreResponseType,
};
use openidconnect::{
    AuthType, AuthUrl, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClientId,
    ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardErrorResponse,
    TokenResponse, TokenUrl, http,
};

pub use answer::Answer;
pub use defect::LoginDefect;
pub use ticket::Ticket;

use crate::TokenTime;
use crate::keys::IssuerKeys;
use crate::token::{Form, TOKEN_BYTES_MAX, Token};
use id_token::Expected;
use metadata::{Kept, Metadata};

/// A login begun is finished within ten minutes.
pub const TICKET_SECONDS: i64 = 600;
/// Longest time for the exchange of a code.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where people of some agencies sign in. Not printable: it holds a secret.
#[derive(Clone)]
pub struct Provider {
    /// The operator's name for it, part of its callback's address.
    pub name: String,
    /// Its issuer, exactly as its ID tokens name it.
    pub issuer: String,
    /// The hub's name there.
    pub client: String,
    /// The hub's secret there.
    pub secret: casework::Sensitive<String>,
    /// How people have to have proven themselves, if that is asked for.
    pub acr: Option<String>,
}

/// When the provider has to have asked the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// So long ago at most.
    WithinSeconds(i64),
    /// Anew, since this login was begun (seconds since 1970).
    AnewSince(i64),
}

/// Who a provider says this is. Whose person, only the hub's registry knows. Not printable.
#[derive(Clone, PartialEq, Eq)]
pub struct Identified {
    /// The provider's issuer.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// When the provider last asked the person, in seconds since 1970.
    pub auth_time: i64,
    /// How the person proved who they are, as far as the provider says.
    pub acr: Option<String>,
}

/// Sends people to their providers and judges what they bring back. Share it: its caches are its worth.
pub struct Login {
    providers: BTreeMap<String, Known>,
    http: egress::Client,
    time: Arc<dyn TokenTime>,
}

struct Known {
    provider: Provider,
    callback: String,
    keys: IssuerKeys,
    metadata: Kept,
}

/// The library's client, with the two addresses the flow needs.
type Flow =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

impl Login {
    /// Logins at these providers. `callbacks` is the address below which each is answered:
    /// `https://hub.example/desk/callback`, each provider's name after it, so that no provider's answer can
    /// be taken for another's (RFC 9700 section 4.4). Nothing is fetched before the first login.
    #[must_use]
    pub fn new(
        providers: Vec<Provider>,
        callbacks: &str,
        http: egress::Client,
        time: Arc<dyn TokenTime>,
    ) -> Self {
        let known = |provider: Provider| {
            let callback = format!("{callbacks}/{}", provider.name);
            let keys = IssuerKeys::new(provider.issuer.clone(), http.clone());
            (provider.name.clone(), Known { provider, callback, keys, metadata: Kept::default() })
        };
        Self { providers: providers.into_iter().map(known).collect(), http, time }
    }

    /// A provider's issuer.
    #[must_use]
    pub fn issuer(&self, provider: &str) -> Option<&str> {
        self.providers.get(provider).map(|known| known.provider.issuer.as_str())
    }

    /// The clock that logins and sessions go by.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.time.unix_seconds()
    }

    /// Where to send the browser.
    ///
    /// # Errors
    /// [`LoginDefect::ProviderUnknown`], [`LoginDefect::ProviderAway`], [`LoginDefect::ProviderUnfit`].
    pub async fn begin(
        &self,
        provider: &str,
        ticket: &Ticket,
        asked: Asked,
    ) -> Result<egress::Url, LoginDefect> {
        let known = self.known(provider)?;
        let metadata = known.metadata.get(&known.provider.issuer, &self.http, &*self.time).await?;
        let flow = flow(known, &metadata)?;
        let (state, nonce) = (ticket.derived("state"), ticket.derived("nonce"));
        let verifier = PkceCodeVerifier::new(ticket.derived("verifier"));
        let mut request = flow
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        request = match asked {
            Asked::WithinSeconds(seconds) => {
                request.set_max_age(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
            }
            Asked::AnewSince(_) => request.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login),
        };
        if let Some(acr) = &known.provider.acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        Ok(request.url().0)
    }

    /// Does the answer belong to this browser's login? Asked before anything is used up.
    ///
    /// # Errors
    /// [`LoginDefect::StateMissing`], [`LoginDefect::StateWrong`].
    pub fn check_state(&self, ticket: &Ticket, answer: &Answer) -> Result<(), LoginDefect> {
        let state = answer.state.as_deref().ok_or(LoginDefect::StateMissing)?;
        if ticket.fits("state", state) { Ok(()) } else { Err(LoginDefect::StateWrong) }
    }

    /// Who came back, if every rule holds. The caller has made sure that this ticket was begun at this
    /// provider, is not over, and is used for the first time.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub async fn finish(
        &self,
        provider: &str,
        ticket: &Ticket,
        answer: Answer,
        asked: Asked,
    ) -> Result<Identified, LoginDefect> {
        let known = self.known(provider)?;
        self.check_state(ticket, &answer)?;
        let metadata = known.metadata.get(&known.provider.issuer, &self.http, &*self.time).await?;
        match &answer.iss {
            Some(iss) if *iss != known.provider.issuer => return Err(LoginDefect::IssWrong),
            None if metadata.says_iss => return Err(LoginDefect::IssMissing),
            _ => {}
        }
        if answer.error.is_some() {
            return Err(LoginDefect::ProviderSaidNo);
        }
        let code = answer.code.ok_or(LoginDefect::CodeMissing)?;
        let id_token = self.exchange(known, &metadata, ticket, code).await?;
        if id_token.len() > TOKEN_BYTES_MAX {
            return Err(crate::TokenDefect::TooLarge.into());
        }
        let token = Token::parse(&id_token, Form::Id { rs256: metadata.only_rs256 })?;
        token.check_signature(&known.keys.find(&token.kid, &*self.time).await?)?;
        let Provider { issuer, client, acr, .. } = &known.provider;
        let expected = Expected { issuer, client, acr: acr.as_deref(), ticket, asked };
        id_token::check(&token.claims, &expected, self.time.unix_seconds())
    }

    /// Where a person who signed out here can sign out at the provider too (OpenID Connect RP-Initiated
    /// Logout section 2), if it has such a place. No ID token is sent along: it would stand in the address.
    pub async fn farewell(&self, provider: &str, back: &str) -> Option<egress::Url> {
        let known = self.providers.get(provider)?;
        let metadata = known.metadata.get(&known.provider.issuer, &self.http, &*self.time).await.ok()?;
        let mut url = metadata.end_session.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &known.provider.client)
            .append_pair("post_logout_redirect_uri", back);
        Some(url)
    }

    fn known(&self, provider: &str) -> Result<&Known, LoginDefect> {
        self.providers.get(provider).ok_or(LoginDefect::ProviderUnknown)
    }

    /// The code becomes an ID token, as text.
    async fn exchange(
        &self,
        known: &Known,
        metadata: &Metadata,
        ticket: &Ticket,
        code: String,
    ) -> Result<String, LoginDefect> {
        let http = &self.http;
        let send = |request: HttpRequest| sent(http.clone(), request);
        let verifier = PkceCodeVerifier::new(ticket.derived("verifier"));
        let flow = flow(known, metadata)?;
        let request = flow.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
        let tokens = request.request_async(&send).await.map_err(|error| not_exchanged(&error))?;
        tokens.id_token().map(ToString::to_string).ok_or(LoginDefect::NoIdToken)
    }
}

fn flow(known: &Known, metadata: &Metadata) -> Result<Flow, LoginDefect> {
    let Provider { issuer, client, secret, .. } = &known.provider;
    let unfit = |_| LoginDefect::ProviderUnfit;
    let made = CoreClient::new(
        ClientId::new(client.clone()),
        IssuerUrl::new(issuer.clone()).map_err(unfit)?,
        CoreJsonWebKeySet::default(),
    );
    let auth_type = if metadata.secret_in_form { AuthType::RequestBody } else { AuthType::BasicAuth };
    Ok(made
        .set_client_secret(ClientSecret::new(secret.expose().clone()))
        .set_auth_type(auth_type)
        .set_redirect_uri(RedirectUrl::new(known.callback.clone()).map_err(unfit)?)
        .set_auth_uri(AuthUrl::from_url(metadata.authorization.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token.clone())))
}

/// The library's request, sent as everything else is.
fn sent(http: egress::Client, request: HttpRequest) -> Sending {
    Box::pin(async move {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string().parse().map_err(|_| NotSent)?;
        let mut post = egress::Request::post(url, body).within(EXCHANGE_TIMEOUT);
        for (name, value) in &parts.headers {
            post = post.header(name.as_str(), value.to_str().map_err(|_| NotSent)?);
        }
        let answer = http.send(post).await.map_err(|_| NotSent)?;
        let mut made = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            made = made.header(name, value);
        }
        made.body(answer.body).map_err(|_| NotSent)
    })
}

type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, NotSent>> + Send>>;

/// The token endpoint was not reached, or did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the token endpoint did not answer")]
struct NotSent;

fn not_exchanged(
    error: &RequestTokenError<NotSent, StandardErrorResponse<CoreErrorResponseType>>,
) -> LoginDefect {
    match error {
        RequestTokenError::ServerResponse(_) => LoginDefect::CodeRefused,
        RequestTokenError::Request(_) => LoginDefect::ProviderAway,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => LoginDefect::NoIdToken,
    }
}
