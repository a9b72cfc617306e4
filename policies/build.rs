//! Makes cargo notice a new or removed policy file: `include_dir` tracks contents, not the folder's list.

fn main() {
    println!("cargo:rerun-if-changed=.");
}
