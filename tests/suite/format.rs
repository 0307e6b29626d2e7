//! No file, however damaged, brings anything down: neither opening it, nor checking what was opened, nor running it.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;
use weir_engine::analysis::analyse;
use weir_engine::format::{load, save};
use weir_engine::pipeline::{Edit, Setting};
use weir_engine::runtime::{ClockKind, EngineOptions, Event, RunError, StopFlag, StopRule, run_to_end};

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

/// Opens a text and runs three batches of it, as far as it lets itself be run. Whether anything ran.
fn open_and_run(text: &str) -> bool {
    let Ok(mut loaded) = load(text) else { return false };
    // However large the rates asked for: the bound on waiting rows is what keeps a batch small.
    loaded.pipeline.apply(&Edit::Set(Setting::MaxBufferedRows(2_000))).expect("the setting fits");
    let options = EngineOptions {
        clock: ClockKind::Virtual,
        threads: Some(2),
        stop: StopRule { batches: Some(3), ..StopRule::default() },
        folder: root().join("samples"),
        presented_rows: Some(10),
        glimpsed_rows: 0,
    };
    let outcome = run_to_end(&loaded.pipeline, &options, &StopFlag::new(), &mut |event| {
        if let Event::Failed { name, message, .. } = event {
            assert!(!message.contains("defect of Weir"), "{name}: {message}\n{text}");
        }
    });
    match outcome {
        Ok(outcome) => {
            assert!(outcome.batches <= 3);
            true
        }
        Err(RunError::Diagnostics(problems)) => {
            assert!(!problems.is_empty());
            false
        }
        Err(RunError::Refused(why) | RunError::Io(why)) => {
            assert!(!why.is_empty());
            false
        }
    }
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
        open_and_check(&mutated(&samples[sample.index(samples.len())], changes));
    }
}

/// One text of a sample with a few values replaced by odd ones or by values from elsewhere in it.
fn mutated(sample: &str, changes: Vec<(usize, Value)>) -> String {
    let mut value: Value = serde_json::from_str(sample).unwrap();
    for (mut at, with) in changes {
        replace(&mut value, &mut at, &with);
    }
    value.to_string()
}

/// What a parameter may well be, so that a mutated pipeline often still runs.
fn likely_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0i64..100_000).prop_map(Value::from),
        prop::sample::select(vec![
            "0",
            "1",
            "10ms",
            "7s",
            "1h",
            "word",
            "value",
            "count",
            "*",
            "''",
            "1/0",
            "cast(value as int)",
            "null",
            "a.b",
            " ",
            "(",
            "[",
            "csv",
            "json",
            "text",
            "rate",
            "fast",
            "sum",
            "collect_list",
            "median",
            "window_start",
        ])
        .prop_map(Value::from),
        odd_value(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn samples_with_values_replaced_run_or_say_why_not(
        sample in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((0usize..200, likely_value()), 1..3),
    ) {
        let samples = samples();
        open_and_run(&mutated(&samples[sample.index(samples.len())], changes));
    }
}

#[test]
fn unchanged_samples_run_by_the_same_means() {
    let ran = samples().iter().filter(|text| open_and_run(text)).count();
    // All but the one that listens to a real socket, which the virtual clock cannot drive.
    assert_eq!(ran + 1, samples().len());
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
