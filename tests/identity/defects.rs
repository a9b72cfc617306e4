//! The table of token defects, run row by row against one verifier; every rule has at least one row.

use std::collections::BTreeSet;

use identity::TokenDefect;

use super::{defects_in_claims, defects_in_form, mint::Mint, world::World};

/// What is wrong, the token, and the rule it breaks.
pub type Row = (&'static str, String, TokenDefect);

/// All of what is wrong with a token alone, whatever it is sent over.
pub fn rows(mint: &Mint<'_>) -> Vec<Row> {
    let mut rows = defects_in_form::rows(mint);
    rows.extend(defects_in_claims::rows(mint));
    rows
}

async fn check(world: &World, (name, token, expect): &Row) {
    let found = world.verifier.verify(token).await;
    assert_eq!(found.err().map(TokenDefect::slug), Some(expect.slug()), "{name}");
}

#[tokio::test]
async fn each_defect_is_refused_by_its_rule() {
    let world = World::start().await;
    let rows = rows(&world.mint());
    assert!(rows.len() >= 40, "{} rows", rows.len());
    for row in &rows {
        check(&world, row).await;
    }
    // Not one of them was remembered, and a good token still passes.
    for row in &rows {
        check(&world, row).await;
    }
    assert_eq!(world.verifier.verify(&world.token()).await.unwrap().client, "laja-system");
    assert_eq!(world.jwks_fetches(), 1);

    let covered: BTreeSet<&str> = rows.iter().map(|(_, _, defect)| defect.slug()).collect();
    let all: BTreeSet<&str> = TokenDefect::ALL.iter().map(|defect| defect.slug()).collect();
    let bare: Vec<_> = all.difference(&covered).collect();
    // The others are rules of the connection (`bound.rs`), and two are no rules but outages.
    let others =
        ["certificate-missing", "certificate-other", "clock-doubted", "keys-unavailable", "token-unbound"];
    assert_eq!(bare, others.iter().collect::<Vec<_>>(), "rules without a row");
    assert_eq!(all.len(), TokenDefect::ALL.len());
}

#[tokio::test]
async fn nothing_is_believed_while_two_clocks_of_the_house_differ() {
    let world = World::start().await;
    let token = world.token();
    for (ahead, expect) in [
        (0, None),
        (30, None),
        (-30, None),
        (31, Some(TokenDefect::ClockDoubted)),
        (-3600, Some(TokenDefect::ClockDoubted)),
    ] {
        let verifier = world.another_verifier().beside(std::sync::Arc::new(move || ahead));
        assert_eq!(verifier.verify(&token).await.err(), expect, "{ahead} s");
    }
    assert!(TokenDefect::ClockDoubted.is_outage());
}

#[test]
fn what_an_integrator_reads() {
    let line = |defect: &TokenDefect| format!("{:24} {defect}\n", defect.slug());
    let text: String = TokenDefect::ALL.iter().map(line).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("token-defects", text);
    });
}
