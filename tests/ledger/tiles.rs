//! Tiles: names have one spelling, and a tile is what c2sp.org/tlog-tiles defines it to be, at every level
//! and width. That tools of others agree is `journeys/tlog.rs`.

use ledger::{Hash, TILE_WIDTH, TilePlace, entry_bundle, tile_hashes, tile_level};

use super::Log;

#[track_caller]
fn check(path: &str, expect: Option<(u64, u16)>) {
    let place = TilePlace::parse(path);
    assert_eq!(place.map(|place| (place.index, place.width)), expect, "{path}");
    if let Some(place) = place {
        assert_eq!(place.to_path(), path);
    }
}

#[test]
fn a_place_has_one_spelling() {
    check("000", Some((0, TILE_WIDTH)));
    check("x001/x234/067", Some((1_234_067, TILE_WIDTH)));
    check("273.p/112", Some((273, 112)));
    check("x001/000.p/255", Some((1_000, 255)));
    check("x018/x446/x744/x073/x709/x551/615", Some((u64::MAX, TILE_WIDTH)));
    for wrong in [
        "",
        "0",
        "00",
        "0000",
        "x000",
        "x000/001",
        "001/002",
        "x001/x002",
        "x01/002",
        "-01",
        "+01",
        "00a",
        "000.p/0",
        "000.p/256",
        "000.p/01",
        "000.p/",
        "000.p",
        "000.p/1/2",
        "000/",
        "/000",
        "x001//000",
        "x018/x446/x744/x073/x709/x551/616",
        "x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        check(wrong, None);
    }
}

#[test]
fn levels_are_plain_numbers_to_63() {
    let levels = ["0", "1", "63", "64", "01", "", "entries", "-1", "256"].map(tile_level);
    assert_eq!(levels, [Some(0), Some(1), Some(63), None, None, None, None, None, None]);
}

fn tile(log: &Log, size: u64, level: u8, path: &str) -> Option<Vec<Hash>> {
    tile_hashes(log, size, level, TilePlace::parse(path).unwrap()).unwrap()
}

/// The example of the specification: 273 full tiles and one of 112, one full and one of 17, one of 1.
#[test]
fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
    let log = Log::of(70_000);
    let there = |level, path: &str| tile(&log, 70_000, level, path).is_some();
    for (level, last, beyond) in
        [(0, "273.p/112", "273.p/113"), (1, "001.p/17", "001.p/18"), (2, "000.p/1", "000.p/2")]
    {
        assert!(there(level, last) && !there(level, beyond), "level {level}");
    }
    assert!(there(0, "272") && !there(0, "273") && there(1, "000") && !there(1, "001"));
    assert!(!there(2, "000") && !there(3, "000.p/1") && !there(63, "000.p/1"));
    // As the definition says it: each hash is the root of a full tile below.
    let below = tile(&log, 70_000, 0, "005").unwrap();
    let above = tile(&log, 70_000, 1, "000").unwrap();
    let mut alone = Log::default();
    alone.grow(below);
    assert_eq!(above[5], alone.root());
    let top = tile(&log, 70_000, 2, "000.p/1").unwrap();
    assert_eq!(top[0], log.root_by_definition(65_536));
    assert_eq!(tile(&log, 70_000, 0, "000.p/3").unwrap(), log.leaves[..3], "a partial one beside the full");
}

#[test]
fn a_bundle_is_entries_behind_their_lengths() {
    assert_eq!(entry_bundle([b"ab".as_slice(), b"", b"c"]).unwrap(), b"\0\x02ab\0\0\0\x01c");
    assert_eq!(entry_bundle([vec![0; 65_536].as_slice()]), None);
    let place = TilePlace::parse("001.p/2").unwrap();
    assert_eq!((place.entries(258), place.entries(257)), (Some((256, 258)), None));
}
