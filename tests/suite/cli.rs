//! The command line as a person types it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use weir::cli::{Console, Exit, Started, execute};
use weir_engine::format;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::spec::{PortRef, WireKey};

/// What a command gave, what it said, and how it ended.
#[derive(Debug)]
pub struct Answer {
    pub out: String,
    pub err: String,
    pub exit: Exit,
}

/// Types a command.
pub fn weir(args: &[&str]) -> Answer {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console { out: &mut out, err: &mut err, catches_interrupts: false };
    let started = execute(std::iter::once("weir").chain(args.iter().copied()), &mut console);
    let Started::Ended(exit) = started else { panic!("the designer was opened") };
    Answer { out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap(), exit }
}

/// A folder with a pipeline in it: two typed batches of words, shown as they are.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.save(&pipeline());
        desk
    }

    fn save(&self, pipeline: &Pipeline) {
        std::fs::write(self.file(), format::save(pipeline)).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.path("words.weir.json")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Answer {
        let file = self.file();
        let mut all = vec!["run", text(&file)];
        all.extend(args);
        weir(&all)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    let source = pipeline.fresh_id();
    let mut lines = NodeEntry::new(source, "source.inline", "lines");
    lines.params.insert("batches".to_owned(), json!(r#"[["a b", "a"], [], ["c"]]"#));
    let sink = pipeline.fresh_id();
    for edit in [
        Edit::AddNode(Box::new(lines)),
        Edit::AddNode(Box::new(NodeEntry::new(sink, "sink.table", "shown"))),
        Edit::Connect(WireKey::new(PortRef::new(source, "out"), PortRef::new(sink, "in"))),
    ] {
        pipeline.apply(&edit).unwrap();
    }
    pipeline
}

#[test]
fn a_run_prints_every_batch_under_a_heading() {
    let answer = Desk::new().run(&["--fast", "--until-done"]);
    assert_eq!(answer.exit, Exit::Done, "{answer:?}");
    let first = "-------------------------------------------\nTime: 2026-01-01T00:00:01Z  shown\n-------------------------------------------\nvalue\na b\na\n\n";
    assert!(answer.out.starts_with(first), "{}", answer.out);
    assert!(answer.out.contains("value\nc\n"), "{}", answer.out);
    assert_eq!(answer.err, "");
}

#[test]
fn a_run_in_json_is_one_object_per_batch_and_sink_and_the_same_every_time() {
    let desk = Desk::new();
    let answer = desk.run(&["--fast", "--until-done", "--json"]);
    let expected =
        r#"{"batch":0,"time":"2026-01-01T00:00:01Z","node":"shown","columns":["value"],"rows":[["a b"],["a"]]}"#;
    assert_eq!(answer.out.lines().next(), Some(expected));
    for line in answer.out.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    assert_eq!(desk.run(&["--fast", "--until-done", "--json", "--threads", "3"]).out, answer.out);
}

#[test]
fn the_stop_rule_counts_batches() {
    let desk = Desk::new();
    let metrics = desk.path("metrics.jsonl");
    let answer = desk.run(&["--fast", "--batches", "2", "--interval", "500ms", "--metrics", text(&metrics)]);
    assert_eq!(answer.exit, Exit::Done, "{answer:?}");
    let written = std::fs::read_to_string(metrics).unwrap();
    let reports: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(reports.len(), 2, "{written}");
    assert_eq!(reports[0]["batch"], 0);
    assert_eq!(reports[0]["interval_us"], 500_000);
    assert_eq!(reports[0]["input_rows"], 2);
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md")).unwrap();
    for field in reports[0].as_object().unwrap().keys().chain(reports[0]["nodes"][0].as_object().unwrap().keys()) {
        assert!(page.contains(&format!("`{field}`")), "docs/metrics.md does not explain {field}");
    }
}

#[test]
fn a_parameter_can_be_set_for_one_run() {
    let answer = Desk::new().run(&["--fast", "--until-done", "--set", r#"lines.batches=[["only this"]]"#]);
    assert!(answer.out.contains("only this") && !answer.out.contains("a b"), "{answer:?}");
}

#[test]
fn a_setting_of_the_pipeline_can_be_set_for_one_run() {
    let desk = Desk::new();
    let metrics = desk.path("metrics.jsonl");
    let args = ["--fast", "--until-done", "--set", "interval=250ms", "--metrics", text(&metrics)];
    assert_eq!(desk.run(&args).exit, Exit::Done);
    let first: Value = serde_json::from_str(std::fs::read_to_string(metrics).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(first["interval_us"], 250_000);
    let answer = desk.run(&["--fast", "--set", "backpresure=on"]);
    assert_eq!(answer.exit, Exit::Usage);
    assert!(answer.err.contains("a pipeline has no setting `backpresure`"), "{}", answer.err);
}

#[test]
fn a_flush_needs_sources_that_end() {
    let answer = Desk::new().run(&["--fast", "--batches", "2", "--flush"]);
    assert_eq!(answer.exit, Exit::Failed, "{answer:?}");
    assert!(answer.err.contains("--until-done, or leave out --flush"), "{}", answer.err);
}

#[test]
fn a_mistyped_name_gets_the_nearest_one() {
    let desk = Desk::new();
    for (set, part) in [
        ("lnies.batches=[]", "did you mean `lines`?"),
        ("lines.batchs=[]", "did you mean `batches`?"),
        ("shown.rows=0", "between"),
        ("shown.rows=few", "whole number"),
        ("shown", "counts.rows=20"),
    ] {
        let answer = desk.run(&["--fast", "--set", set]);
        assert_eq!(answer.exit, Exit::Usage, "{answer:?}");
        assert!(answer.err.contains(part), "{}", answer.err);
        assert_eq!(answer.out, "");
    }
}

#[test]
fn what_is_not_understood_is_said_and_ends_with_two() {
    for args in [
        &["run"][..],
        &["run", "x.weir.json", "--for", "fast"],
        &["run", "x.weir.json", "--batches", "0"],
        &["run", "x.weir.json", "--batches", "3", "--until-done"],
        &["nodes", "sink.tabel"],
    ] {
        let answer = weir(args);
        assert_eq!(answer.exit, Exit::Usage, "{answer:?}");
        assert!(!answer.err.is_empty() && answer.out.is_empty(), "{answer:?}");
    }
    let answer = Desk::new().run(&["--interval", "1ms"]);
    assert_eq!(answer.exit, Exit::Usage);
    assert!(answer.err.contains("between 10ms and 1h"), "{}", answer.err);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for command in ["run", "check"] {
        let answer = weir(&[command, "no/such.weir.json"]);
        assert_eq!(answer.exit, Exit::Failed, "{answer:?}");
        assert!(answer.err.contains("no/such.weir.json"), "{}", answer.err);
    }
}

#[test]
fn check_names_every_problem_and_its_place() {
    let desk = Desk::new();
    let answer = weir(&["check", text(&desk.file())]);
    assert_eq!((answer.exit, answer.err.as_str()), (Exit::Done, ""), "{answer:?}");
    assert!(answer.out.contains("no problems"), "{}", answer.out);

    let mut broken = pipeline();
    let sink = broken.node_by_name("shown").unwrap().id;
    let edit = Edit::SetParam { node: sink, param: "rows".to_owned(), value: Some(json!(-1)) };
    broken.apply(&edit).unwrap();
    desk.save(&broken);
    let answer = weir(&["check", text(&desk.file())]);
    assert_eq!(answer.exit, Exit::Failed, "{answer:?}");
    assert!(answer.out.contains("words.weir.json: node `shown`, rows: "), "{}", answer.out);
    let answer = weir(&["check", "--json", text(&desk.file())]);
    let value: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(value["runnable"], false);
    assert_eq!(value["problems"][0]["node"], "shown");
    assert_eq!(value["problems"][0]["param"], "rows");
    let answer = desk.run(&["--fast"]);
    assert_eq!(answer.exit, Exit::Failed);
    assert!(answer.err.contains("node `shown`, rows: "), "{}", answer.err);
}

#[test]
fn the_functions_are_listed_and_explained() {
    let list = weir(&["functions"]);
    assert_eq!(list.exit, Exit::Done);
    let all: Value = serde_json::from_str(&weir(&["functions", "--json"]).out).unwrap();
    for function in all.as_array().unwrap() {
        assert!(list.out.contains(function["signature"].as_str().unwrap()), "{function}");
    }
    assert!(weir(&["functions", "IfNull"]).out.starts_with("ifnull(value, other)"));
    let wrong = weir(&["functions", "coalesc"]);
    assert_eq!((wrong.exit, wrong.out.as_str()), (Exit::Usage, ""));
    assert!(wrong.err.contains("did you mean `coalesce`?"), "{}", wrong.err);
}

#[test]
fn the_catalogue_lists_every_kind_and_explains_one() {
    let list = weir(&["nodes"]);
    assert_eq!(list.exit, Exit::Done);
    for kind in weir_engine::nodes::KINDS {
        assert!(list.out.contains(kind.id) && list.out.contains(kind.summary), "{}", kind.id);
    }
    let all: Value = serde_json::from_str(&weir(&["nodes", "--json"]).out).unwrap();
    assert_eq!(all.as_array().map(Vec::len), Some(weir_engine::nodes::KINDS.len()));
    assert!(weir(&["nodes", "sink.table"]).out.contains("`rows`"));
}

#[test]
fn a_pipeline_is_drawn_as_a_picture() {
    let desk = Desk::new();
    let picture = desk.path("words.svg");
    let answer = weir(&["draw", text(&desk.file()), "-o", text(&picture)]);
    assert_eq!(answer.exit, Exit::Done, "{answer:?}");
    let drawn = std::fs::read_to_string(picture).unwrap();
    assert!(drawn.contains("<svg") && drawn.contains("lines") && drawn.contains("shown"), "{drawn}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let desk = Desk::new();
    let file = desk.file();
    let mut err = Vec::new();
    let mut console = Console { out: &mut Closed, err: &mut err, catches_interrupts: false };
    let args = ["weir", "run", text(&file), "--fast", "--until-done", "--json"];
    assert_eq!(execute(args, &mut console), Started::Ended(Exit::Done));
    assert_eq!(String::from_utf8(err).unwrap(), "");
}

#[test]
fn without_a_command_the_designer_opens() {
    let mut console = Console { out: &mut Vec::new(), err: &mut Vec::new(), catches_interrupts: false };
    assert_eq!(execute(["weir"], &mut console), Started::Designer(None));
    let file = Some(PathBuf::from("a.weir.json"));
    assert_eq!(execute(["weir", "a.weir.json"], &mut console), Started::Designer(file.clone()));
    assert_eq!(execute(["weir", "open", "a.weir.json"], &mut console), Started::Designer(file));
}
