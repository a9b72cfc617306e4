//! The effect logs: a torn last line is cut off, a foreign line stops the start.

use std::{fs, io::Write};

use ::simulator::{AgenciesConfig, SimError, start_agencies};
use serde_json::json;

use super::{check, forms::*, world::World};

#[tokio::test]
async fn a_torn_last_line_is_cut_off() {
    let mut world = World::new();
    check(&world, complaint(1), 201, json!({})).await;
    world.stop().await;
    let mut log = fs::OpenOptions::new().append(true).open(world.log_file("nccia")).expect("the log");
    log.write_all(b"{\"at\":\"2026-11-2").expect("half a line");
    world.start();
    check(&world, complaint(2), 201, json!({})).await;
    let lines = fs::read_to_string(world.log_file("nccia")).expect("the log");
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert_eq!(world.effects("nccia", "referral.request").await.len(), 2);
}

#[tokio::test]
async fn a_foreign_line_stops_the_start() {
    let mut world = World::new();
    check(&world, complaint(1), 201, json!({})).await;
    world.stop().await;
    let good = fs::read_to_string(world.log_file("nccia")).expect("the log");
    fs::write(world.log_file("nccia"), format!("not an effect\n{good}")).expect("a changed log");
    let error = start_agencies(world.config()).err().expect("no start");
    assert!(matches!(error, SimError::BadLog { line: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_fixed_port_is_taken_again_and_a_taken_one_named() {
    let world = World::new();
    // Below the range the system hands out, so that no other test has it.
    let port = 20_000 + u16::try_from(std::process::id() % 5_000).expect("a small number");
    let fixed = || AgenciesConfig { agency_ports: [("laja".to_owned(), port)].into(), ..world.config() };
    for _ in 0..2 {
        let running = start_agencies(fixed()).expect("agencies that start");
        assert_eq!(running.endpoints["laja"], format!("http://127.0.0.1:{port}"));
        let taken = start_agencies(fixed()).err().expect("no second start");
        assert!(matches!(taken, SimError::Listen { port: named, .. } if named == port), "{taken}");
        running.stop().await;
    }
}
