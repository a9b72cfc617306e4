//! What an agreement's head says, it does: permissions count between its dates and its parties only,
//! prohibitions always; the memo never gives yesterday's answer; time, places and scopes reach the policies.

use casework::MessageKind;
use policies::{Act, Decision, Disclosure, Moment, Policies};

use super::refused::{GOOD, HEAD, TABLE, load};
use super::{agency, ask, code, on};

/// The trial set, with these dates and another policy.
fn trial(dates: &str, more: &str) -> Policies {
    load(&format!("{HEAD}{GOOD}{more}").replace("2026-01-01 to open", dates), TABLE).unwrap()
}

fn sends(set: &Policies, at: Moment) -> bool {
    let question = ask("ictp", &["system"], Act::Send, Some("cpi"), Some(MessageKind::Request));
    let kept = set.permit(&question, at);
    assert_eq!(kept, set.permit_afresh(&question, at), "what was kept is another moment's answer");
    matches!(kept, Decision::Permitted(_))
}

#[test]
fn permissions_count_between_the_dates_both_included() {
    let set = trial("2026-02-01 to 2026-02-28", "");
    let days = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-02-15", "2026-01-01"];
    let may = days.map(|day| sends(&set, on(day)));
    assert_eq!(may, [false, true, true, false, true, false]);
    let valid = set.agreements()[0].valid;
    assert_eq!(valid.days_left(on("2026-02-27").day), Some(1));
    assert_eq!(valid.days_left(on("2026-03-01").day), None);
}

/// A day begins in Pakistan five hours before it begins in UTC.
#[test]
fn days_are_those_of_pakistan() {
    let set = trial("2026-02-01 to 2026-02-28", "");
    // 19:00 UTC on 31 January and on 28 February.
    let (begins, over) = (1_769_886_000, 1_772_305_200);
    let at = |seconds: i64| Moment::of(casework::Timestamp::from_micros(seconds * 1_000_000));
    assert!(!sends(&set, at(begins - 1)));
    assert!(sends(&set, at(begins)));
    assert!(sends(&set, at(over - 1)));
    assert!(!sends(&set, at(over)));
}

#[test]
fn prohibitions_outlast_the_dates() {
    let never = "\n@id(\"trial.never\")\n@title(\"Never an emergency.\")\n\
                 forbid (principal, action == Action::\"send\", resource)\n\
                 when { context has urgency && context.urgency == Urgency::\"emergency\" };\n";
    let table = TABLE.to_owned();
    let set = load(&format!("{HEAD}{GOOD}{never}").replace("to open", "to 2026-02-28"), &table).unwrap();
    let question = ask("ictp", &["system"], Act::Send, Some("cpi"), Some(MessageKind::Request));
    for day in ["2025-06-01", "2026-02-01", "2027-01-01"] {
        let Decision::Denied { policies } = set.permit(&question, on(day)) else { panic!("{day}") };
        assert_eq!(policies, ["trial.never"]);
    }
}

#[test]
fn masks_follow_the_dates_and_the_parties() {
    let sees = "\n@id(\"trial.sees\")\n@title(\"All of it.\")\n\
                permit (principal, action == Action::\"disclose\", resource);\n";
    let set = trial("2026-02-01 to 2026-02-28", sees);
    let asked = |to| Disclosure {
        recipient: agency(to),
        sender: agency("ictp"),
        message: MessageKind::Request,
        version: 1,
        service: None,
        purpose: code("protection"),
        basis: code("statutory"),
        urgency: casework::Priority::Normal,
    };
    assert!(!set.mask(&asked("cpi"), on("2026-02-10")).ways.is_empty());
    assert!(set.mask(&asked("cpi"), on("2026-03-10")).ways.is_empty());
    // `laja` is no party, and the policy names nobody.
    assert!(set.mask(&asked("laja"), on("2026-02-10")).ways.is_empty());
}

#[test]
fn a_permission_that_names_nobody_binds_the_parties_only() {
    let all = "\n@id(\"trial.all\")\n@title(\"Whoever.\")\n\
               permit (principal, action == Action::\"answer\", resource);\n";
    let set = trial("2026-01-01 to open", all);
    let answers = |who: &str, to: &str| {
        let question = ask(who, &["system"], Act::Answer, Some(to), Some(MessageKind::Accept));
        matches!(set.permit(&question, on("2026-02-10")), Decision::Permitted(_))
    };
    assert!(answers("cpi", "ictp"));
    assert!(!answers("cpi", "laja") && !answers("laja", "cpi") && !answers("stranger", "laja"));
}

#[test]
fn policies_see_scopes_places_and_time() {
    let when = |id: &str, condition: &str| {
        format!(
            "\n@id(\"trial.{id}\")\n@title(\"A condition.\")\n\
             forbid (principal, action == Action::\"send\", resource)\nunless {{ {condition} }};\n"
        )
    };
    let more = [
        when("scope", "context.scopes.contains(Scope::\"referral.send\")"),
        when(
            "place",
            "context has case_province && context.agency_provinces.contains(context.case_province)",
        ),
        when("hours", "8 <= context.hour && context.hour < 16"),
        when("days", "context.day < datetime(\"2026-07-01\")"),
    ];
    let table = "[[decision]]\nwho = \"ictp\"\nact = \"send\"\nto = \"cpi\"\nexpect = \"permitted\"\n\
                 by = [\"trial.ictp-sends\"]\nscopes = [\"referral.send\"]\n\
                 agency_provinces = [\"PK4\"]\ncase_province = \"PK4\"\n";
    let set = load(&format!("{HEAD}{GOOD}{}", more.concat()), table).unwrap();
    let mut question = ask("ictp", &["system"], Act::Send, Some("cpi"), None);
    question.scopes = vec!["referral.send".to_owned()];
    question.places.agency_provinces = vec![code("PK4")];
    question.places.case_province = Some(code("PK4"));
    let forbidden = |question: &policies::Ask, at: Moment| match set.permit(question, at) {
        Decision::Permitted(_) => "permitted".to_owned(),
        Decision::Denied { policies } => policies.join(" "),
        Decision::Failed { error } => error,
    };
    let noon = on("2026-06-15");
    assert_eq!(forbidden(&question, noon), "permitted");
    assert_eq!(forbidden(&question, Moment { hour: 17, ..noon }), "trial.hours");
    assert_eq!(forbidden(&question, on("2026-07-01")), "trial.days");
    question.places.case_province = Some(code("PK7"));
    assert_eq!(forbidden(&question, noon), "trial.place");
    question.scopes.clear();
    assert_eq!(forbidden(&question, noon), "trial.place trial.scope");
}

/// A set approved before scopes, places and time were known goes on deciding.
#[test]
fn a_set_with_the_vocabulary_of_before_is_still_asked() {
    let bundle = trial("2026-01-01 to open", "").bundle();
    let mut files: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    let schema = files["schema"].as_str().unwrap();
    let newer = ["scopes: Set<Scope>,", "day: datetime,", "hour: Long,", "agency_provinces: Set<Province>,"];
    let older = newer.iter().fold(schema.to_owned(), |text, line| text.replace(line, ""));
    files["schema"] = older.replace("  manage_policies ", "  look_at_policies ").into();
    let older = Policies::from_bundle(&files.to_string()).unwrap();
    assert!(sends(&older, on("2026-02-10")));
    let unknown = ask("hub", &["operator"], Act::ManagePolicies, None, None);
    assert_eq!(older.permit(&unknown, on("2026-02-10")), Decision::Denied { policies: Vec::new() });
}

#[test]
fn a_bundle_is_the_same_set() {
    let set = Policies::embedded().unwrap();
    assert_eq!(Policies::from_bundle(&set.bundle()).unwrap().set_digest(), set.set_digest());
    assert!(Policies::from_bundle("{}").is_err());
}
