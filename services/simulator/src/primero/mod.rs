//! CPI's system: a Primero v2 as its public API documentation describes it (cases, referrals, tokens; the
//! request and answer shapes only, no code or text of it). Answers are not sent to the hub: CPI's officers
//! change records here, and the hub's poller finds the changes.
//!
//! Files: `record` is what Primero holds and how effects change it, `tokens` the login, `cases`, `update` and
//! `referrals` the API, `officer` what CPI's people do. Marked *assumed* in them: what the documentation does
//! not say (polling by `last_updated_at_from`, the `amaan_*` form fields).

mod cases;
mod officer;
mod record;
mod referrals;
mod tokens;
mod update;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, ServiceConfig},
};

use crate::{
    answers::{Dialect, Refusal},
    control,
    effects::Effect,
    error::NotWritten,
    office::Office,
    request,
};
use record::Records;
use tokens::Tokens;

/// CPI's Primero: the office, and its records as the effect log makes them.
pub(crate) struct Primero {
    office: Arc<Office>,
    records: Mutex<Records>,
    tokens: Mutex<Tokens>,
}

impl Primero {
    /// A Primero with the records its log says it has.
    pub(crate) fn new(office: Arc<Office>) -> Self {
        let mut records = Records::default();
        for effect in office.log().all() {
            records.apply(effect);
        }
        Self { office, records: Mutex::new(records), tokens: Mutex::new(Tokens::default()) }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the effect down, then lets it change the records: the same way a restart will.
    fn commit(&self, records: &mut Records, effect: Effect) -> Result<(), Refusal> {
        self.office.record(|_| effect.clone()).map_err(|error| not_written(&error))?;
        records.apply(&effect);
        Ok(())
    }

    /// Lets a caller with a valid token pass.
    fn admit(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let valid = request::bearer(request).is_some_and(|token| self.tokens().valid(token));
        if valid { Ok(()) } else { Err(Dialect::Primero.refuse(StatusCode::UNAUTHORIZED, "Unauthorized")) }
    }
}

/// Mounts the API and the controls; `Data<Primero>` and `Data<Office>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/v2/tokens", web::post().to(tokens::log_in))
        .route("/api/v2/cases", web::post().to(cases::create))
        .route("/api/v2/cases", web::get().to(cases::list))
        .route("/api/v2/cases/{id}", web::get().to(cases::show))
        .route("/api/v2/cases/{id}", web::patch().to(update::update))
        .route("/api/v2/cases/{id}/referrals", web::post().to(referrals::refer))
        .route("/api/v2/cases/{id}/referrals", web::get().to(referrals::list))
        .route("/_sim/act", web::post().to(officer::act))
        .configure(control::routes)
        .configure(control::sending_routes);
}

const fn not_found() -> Refusal {
    Dialect::Primero.refuse(StatusCode::NOT_FOUND, "Not Found")
}

const fn unprocessable(what: &'static str) -> Refusal {
    Dialect::Primero.refuse(StatusCode::UNPROCESSABLE_ENTITY, what)
}

fn not_written(error: &NotWritten) -> Refusal {
    tracing::error!(reason = %error, "a simulated agency could not write down an effect");
    Dialect::Primero.refuse(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
}

/// The answer of a writing step that may have failed.
fn answered(result: Result<HttpResponse, Refusal>) -> HttpResponse {
    result.unwrap_or_else(|refusal| actix_web::ResponseError::error_response(&refusal))
}

/// Handlers get the shared Primero like this.
type Shared = Data<Primero>;
