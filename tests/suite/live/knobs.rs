//! Every parameter of every node in every sample is turned while it runs: nothing crashes, and a preview says each time
//! what then happens (see [`VirtualRun::replace`]).

use serde_json::{Value, json};
use weir_engine::analysis::reaches;
use weir_engine::format::open;
use weir_engine::nodes::kind;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::Category;
use weir_engine::spec::{ParamKind, ParamSpec, Params, duration};

use crate::files::{below, root};
use crate::support::VirtualRun;

/// Other values a person may choose; some will be refused.
fn others(spec: &ParamSpec, now: Option<&Value>) -> Vec<Value> {
    let now = now.cloned().or_else(|| spec.default.to_json()).unwrap_or(Value::Null);
    match spec.kind {
        ParamKind::Integer { min, max } => {
            let near = now.as_i64().unwrap_or(min).saturating_add(1);
            vec![json!(near.clamp(min, max)), json!(min)]
        }
        ParamKind::Port => vec![json!(9_998), json!(1)],
        ParamKind::Number { min, max, .. } => vec![json!((now.as_f64().unwrap_or(min) * 2.0 + 1.0).clamp(min, max))],
        ParamKind::Duration { min_millis, max_millis } => {
            let millis = now.as_str().and_then(|text| duration::parse(text).ok()).map_or(1_000, |span| span.0 / 1_000);
            [millis * 3, millis / 2].map(|millis| json!(format!("{}ms", millis.clamp(min_millis, max_millis)))).to_vec()
        }
        ParamKind::Toggle => vec![json!(!now.as_bool().unwrap_or_default())],
        ParamKind::Choice { options } => options.iter().map(|option| json!(option.value)).collect(),
        ParamKind::Columns { .. } => vec![json!([])],
        ParamKind::Rows { .. } => now.as_array().map(|rows| json!(rows[..rows.len().min(1)])).into_iter().collect(),
        ParamKind::Expression { .. } => vec![json!("1 = 1"), Value::Null],
        ParamKind::Text
        | ParamKind::Code { .. }
        | ParamKind::Column { .. }
        | ParamKind::Secret
        | ParamKind::File { .. } => {
            vec![Value::Null]
        }
    }
}

fn with(pipeline: &Pipeline, entry: &NodeEntry, param: &str, value: Value) -> Pipeline {
    let value = if value.is_null() { None } else { Some(value) };
    let mut edited = pipeline.clone();
    edited.apply(&Edit::SetParam { node: entry.id, param: param.to_owned(), value }).unwrap();
    edited
}

fn is_live(pipeline: &Pipeline) -> bool {
    let of_kind =
        |entry: &NodeEntry| ["source.generator", "source.inline", "source.replay"].contains(&entry.kind.as_str());
    let is_source = |entry: &&NodeEntry| kind(&entry.kind).is_some_and(|kind| kind.category == Category::Source);
    !pipeline.nodes().filter(is_source).all(of_kind)
}

/// Turns one parameter there and back. Gives how many values were taken.
fn turn(run: &mut VirtualRun, pipeline: &Pipeline, entry: &NodeEntry, spec: &ParamSpec, params: &Params) -> usize {
    let mut taken = 0;
    for value in others(spec, params.get(spec.name)) {
        let edited = with(pipeline, entry, spec.name, value.clone());
        if run.replace(&edited).is_err() {
            continue;
        }
        taken += 1;
        for pipeline in [None, Some(pipeline)] {
            if let Some(pipeline) = pipeline {
                run.replace(pipeline).expect("it was accepted before");
            }
            let batch = run.step();
            let crashed = |(_, message): &&(String, String)| message.contains("defect of Weir");
            let crash = batch.failures.iter().find(crashed);
            assert!(crash.is_none(), "{}.{} = {value}: {crash:?}", entry.name, spec.name);
        }
    }
    taken
}

#[test]
fn every_parameter_of_the_samples_may_be_turned_while_it_runs() {
    let mut taken = 0;
    for path in below("samples", ".weir.json") {
        let pipeline = open(root().join(&path)).unwrap().pipeline;
        // Nothing is written into the samples' own folder.
        if is_live(&pipeline) || !reaches(&pipeline).is_empty() {
            continue;
        }
        let mut run = VirtualRun::start(&pipeline, 1);
        run.steps(2);
        for entry in pipeline.nodes() {
            let kind = kind(&entry.kind).unwrap();
            if kind.category == Category::Sink {
                continue;
            }
            for spec in kind.params {
                taken += turn(&mut run, &pipeline, entry, spec, &entry.params);
            }
        }
    }
    assert!(taken > 100, "{taken}");
}
