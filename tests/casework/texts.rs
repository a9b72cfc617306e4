//! Ids, codes, agencies, message kinds and categories: what they print they read again, and nothing else.

use std::{fmt::Display, str::FromStr};

use casework::{
    AgencyCode, ApprovalId, CaseId, Category, CheckId, Code, DeliveryId, FactId, KeyId, MessageKind,
    ObjectId, Pseudonym, ReferralId, RequestId,
};

/// Reads and prints the same; or does not read.
fn check<T: FromStr + Display>(text: &str, reads: bool) {
    match text.parse::<T>() {
        Ok(read) => assert!(reads && read.to_string() == text, "`{text}` was read as `{read}`"),
        Err(_) => assert!(!reads, "`{text}` was not read"),
    }
}

fn check_id<T: FromStr<Err: Display> + Display>(prefix: &str) {
    let hex = "0123456789abcdef0123456789abcdef";
    check::<T>(&format!("{prefix}_{hex}"), true);
    let upper = format!("{prefix}_{}", hex.to_uppercase());
    let dashed = format!("{prefix}_01234567-89ab-cdef-0123-456789abcdef");
    for wrong in
        [hex, &upper, &dashed, "", &format!("xx_{hex}"), &format!("{prefix}_{hex}0"), &format!("{prefix}_")]
    {
        check::<T>(wrong, false);
    }
    let said = format!("{prefix}_Test Child 7").parse::<T>().err().unwrap().to_string();
    assert!(!said.contains("Test Child"), "an error repeats no value: {said}");
}

#[test]
fn ids() {
    check_id::<CaseId>("cs");
    check_id::<RequestId>("rq");
    check_id::<ReferralId>("rf");
    check_id::<DeliveryId>("dl");
    check_id::<ObjectId>("ob");
    check_id::<KeyId>("ky");
    check_id::<CheckId>("ic");
    check_id::<FactId>("ft");
    check_id::<Pseudonym>("ps");
    check_id::<ApprovalId>("ap");
}

#[test]
fn codes() {
    for right in ["SVC-SHELTER", "no-capacity", "a", "1", "x_1.b", &"c".repeat(40)] {
        check::<Code>(right, true);
    }
    for wrong in ["", "-a", ".", "_", "two words", "naïve", "بچہ", "a\n", "a\0", "a/b", &"c".repeat(41)] {
        check::<Code>(wrong, false);
        check::<AgencyCode>(wrong, false);
    }
    for right in ["cpi", "fia-ccw", &"a".repeat(16)] {
        check::<AgencyCode>(right, true);
    }
    for wrong in ["CPI", "Cpi", &"a".repeat(17)] {
        check::<AgencyCode>(wrong, false);
    }
}

/// The wire's JSON is the same text, and refuses the same.
#[test]
fn codes_in_json() {
    let read = serde_json::from_str::<Code>("\"no-capacity\"").unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), "\"no-capacity\"");
    let error = serde_json::from_str::<Code>("\"Test Child 7 of Rawalpindi\"").unwrap_err().to_string();
    assert!(!error.contains("Child"), "an error repeats no value: {error}");
    assert!(serde_json::from_str::<CaseId>("\"rf_0123456789abcdef0123456789abcdef\"").is_err());
}

#[test]
fn message_kinds() {
    for kind in MessageKind::ALL {
        check::<MessageKind>(kind.schema_name(), true);
        let own = matches!(kind, MessageKind::Request | MessageKind::Overdue);
        let answers = kind.schema_name().starts_with("referral.") && !own;
        assert_eq!(MessageKind::from_action(kind.action()).ok(), answers.then_some(*kind));
    }
    for wrong in ["request", "overdue", "", "check", "result", "referral.accept", "Accept"] {
        assert!(MessageKind::from_action(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn categories() {
    for category in Category::ALL {
        check::<Category>(category.as_str(), true);
    }
    check::<Category>("religion", false);
    check::<Category>("Name", false);
}
