//! The samples are pipelines anyone may start from: whole, clean, and written as Weir writes.

use weir_engine::analysis::analyse;
use weir_engine::format::{open, save};

use crate::files::{below, must_be_fresh, root};

const NAMES: &[&str] = &[
    "access_log",
    "active_users",
    "ad_clicks",
    "duplicates",
    "late_data",
    "network_word_count",
    "orders_to_database",
    "overload",
    "running_word_count",
    "sensors",
    "sentiment",
    "sessions",
    "sql_join",
    "top_tags",
    "windowed_word_count",
    "word_count",
];

#[test]
fn all_samples_are_there() {
    let found: Vec<_> = below("samples", ".weir.json").iter().map(|path| path.to_string_lossy().into_owned()).collect();
    for name in NAMES {
        assert!(found.contains(&format!("samples/{name}.weir.json")), "{name} is missing");
    }
}

#[test]
fn samples_open_and_are_saved_byte_for_byte_as_they_are() {
    for path in below("samples", ".weir.json") {
        let loaded = open(root().join(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(loaded.warnings, Vec::<String>::new(), "{}", path.display());
        must_be_fresh(&path.to_string_lossy(), &save(&loaded.pipeline));
    }
}

#[test]
fn samples_have_no_problems() {
    for path in below("samples", ".weir.json") {
        let loaded = open(root().join(&path)).unwrap();
        let analysis = analyse(&loaded.pipeline, &root().join("samples"));
        assert!(analysis.diagnostics.is_empty(), "{}: {:#?}", path.display(), analysis.diagnostics);
    }
}

#[test]
fn samples_explain_themselves_in_a_frame() {
    for path in below("samples", ".weir.json") {
        let pipeline = open(root().join(&path)).unwrap().pipeline;
        let frame = pipeline.frames().next().unwrap_or_else(|| panic!("{} has no frame", path.display()));
        assert!(!frame.title.is_empty() && frame.note.len() > 40, "{} does not explain itself", path.display());
    }
}

#[test]
fn nodes_of_samples_do_not_overlap() {
    for path in below("samples", ".weir.json") {
        let pipeline = open(root().join(&path)).unwrap().pipeline;
        let nodes: Vec<_> = pipeline.nodes().collect();
        for (index, one) in nodes.iter().enumerate() {
            for other in &nodes[index + 1..] {
                let (dx, dy) = ((one.position.x - other.position.x).abs(), (one.position.y - other.position.y).abs());
                assert!(dx >= 200.0 || dy >= 130.0, "{}: {} lies on {}", path.display(), one.name, other.name);
            }
        }
    }
}
