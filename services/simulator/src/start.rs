//! Starts and stops the simulated systems: the issuer, then a server per agency, then ICT Police's fetching.
//! Everything runs on the caller's tokio runtime and ends with [`Running::stop`].

use std::collections::BTreeMap;

use actix_web::web::{Data, ServiceConfig};
use casework::AgencyCode;
use identity::issuer::Issuer;
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    config::{AgenciesConfig, SimConfig},
    effects::EffectLog,
    error::SimError,
    http_json,
    hub_client::HubClient,
    issuer,
    office::Office,
    primero::{self, Primero},
    pull,
    serve::{Port, Served},
    soap,
};

/// The agencies there are, by the code their adapter folder has.
pub const AGENCIES: &[&str] = &["ictp", "nccia", "laja", "cpi", "nadra"];

/// The issuer and the agencies, running.
pub struct Running {
    /// The issuer's base address.
    pub issuer_url: String,
    /// Base addresses by agency code, which is also the endpoint's name in its adapter.
    pub endpoints: BTreeMap<String, String>,
    issuer: RunningIssuer,
    agencies: RunningAgencies,
}

/// The issuer, running.
pub struct RunningIssuer {
    /// Its base address, `http://127.0.0.1:<port>`.
    pub url: String,
    served: Served,
}

/// The agencies, running.
pub struct RunningAgencies {
    /// Base addresses by agency code.
    pub endpoints: BTreeMap<String, String>,
    served: Vec<Served>,
    fetching: Vec<JoinHandle<()>>,
    stopping: watch::Sender<bool>,
}

/// Starts everything.
///
/// # Errors
/// [`SimError`]; nothing is left running then.
pub async fn start(config: SimConfig) -> Result<Running, SimError> {
    let made = config.issuer;
    let issuer = start_issuer(config.issuer_port.unwrap_or(0), |url| {
        if made_for(&made, url) {
            Ok(made)
        } else {
            Err(format!("it was made for `{}` and would be reached at `{url}`", made.base_url()))
        }
    })?;
    let agencies = start_agencies(AgenciesConfig {
        dir: config.dir,
        hub: config.hub,
        issuer_url: issuer.url.clone(),
        extra_roots_pem: None,
        agency_ports: config.agency_ports,
        agency_secret: config.agency_secret,
        clients: config.clients,
        signing: config.signing,
    });
    match agencies {
        Ok(agencies) => Ok(Running {
            issuer_url: issuer.url.clone(),
            endpoints: agencies.endpoints.clone(),
            issuer,
            agencies,
        }),
        Err(error) => {
            issuer.stop().await;
            Err(error)
        }
    }
}

/// Starts the issuer on this port (0: any free one). `make` gets the base address that tokens will name as
/// their issuer.
///
/// # Errors
/// [`SimError::Listen`], or [`SimError::Issuer`] with what `make` said.
pub fn start_issuer<E: std::fmt::Display>(
    port: u16,
    make: impl FnOnce(&str) -> Result<Issuer, E>,
) -> Result<RunningIssuer, SimError> {
    let port = Port::take(port)?;
    let url = port.url.clone();
    let issuer = Data::new(make(&url).map_err(|error| SimError::Issuer(error.to_string()))?);
    let served = port.serve(move |config: &mut ServiceConfig| {
        config.app_data(issuer.clone());
        issuer::routes(config);
    })?;
    Ok(RunningIssuer { url, served })
}

/// Starts the five agencies. Must be called within a tokio runtime.
///
/// # Errors
/// [`SimError`]; nothing is left running then.
pub fn start_agencies(config: AgenciesConfig) -> Result<RunningAgencies, SimError> {
    let named = config.agency_ports.keys().chain(config.clients.keys());
    if named.into_iter().any(|agency| !AGENCIES.contains(&agency.as_str())) {
        return Err(SimError::UnknownAgency);
    }
    let (stopping, stop_seen) = watch::channel(false);
    let mut running =
        RunningAgencies { endpoints: BTreeMap::new(), served: Vec::new(), fetching: Vec::new(), stopping };
    for agency in AGENCIES {
        let port = Port::take(config.agency_ports.get(*agency).copied().unwrap_or(0))?;
        let office = Data::new(office(agency, &config, &stop_seen)?);
        running.endpoints.insert((*agency).to_owned(), port.url.clone());
        if *agency == "ictp" && office.hub().is_some() {
            running.fetching.push(tokio::spawn(pull::fetch_until_stopped(office.clone())));
        }
        running.served.push(serve(agency, port, office)?);
    }
    Ok(running)
}

impl Running {
    /// Stops the agencies, then the issuer.
    pub async fn stop(self) {
        self.agencies.stop().await;
        self.issuer.stop().await;
    }
}

impl RunningIssuer {
    /// Answers what is under way, then stops.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

impl RunningAgencies {
    /// Ends waiting and fetching, answers what is under way, then stops.
    pub async fn stop(self) {
        let _ = self.stopping.send(true);
        for fetching in self.fetching {
            let _ = fetching.await;
        }
        // All at once: each may take a moment to let idle connections go.
        let stops: Vec<_> = self.served.into_iter().map(|served| tokio::spawn(served.stop())).collect();
        for stop in stops {
            let _ = stop.await;
        }
    }
}

/// Whether tokens of this issuer name the address it is reached at; a host may be written as name or number.
fn made_for(issuer: &Issuer, url: &str) -> bool {
    let port = |url: &str| url.rsplit(':').next().map(str::to_owned);
    port(issuer.base_url()) == port(url)
}

fn office(
    agency: &str,
    config: &AgenciesConfig,
    stop_seen: &watch::Receiver<bool>,
) -> Result<Office, SimError> {
    let code: AgencyCode = agency.parse().map_err(|_| SimError::UnknownAgency)?;
    let log = EffectLog::open(&config.dir, agency)?;
    let client = config.clients.get(agency);
    let hub = client.map(|(id, secret)| HubClient::new(config, id, secret, config.signing.of(agency)));
    let hub = hub.transpose()?;
    Ok(Office::new(code, config.agency_secret.clone(), log, hub, stop_seen.clone()))
}

/// One agency's server. Each closure names its protocol's routes; they differ in nothing else.
fn serve(agency: &str, port: Port, office: Data<Office>) -> Result<Served, SimError> {
    let primero = (agency == "cpi").then(|| Data::new(Primero::new(office.clone().into_inner())));
    let agency = agency.to_owned();
    port.serve(move |config: &mut ServiceConfig| {
        config.app_data(office.clone());
        if let Some(primero) = &primero {
            config.app_data(primero.clone());
        }
        match agency.as_str() {
            "nccia" => http_json::routes(config, http_json::NCCIA),
            "laja" => http_json::routes(config, http_json::LAJA),
            "cpi" => primero::routes(config),
            "nadra" => soap::routes(config),
            _ => pull::routes(config),
        }
    })
}
