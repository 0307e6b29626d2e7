//! Every kind of node has an example that runs by itself, and so has every format of files; each gives what lies beside
//! it.

use std::collections::BTreeSet;
use std::path::Path;

use weir_engine::format::open;
use weir_engine::nodes::KINDS;
use weir_engine::plan::Category;

use crate::cli::weir;
use crate::files::{below, must_be_fresh, root};

const FOLDER: &str = "samples/kinds";

#[test]
fn the_examples_give_what_lies_beside_them() {
    let formats = below("samples/formats", ".weir.json");
    for path in below(FOLDER, ".weir.json").into_iter().chain(formats) {
        let file = root().join(&path);
        let answer = weir(&["run", file.to_str().unwrap(), "--fast", "--until-done", "--flush"]);
        assert!(answer.err.is_empty(), "{}: {}", path.display(), answer.err);
        let beside = path.to_string_lossy().replace(".weir.json", ".txt");
        must_be_fresh(&beside, &answer.out);
    }
}

#[test]
fn every_format_has_an_example() {
    let names: Vec<String> = below("samples/formats", ".weir.json").iter().map(|path| kind_of(path)).collect();
    assert_eq!(names, ["arrow", "csv", "gzip", "json_nested", "parquet", "zstd"]);
}

#[test]
fn every_kind_that_works_on_rows_has_an_example_that_is_named_after_it() {
    let named: BTreeSet<String> = below(FOLDER, ".weir.json").iter().map(|path| kind_of(path)).collect();
    for kind in KINDS.iter().filter(|kind| !matches!(kind.category, Category::Source | Category::Sink)) {
        assert!(named.contains(kind.id), "write {FOLDER}/{}.weir.json", kind.id);
    }
    for path in below(FOLDER, ".weir.json") {
        let pipeline = open(root().join(&path)).unwrap().pipeline;
        let shows_it = pipeline.nodes().any(|node| node.kind == kind_of(&path));
        assert!(shows_it, "{} does not show its kind", path.display());
    }
}

fn kind_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().replace(".weir.json", "")
}
