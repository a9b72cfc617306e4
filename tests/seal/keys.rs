//! The chain of keys, and the signing key.

use seal::{EpochKey, NoteKey, RootKey, SealError, pkcs8_pem, verify_note_signature};

use super::{id, key, place};

#[test]
fn a_case_key_survives_its_wrapping() {
    let (root, epoch, case) = (RootKey::from_bytes([5; 32]), EpochKey::generate(), key(1));
    let sealed = case.seal(&place(2, 3), b"body");
    let wrapped_case = epoch.wrap(&case);
    let wrapped_epoch = root.wrap_epoch(&epoch, 7);
    assert_eq!([wrapped_case.len(), wrapped_epoch.len()], [60, 60]);

    let root = RootKey::from_bytes([5; 32]);
    let epoch = root.unwrap_epoch(7, &wrapped_epoch).unwrap();
    let again = epoch.unwrap(case.id(), &wrapped_case).unwrap();
    assert_eq!(again.id(), case.id());
    assert_eq!(again.open(&place(2, 3), &sealed).unwrap().expose(), b"body");
}

#[track_caller]
fn check<T: std::fmt::Debug>(result: Result<T, SealError>, expect: SealError) {
    assert_eq!(result.unwrap_err(), expect);
}

#[test]
fn a_wrapped_key_opens_under_its_own_id_only() {
    let (root, epoch, case) = (RootKey::generate(), EpochKey::generate(), key(1));
    let wrapped_epoch = root.wrap_epoch(&epoch, 7);
    check(root.unwrap_epoch(8, &wrapped_epoch), SealError::NotOpened);
    check(RootKey::generate().unwrap_epoch(7, &wrapped_epoch), SealError::NotOpened);
    check(root.unwrap_epoch(7, &wrapped_epoch[..20]), SealError::TooShort);

    let wrapped_case = epoch.wrap(&case);
    check(epoch.unwrap(id("ky", 2), &wrapped_case), SealError::NotOpened);
    check(EpochKey::generate().unwrap(case.id(), &wrapped_case), SealError::NotOpened);
    // A key wrapped for one purpose is no key for another, even under the same secret.
    check(RootKey::from_bytes([5; 32]).unwrap_epoch(7, &wrapped_case), SealError::NotOpened);
}

#[test]
fn keys_do_not_print_themselves() {
    assert_eq!(format!("{:?} {:?}", RootKey::generate(), EpochKey::generate()), "RootKey(..) EpochKey(..)");
    let note_key = NoteKey::from_pkcs8("hub.example/ledger", &NoteKey::generate_pkcs8()).unwrap();
    assert_eq!(format!("{note_key:?}"), "NoteKey(hub.example/ledger)");
}

/// RFC 8032 section 7.1, test 2, with the PKCS#8 head of RFC 8410 before the seed.
#[test]
fn a_signature_is_the_published_one() {
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                     085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    let pkcs8 = hex::decode(format!("302e020100300506032b657004220420{seed}")).unwrap();
    let key = NoteKey::from_pkcs8("hub", &pkcs8).unwrap();
    assert_eq!((key.name(), hex::encode(key.public())), ("hub", public.into()));
    assert_eq!(hex::encode(key.sign("r")), signature);
}

#[test]
fn a_signature_holds_for_its_body_and_key_only() {
    let [one, other] = [(); 2].map(|()| NoteKey::from_pkcs8("hub", &NoteKey::generate_pkcs8()).unwrap());
    let signature = one.sign("hub\n1\nroot\n");
    assert_eq!(signature, one.sign("hub\n1\nroot\n"), "deterministic, or receipts could not be made again");
    assert!(verify_note_signature(&one.public(), "hub\n1\nroot\n", &signature));
    assert!(!verify_note_signature(&one.public(), "hub\n2\nroot\n", &signature));
    assert!(!verify_note_signature(&other.public(), "hub\n1\nroot\n", &signature));
    assert!(!verify_note_signature(&one.public(), "hub\n1\nroot\n", &signature[..63]));
    assert!(!verify_note_signature(&[0xff; 32], "hub\n1\nroot\n", &signature));
}

#[test]
fn a_key_document_is_read_back_and_others_are_refused() {
    let pkcs8 = NoteKey::generate_pkcs8();
    assert_eq!(pkcs8.len(), 48);
    check(NoteKey::from_pkcs8("hub", &pkcs8[..47]), SealError::BadNoteKey);
    check(NoteKey::from_pkcs8("hub", b""), SealError::BadNoteKey);
    let pem = pkcs8_pem(&[0; 48]);
    let zeroes = "A".repeat(64);
    assert_eq!(*pem, format!("-----BEGIN PRIVATE KEY-----\n{zeroes}\n-----END PRIVATE KEY-----\n"));
    let longer = pkcs8_pem(&[0; 51]);
    assert_eq!(*longer, format!("-----BEGIN PRIVATE KEY-----\n{zeroes}\nAAAA\n-----END PRIVATE KEY-----\n"));
}
