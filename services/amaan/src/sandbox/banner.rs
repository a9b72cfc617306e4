//! What the sandbox says at the start and at the end: that it is synthetic, where things are, what to try.

use std::path::Path;

use super::house::House;

/// Cuts the token out of the issuer's answer, with nothing but what every shell has.
const TOKEN_ONLY: &str = r#"| sed 's/.*"access_token":"\([^"]*\)".*/\1/'"#;

/// The first lines, on stderr: talk, not results.
pub fn welcome(house: &House, dir: &Path, kept: bool) {
    eprintln!(
        "amaan sandbox {}: SYNTHETIC DATA ONLY. Never enter a real child's data.",
        env!("CARGO_PKG_VERSION")
    );
    let fate = if kept {
        "kept; the same folder goes on from here"
    } else {
        "gone when this stops; keep it: --data DIR"
    };
    eprintln!("  data      {} ({fate})", dir.display());
    let (store, queue) = house.parts.words();
    eprintln!("  hub       {} ({store}, {queue}, loopback only)", house.api_url);
    let whose = if house.parts.issuer.is_some() { "not the sandbox's own" } else { "the sandbox's own" };
    eprintln!("  issuer    {} ({whose})", house.issuer_url);
    eprintln!(
        "  assumed   mandates, clocks, agreements and agencies' interfaces: proposed, not law, not confirmed"
    );
    for (agency, url) in &house.endpoints {
        let contract = house.hub.adapters.agencies().find(|held| held.code.as_str() == agency);
        let contract = contract.map_or("", |held| held.contract_line());
        eprintln!("  {agency:<9} {url} (simulated; {contract})");
    }
}

/// What to try while it runs: on stderr where stdout is for one JSON object.
pub fn stays_up(house: &House, dir: &Path, json: bool) {
    let (api, issuer, secret) = (&house.api_url, &house.issuer_url, &house.try_secret);
    let trust = house.parts.issuer.as_ref().and(house.parts.ca.as_ref());
    let trust = trust.map_or_else(String::new, |file| format!(" --cacert {}", file.display()));
    let lines = [
        "\nIt stays up until Ctrl-C.".to_owned(),
        format!("  web       {api}/"),
        format!("  desk      {api}/desk   sign in as one of the police's invented people"),
        format!("  API       {api}/v1   described at {api}/openapi.json"),
        "\nTry it as ICT Police (a token lives five minutes):\n".to_owned(),
        format!("  export AMAAN_URL={api}"),
        format!("  export AMAAN_TOKEN=$(curl -s{trust} {issuer}/token -d grant_type=client_credentials \\"),
        format!("    -u ictp:{secret} \\\n    {TOKEN_ONLY})"),
        "  curl -s -H \"Authorization: Bearer $AMAAN_TOKEN\" \"$AMAAN_URL/v1/referrals?limit=3\"".to_owned(),
        "  curl -s -H \"Authorization: Bearer $AMAAN_TOKEN\" \"$AMAAN_URL/v1/dead-letters\"".to_owned(),
        "\nSend a referral, signed by the police (without the last line it is refused):\n".to_owned(),
        format!("  {} referral send \\", program()),
        "    schemas/messages/referral.request/examples/valid/found-girl.json \\".to_owned(),
        format!("    --sign-key {} --kid ictp-1 --agency ictp", house.police_key.display()),
        "\nLet three days pass, and see who is told that nobody answered:\n".to_owned(),
        format!("  {} sandbox clock +72h --data {}", program(), dir.display()),
        "  curl -s -H \"Authorization: Bearer $AMAAN_TOKEN\" \"$AMAAN_URL/v1/referrals?overdue=true\""
            .to_owned(),
    ];
    for line in lines {
        if json { eprintln!("{line}") } else { println!("{line}") }
    }
}

/// This program, as a shell finds it.
fn program() -> String {
    std::env::current_exe().map_or_else(|_| "amaan".to_owned(), |path| path.display().to_string())
}
