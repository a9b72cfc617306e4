//! A provider that does what a test tells it: it gives an ID token of any kind for a code, or none, and
//! counts its clients' defects like an honest one (PKCE, secret, a code once). No browser ever sees it: the
//! test plays both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use seal::NoteKey;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::identity::world::encode;

pub const CLIENT: &str = "amaan-desk";
pub const SECRET: &str = "desk-secret";
pub const KID: &str = "provider-key";

/// What a code is worth.
struct Grant {
    challenge: String,
    answer: Value,
}

struct Inner {
    base: String,
    metadata: Mutex<Value>,
    jwks: Mutex<String>,
    grants: Mutex<HashMap<String, Grant>>,
}

#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
    key: Arc<NoteKey>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let key = Arc::new(NoteKey::from_pkcs8("provider", &NoteKey::generate_pkcs8()).unwrap());
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": KID, "x":
             URL_SAFE_NO_PAD.encode(key.public()),
        });
        let metadata = Mutex::new(json!({
            "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
            "end_session_endpoint": format!("{base}/goodbye"),
            "authorization_response_iss_parameter_supported": true,
            "id_token_signing_alg_values_supported": ["EdDSA", "RS256"],
            "code_challenge_methods_supported": ["S256"],
        }));
        let jwks = Mutex::new(json!({ "keys": [jwk] }).to_string());
        let inner = Arc::new(Inner { base, metadata, jwks, grants: Mutex::default() });
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { inner, key }
    }

    pub fn issuer(&self) -> &str {
        &self.inner.base
    }

    /// What its document says from now on.
    pub fn says(&self, member: &str, value: Value) {
        self.inner.metadata.lock().unwrap()[member] = value;
    }

    /// The one key that it publishes from now on.
    pub fn publishes(&self, jwk: &Value) {
        *self.inner.jwks.lock().unwrap() = json!({ "keys": [jwk] }).to_string();
    }

    /// From now on a client that brings this code and what its challenge was made from gets this.
    pub fn grant(&self, code: &str, challenge: &str, answer: Value) {
        let grant = Grant { challenge: challenge.to_owned(), answer };
        self.inner.grants.lock().unwrap().insert(code.to_owned(), grant);
    }

    /// Forgets a code, as if it had been used.
    pub fn use_up(&self, code: &str) {
        self.inner.grants.lock().unwrap().remove(code);
    }

    pub fn sign(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        format!("{input}.{}", encode(self.key.sign(&input)))
    }
}

/// As a client's token endpoint answers.
pub fn tokens(id_token: Option<&str>) -> Value {
    let mut answer = json!({ "access_token": "of-no-use", "token_type": "Bearer", "expires_in": 60 });
    if let Some(id_token) = id_token {
        answer["id_token"] = json!(id_token);
    }
    answer
}

async fn serve(mut stream: TcpStream, inner: Arc<Inner>) {
    let Some((path, head, body)) = read(&mut stream).await else { return };
    let (status, text) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, inner.metadata.lock().unwrap().to_string()),
        "/jwks" => (200, inner.jwks.lock().unwrap().clone()),
        "/token" => token(&inner, &head, &body),
        _ => (404, String::new()),
    };
    let length = text.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n"
    );
    let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
}

fn token(inner: &Inner, head: &str, body: &str) -> (u16, String) {
    let refused = |word: &str| (400, json!({ "error": word }).to_string());
    let basic = format!("basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let known = head.lines().any(|line| {
        line.to_lowercase().starts_with("authorization:")
            && line.to_lowercase().ends_with(&basic.to_lowercase())
    });
    let field = |name: &str| {
        body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or_default().to_owned()
    };
    // Either way of RFC 6749 section 2.3.1, as its document says.
    let in_form =
        inner.metadata.lock().unwrap()["token_endpoint_auth_methods_supported"][0] == "client_secret_post";
    let by_form = field("client_id") == CLIENT && field("client_secret") == SECRET;
    if in_form != by_form || in_form == known {
        return refused("invalid_client");
    }
    let Some(grant) = inner.grants.lock().unwrap().remove(&field("code")) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(seal::sha256(field("code_verifier").as_bytes()));
    if challenge != grant.challenge || field("grant_type") != "authorization_code" {
        return refused("invalid_grant");
    }
    (200, grant.answer.to_string())
}

async fn read(stream: &mut TcpStream) -> Option<(String, String, String)> {
    let mut seen = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                let path = head.split(' ').nth(1)?.to_owned();
                return Some((path, head.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => seen.extend_from_slice(&chunk[..read]),
        }
    }
}
