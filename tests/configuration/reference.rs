//! The reference is what the declarations say, and the lists in it are those of their owners.

use super::place::{Place, root};

#[test]
fn the_reference_is_up_to_date() {
    let said = Place::bare("").run(&["config", "print", "--reference"], &[]);
    let page = std::fs::read_to_string(root().join("ops/docs/configuration.md")).unwrap_or_default();
    assert_eq!(said.code, Some(0));
    assert!(
        said.out == page,
        "ops/docs/configuration.md is not what the program says; write it again with \
         `cargo run -- config print --reference > ops/docs/configuration.md`"
    );
}

#[test]
fn roles_are_those_of_the_policies() {
    let schema = std::fs::read_to_string(root().join("policies/amaan.cedarschema")).unwrap();
    let (_, rest) = schema.split_once("entity Role enum [").unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    let roles: Vec<String> =
        list.split(',').map(|role| format!("`{}`", role.trim().trim_matches('"'))).collect();
    let page = Place::bare("").run(&["config", "print", "--reference"], &[]).out;
    assert!(page.contains(&format!("Each role: {}.\n", roles.join(", "))));
}
