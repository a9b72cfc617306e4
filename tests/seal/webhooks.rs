//! Signatures of webhooks, against vectors of the Standard Webhooks specification's own libraries, and where
//! keys come from.

use base64::{Engine, engine::general_purpose::STANDARD};
use seal::{RootKey, SealError, WebhookKey, verify_note_signature};

#[test]
fn the_specification_s_vectors() {
    let seed: [u8; 32] =
        STANDARD.decode("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=").unwrap().try_into().unwrap();
    let asymmetric = WebhookKey::v1a(&seed).unwrap();
    assert_eq!(
        asymmetric.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#).unwrap(),
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
    );
    let shared = WebhookKey::v1("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    assert_eq!(
        shared.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body).unwrap(),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    );
    assert_eq!((asymmetric.scheme(), shared.scheme(), shared.public()), ("v1a", "v1", None));
}

#[test]
fn a_key_is_its_webhook_s_own_and_stays_the_same() {
    let key = |root: u8, name: &str| RootKey::from_bytes([root; 32]).webhook_key(name).unwrap();
    let public = |root, name| key(root, name).public().unwrap();
    assert_eq!(public(1, "hub/cpi/one"), public(1, "hub/cpi/one"));
    assert_ne!(public(1, "hub/cpi/one"), public(1, "hub/cpi/two"));
    assert_ne!(public(1, "hub/cpi/one"), public(2, "hub/cpi/one"));
    let (one, text) = (key(1, "hub/cpi/one"), public(1, "hub/cpi/one"));
    let bytes: [u8; 32] = STANDARD.decode(text.strip_prefix("whpk_").unwrap()).unwrap().try_into().unwrap();
    let signature = one.sign("hub/1", 7, b"{}").unwrap();
    let signature = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
    assert!(verify_note_signature(&bytes, "hub/1.7.{}", &signature), "by the key that is shown");
    assert_eq!(format!("{one:?}"), "WebhookKey(v1a)");
}

#[test]
fn a_shared_secret_is_long_enough_and_written_as_one() {
    for bad in ["", "whsec_", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_AAAA", "whsec_not base64!"] {
        assert_eq!(WebhookKey::v1(bad).unwrap_err(), SealError::BadWebhookSecret, "{bad}");
    }
}
