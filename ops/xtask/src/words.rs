//! Words that may not stand in Rust code: left-overs, talk to the terminal from a library, clocks and
//! pauses inside rules, silent lint switches. Text and documentation are free; only code counts, and
//! comments for the left-overs.

use crate::Finding;
use crate::rust_text;
use crate::tree::TextFile;

/// A group of words with one reason.
struct Group {
    rule: &'static str,
    words: &'static [&'static str],
    /// Whether comments are searched instead of code.
    in_comments: bool,
    /// Folders (or files) where the words are at home.
    at_home: &'static [&'static str],
    why: &'static str,
    fix: &'static str,
}

const GROUPS: &[Group] = &[
    Group {
        rule: "unfinished",
        words: &["todo!", "unimplemented!", "dbg!", "#[ignore"],
        in_comments: false,
        at_home: &[],
        why: "what is merged is finished, and a test that does not run proves nothing",
        fix: "finish it, or leave it out and say so in an issue",
    },
    Group {
        rule: "unfinished",
        words: &["TODO", "FIXME", "XXX"],
        in_comments: true,
        at_home: &[],
        why: "a note to oneself in the code is read by nobody",
        fix: "finish it, or open an issue and delete the note",
    },
    Group {
        rule: "talk",
        words: &["println!", "print!", "eprintln!", "eprint!"],
        in_comments: false,
        at_home: &["services/amaan/", "ops/xtask/", "ops/bench.d/", "tests/", "build.rs"],
        why: "a library that prints cannot be silenced, and a child's detail may be in what it prints",
        fix: "return it, or log ids with tracing where it is handled",
    },
    Group {
        rule: "clock",
        words: &["Utc::now", "Local::now", "SystemTime::now", "sleep", "sleep_until"],
        in_comments: false,
        at_home: &[],
        why: "rules get the time as an argument; a pause of a guessed length is slow and flaky",
        fix: "take `Now` or a `TimeSource`; wait for an event, a channel or a deadline",
    },
    Group {
        rule: "allow",
        words: &["#[allow(", "#![allow("],
        in_comments: false,
        at_home: &[],
        why: "a lint switched off in silence stays off after its reason is gone",
        fix: "`#[expect(lint, reason = \"...\")]`",
    },
];

/// Findings about one file; none when it is not Rust.
pub(crate) fn check(file: &TextFile) -> Vec<Finding> {
    if file.extension() != "rs" {
        return Vec::new();
    }
    let split = rust_text::split(&file.text);
    let mut findings = Vec::new();
    for group in GROUPS.iter().filter(|group| !is_at_home(group, &file.path)) {
        let text = if group.in_comments { &split.comments } else { &split.code };
        for (index, line) in text.lines().enumerate() {
            let stands_here = |word: &&&str| stands_in(line, word);
            if let Some(word) = group.words.iter().find(stands_here) {
                findings.push(finding(file, index + 1, group, word));
            }
        }
    }
    findings
}

fn is_at_home(group: &Group, path: &str) -> bool {
    group.at_home.iter().any(|home| path.starts_with(home) || path.ends_with(&format!("/{home}")))
}

/// Whether `word` stands in `line` on its own, not as a part of a longer name.
fn stands_in(line: &str, word: &str) -> bool {
    let of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let open_start = !word.starts_with(of_a_name) || !before.is_some_and(of_a_name);
        open_start && (!word.ends_with(of_a_name) || !after.is_some_and(of_a_name))
    })
}

fn finding(file: &TextFile, line: usize, group: &Group, word: &str) -> Finding {
    Finding {
        path: file.path.clone(),
        line,
        rule: group.rule,
        what: format!("`{word}`"),
        why: group.why,
        fix: group.fix.to_owned(),
    }
}
