//! One build of the dependencies serves `cargo run` and `cargo test --workspace`.

use std::collections::BTreeSet;
use std::process::Command;

use crate::files::root;

/// Every package a selection builds, with the features it builds it with. What was listed before is marked `(*)`.
fn built(selection: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-f", "{p}|{f}", "--prefix", "none"])
        .args(selection)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn the_tests_build_nothing_anew_that_the_program_has_built() {
    let program = built(&["-p", "weir", "-e", "normal,build"]);
    let tests = built(&["--workspace", "-e", "normal,build,dev"]);
    assert!(program.len() > 100, "the listing is not empty");
    let split: Vec<_> = program.difference(&tests).collect();
    assert!(split.is_empty(), "built once for the program and once more, with other features, for tests: {split:#?}");
}
