//! Where the files come from: embedded in the program, or a folder that an operator approved. Reading only;
//! what the bytes mean is decided elsewhere.

use std::{collections::BTreeMap, fs, path::Path};

use include_dir::{Dir, include_dir};

use crate::LoadError;

static MESSAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/messages");
static CODELISTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/codelists");
/// `messages/<name>/<file>` is two levels below its folder; nothing deeper is read.
const FOLDER_DEPTH_MAX: u8 = 2;

/// Path under the schemas folder (with `/`) to content.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn embedded() -> Files {
    let mut files = Files::new();
    take_embedded("messages", &MESSAGES, &mut files);
    take_embedded("codelists", &CODELISTS, &mut files);
    files
}

/// The files under `folder/messages` and `folder/codelists`.
pub(crate) fn folder(folder: &Path) -> Result<Files, LoadError> {
    let mut files = Files::new();
    for name in ["messages", "codelists"] {
        read_folder(name, &folder.join(name), FOLDER_DEPTH_MAX, &mut files)?;
    }
    Ok(files)
}

fn take_embedded(prefix: &str, dir: &Dir<'static>, files: &mut Files) {
    for file in dir.files().filter(|file| wanted(file.path())) {
        files.insert(format!("{prefix}/{}", file.path().to_string_lossy()), file.contents().to_vec());
    }
    for below in dir.dirs() {
        take_embedded(prefix, below, files);
    }
}

fn read_folder(prefix: &str, dir: &Path, depth_left: u8, files: &mut Files) -> Result<(), LoadError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| LoadError::Read { path, source }
    };
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let path = entry.map_err(failed(dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}/{name}");
        if path.is_dir() && depth_left > 1 {
            read_folder(&name, &path, depth_left - 1, files)?;
        } else if path.is_file() && wanted(&path) {
            files.insert(name, fs::read(&path).map_err(failed(&path))?);
        }
    }
    Ok(())
}

/// Examples are for people and tests; the program carries schemas and lists only.
fn wanted(path: &Path) -> bool {
    let is_example = path.components().any(|part| part.as_os_str() == "examples");
    let kind = path.extension().and_then(|extension| extension.to_str());
    !is_example && matches!(kind, Some("json" | "csv"))
}
