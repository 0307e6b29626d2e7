//! Modes, tints and subflows in files: written only where they say something, read with mercy where they only arrange.

use crate::format::{load, save};
use crate::pipeline::{NodeMode, SubflowId, Tint};
use crate::spec::NodeId;

const FOLDED: &str = r#"{
  "weir": 2,
  "nodes": {
    "n1": {
      "kind": "source.generator",
      "name": "lines"
    },
    "n2": {
      "kind": "filter",
      "mode": "bypassed",
      "name": "kept"
    },
    "n3": {
      "kind": "sink.table",
      "mode": "muted",
      "name": "shown"
    }
  },
  "wires": [
    {"from": "n1.out", "to": "n2.in"},
    {"from": "n2.out", "to": "n3.in"}
  ],
  "layout": {
    "frames": {
      "f4": {
        "position": [0, 0],
        "size": [400, 200],
        "subflow": "s5",
        "tint": "green",
        "title": "Cleaning"
      }
    },
    "nodes": {
      "n1": [0, 0],
      "n2": [240, 0],
      "n3": [480, 0]
    },
    "subflows": {
      "s5": {
        "name": "clean",
        "nodes": ["n2"],
        "position": [240, 0]
      },
      "s6": {
        "name": "inner",
        "nodes": ["n3"],
        "parent": "s5",
        "position": [10, 20]
      }
    }
  }
}
"#;

#[test]
fn modes_tints_and_subflows_are_read_and_written_to_the_byte() {
    let loaded = load(FOLDED).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let pipeline = loaded.pipeline;
    let node = |id| pipeline.node(NodeId(id)).unwrap();
    assert_eq!((node(1).mode, node(2).mode, node(3).mode), (NodeMode::On, NodeMode::Bypassed, NodeMode::Muted));
    assert_eq!((node(1).subflow, node(2).subflow), (None, Some(SubflowId(5))));
    assert_eq!(pipeline.subflow(SubflowId(6)).unwrap().parent, Some(SubflowId(5)));
    let frame = pipeline.frames().next().unwrap();
    assert_eq!((frame.tint, frame.subflow), (Tint::Green, Some(SubflowId(5))));
    assert_eq!(save(&pipeline), FOLDED);
    let mut pipeline = pipeline;
    assert_eq!(pipeline.fresh_id(), NodeId(7), "ids of subflows are taken too");
}

/// An older version would let every node work: it must not open such a file. Folding and colour it may overlook.
#[test]
fn a_file_names_the_oldest_version_that_computes_the_same() {
    let working = FOLDED.replace("      \"mode\": \"bypassed\",\n", "").replace("      \"mode\": \"muted\",\n", "");
    let saved = save(&load(&working).unwrap().pipeline);
    assert!(saved.starts_with("{\n  \"weir\": 1,"), "{saved}");
    assert!(saved.contains("\"subflows\""));
}

#[test]
fn a_mode_that_is_not_known_is_refused_with_its_place() {
    let error = load(&FOLDED.replace("\"muted\"", "\"asleep\"")).unwrap_err().to_string();
    assert!(error.contains("nodes.n3.mode") && error.contains("\"bypassed\""), "{error}");
}

#[test]
fn folding_that_does_not_fit_is_mended_with_a_warning() {
    for (from, to, words) in [
        ("\"parent\": \"s5\"", "\"parent\": \"s9\"", "s6 lies in s9, which does not exist"),
        ("[\"n3\"]", "[\"n2\"]", "lies in s5 already"),
        ("[\"n3\"]", "[\"n8\"]", "holds n8, which does not exist"),
        ("\"tint\": \"green\"", "\"tint\": \"beige\"", "not a colour"),
        ("\"subflow\": \"s5\"", "\"subflow\": \"s7\"", "a frame lies in s7"),
    ] {
        let loaded = load(&FOLDED.replace(from, to)).unwrap();
        assert!(loaded.warnings.iter().any(|warning| warning.contains(words)), "{words}: {:?}", loaded.warnings);
        let again = load(&save(&loaded.pipeline)).unwrap();
        assert_eq!((again.warnings, save(&again.pipeline)), (Vec::new(), save(&loaded.pipeline)));
    }
    // A circle of subflows is opened up rather than followed for ever.
    let circle = FOLDED.replace("\"name\": \"clean\",", "\"name\": \"clean\", \"parent\": \"s6\",");
    let pipeline = load(&circle).unwrap().pipeline;
    assert!(pipeline.subflow_path(Some(SubflowId(6))).len() <= 2);
}
