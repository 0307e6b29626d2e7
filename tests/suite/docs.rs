//! Documentation that follows from the code is generated from it and never stale.

use std::collections::BTreeSet;

use weir_engine::nodes::{KINDS, catalogue};

use crate::files::{below, must_be_fresh, root, text_of};

#[test]
fn the_catalogue_of_nodes_is_fresh() {
    must_be_fresh("docs/nodes.md", &catalogue::nodes_markdown());
}

#[test]
fn the_catalogue_of_functions_is_fresh() {
    must_be_fresh("docs/functions.md", &weir_engine::expr::catalogue::functions_markdown());
}

#[test]
fn the_schema_of_pipeline_files_is_fresh() {
    let schema = serde_json::to_string_pretty(&weir_engine::format::schema()).unwrap();
    must_be_fresh("docs/pipeline.schema.json", &(schema + "\n"));
}

#[test]
fn the_catalogue_tells_every_kind_with_all_its_ports_and_parameters() {
    let markdown = catalogue::nodes_markdown();
    let json = catalogue::nodes_json();
    for (kind, data) in KINDS.iter().zip(json.as_array().unwrap()) {
        assert!(markdown.contains(&format!("`{}`", kind.id)), "{} is not in the text", kind.id);
        assert!(markdown.contains(kind.summary), "the summary of {} is not in the text", kind.id);
        assert_eq!(data["id"], kind.id);
        assert_eq!(data["params"].as_array().unwrap().len(), kind.params.len());
        assert_eq!(data["inputs"].as_array().unwrap().len(), kind.inputs.len());
        assert_eq!(data["outputs"].as_array().unwrap().len(), kind.outputs.len());
        for param in kind.params {
            assert!(markdown.contains(&format!("`{}`", param.name)), "{}.{} is not in the text", kind.id, param.name);
        }
    }
}

/// The names of all tests of the workspace.
fn tests() -> BTreeSet<String> {
    let files = ["app", "engine", "tests"].into_iter().flat_map(|folder| below(folder, ".rs"));
    let texts: Vec<_> = files.map(|file| text_of(&root().join(file))).collect();
    let marked = texts.iter().flat_map(|text| text.split("#[test]").skip(1));
    let name = |rest: &str| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned());
    marked.filter_map(name).collect()
}

#[test]
fn every_promise_of_the_designer_names_tests_that_exist() {
    let (page, known) = (text_of(&root().join("docs/designer.md")), tests());
    let promises: Vec<_> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Promise")).collect();
    assert!(promises.len() > 60, "the tables are found");
    let mut held = BTreeSet::new();
    for promise in promises {
        let cells: Vec<_> = promise.trim_matches('|').split(" | ").collect();
        let [_, by] = cells[..] else { panic!("a promise and what holds it: {promise}") };
        let names: Vec<_> = by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test holds: {promise}");
        for name in names {
            assert!(known.contains(name), "there is no test `{name}`");
            held.insert(name);
        }
    }
    assert!(held.len() > 120, "{}", held.len());
}
