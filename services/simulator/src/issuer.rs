//! The HTTP server of the sandbox's OIDC issuer: discovery, key set and token endpoint. Only routes, headers
//! and statuses are here; what is said, and who gets a token, is `identity::issuer`'s.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    web::{self, Bytes, Data, ServiceConfig},
};
use identity::issuer::{
    AUTHORIZE_PATH, END_SESSION_PATH, Issuer, JWKS_PATH, METADATA_PATH, OAuthError, TOKEN_PATH, TokenRequest,
};

use crate::issuer_pages;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Mounts the issuer's routes; `Data<Issuer>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route(METADATA_PATH, web::get().to(metadata))
        .route(JWKS_PATH, web::get().to(jwks))
        .route("/jwks", web::get().to(jwks))
        .route(AUTHORIZE_PATH, web::get().to(issuer_pages::authorize))
        .route(END_SESSION_PATH, web::get().to(issuer_pages::end_session))
        .route(TOKEN_PATH, web::post().to(token));
}

async fn metadata(issuer: Data<Issuer>) -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).body(issuer.metadata())
}

async fn jwks(issuer: Data<Issuer>) -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).body(issuer.jwks())
}

/// RFC 6749 section 5: answers of the token endpoint are never cached.
async fn token(issuer: Data<Issuer>, request: HttpRequest, form: Bytes) -> HttpResponse {
    match granted(&issuer, &request, &form) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(error) => refused(error),
    }
}

fn granted(
    issuer: &Issuer,
    request: &HttpRequest,
    form: &Bytes,
) -> Result<identity::issuer::TokenAnswer, OAuthError> {
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let is_form = text(CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().starts_with(FORM));
    if !is_form {
        return Err(OAuthError::InvalidRequest);
    }
    issuer.token(&TokenRequest::parse(form, text(AUTHORIZATION))?)
}

fn refused(error: OAuthError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"sandbox\""));
    }
    answer.content_type(JSON).body(error.to_json())
}
