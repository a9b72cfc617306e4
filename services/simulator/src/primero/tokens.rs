//! Primero's login: user name and password for a token that lasts 60 minutes. Tokens live in memory only, so
//! after a restart callers must log in again, as with the real one when its secret changes.

use std::time::{Duration, Instant};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::AUTHORIZATION},
    web::Bytes,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Shared;
use crate::answers::json_answer;

const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// One hub needs one; the oldest is forgotten beyond this.
const TOKENS_MAX: usize = 64;

/// The tokens that are valid now.
#[derive(Default)]
pub(super) struct Tokens(Vec<(String, Instant)>);

#[derive(Deserialize)]
struct Login {
    user: User,
}

#[derive(Deserialize)]
struct User {
    user_name: String,
    password: String,
}

impl Tokens {
    /// Is this token one of them, and not expired?
    pub(super) fn valid(&self, token: &str) -> bool {
        self.0.iter().any(|(held, until)| held == token && *until > Instant::now())
    }

    fn issue(&mut self) -> String {
        let token = format!("primero.{}", Uuid::new_v4().simple());
        if self.0.len() >= TOKENS_MAX {
            self.0.remove(0);
        }
        self.0.push((token.clone(), Instant::now() + LIFETIME));
        token
    }
}

/// `POST /api/v2/tokens`. The real one answers with the token in the `Authorization` header; it stands in the
/// body too.
pub(super) async fn log_in(primero: Shared, bytes: Bytes) -> HttpResponse {
    let login: Option<Login> = serde_json::from_slice(&bytes).ok();
    let user = login.map(|login| login.user).filter(|user| primero.office.knows(&user.password));
    let Some(user) = user.filter(|user| !user.user_name.is_empty()) else {
        let error = json!({ "error": "Invalid User name or password." });
        return json_answer(StatusCode::UNAUTHORIZED, &error);
    };
    let token = primero.tokens().issue();
    HttpResponse::Ok()
        .insert_header((AUTHORIZATION, format!("Bearer {token}")))
        .json(json!({ "id": 1, "user_name": user.user_name, "token": token }))
}
