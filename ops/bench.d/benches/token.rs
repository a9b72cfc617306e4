//! What an access token costs: a signature and its claims where it is new, a look into the memory where it is
//! known. Keys are at hand, as they are but for one request in five minutes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use divan::Bencher;
use futures_util::FutureExt;
use identity::{TokenTime, TrustedIssuer, Verified, Verifier};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING as ES256, EcdsaKeyPair, KeyPair};
use seal::NoteKey;
use serde_json::json;

const AUDIENCE: &str = "https://hub.example";
/// 2027-01-15T08:00:00Z. Time stands still, so that nothing ends while it is measured.
const NOW: i64 = 1_800_000_000;

static WORLD: LazyLock<World> = LazyLock::new(World::start);
static DRAWN: AtomicU64 = AtomicU64::new(0);

struct Still;

impl TokenTime for Still {
    fn unix_seconds(&self) -> i64 {
        NOW
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(1000)
    }
}

/// An issuer with a key of each kind, and a verifier that has fetched both.
struct World {
    issuer: String,
    eddsa: NoteKey,
    es256: EcdsaKeyPair,
    verifier: Verifier,
}

impl World {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = format!("http://{address}");
        let eddsa = NoteKey::from_pkcs8("issuer", &NoteKey::generate_pkcs8()).unwrap();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ES256, &SystemRandom::new()).unwrap();
        let es256 = EcdsaKeyPair::from_pkcs8(&ES256, pkcs8.as_ref(), &SystemRandom::new()).unwrap();
        // An uncompressed point: a byte, then 32 each.
        let (x, y) = es256.public_key().as_ref()[1..].split_at(32);
        let jwks = json!({ "keys": [
            { "kid": "eddsa", "use": "sig", "kty": "OKP", "crv": "Ed25519", "x": encode(eddsa.public()) },
            { "kid": "es256", "use": "sig", "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) },
        ] });
        let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks.json") });
        std::thread::spawn(move || serve(&listener, &metadata.to_string(), &jwks.to_string()));

        let allow = vec![address.to_string()];
        let rules = egress::Rules { allow, loopback_http: true, ..egress::Rules::default() };
        let trust = TrustedIssuer { issuer: issuer.clone(), audience: AUDIENCE.to_owned() };
        let http = egress::Client::new(rules).unwrap();
        let verifier = Verifier::with_time(vec![trust], http, Arc::new(Still));
        let world = Self { issuer, eddsa, es256, verifier };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(world.verifier.verify(&world.token("eddsa"))).unwrap();
        world
    }

    /// A token that was never seen.
    fn token(&self, key: &str) -> String {
        let alg = if key == "eddsa" { "EdDSA" } else { "ES256" };
        let header = json!({ "typ": "at+jwt", "alg": alg, "kid": key });
        let claims = json!({
            "iss": self.issuer, "sub": "ictp-system", "client_id": "ictp-system", "aud": AUDIENCE,
            "iat": NOW, "exp": NOW + 300, "jti": DRAWN.fetch_add(1, Ordering::Relaxed).to_string(),
            "scope": "referral.send referral.receive delivery.manage",
        });
        let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = match alg {
            "EdDSA" => self.eddsa.sign(&input),
            _ => self.es256.sign(&SystemRandom::new(), input.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{input}.{}", encode(signature))
    }

    /// With its key at hand no check has to wait.
    fn verify(&self, token: &str) -> Verified {
        self.verifier.verify(token).now_or_never().unwrap().unwrap()
    }
}

#[divan::bench(args = ["eddsa", "es256"])]
fn uncached(bencher: Bencher<'_, '_>, key: &str) {
    let world = &*WORLD;
    bencher.with_inputs(|| world.token(key)).bench_refs(|token| world.verify(token));
}

#[divan::bench]
fn cached(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let token = world.token("eddsa");
    world.verify(&token);
    bencher.bench(|| world.verify(divan::black_box(&token)));
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Two documents, to whoever asks; no HTTP server.
fn serve(listener: &TcpListener, metadata: &str, jwks: &str) {
    for stream in listener.incoming().map_while(Result::ok) {
        // A caller that breaks off is the bench's own failure, and shows there.
        _ = answer(stream, metadata, jwks);
    }
}

fn answer(mut stream: TcpStream, metadata: &str, jwks: &str) -> std::io::Result<()> {
    let (mut seen, mut chunk) = (Vec::new(), [0; 2048]);
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            read => seen.extend_from_slice(&chunk[..read]),
        }
    }
    let body = if seen.starts_with(b"GET /jwks.json ") { jwks } else { metadata };
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}
