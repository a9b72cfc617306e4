//! Tokens by algorithms the sandbox's issuer does not sign with, made once by another library (Python's
//! `cryptography`; the private keys were thrown away): `examples/<what>.<ok or the rule>.jwt`, all for the
//! moment every test starts at, by the keys in `examples/jwks.json`.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use identity::{TokenDefect, TokenTime, Verifier};

use super::{
    responder::Responder,
    world::{HandClock, client, trust},
};

/// The issuer's name stands in signed tokens, so its address is fixed: a loopback address nobody else uses.
const ADDRESS: &str = "127.66.7.1:46701";

#[tokio::test]
async fn every_example_ends_as_its_name_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity/examples");
    let base = format!("http://{ADDRESS}");
    let server = Responder::start(ADDRESS).await;
    let metadata = serde_json::json!({ "issuer": base, "jwks_uri": format!("{base}/jwks.json") });
    server.serve("/.well-known/openid-configuration", 200, metadata.to_string());
    server.serve("/jwks.json", 200, fs::read_to_string(folder.join("jwks.json")).unwrap());
    let time: Arc<dyn TokenTime> = Arc::new(HandClock::default());
    let verifier = Verifier::with_time(vec![trust(&base)], client(&server), time);

    let mut seen = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let name = file.as_ref().unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".jwt") else { continue };
        let (_, expect) = stem.split_once('.').unwrap();
        let token = fs::read_to_string(file.unwrap().path()).unwrap();
        let found = verifier.verify(token.trim_end()).await.map_or_else(TokenDefect::slug, |_| "ok");
        assert_eq!(found, expect, "{name}");
        *seen.entry(expect.to_owned()).or_insert(0) += 1;
    }
    assert_eq!(seen.get("ok"), Some(&3), "{seen:?}");
}
