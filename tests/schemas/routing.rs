//! Where a referral goes on a day: every mandate interval with its boundary days, and today.

use schemas::RouteRefusal;

use super::DIRECTORY;

/// `expect` is `to mandate`, `to` alone where no mandate decides, or the holders to ask instead.
fn check(addressed: &str, service: &str, on: &str, expect: Result<&str, &[&str]>) {
    let route = DIRECTORY.route(&addressed.parse().unwrap(), &service.parse().unwrap(), on.parse().unwrap());
    match (route, expect) {
        (Ok(route), Ok(wanted)) => {
            let mandate = route.mandate.map_or_else(String::new, |mandate| format!(" {mandate}"));
            assert_eq!(format!("{}{mandate}", route.to), wanted, "{addressed} {service} {on}");
            assert_eq!(route.rerouted, route.to != route.addressed);
            assert_eq!(route.addressed.as_str(), addressed);
        }
        (Err(RouteRefusal::NoMandate { holders }), Err(wanted)) => {
            let holders: Vec<&str> = holders.iter().map(|agency| agency.as_str()).collect();
            assert_eq!(holders, wanted, "{addressed} {service} {on}");
        }
        (got, _) => panic!("{addressed} {service} {on}: {got:?}"),
    }
}

const FIA: Result<&str, &[&str]> = Ok("fia-ccw online-child-exploitation");
const NCCIA: Result<&str, &[&str]> = Ok("nccia online-child-exploitation");

#[test]
fn online_exploitation_goes_to_whoever_holds_the_mandate_that_day() {
    for addressed in ["fia-ccw", "nccia"] {
        let on = |day, expect| check(addressed, "SVC-CYBER", day, expect);
        on("2006-12-31", Err(&[]));
        on("2007-01-01", FIA);
        on("2024-05-02", FIA);
        on("2024-05-03", NCCIA);
        on("2024-10-16", NCCIA);
        on("2024-10-17", FIA);
        on("2025-03-31", FIA);
        on("2025-04-01", NCCIA);
        on("2026-11-21", NCCIA);
    }
}

#[test]
fn today_and_every_day_to_come_somebody_holds_it() {
    let open = DIRECTORY.mandates().iter().filter(|interval| interval.to.is_none());
    let open: Vec<String> =
        open.map(|held| format!("{} {} {}", held.mandate, held.agency, held.from)).collect();
    assert_eq!(open, ["online-child-exploitation nccia 2025-04-01"]);
    check("fia-ccw", "SVC-CYBER", "2099-12-31", NCCIA);
}

#[test]
fn a_default_agency_stays_addressable_as_itself() {
    check("pta", "SVC-CYBER", "2026-11-21", Ok("pta"));
    check("cpi", "SVC-SHELTER", "2026-11-21", Ok("cpi"));
    check("nadra", "SVC-BIRTHREG", "2026-11-21", Ok("nadra"));
}

#[test]
fn who_has_no_mandate_is_told_who_has() {
    check("cpi", "SVC-CYBER", "2026-11-21", Err(&["nccia"]));
    check("cpi", "SVC-CYBER", "2024-12-01", Err(&["fia-ccw"]));
    check("nccia", "SVC-SHELTER", "2026-11-21", Err(&["cpi", "pbm"]));
    check("hub", "SVC-LEGAL", "2026-11-21", Err(&["laja"]));
}

#[test]
fn a_service_of_nobody_in_particular_may_be_asked_of_anybody() {
    check("cpi", "SVC-OTHER", "2026-11-21", Ok("cpi"));
}

#[test]
fn the_unknown() {
    let on = "2026-11-21".parse().unwrap();
    let route = |agency: &str, service: &str| {
        DIRECTORY.route(&agency.parse().unwrap(), &service.parse().unwrap(), on).unwrap_err()
    };
    assert_eq!(route("nobody", "SVC-CYBER"), RouteRefusal::UnknownAgency);
    assert_eq!(route("cpi", "SVC-NONE"), RouteRefusal::UnknownService);
}
