//! Hours in which an agency's system is down on purpose, as its `agency.toml` has them.

use std::path::Path;

use adapters::Registry;
use casework::Timestamp;

const HOUR: i64 = 3_600_000_000;
/// Sunday 2026-03-01, 00:00 in Pakistan.
const SUNDAY: i64 = 1_772_305_200_000_000;

/// The agencies of this repository, LAJA's with these windows.
pub fn with_windows(windows: &str) -> Result<Registry, String> {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/agencies/laja");
    let to = folder.path().join("laja");
    std::fs::create_dir(&to).unwrap();
    let files = std::fs::read_dir(from).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
    let toml = to.join("agency.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, text.replace("[capabilities]", &format!("{windows}\n[capabilities]"))).unwrap();
    Registry::from_dir(folder.path()).map_err(|errors| errors.to_string())
}

#[test]
fn a_window_holds_and_releases() {
    let windows = "[[maintenance]]\ndays = [\"sun\"]\nfrom = \"01:00\"\nto = \"03:00\"\n\
                   [[maintenance]]\ndays = [\"sun\", \"mon\"]\nfrom = \"22:30\"\nto = \"24:00\"\n";
    let registry = with_windows(windows).unwrap();
    let laja = registry.agency(&"laja".parse().unwrap()).unwrap();
    for (minutes, until) in [
        (0, None),
        (60, Some(180)),
        (179, Some(180)),
        (180, None),
        (22 * 60 + 30, Some(24 * 60)),
        (24 * 60, None),
        (46 * 60 + 29, None),
        (46 * 60 + 30, Some(48 * 60)),
        (70 * 60 + 30, None),
    ] {
        let at = |minutes: i64| Timestamp::from_micros(SUNDAY + minutes * HOUR / 60);
        assert_eq!(laja.down_until(at(minutes)), until.map(at), "{minutes} minutes into Sunday");
    }
    assert_eq!(laja.silent_after_minutes, 72 * 60, "three days, unless its file says otherwise");
}

#[test]
fn a_window_that_is_none_is_refused() {
    for (days, from, to) in [
        ("[]", "01:00", "03:00"),
        ("[\"someday\"]", "01:00", "03:00"),
        ("[\"sun\"]", "03:00", "01:00"),
        ("[\"sun\"]", "01:00", "25:00"),
    ] {
        let windows = format!("[[maintenance]]\ndays = {days}\nfrom = \"{from}\"\nto = \"{to}\"\n");
        let said = with_windows(&windows).map(|_| ()).unwrap_err();
        assert!(said.contains("`maintenance` needs `days`"), "{said}");
    }
}
