//! The answers every simulated HTTP system gives alike: JSON bodies and coded errors, never echoing what was
//! sent. Primero and the SOAP service word their errors differently; [`Dialect`] says how.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use casework::CheckId;
use serde_json::{Value, json};

use crate::soap;

/// How an agency's system words its errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dialect {
    /// `{"error": "code"}`.
    Plain,
    /// Primero: `{"errors": [{"status", "resource", "message"}]}`.
    Primero,
    /// A SOAP 1.1 fault; a refusal of a transaction that is known is an answer instead.
    Soap(Option<CheckId>),
}

/// An error answer, on its way out of a handler by `?`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    dialect: Dialect,
    status: StatusCode,
    code: &'static str,
}

impl Dialect {
    /// An error answer with this status and code.
    pub(crate) fn error(self, status: StatusCode, code: &str) -> HttpResponse {
        match self {
            Self::Plain => json_answer(status, &json!({ "error": code })),
            Self::Primero => {
                let error = json!({ "status": status.as_u16(), "resource": "/api/v2", "message": code });
                json_answer(status, &json!({ "errors": [error] }))
            }
            Self::Soap(Some(transaction)) if status == StatusCode::UNPROCESSABLE_ENTITY => {
                soap::refusal(transaction)
            }
            Self::Soap(_) => soap::fault(status, code),
        }
    }

    /// The same as an error of a handler.
    pub(crate) const fn refuse(self, status: StatusCode, code: &'static str) -> Refusal {
        Refusal { dialect: self, status, code }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }
    fn error_response(&self) -> HttpResponse {
        self.dialect.error(self.status, self.code)
    }
}

/// A JSON answer.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status).json(body)
}

/// A plain coded error, as the control routes give it.
pub(crate) const fn plain(status: StatusCode, code: &'static str) -> Refusal {
    Dialect::Plain.refuse(status, code)
}
