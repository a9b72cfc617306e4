//! How clients of the sandbox sign what they send: with the keys of its plan, as their agencies' systems do.

use egress::Request;
use identity::{RealTime, SignedFor, TokenTime, sign_message};

use super::sandbox::Sandbox;

impl Sandbox {
    /// What the client's agency puts into `Amaan-Signature` for this request; nothing where it signs nothing.
    pub fn signature(&self, client: &str, path: &str, key: &str, body: &[u8]) -> Option<String> {
        let agency = client.split('-').next().unwrap();
        let pkcs8 = hex::decode(self.plan["signing_keys"][agency].as_str()?).unwrap();
        let pen = seal::NoteKey::from_pkcs8(format!("{agency}-1"), &pkcs8).unwrap();
        let target = format!("POST {path}");
        let meant = SignedFor { agency, hub: "sandbox.amaan.example", key, target: &target };
        Some(sign_message(&pen, body, &meant, RealTime::default().unix_seconds()))
    }

    /// The request as the client's system would sign it, unless it is signed already.
    pub fn signed(&self, client: &str, request: Request) -> Request {
        let held = |name: &str| request.headers.iter().find(|(held, _)| held == name);
        let (Some((_, key)), None) = (held("idempotency-key"), held("amaan-signature")) else {
            return request;
        };
        let signature = self.signature(client, request.url.path(), key, &request.body);
        signature.into_iter().fold(request, |request, text| request.header("amaan-signature", &text))
    }
}
