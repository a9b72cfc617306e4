//! Tokens that are believed and lack the scope that an address needs: refused, and by name, since the caller
//! is known. Tokens that are not believed: `token_rules.rs`.

use serde_json::json;

use super::refused::{Row, check_all};
use super::token_rules::OfSandbox;
use crate::journeys::sandbox::sandbox;

#[test]
fn a_scope_the_token_lacks_is_not_there() {
    let key = OfSandbox::key();
    let mint = key.mint();
    let check = |name: &str, token: &str, path: &str, agency: &'static str| {
        let row = Row::get(name, path, 403, "missing-scope");
        Row { agency, ..row.header("authorization", &format!("Bearer {token}")) }
    };
    let receiver = sandbox().fresh_token("ictp", "referral.receive");
    // The registry knows what a client may hold at most, whatever its token claims.
    let overreaching = {
        let mut claims = mint.claims();
        (claims["client_id"], claims["scope"]) = (json!("nccia"), json!("audit.read indicator.read"));
        mint.sign(&mint.header().to_string(), &claims.to_string())
    };
    check_all(vec![
        check("dead letters with a receiver's token", &receiver, "/v1/dead-letters", "ictp"),
        check("the trail with a claimed scope", &overreaching, "/v1/audit/entries", "nccia"),
        check("statistics with a claimed scope", &overreaching, "/v1/indicators/referrals", "nccia"),
        check("no scope at all", &mint.claiming("scope", json!("")), "/v1/referrals", "ictp"),
    ]);
}
