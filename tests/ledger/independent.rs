//! Our output read by `verify.py`, which was written from the specifications and shares no code with us.
//! Here whole trees; `receipt.rs` tries receipts with their signature and commitment.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Log;

/// What the verifier says and whether it agrees. `None`, with a line on the console, where there is no
/// Python to run it.
pub fn verify_py(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut command = Command::new("python3");
    command.args(["-c", include_str!("verify.py")]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: python3 is not installed, so verify.py was not run");
            return None;
        }
        Err(error) => panic!("cannot run python3: {error}"),
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8(said).unwrap()))
}

#[test]
fn verify_py_computes_the_same_root() {
    for size in [0, 1, 7, 745] {
        let lines: String = (0..size)
            .map(|index| {
                let leaf = STANDARD.encode(format!("leaf {index}"));
                format!("{}\n", serde_json::json!({"index": index, "leaf_b64": leaf}))
            })
            .collect();
        let Some(said) = verify_py(&["tree"], &lines) else { return };
        let root = hex::encode(Log::of(size).root());
        assert_eq!(said, (true, format!("{size} {root}\n")));
    }
}

#[test]
fn verify_py_notices_a_gap() {
    let lines = "{\"index\":0,\"leaf_b64\":\"\"}\n{\"index\":2,\"leaf_b64\":\"\"}\n";
    let Some(said) = verify_py(&["tree"], lines) else { return };
    assert_eq!(said, (false, "FAILED entry 1 is missing: found 2\n".into()));
}
