//! Invented children and what is said of them: messages for the past and the story. Plainly invented, and
//! drawn from a fixed seed so that every sandbox plays the same.

use serde_json::{Value, json};

/// SplitMix64: enough for synthetic data, the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// One of these.
    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let count = u64::try_from(from.len()).unwrap_or(1).max(1);
        let at = usize::try_from(self.next() % count).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }
    /// True in so many of a hundred throws.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.next() % 100 < chance
    }
}

/// A kind of referral the past has: service, receiver, purpose, reason.
pub type Kind = (&'static str, &'static str, &'static str, &'static str);

/// What ICT Police refer for in the past, weighted by repetition.
pub const KINDS: &[Kind] = &[
    ("SVC-SHELTER", "cpi", "protection", "RSN-FOUND"),
    ("SVC-SHELTER", "cpi", "protection", "RSN-NEGLECT"),
    ("SVC-MHPSS", "cpi", "protection", "RSN-ABUSE-PHYS"),
    ("SVC-LEGAL", "laja", "justice", "RSN-CICWL"),
    ("SVC-LEGAL", "laja", "justice", "RSN-WITNESS"),
    ("SVC-CYBER", "nccia", "justice", "RSN-ONLINE"),
];

/// A referral of the past.
pub fn past_request(number: u32, kind: Kind, dice: &mut Dice) -> Value {
    let (service, agency, purpose, reason) = kind;
    let sex = dice.pick(&["F", "F", "F", "F", "F", "M", "M", "M", "M", "X"]);
    let (band, years) =
        dice.pick(&[("Y0T4", 3), ("Y5T9", 8), ("Y10T14", 12), ("Y10T14", 13), ("Y15T17", 16)]);
    let priority = dice.pick(&["emergency", "urgent", "urgent", "normal", "normal"]);
    let recorded =
        if dice.percent(8) { json!({"value": null, "reason": "not-asked"}) } else { json!({"value": sex}) };
    json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": agency, "service": service }],
        "priority": priority,
        "purpose": purpose,
        "reasons": [reason],
        "child": {
            "name": { "full": format!("Test Child {number}") },
            "age": { "years": years, "basis": "EST" },
            "sex": sex,
        },
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": { "name": "Test Officer 9", "position": "Inspector" },
        },
        "referred_by": { "name": "Test Officer 7", "position": "Sub-inspector" },
        "statistics": { "sex": recorded, "age_band": { "value": band }, "district": { "value": "PK401" } },
    })
}

/// The found, undocumented girl of the story.
pub fn found_girl() -> Value {
    json!({
        "schema": "referral.request/v1",
        "recipients": [
            { "agency": "cpi", "service": "SVC-SHELTER" },
            { "agency": "laja", "service": "SVC-LEGAL" },
            { "agency": "fia-ccw", "service": "SVC-CYBER" },
        ],
        "priority": "emergency",
        "purpose": "protection",
        "reasons": ["RSN-FOUND", "RSN-NOID", "RSN-ONLINE"],
        "child": {
            "name": { "full": "Test Child 7" },
            "age": { "years": 9, "basis": "EST" },
            "sex": "F",
            "languages": ["prs"],
            "separated": "unaccompanied",
            "address": { "district": "PK401", "line": "Invented bus stop, Test Road" },
        },
        "caregiver": { "name": "Test Guardian 7", "relationship": "aunt-uncle", "informed": true },
        "incident": {
            "acts": ["HV-308"],
            "district": "PK401",
            "setting": "online",
            "online": true,
            "occurred_on": "2026-11",
        },
        "evidence": [{ "sha256": "7".repeat(64), "custodian": "Test Malkhana 7", "exhibit": "EX-7" }],
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": { "name": "Test Officer 9", "position": "Inspector" },
        },
        "referred_by": { "name": "Test Officer 7", "position": "Sub-inspector", "phone": "+920000000000" },
        "narrative": "Invented for the sandbox.",
        "statistics": {
            "sex": { "value": "F" },
            "age_band": { "value": "Y5T9" },
            "district": { "value": "PK401" },
            "nationality": { "value": null, "reason": "unknown" },
        },
    })
}

/// The second child of the story, for whom there is no bed.
pub fn second_child() -> Value {
    json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "cpi", "service": "SVC-SHELTER" }],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-STREET"],
        "child": { "name": { "full": "Test Child 8" }, "age": { "years": 12, "basis": "SELF" }, "sex": "M" },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "name": "Test Officer 7", "position": "Sub-inspector" },
        "statistics": {
            "sex": { "value": "M" },
            "age_band": { "value": "Y10T14" },
            "district": { "value": "PK401" },
        },
    })
}

/// The question about a guardian's number. Twelve zeros and a one are nobody's.
pub fn guardian_check(case: &str) -> Value {
    json!({
        "schema": "identity.check/v1",
        "case": case,
        "purpose": "guardian-verification",
        "basis": "best-interests",
        "deadline_ms": 3_000,
        "subject": { "id_number": "0000000000001", "name": "Test Guardian 7" },
        "relationship": "aunt-uncle",
    })
}
