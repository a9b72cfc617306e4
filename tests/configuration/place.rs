//! A folder of its own for each run of the program, with keys and a credential that are in order.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every file here calls its secrets; the program may never print one.
pub const SECRETS: [&str; 3] = ["hunter2", "5ec2e7", "PRIVATE KEY"];

/// The program, built beside the tests.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let beside = tests.ancestors().skip(1).map(|folder| folder.join("amaan"));
    beside.take(3).find(|program| program.is_file()).expect(
        "the program `amaan` is not beside the tests: build it first with `cargo build` (ops/test does)",
    )
}

/// The repository's root.
pub fn root() -> &'static Path {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.find(|folder| folder.join("ops/examples/amaan.toml").is_file()).unwrap()
}

/// A folder that goes away.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// With this text as `amaan.toml`, and nothing else.
    pub fn bare(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("amaan.toml"), text).unwrap();
        Self { folder }
    }

    /// With keys and a credential too.
    pub fn furnished(text: &str) -> Self {
        let place = Self::bare(text);
        place.secret("keys/root.key", &"5ec2e7ff".repeat(8));
        place.secret("keys/ledger.key", &seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8()));
        place.secret("credentials/cpi", "hunter2\n");
        place
    }

    /// Writes a file that only its owner can read.
    pub fn secret(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        self.mode(&path, 0o600);
    }

    pub fn mode(&self, path: impl AsRef<Path>, mode: u32) {
        let path = self.folder.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The program, to be run here with nothing of the tests' own environment.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(words).current_dir(self.folder.path()).env_clear();
        command
    }

    /// Runs it to its end: exit code, stdout, stderr. No secret is in either.
    pub fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Said {
        let output = self.command(words).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let said = Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        for secret in SECRETS {
            assert!(!said.out.contains(secret) && !said.err.contains(secret), "a secret was printed");
        }
        said
    }
}

/// What a run of the program said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// For a snapshot of several.
    pub fn told(&self, of: &str) -> String {
        format!("== {of}: exit {}\n{}\n", self.code.unwrap(), self.err)
    }
}

/// Compares with `snapshots/NAME.snap`, whatever test binary this is part of.
pub fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}
