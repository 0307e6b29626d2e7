//! Documentation that follows from the code is generated from it and never stale.

use weir_engine::nodes::{KINDS, catalogue};

use crate::files::must_be_fresh;

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
