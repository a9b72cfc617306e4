//! Who is calling: token, then registry, then scope. A stranger learns only that its token is not believed,
//! and touches no store; which rule it broke goes to the log.

use actix_web::HttpRequest;
use casework::Caller;
use identity::{TokenDefect, Verified};

use crate::problem::Problem;
use crate::routes::Access;
use crate::{Api, around, headers, measure, tls};

/// The caller behind a request, and what its token says.
pub(crate) async fn identify(api: &Api, request: &HttpRequest) -> Result<(Caller, Verified), Problem> {
    let id = around::request_id(request);
    let bearer = headers::bearer(request.headers());
    let verified = match api.verifier.verify_shown(bearer, tls::certificate(request)).await {
        Ok(verified) => verified,
        Err(defect) => {
            tracing::info!(request = %id, defect = defect.slug(), "a token was refused");
            measure::token_refused(defect.slug());
            return Err(refused(defect));
        }
    };
    match api.hub.caller(&verified).await? {
        Some(caller) => Ok((caller, verified)),
        None => {
            tracing::info!(request = %id, defect = "client-unknown", "a token was refused");
            measure::token_refused("client-unknown");
            Err(challenge("Bearer error=\"invalid_token\""))
        }
    }
}

fn refused(defect: TokenDefect) -> Problem {
    match defect {
        defect if defect.is_outage() => Problem::new("try-again").detail(defect.to_string()),
        // RFC 6750 section 3.1: without a token no error is named.
        TokenDefect::Missing => challenge("Bearer"),
        _ => challenge("Bearer error=\"invalid_token\""),
    }
}

fn challenge(text: &str) -> Problem {
    Problem::new("unauthorized").header("WWW-Authenticate", text.to_owned())
}

/// Does the token carry what the address needs?
pub(crate) fn check_scope(access: Access, caller: &Caller) -> Result<(), Problem> {
    let Access::Scope(scopes) = access else { return Ok(()) };
    if scopes.iter().any(|scope| caller.has_scope(scope)) {
        return Ok(());
    }
    let named: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    let detail = format!("this address needs a token with the scope {}", named.join(" or "));
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scopes.join(" "));
    Err(Problem::new("missing-scope").detail(detail).header("WWW-Authenticate", challenge))
}
