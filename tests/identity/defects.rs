//! The table of token defects, run row by row against one verifier; every rule has at least one row.

use std::collections::BTreeSet;

use identity::TokenDefect;

use super::{defects_in_claims, defects_in_form, world::World};

/// What is wrong, the token, and the rule it breaks.
pub type Row = (&'static str, String, TokenDefect);

async fn check(world: &World, (name, token, expect): &Row) {
    let found = world.verifier.verify(token).await;
    assert_eq!(found.err().map(TokenDefect::slug), Some(expect.slug()), "{name}");
}

#[tokio::test]
async fn each_defect_is_refused_by_its_rule() {
    let world = World::start().await;
    let mut rows = defects_in_form::rows(&world);
    rows.extend(defects_in_claims::rows(&world));
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
    assert_eq!(bare, [&"keys-unavailable"], "rules without a row");
    assert_eq!(all.len(), TokenDefect::ALL.len());
}

#[test]
fn what_an_integrator_reads() {
    let line = |defect: &TokenDefect| format!("{:24} {defect}\n", defect.slug());
    let text: String = TokenDefect::ALL.iter().map(line).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("token-defects", text);
    });
}
