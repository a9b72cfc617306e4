//! Tells cargo that the embedded folders are inputs: `include_dir!` alone does not, and an edited schema
//! or code list would then not reach the program.

fn main() {
    println!("cargo::rerun-if-changed=messages");
    println!("cargo::rerun-if-changed=codelists");
}
