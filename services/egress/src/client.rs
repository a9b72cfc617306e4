//! The client: checks a request against the rules, sends it over a kept-alive connection and reads a bounded
//! answer. No redirects, no proxy from the environment, no cookies, no decompression, no retries.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::{ClientConfig, crypto::ring};
use url::Url;

use crate::{
    error::{Cause, EgressError, RulesError},
    exchange::{Method, REQUEST_BYTES_MAX, Request, Response},
    identity::Shown,
    names::{Names, SystemNames, Vetted},
    origin::{Origins, Reach},
    roots::ExtraRoots,
    rules::Rules,
};

/// Shorter than the keep-alive of common servers (5 s), so that a connection is rarely reused in the moment
/// its server closes it: such a request would end as "sent, no answer".
const IDLE: Duration = Duration::from_secs(2);
/// Idle connections kept for one origin: as many as an agency's concurrency needs, with room.
const IDLE_CONNECTIONS_MAX: usize = 32;
/// Response headers read.
const ANSWER_HEADERS_MAX: usize = 64;
/// Connect times are the rules' divided by 1, 2, 4, ... 1024 (10 s down to 10 ms), see
/// [`Pools::for_timeout`]. Callers use a few fixed deadlines, so a few of these pools ever exist.
const HALVINGS: usize = 11;

/// The one outbound HTTP client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    rules: Rules,
    origins: Origins,
    names: Arc<dyn Names>,
    loopback: Pools,
    public: Pools,
}

impl Client {
    /// A client under these rules, with the machine's own resolver.
    ///
    /// # Errors
    /// [`RulesError`] where an entry or a limit is unusable: the program should not start.
    pub fn new(rules: Rules) -> Result<Self, RulesError> {
        Self::with_names(rules, Arc::new(SystemNames))
    }

    /// The same with another resolver.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_names(rules: Rules, names: Arc<dyn Names>) -> Result<Self, RulesError> {
        rules.check_limits()?;
        let origins = Origins::parse(&rules)?;
        let roots = ExtraRoots::parse(rules.extra_roots_pem.as_deref())?;
        let shown = Shown::parse(rules.identity.as_ref())?;
        install_tls_provider();
        let pools = |reach| Pools {
            reach,
            names: Arc::clone(&names),
            roots: roots.clone(),
            shown: shown.clone(),
            by_halving: Default::default(),
        };
        Ok(Self(Arc::new(Inner {
            loopback: pools(Reach::Loopback),
            public: pools(Reach::Public),
            rules,
            origins,
            names,
        })))
    }

    /// Sends one request and reads its whole answer, whatever its status.
    ///
    /// # Errors
    /// [`EgressError`]; ask [`EgressError::nothing_was_sent`] before trying again.
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        let Inner { rules, origins, loopback, public, .. } = &*self.0;
        let reach = origins.reach(&request.url).map_err(EgressError::NotAllowed)?;
        let headers = request.header_map()?;
        if request.body.len() > REQUEST_BYTES_MAX {
            return Err(EgressError::BadRequest("the body is larger than 4 MiB"));
        }
        let timeout = request.timeout.map_or(rules.total_timeout, |own| own.min(rules.total_timeout));
        let pools = match reach {
            Reach::Loopback | Reach::LoopbackTls => loopback,
            Reach::Public => public,
        };
        let http = pools.for_timeout(rules.connect_timeout, timeout)?;
        let mut sending = http.request(method(request.method), request.url).headers(headers).timeout(timeout);
        if request.method != Method::Get || !request.body.is_empty() {
            sending = sending.body(request.body);
        }
        let answer = sending.send().await.map_err(|error| EgressError::before_answer(&error))?;
        read_answer(answer, rules.body_bytes_max).await
    }
}

impl Client {
    /// May this be called at all, how far it reaches, and how long connecting may take.
    pub(crate) fn allowed(&self, url: &Url) -> Result<(Reach, Duration), EgressError> {
        let reach = self.0.origins.reach(url).map_err(EgressError::NotAllowed)?;
        Ok((reach, self.0.rules.connect_timeout))
    }

    pub(crate) fn names(&self) -> &Arc<dyn Names> {
        &self.0.names
    }
}

/// Connections to one kind of origin, one pool for each connect time.
struct Pools {
    reach: Reach,
    names: Arc<dyn Names>,
    roots: ExtraRoots,
    shown: Shown,
    by_halving: [OnceLock<reqwest::Client>; HALVINGS],
}

impl Pools {
    /// The pool whose connect time is at most half of `timeout`. While the connect time ends first, running
    /// out of time before a connection stands is always seen as "nothing was sent"; with one connect time
    /// for all, a short deadline would make every unreachable agency an unknown outcome.
    fn for_timeout(&self, connect: Duration, timeout: Duration) -> Result<&reqwest::Client, EgressError> {
        let mut connect = connect;
        let mut slots = self.by_halving.iter().peekable();
        while let Some(slot) = slots.next() {
            if connect <= timeout / 2 || slots.peek().is_none() {
                return self.ready(slot, connect);
            }
            connect /= 2;
        }
        Err(EgressError::BadRequest("no connect time fits its timeout"))
    }

    fn ready<'a>(
        &self,
        slot: &'a OnceLock<reqwest::Client>,
        connect: Duration,
    ) -> Result<&'a reqwest::Client, EgressError> {
        if let Some(ready) = slot.get() {
            return Ok(ready);
        }
        let made = self.make(connect).map_err(|_| EgressError::NotConnected { cause: Cause::TlsFailed })?;
        Ok(slot.get_or_init(|| made))
    }

    fn make(&self, connect: Duration) -> Result<reqwest::Client, RulesError> {
        let resolver = Arc::new(Vetted { names: Arc::clone(&self.names), reach: self.reach });
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .http1_max_headers(ANSWER_HEADERS_MAX)
            .user_agent("amaan")
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .dns_resolver(resolver);
        let builder = match self.reach {
            Reach::Loopback | Reach::LoopbackTls => {
                builder.tls_backend_preconfigured(trusting_only(&self.roots, &self.shown)?)
            }
            Reach::Public => {
                let trusting = builder.https_only(true).tls_certs_merge(self.roots.for_reqwest()?);
                self.shown.give(trusting)?
            }
        };
        builder.build().map_err(|_| RulesError::Tls)
    }
}

/// TLS on loopback: no certificate store is read, because no public authority vouches for this machine.
/// Without extra roots no certificate is believed.
fn trusting_only(roots: &ExtraRoots, shown: &Shown) -> Result<ClientConfig, RulesError> {
    let store = roots.store().ok_or(RulesError::BadRoots)?;
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| RulesError::Tls)?;
    shown.end(versions.with_root_certificates(store))
}

/// The HTTP library panics without a process-wide provider. An already installed one is left alone.
fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing a race against another thread is fine: then there is a provider.
        let _lost = ring::default_provider().install_default();
    }
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

async fn read_answer(mut answer: reqwest::Response, bytes_max: usize) -> Result<Response, EgressError> {
    let status = answer.status().as_u16();
    let too_large = EgressError::TooLarge { status, bytes_max };
    let announced = answer.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |bytes| bytes > bytes_max) {
        return Err(too_large);
    }
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| EgressError::within_answer(&error, status))?
    {
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}
