//! Three agencies' endpoints that answer at once: CPI's Primero, and what NCCIA and LAJA are assumed to
//! speak. It keeps nothing and judges nothing, so that what is measured is the hub; the agencies' faithful
//! fakes are `services/simulator`. `GET /count` says how many messages came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::Args;
use serde_json::json;

use crate::Failure;

#[derive(Args)]
pub struct Sink {
    /// The loopback port.
    #[arg(long)]
    port: u16,
}

type Count = Arc<AtomicU64>;

impl Sink {
    /// Until it is told to stop.
    pub fn run(self) -> Result<String, Failure> {
        let count = Count::default();
        let counted = Arc::clone(&count);
        actix_web::rt::System::new().block_on(
            HttpServer::new(move || {
                App::new()
                    .app_data(Data::new(Arc::clone(&counted)))
                    .route("/count", web::get().to(told))
                    .route("/api/v2/tokens", web::post().to(token))
                    .route("/api/v2/cases", web::get().to(no_cases))
                    .route("/api/v2/cases", web::post().to(case))
                    .route("/api/v2/cases/{case}/referrals", web::post().to(referral))
                    .route("/api/v2/cases/{case}", web::patch().to(referral))
                    .default_service(web::to(taken))
            })
            .workers(1)
            .bind(("127.0.0.1", self.port))?
            .run(),
        )?;
        Ok(json!({ "messages": count.load(Ordering::Relaxed) }).to_string())
    }
}

async fn told(count: Data<Count>) -> String {
    count.load(Ordering::Relaxed).to_string()
}

async fn token() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "id": 1, "user_name": "amaan", "token": "held" }))
}

async fn no_cases() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "data": [], "metadata": { "total": 0, "per": 100, "page": 1 } }))
}

async fn case(_body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "data": { "id": "c1" } }))
}

async fn referral(_body: web::Bytes, count: Data<Count>) -> HttpResponse {
    count.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Ok().json(json!({ "data": { "id": "r1" } }))
}

async fn taken(request: HttpRequest, _body: web::Bytes, count: Data<Count>) -> HttpResponse {
    if request.method() != actix_web::http::Method::POST {
        return HttpResponse::NotFound().json(json!({ "error": "not here" }));
    }
    count.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Created().json(json!({ "reference": "R-1" }))
}
