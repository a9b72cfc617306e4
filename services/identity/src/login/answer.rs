//! The provider's answer, as the browser brings it in the query of the callback (RFC 6749 section 4.1.2, RFC
//! 9207). Nobody's word yet.

use url::form_urlencoded;

use super::LoginDefect;

/// Longer values than any provider gives.
const VALUE_BYTES_MAX: usize = 4 * 1024;

/// What the browser brought. Not printable: the code is a secret.
#[derive(Default)]
pub struct Answer {
    /// The code, to be exchanged.
    pub(crate) code: Option<String>,
    /// Whose login it answers.
    pub(crate) state: Option<String>,
    /// Who answers.
    pub(crate) iss: Option<String>,
    /// What went wrong there.
    pub(crate) error: Option<String>,
}

impl Answer {
    /// Reads a query. What the flow does not know is left alone: providers add words of their own.
    ///
    /// # Errors
    /// [`LoginDefect::AnswerMalformed`] where one of its parameters stands twice or is too long.
    pub fn parse(query: &str) -> Result<Self, LoginDefect> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                _ => continue,
            };
            if value.len() > VALUE_BYTES_MAX || place.replace(value.into_owned()).is_some() {
                return Err(LoginDefect::AnswerMalformed);
            }
        }
        Ok(answer)
    }
}
