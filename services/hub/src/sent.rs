//! What somebody sends: the bytes as they came, and its agency's signature over them where there is one.
//! Bytes alone are a message that nobody signed: what comes from pages, from agencies without a registered
//! key, and by adapters.

use identity::{AgencySignature, SignatureDefect, SignedFor};

use casework::Caller;

use crate::{Hub, HubError, Key, Problem, measure};

const MICROS: i64 = 1_000_000;

/// A message as it came.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) signature: Option<&'a AgencySignature>,
}

impl<'a> Sent<'a> {
    /// With the signature that [`Hub::check_signature`] has checked, if there was one.
    #[must_use]
    pub const fn new(bytes: &'a [u8], signature: Option<&'a AgencySignature>) -> Self {
        Self { bytes, signature }
    }

    pub(crate) fn signature(&self) -> Option<&'a str> {
        self.signature.map(AgencySignature::text)
    }
}

impl<'a> From<&'a [u8]> for Sent<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, signature: None }
    }
}

impl<'a> From<&'a Vec<u8>> for Sent<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

impl Hub {
    /// Looks at what stands in `Amaan-Signature`, before the body is read as anything. An agency that has
    /// registered a key signs all it sends by its systems.
    ///
    /// # Errors
    /// `signature-required`, `signature-not-valid`.
    pub fn check_signature(
        &self,
        caller: &Caller,
        found: Result<Option<&str>, SignatureDefect>,
        body: &[u8],
        key: &Key,
        target: &str,
    ) -> Result<Option<AgencySignature>, HubError> {
        let keys = self.clients.signing_keys(&caller.agency);
        let (keys, text) = match (keys, found.map_err(refused)?) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(unregistered()),
            (Some(_), None) => return Err(required()),
            (Some(keys), Some(text)) => (keys, text),
        };
        let agency = caller.agency.as_str();
        let meant = SignedFor { agency, hub: &self.name, key: key.as_str(), target };
        let now = self.store.clock().real().micros() / MICROS;
        keys.check(text, body, &meant, now).map(Some).map_err(refused)
    }
}

fn required() -> HubError {
    measure::signature_defect("missing");
    let detail = "your agency has a signing key here, so every message of its systems comes with its \
                  signature in the header `Amaan-Signature`";
    Problem::new("signature-required", detail).into()
}

fn unregistered() -> HubError {
    measure::signature_defect("no-key-registered");
    let detail = "no signing key is registered for your agency, so its signatures cannot be checked; have \
                  one registered by the hub's operator, or send without the header";
    Problem::new("signature-not-valid", detail).into()
}

fn refused(defect: SignatureDefect) -> HubError {
    measure::signature_defect(defect.slug());
    Problem::new("signature-not-valid", defect.to_string()).into()
}
