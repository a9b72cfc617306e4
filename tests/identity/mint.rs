//! Tokens of one issuer, made here instead of asked for: good ones, and good ones but for one thing. The same
//! mint serves the verifier's own tests and those of hubs that run.

use identity::Thumbprint;
use seal::NoteKey;
use serde_json::{Value, json};

use super::world::encode;

#[derive(Clone)]
pub struct Mint<'a> {
    pub issuer: String,
    pub audience: String,
    pub client: String,
    pub kid: String,
    /// The issuer's own.
    pub key: &'a NoteKey,
    pub now: i64,
    /// How long after `now` its tokens may be sent: so much further ahead lies what is ahead.
    pub slack: i64,
    /// The certificate that its tokens are bound to.
    pub bound_to: Option<Thumbprint>,
}

impl Mint<'_> {
    pub fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid })
    }

    pub fn claims(&self) -> Value {
        let mut claims = json!({
            "iss": self.issuer, "sub": self.client, "client_id": self.client, "aud": self.audience,
            "iat": self.now, "exp": self.now + 300, "jti": "one", "scope": "referral.send referral.receive",
        });
        if let Some(certificate) = self.bound_to {
            claims["cnf"] = json!({ "x5t#S256": encode(certificate) });
        }
        claims
    }

    /// Any header and claims, as text, signed with the issuer's own key.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        let signature = self.key.sign(&input);
        format!("{input}.{}", encode(signature))
    }

    pub fn token(&self) -> String {
        self.sign(&self.header().to_string(), &self.claims().to_string())
    }

    /// A good token but for one claim.
    pub fn claiming(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    /// A good token but for a claim it lacks.
    pub fn silent_of(&self, claim: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(claim);
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    /// A good token but for one member of its header.
    pub fn headed(&self, member: &str, value: Value) -> String {
        let mut header = self.header();
        header[member] = value;
        self.sign(&header.to_string(), &self.claims().to_string())
    }
}
