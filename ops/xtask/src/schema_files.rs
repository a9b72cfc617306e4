//! The message schemas of a tree (`schemas/messages/**/v*.schema.json`), each read and given to
//! `schema_categories`, and the closed list of categories they may use.

use serde_json::Value;

use crate::Finding;
use crate::schema_categories;
use crate::tree::TextFile;

const MESSAGES: &str = "schemas/messages/";
const CATEGORIES: &str = "schemas/codelists/data_categories.csv";
pub(crate) const WHY: &str =
    "a property without a category would be shown to everyone or to nobody by accident";

/// Findings about every schema in the tree.
pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let listed = categories(files);
    let schemas = files.iter().filter(|file| is_message_schema(&file.path));
    schemas.flat_map(|file| check_one(file, &listed)).collect()
}

fn is_message_schema(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    path.starts_with(MESSAGES) && name.starts_with('v') && name.ends_with(".schema.json")
}

/// First column of the list, without its comments and its heading; empty when the tree has no list.
fn categories(files: &[TextFile]) -> Vec<String> {
    let Some(file) = files.iter().find(|file| file.path == CATEGORIES) else { return Vec::new() };
    let rows = file.text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).skip(1);
    rows.filter_map(|row| row.split(',').next()).map(|code| code.trim_matches('"').to_owned()).collect()
}

fn check_one(file: &TextFile, listed: &[String]) -> Vec<Finding> {
    match serde_json::from_str::<Value>(&file.text) {
        Ok(schema) => schema_categories::check(file, &schema, listed),
        Err(error) => vec![Finding {
            path: file.path.clone(),
            line: error.line(),
            rule: "schema-category",
            what: format!("not readable as JSON: {error}"),
            why: WHY,
            fix: "mend the file".to_owned(),
        }],
    }
}
