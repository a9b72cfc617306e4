//! Programs that must not run. Each is refused when its folder is loaded, by its syntax tree, before a byte
//! of a message has been near it; none may end or hang this process.

use super::{changed, edit};

/// The program stands in place of NCCIA's outbound mapping.
fn refusal(program: &str) -> String {
    let loaded = changed("nccia", |folder| std::fs::write(folder.join("outbound.jq"), program).unwrap());
    match loaded {
        Ok(_) => "admitted".to_owned(),
        Err(errors) => {
            let text = errors.to_string();
            text.strip_prefix("adapters/agencies/nccia: outbound.jq: ").unwrap_or(&text).to_owned()
        }
    }
}

fn check(program: &str, expect: &str) {
    let text = refusal(program);
    let shown: String = program.chars().take(60).collect();
    assert!(text.starts_with(expect), "`{shown}`: {text}");
}

#[test]
fn recursion_and_unbounded_generators() {
    check("def f: 1 + f; f", "`def` is not admitted");
    check("def f: f; f", "`def` is not admitted");
    check("{a: (def g: .; g)}", "`def` is not admitted");
    check("[range(0; 1000000000000)]", "`range` is not admitted");
    check("last(repeat(1))", "`last` is not admitted");
    check("[repeat(.)]", "`repeat` is not admitted");
    check("[while(true; .)]", "`while` is not admitted");
    check("until(false; .)", "`until` is not admitted");
    check("[recurse]", "`recurse` is not admitted");
    check("[..]", "`..` is not admitted");
    check("reduce .[] as $x (\"a\"; . + .)", "`reduce` is not admitted");
    check("[foreach .[] as $x (0; . + 1)]", "`foreach` is not admitted");
    check("label $out | break $out", "`label` is not admitted");
    check("[limit(5; .[])]", "`limit` is not admitted");
    check("[combinations]", "`combinations` is not admitted");
    check("walk(.)", "`walk` is not admitted");
}

#[test]
fn the_outside() {
    check("env", "`env` is not admitted");
    check("$ENV", "`$ENV` is not admitted");
    check("$ENV.PATH", "`$ENV` is not admitted");
    check("input", "`input` is not admitted");
    check("[inputs]", "`inputs` is not admitted");
    check("now", "`now` is not admitted");
    check("halt", "`halt` is not admitted");
    check("debug", "`debug` is not admitted");
    check("include \"x\"; .", "the program is not readable as jq");
    check("import \"x\" as x; .", "the program is not readable as jq");
    check("input_filename", "`input_filename` is not admitted");
    check("localtime", "`localtime` is not admitted");
}

#[test]
fn silent_defaults_and_changes() {
    check(".status // \"accepted\"", "`//` is not admitted");
    check(".status //= \"accepted\"", "`//=` is not admitted");
    check(".status?", "`?` is not admitted");
    check("(.a.b)?", "`try` is not admitted");
    check("try error catch .", "`try` is not admitted");
    check("if .a then .b end", "`if without else` is not admitted");
    check("[.[] | select(.a)]", "`select` is not admitted");
    check("empty", "`empty` is not admitted");
    check("error(.)", "`error` is not admitted");
    check("first(.[])", "`first` is not admitted");
    check(".a = 1", "`=` is not admitted");
    check(".a |= 1", "`|=` is not admitted");
    check(".a += 1", "`+=` is not admitted");
    check("triage(.child.name)", "`triage(..)` is not admitted");
    check("triage(\"\\(.child.name)\")", "`triage(..)` is not admitted");
    check(".service | code(.list)", "`code(..)` is not admitted");
    check(".service | code(\"nowhere\")", "codes.csv has no list `nowhere` for this direction");
    check(".a | code(\"refusal\")", "codes.csv has no list `refusal` for this direction");
}

#[test]
fn growth() {
    check("\"a\" * 1000000000", "`* / %` is not admitted");
    check(". / \"\"", "`* / %` is not admitted");
    check(&vec![". + ."; 40].join(" | "), "the program could take more than");
    check(&vec!["[., .]"; 40].join(" | "), "the program could take more than");
    check(&vec!["(., .)"; 40].join(" | "), "the program could take more than");
    check("[.[] as $a | .[] as $b | .[] as $c | 1]", "the program could take more than");
    check("map(map(map(1)))", "the program could take more than");
    check("{(.[], .[], .[]): (.[] | .[])}", "the program could take more than");
    check(". as $m | [.[] | .[] | $m]", "the program could take more than");
}

#[test]
fn nesting_and_length() {
    check(&format!("{}.{}", "(".repeat(8_000), ")".repeat(8_000)), "the program nests too deeply");
    check(&format!("{}.{}", "[".repeat(1_000), "]".repeat(1_000)), "the program nests too deeply");
    check(&"[".repeat(16_000), "the program nests too deeply");
    check(&format!("{}1", "-".repeat(16_000)), "the program nests too deeply");
    check(&format!("{}.", ". as $x | ".repeat(1_600)), "the program nests too deeply");
    check(&format!("{}.", ".|".repeat(8_000)), "the program nests too deeply");
    check(&format!("{}.", "try ".repeat(4_000)), "`try` is not admitted");
    check(&format!("{}.", "def f: ".repeat(2_000)), "the program is not readable as jq");
    check(&format!("{}{}", " ".repeat(20_000), "."), "the program is longer than 16384 bytes");
    check("", "the program is not readable as jq");
    check("{", "the program is not readable as jq");
    check("\u{0}", "the program is not readable as jq");
}

#[test]
fn what_is_admitted_still_is() {
    for program in [
        ".",
        "{a: .b, \"c d\": .e[0], (.f): 1}",
        "[.siblings[] | {name: .name}]",
        ". as $m | .body | {x: $m.case, y: (.reasons | map(code(\"ground\")) | join(\", \"))}",
        "if .a == null then triage(\"no a\") elif .b then 1 else \"\\(.c) and \\(.d)\" end",
        "[.a, .b] + [.c] | any(. == 1) | not",
        ".sent_at[:10] | ascii_downcase | trim",
    ] {
        assert_eq!(refusal(program), "admitted", "{program}");
    }
}

#[test]
fn an_inbound_mapping_is_admitted_for_its_own_direction() {
    let loaded =
        changed("cpi", |folder| edit(&folder.join("inbound.jq"), "code(\"status\")", "code(\"risk\")"));
    let text = loaded.unwrap_err().to_string();
    assert_eq!(text, "adapters/agencies/cpi: inbound.jq: codes.csv has no list `risk` for this direction");
}

#[test]
fn the_deepest_admitted_programs_run() {
    for program in [
        format!("{}.{}", "[".repeat(100), "]".repeat(100)),
        format!("{}.", ". as $x | ".repeat(100)),
        format!("{}.", ".|".repeat(100)),
        format!("{}1", "-".repeat(100)),
        format!("{}.{}", "if true then ".repeat(100), " else . end".repeat(100)),
    ] {
        let registry =
            changed("nccia", |folder| std::fs::write(folder.join("outbound.jq"), &program).unwrap());
        let registry = registry.unwrap();
        let out = super::outgoing("nccia/examples/1-outbound.in.json", 1);
        let error = super::agency(&registry, "nccia").map_outbound(&out).unwrap_err();
        assert!(["target-invalid", "mapping-failed"].contains(&error.slug()), "{error}");
    }
}
