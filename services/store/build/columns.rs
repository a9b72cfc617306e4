//! The columns that the migrations make, and how `disclosure.toml` classifies them. It knows the few
//! statements that migrations are written in, and no SQL besides: a test compares it with databases that
//! were really made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Columns by table; a table's name may stand in the main store or beside it, never in both.
pub type Columns = BTreeSet<(String, String)>;

/// One folder per engine and store.
const FOLDERS: [&str; 4] = ["sqlite", "keys_sqlite", "postgres", "keys_postgres"];
/// What a column may hold. Nothing about a child in clear is among them.
pub const CLASSES: [&str; 5] = ["public", "coded", "pseudonym", "sealed", "work"];
/// Words that begin a constraint, not a column.
const CONSTRAINTS: [&str; 6] = ["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT", "EXCLUDE"];

/// Compares the migrations of both engines with the list.
pub fn check(store: &Path) -> Result<(), String> {
    let listed = listed(&read(&store.join("disclosure.toml"))?)?;
    for folder in FOLDERS {
        let made = made(&store.join("migrations").join(folder))?;
        if let Some((table, column)) = made.iter().find(|column| !listed.contains_key(*column)) {
            return Err(format!(
                "services/store/migrations/{folder}: the column `{table}.{column}` is not classified; add \
                 `{column} = \"<class>: <why>\"` under [{table}] of services/store/disclosure.toml, the \
                 class being one of {}",
                CLASSES.join(", ")
            ));
        }
    }
    let mut all = Columns::new();
    for folder in FOLDERS {
        all.extend(made(&store.join("migrations").join(folder))?);
    }
    match listed.keys().find(|column| !all.contains(*column)) {
        Some((table, column)) => Err(format!(
            "services/store/disclosure.toml classifies `{table}.{column}`, which no migration makes; \
             remove it"
        )),
        None => Ok(()),
    }
}

/// The list: `[table]`, then `column = "class: why"`, one per line.
pub fn listed(text: &str) -> Result<BTreeMap<(String, String), String>, String> {
    let mut table = String::new();
    let mut found = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let wrong = |what: &str| format!("services/store/disclosure.toml:{number}: {what}");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut table);
            continue;
        }
        let (column, said) = line.split_once(" = ").ok_or_else(|| wrong("write column = \"class: why\""))?;
        let (class, why) = said.trim_matches('"').split_once(": ").ok_or_else(|| wrong("a class and why"))?;
        if !CLASSES.contains(&class) || why.trim().len() < 3 {
            return Err(wrong(&format!("the class is one of {}, with a reason", CLASSES.join(", "))));
        }
        if found.insert((table.clone(), column.to_owned()), class.to_owned()).is_some() {
            return Err(wrong("the column stands here twice"));
        }
    }
    Ok(found)
}

/// What all migrations of a folder leave, in their order.
fn made(folder: &Path) -> Result<Columns, String> {
    let mut columns = Columns::new();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut steps: Vec<_> = entries.flatten().map(|entry| entry.path().join("up.sql")).collect();
    steps.sort();
    for step in steps {
        apply(&read(&step)?, &mut columns);
    }
    Ok(columns)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What one migration does to the columns.
pub fn apply(sql: &str, columns: &mut Columns) {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text: Vec<&str> = lines.collect();
    for statement in text.join("\n").split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
        let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
        let word = |at: usize| words.get(at).map(|word| plain(word)).unwrap_or_default();
        match upper.as_slice() {
            ["CREATE", "TABLE", "IF", "NOT", "EXISTS", ..] => create(&word(5), statement, columns),
            ["CREATE", "UNLOGGED", "TABLE", ..] => create(&word(3), statement, columns),
            ["CREATE", "TABLE", ..] => create(&word(2), statement, columns),
            ["DROP", "TABLE", "IF", "EXISTS", ..] => columns.retain(|(table, _)| *table != word(4)),
            ["DROP", "TABLE", ..] => columns.retain(|(table, _)| *table != word(2)),
            ["ALTER", "TABLE", _, "ADD", "COLUMN", ..] => _ = columns.insert((word(2), word(5))),
            ["ALTER", "TABLE", _, "DROP", "COLUMN", ..] => _ = columns.remove(&(word(2), word(5))),
            ["ALTER", "TABLE", _, "RENAME", "COLUMN", _, "TO", ..] => {
                columns.remove(&(word(2), word(5)));
                columns.insert((word(2), word(7)));
            }
            ["ALTER", "TABLE", _, "RENAME", "TO", ..] => rename(&word(2), &word(5), columns),
            _ => {}
        }
    }
}

fn create(table: &str, statement: &str, columns: &mut Columns) {
    let inside = statement.split_once('(').map(|(_, rest)| rest).unwrap_or_default();
    let inside = inside.rsplit_once(')').map_or(inside, |(inside, _)| inside);
    let mut depth = 0_usize;
    let parts = inside.split(move |letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    for part in parts {
        let first = part.split_whitespace().next().map(plain).unwrap_or_default();
        if !first.is_empty() && !CONSTRAINTS.contains(&first.to_uppercase().as_str()) {
            columns.insert((table.to_owned(), first));
        }
    }
}

fn rename(from: &str, to: &str, columns: &mut Columns) {
    let moved: Vec<_> = columns.iter().filter(|(table, _)| table == from).cloned().collect();
    for (table, column) in moved {
        columns.insert((to.to_owned(), column.clone()));
        columns.remove(&(table, column));
    }
}

/// A name without quotes and what is stuck to it.
fn plain(word: &str) -> String {
    word.trim_matches('"').split('(').next().unwrap_or_default().trim_matches('"').to_owned()
}
