//! The spoken reference: what its check character notices, measured over every position and character, and
//! what it forgives.

use casework::{CaseId, CaseReference};

use super::world::id;

/// Every character a reference can have: 32 digits and five more that only a check character can be.
const CHARACTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

fn check(typed: &str, expect: Option<&str>) {
    assert_eq!(CaseReference::parse(typed).as_ref().map(CaseReference::as_str), expect, "{typed}");
}

/// Some cases: both ends, and numbers spread by a multiplier.
fn cases() -> impl Iterator<Item = CaseId> {
    let spread =
        (1..200_u128).map(|step| step.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) % (1 << 40));
    [0, 1, 36, 37, (1 << 40) - 1].into_iter().chain(spread).map(|number| id("cs", number))
}

fn plain(case: CaseId) -> Vec<char> {
    CaseReference::of(case).as_str().chars().filter(|c| *c != '-').collect()
}

fn text(chars: &[char]) -> String {
    chars.iter().collect()
}

#[test]
fn written_and_heard() {
    let case: CaseId = id("cs", 0x7_3c57_d274 << 5 | 0x1f);
    let written = CaseReference::of(case).to_string();
    check(&written, Some(&written));
    check(&written.to_lowercase(), Some(&written));
    check(&written.replace('-', " "), Some(&written));
    check(&written.replace('-', ""), Some(&written));
    check("", None);
    check("-", None);
    check("7K2Q-9XM4", None);
    check("امان-امان-ا", None);
    assert_eq!(written.len(), 11, "{written}");
    // The id's last 40 bits alone make it.
    let other: CaseId = id("cs", (1 << 100) + 0x7_3c57_d274 * 32 + 0x1f);
    assert_eq!(CaseReference::of(other).to_string(), written);
}

#[test]
fn letters_that_sound_alike() {
    let zero = CaseReference::of(id("cs", 0)).to_string();
    check(&zero.replace('0', "O"), Some(&zero));
    let ones = id("cs", 0b00001_00001_00001_00001_00001_00001_00001_00001);
    let ones = CaseReference::of(ones).to_string();
    check(&ones.replace('1', "I"), Some(&ones));
    check(&ones.replace('1', "l"), Some(&ones));
}

#[test]
fn every_wrong_character_is_noticed() {
    let mut tried = 0;
    for case in cases() {
        let right = plain(case);
        for place in 0..right.len() {
            for other in CHARACTERS.chars().filter(|other| *other != right[place]) {
                let mut wrong = right.clone();
                wrong[place] = other;
                check(&text(&wrong), None);
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 204 * 9 * 36);
}

#[test]
fn every_swap_of_neighbours_is_noticed() {
    for case in cases() {
        let right = plain(case);
        for place in 0..right.len() - 1 {
            let mut wrong = right.clone();
            wrong.swap(place, place + 1);
            if wrong != right {
                check(&text(&wrong), None);
            }
        }
    }
}

#[test]
fn every_lost_or_doubled_character_is_noticed() {
    for case in cases() {
        let right = plain(case);
        for place in 0..right.len() {
            let mut lost = right.clone();
            lost.remove(place);
            check(&text(&lost), None);
            let mut doubled = right.clone();
            doubled.insert(place, right[place]);
            check(&text(&doubled), None);
        }
    }
}

/// Two errors at once pass once in 37 times, as with any single check character.
#[test]
fn two_wrong_characters_pass_one_time_in_37() {
    let (mut tried, mut passed) = (0_u32, 0_u32);
    for case in cases().take(24) {
        let right = plain(case);
        for (first, second) in [(0, 1), (2, 6), (3, 4), (0, 7)] {
            for one in CHARACTERS.chars().take(32).filter(|one| *one != right[first]) {
                for two in CHARACTERS.chars().take(32).filter(|two| *two != right[second]) {
                    let mut wrong = right.clone();
                    (wrong[first], wrong[second]) = (one, two);
                    tried += 1;
                    passed += u32::from(CaseReference::parse(&text(&wrong)).is_some());
                }
            }
        }
    }
    println!("{passed} of {tried} double errors pass");
    assert!((30..45).contains(&(tried / passed)), "{passed} of {tried}");
}
