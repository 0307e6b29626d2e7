//! What a whole pipeline would touch if it ran, found without running it and without touching anything.
//!
//! Files that are written and variables of the environment show in the parameters of every kind; only what a kind
//! alone knows, such as an address it listens on, is asked of its node.

use serde_json::Value;

use crate::nodes;
use crate::pipeline::{NodeEntry, Pipeline};
use crate::plan::{NodeKind, Reach};
use crate::spec::{NodeId, ParamKind, is_visible, with_defaults};

/// What one node touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeReach {
    /// What it touches.
    pub reach: Reach,
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
}

/// All that the nodes of a pipeline touch, sorted by what it is. Nodes that cannot be built yet tell what their
/// parameters show.
pub fn reaches(pipeline: &Pipeline) -> Vec<NodeReach> {
    let mut found: Vec<NodeReach> = pipeline
        .nodes()
        .flat_map(|entry| {
            let of_node = |reach| NodeReach { reach, node: entry.id, name: entry.name.clone() };
            reaches_of(entry).into_iter().map(of_node)
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn reaches_of(entry: &NodeEntry) -> Vec<Reach> {
    let mut found = Vec::new();
    entry.params.values().for_each(|value| variables_in(value, &mut found));
    let Some(kind) = nodes::kind(&entry.kind) else { return found };
    found.extend(files_written(kind, entry));
    if let Ok(node) = (kind.build)(with_defaults(kind.params, &entry.params)) {
        found.extend(node.reaches());
    }
    found
}

fn files_written(kind: &NodeKind, entry: &NodeEntry) -> Vec<Reach> {
    let visible = kind.params.iter().filter(|spec| is_visible(spec, kind.params, &entry.params));
    visible
        .filter(|spec| matches!(spec.kind, ParamKind::File { writes: true, .. }))
        .filter_map(|spec| entry.params.get(spec.name)?.as_str())
        .filter(|path| !path.trim().is_empty())
        .map(|path| Reach::Writes(path.to_owned()))
        .collect()
}

/// The names in every `${env:NAME}`, however deep they lie.
fn variables_in(value: &Value, found: &mut Vec<Reach>) {
    match value {
        Value::String(text) => {
            let names = text.split("${env:").skip(1).filter_map(|rest| rest.split_once('}'));
            found.extend(names.map(|(name, _)| Reach::Environment(name.to_owned())));
        }
        Value::Array(values) => values.iter().for_each(|value| variables_in(value, found)),
        Value::Object(values) => values.values().for_each(|value| variables_in(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pipeline::Edit;

    fn pipeline(nodes: &[(&str, Value)]) -> Pipeline {
        let mut pipeline = Pipeline::new();
        for (index, (kind, params)) in nodes.iter().enumerate() {
            let id = NodeId(index as u64 + 1);
            let mut entry = NodeEntry::new(id, *kind, format!("node_{}", id.0));
            entry.params = params.as_object().cloned().unwrap_or_default();
            pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
        }
        pipeline
    }

    fn found(nodes: &[(&str, Value)]) -> Vec<Reach> {
        reaches(&pipeline(nodes)).into_iter().map(|one| one.reach).collect()
    }

    #[test]
    fn a_pipeline_of_its_own_touches_nothing() {
        assert_eq!(found(&[("source.generator", json!({})), ("sink.table", json!({}))]), []);
    }

    #[test]
    fn addresses_files_and_variables_are_told() {
        let nodes = [
            ("source.socket", json!({"mode": "listen", "port": 7_000})),
            ("sink.socket", json!({"host": "example.org", "port": 80})),
            ("sink.file", json!({"path": "out/words"})),
            ("filter", json!({"condition": "value = '${env:SECRET}'"})),
        ];
        assert_eq!(
            found(&nodes),
            [
                Reach::Writes("out/words".to_owned()),
                Reach::Listens("127.0.0.1:7000".to_owned()),
                Reach::Connects("example.org:80".to_owned()),
                Reach::Environment("SECRET".to_owned()),
            ]
        );
    }

    #[test]
    fn a_hidden_parameter_does_not_count() {
        let nodes = [("source.socket", json!({"mode": "connect", "address": "0.0.0.0"}))];
        assert_eq!(found(&nodes), [Reach::Connects("localhost:9999".to_owned())]);
    }
}
