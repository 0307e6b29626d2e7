//! No file, however damaged, brings anything down: neither opening it nor checking what was opened.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;
use weir_engine::analysis::analyse;
use weir_engine::format::{load, save};

use crate::files::{below, root, text_of};

fn samples() -> Vec<String> {
    below("samples", ".weir.json").iter().map(|path| text_of(&root().join(path))).collect()
}

/// Opens a text if it can be opened, and then does all that is done with a document before it runs.
fn open_and_check(text: &str) {
    let Ok(loaded) = load(text) else { return };
    let analysis = analyse(&loaded.pipeline, Path::new("."));
    for problem in &analysis.diagnostics {
        assert!(!problem.message.trim().is_empty(), "a problem without words");
    }
    let saved = save(&loaded.pipeline);
    assert_eq!(save(&load(&saved).expect("what was saved opens").pipeline), saved);
}

/// Puts a value in place of one of the document's own, the `at`-th in reading order.
fn replace(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, at, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::from("")),
        Just(Value::from("(((((")),
        Just(Value::from("99999999d")),
        Just(Value::Array(Vec::new())),
        Just(serde_json::json!([{}])),
        Just(serde_json::json!({"a": {"b": []}})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_with_bytes_flipped_or_cut_off_never_panic(
        sample in any::<prop::sample::Index>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let samples = samples();
        let mut bytes = samples[sample.index(samples.len())].clone().into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        open_and_check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn samples_with_values_replaced_never_panic(
        sample in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((0usize..200, odd_value()), 1..4),
    ) {
        let samples = samples();
        let mut value: Value = serde_json::from_str(&samples[sample.index(samples.len())]).unwrap();
        for (mut at, with) in changes {
            replace(&mut value, &mut at, &with);
        }
        open_and_check(&value.to_string());
    }
}

#[test]
fn every_kind_with_every_parameter_of_a_wrong_type_is_told_not_crashed() {
    let wrong = [Value::Null, Value::from(-1), Value::from("??"), Value::from(true), serde_json::json!([[]])];
    for kind in weir_engine::nodes::KINDS {
        for value in &wrong {
            let params: serde_json::Map<_, _> =
                kind.params.iter().map(|param| (param.name.to_owned(), value.clone())).collect();
            let file = serde_json::json!({"weir": 1, "nodes": {"n1": {"kind": kind.id, "params": params}}});
            open_and_check(&file.to_string());
        }
    }
}

#[test]
fn a_kind_from_the_future_opens_is_reported_and_kept() {
    let text = r#"{"weir": 1, "nodes": {"n1": {"kind": "sink.hologram", "params": {"colour": "blue"}}}}"#;
    let loaded = load(text).unwrap();
    let analysis = analyse(&loaded.pipeline, Path::new("."));
    assert!(!analysis.is_runnable());
    assert!(analysis.diagnostics.iter().any(|problem| problem.message.contains("sink.hologram")));
    let saved: Value = serde_json::from_str(&save(&loaded.pipeline)).unwrap();
    assert_eq!(saved["nodes"]["n1"]["params"]["colour"], "blue");
}
