//! Statistics: whole minutes from the referral's own times, written once, and no way back from a row to a
//! child but the sealed link.

use casework::MessageKind;
use store::{FactStep, Step};

use super::world::{House, ask, code, done, fact, python, step};

const MINUTE: i64 = 60_000_000;

#[tokio::test]
async fn minutes_count_from_the_request() {
    let Some(mut house) = House::new() else { return };
    house.first_offset_micros = -90 * 24 * 60 * MINUTE;
    let store = house.open();
    let mut asked = ask(&store, "cpi");
    let fact = fact(&store, &asked, "F");
    asked.order.facts = vec![fact.clone()];
    let requested = done(&store, asked.order.clone()).await.entries[0].at;
    for (minutes, kind, reason, life) in [
        (30, MessageKind::Accept, None, Step::Accepted),
        (95, MessageKind::Progress, Some("first-contact"), Step::FirstAction),
        (200, MessageKind::Progress, Some("note"), Step::FirstAction),
        (2_000, MessageKind::Outcome, Some("child-safe"), Step::Closed(code("child-safe"))),
    ] {
        // Half a minute more: whole minutes are counted.
        store.raise_clock(requested.plus_micros(minutes * MINUTE + MINUTE / 2)).unwrap();
        let mut order = step(&asked, kind, reason);
        order.fact_step = Some(FactStep { fact: fact.fact, referral: asked.referral, step: life });
        done(&store, order).await;
    }
    let month = requested.in_pakistan().format("%Y-%m").to_string();
    let rows = store.facts(month.clone(), month.clone()).await.unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row.month, month);
    assert_eq!(row.dimensions["sex"], "F");
    let minutes = (row.accepted_minutes, row.first_action_minutes, row.closed_minutes);
    assert_eq!(minutes, (Some(30), Some(95), Some(2_000)), "the first action counts, not the second");
    assert_eq!(row.outcome, Some(code("child-safe")));
    let elsewhere = store.facts("2001-01".into(), "2001-12".into()).await.unwrap();
    assert_eq!(elsewhere, []);
}

/// A refused step adds no minutes.
#[tokio::test]
async fn a_refused_step_counts_nothing() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut asked = ask(&store, "cpi");
    let fact = fact(&store, &asked, "M");
    asked.order.facts = vec![fact.clone()];
    done(&store, asked.order.clone()).await;
    let mut order = step(&asked, MessageKind::Progress, None);
    order.fact_step = Some(FactStep { fact: fact.fact, referral: asked.referral, step: Step::FirstAction });
    let refused = store.commit(order).await.unwrap();
    assert!(matches!(refused, store::Committed::Refused(_)), "{refused:?}");
    let rows = store.facts("2000-01".into(), "2999-12".into()).await.unwrap();
    assert_eq!((rows.len(), rows[0].first_action_minutes), (1, None));
}

/// The link leads from a referral to its row only through the case key, and neither table's order tells.
#[tokio::test]
async fn the_tables_do_not_line_up() {
    if super::ENGINE.is_shared() {
        return; // See `postgres/statistics.rs`.
    }
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut linked = Vec::new();
    for number in 0..24 {
        let mut asked = ask(&store, "cpi");
        let fact = fact(&store, &asked, &format!("S{number}"));
        asked.order.facts = vec![fact.clone()];
        done(&store, asked.order.clone()).await;
        linked.push((asked.referral.to_string(), fact.fact.to_string()));
        let link = store.fact_link(asked.referral).await.unwrap().unwrap();
        assert_eq!((link.case, link.key, link.sealed), (asked.case, asked.key.id(), fact.link.sealed));
    }
    const SCRIPT: &str = "import json, sqlite3, sys\n\
        conn = sqlite3.connect(sys.argv[1])\n\
        tables = [('fact_links', 'referral_id'), ('facts', 'id')]\n\
        seen = [[row[0] for row in conn.execute(f'SELECT {key} FROM {table}')] for table, key in tables]\n\
        for table, _ in tables:\n\
        \x20   try:\n\
        \x20       conn.execute(f'SELECT rowid FROM {table}')\n\
        \x20       sys.exit(f'{table} has row numbers, which tell the order of writing')\n\
        \x20   except sqlite3.OperationalError:\n\
        \x20       pass\n\
        print(json.dumps(seen))";
    let Some(said) = python(SCRIPT, &[house.dir().join("amaan.db").to_str().unwrap()]) else { return };
    let [links, facts]: [Vec<String>; 2] = serde_json::from_str(&said).unwrap();
    let lined_up =
        links.iter().zip(&facts).filter(|(link, fact)| linked.contains(&((*link).clone(), (*fact).clone())));
    assert!(lined_up.count() < 12, "row n of one table is row n of the other");
}
