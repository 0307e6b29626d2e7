//! Files by example: what good ones mean and what bad ones are told.

use crate::format::{FormatError, load, save, schema};
use crate::pipeline::{Backpressure, Position, Trigger, WhenLate};
use crate::spec::{NodeId, PortRef, Span, WireKey};

const WORD_COUNT: &str = r#"{
  "weir": 1,
  "settings": {
    "interval": "500ms",
    "when_late": "merge"
  },
  "nodes": {
    "n1": {
      "kind": "source.generator",
      "name": "lines"
    },
    "n2": {
      "kind": "group",
      "name": "counts",
      "params": {
        "aggregates": [
          {"function": "count"}
        ],
        "by": ["word"]
      }
    },
    "n10": {
      "kind": "sink.from.the.future",
      "name": "out"
    }
  },
  "wires": [
    {"from": "n1.out", "to": "n2.in"},
    {"from": "n2.out", "to": "n10.in"}
  ],
  "layout": {
    "frames": {
      "f3": {
        "note": "Counts *words*.",
        "position": [-20, -60.5],
        "size": [800, 300],
        "title": "Word count"
      }
    },
    "nodes": {
      "n1": [0, 80],
      "n2": [260, 80],
      "n10": [520.25, 80]
    }
  }
}
"#;

/// Files that must be refused, what the sentence must contain, and at which line and column.
const REFUSED: &[(&str, &str)] = &[
    ("", "line 1, column 1: the file ends in the middle"),
    ("{\"weir\": 1, \"nodes\": {", "column 23: the file ends in the middle"),
    ("{\"weir\": 1,\n \"nodes\": {},}", "line 2, column 14: a name in double quotes must stand here"),
    ("{\"weir\": 1 \"nodes\": {}}", "column 12: a comma or a closing `}` is missing"),
    ("{\"weir\" 1}", "a colon is missing"),
    ("{\"weir\": 1} x", "more text follows after the end"),
    ("{\"weir\": 1, // format\n}", "a name in double quotes must stand here"),
    ("{\"weir\": /* one */ 1}", "JSON has no comments"),
    ("{\"weir\": 'one'}", "double quotes; replace the single ones"),
    ("{\"weir\": 1, \"x\": NaN}", "`NaN` is no value"),
    ("{\"weir\": 1, \"x\": 01}", "this is not a number"),
    ("{\"weir\": 1, \"x\": 1.}", "this is not a number"),
    ("{\"weir\": 1, \"x\": 1e999}", "column 18: this number is too large"),
    ("{\"weir\": 1, \"x\": 123456789012345678901234567890}", "too large to be kept exactly"),
    ("{\"weir\": 1, \"x\": \"\\q\"}", "no such escape"),
    ("{\"weir\": 1, \"x\": \"\\ud800\"}", "no such escape"),
    ("{\"weir\": 1, \"x\": \"a\nb\"}", "text must not contain line breaks"),
    ("{\"weir\": 1, \"weir\": 1}", "`weir` appears twice in the same object, first at line 1, column 2"),
    ("[]", "the file (line 1, column 1): must be an object in braces, not a list"),
    ("7", "must be an object in braces, not a number"),
    ("{}", "is this a pipeline file?"),
    ("{\"weir\": \"1\"}", "weir (line 1, column 10): the format must be a number"),
    ("{\"weir\": 0}", "the format must be a number from 1 to 2"),
    ("{\"weir\": 1, \"settings\": 3}", "settings (line 1, column 25): must be an object in braces, not a number"),
    (
        "{\"weir\": 1, \"settings\": {\"interval\": \"fast\"}}",
        "settings.interval (line 1, column 38): `fast` is not a duration",
    ),
    ("{\"weir\": 1, \"settings\": {\"interval\": \"1ms\"}}", "1ms is outside 10ms to 1h"),
    ("{\"weir\": 1, \"settings\": {\"interval\": 1}}", "must be text in double quotes, not a number"),
    ("{\"weir\": 1, \"settings\": {\"when_late\": \"drop\"}}", "must be \"queue\" or \"merge\""),
    ("{\"weir\": 1, \"settings\": {\"watermark_policy\": \"sum\"}}", "must be \"min\" or \"max\""),
    (
        "{\"weir\": 1, \"settings\": {\"backpressure\": true}}",
        "settings.backpressure (line 1, column 42): must be \"off\" or \"spark\" or \"damped\"",
    ),
    ("{\"weir\": 1, \"settings\": {\"gain_integral\": -1}}", "must be a number from 0 to 10"),
    ("{\"weir\": 1, \"settings\": {\"auto_interval\": \"yes\"}}", "must be \"off\" or \"on\""),
    ("{\"weir\": 1, \"settings\": {\"auto_interval_target\": 2}}", "must be a number from 0.1 to 1"),
    ("{\"weir\": 1, \"settings\": {\"auto_interval_max\": \"2h\"}}", "2h is outside 10ms to 1h"),
    ("{\"weir\": 1, \"settings\": {\"min_rate\": 0}}", "must be a whole number from 1"),
    ("{\"weir\": 1, \"settings\": {\"trigger\": 1}}", "must be \"interval\" or \"as_soon_as_possible\""),
    ("{\"weir\": 1, \"settings\": {\"seed\": -1}}", "must be a whole number from 0"),
    ("{\"weir\": 1, \"settings\": {\"max_queued_batches\": 0}}", "must be a whole number from 1 to 4294967295"),
    (
        "{\"weir\": 1, \"settings\": {\"start_time\": \"soon\"}}",
        "`soon` is not a time; write it like 2026-01-01T00:00:00Z",
    ),
    ("{\"weir\": 1, \"nodes\": []}", "nodes (line 1, column 22): must be an object in braces, not a list"),
    ("{\"weir\": 1, \"nodes\": {\"x\": {\"kind\": \"a\"}}}", "nodes.x (line 1, column 23): `x` is not a node id"),
    ("{\"weir\": 1, \"nodes\": {\"n01\": {\"kind\": \"a\"}}}", "`n01` is not a node id"),
    ("{\"weir\": 1, \"nodes\": {\"n18446744073709551615\": {\"kind\": \"a\"}}}", "the id is too large"),
    ("{\"weir\": 1, \"nodes\": {\"n1\": {}}}", "nodes.n1 (line 1, column 29): the node does not say its kind"),
    ("{\"weir\": 1, \"nodes\": {\"n1\": {\"kind\": 5}}}", "nodes.n1.kind (line 1, column 38): must be text"),
    (
        "{\"weir\": 1, \"nodes\": {\"n1\": {\"kind\": \"a\", \"name\": \" \"}}}",
        "nodes.n1 (line 1, column 23): a node needs a name",
    ),
    (
        "{\"weir\": 1, \"nodes\": {\"n1\": {\"kind\": \"a\", \"params\": []}}}",
        "nodes.n1.params (line 1, column 53): must be an object",
    ),
    (
        "{\"weir\": 1, \"nodes\": {\"n1\": {\"kind\": \"a\"},\n\"n1\": {\"kind\": \"b\"}}}",
        "line 2, column 1: `n1` appears twice in the same object, first at line 1, column 23",
    ),
    (
        "{\"weir\": 1, \"nodes\": {\"n1\": {\"kind\": \"a\", \"name\": \"x\"},\n\"n2\": {\"kind\": \"b\", \"name\": \"x\"}}}",
        "nodes.n2 (line 2, column 1): another node is already named `x`",
    ),
    ("{\"weir\": 1, \"wires\": {}}", "wires (line 1, column 22): must be a list in brackets, not an object"),
    ("{\"weir\": 1, \"wires\": [3]}", "wires[0] (line 1, column 23): must be an object"),
    ("{\"weir\": 1, \"wires\": [{\"from\": \"n1.out\"}]}", "a wire needs both `from` and `to`"),
    ("{\"weir\": 1, \"wires\": [{\"from\": \"n1\", \"to\": \"n2.in\"}]}", "`n1` is not a port"),
    (
        "{\"weir\": 1, \"wires\": [{\"from\": \"n1.out\", \"to\": \"n2.in\"}]}",
        "the wire ends at n1, which is no node of this file",
    ),
    ("{\"weir\": 1, \"layout\": 1}", "layout (line 1, column 23): must be an object"),
    ("{\"weir\": 1, \"layout\": {\"frames\": {\"g\": {}}}}", "`g` is not a frame id"),
    ("{\"weir\": 1, \"layout\": {\"frames\": {\"f01\": {}}}}", "`f01` is not a frame id"),
    (
        "{\"weir\": 1, \"layout\": {\"frames\": {\"f1\": {\"note\": 1}}}}",
        "layout.frames.f1.note (line 1, column 50): must be text",
    ),
];

fn with_wires(count: usize, wires: &[(usize, usize)]) -> String {
    let nodes: Vec<_> = (1..=count).map(|id| format!("\"n{id}\": {{\"kind\": \"map\"}}")).collect();
    let wires: Vec<_> =
        wires.iter().map(|(from, to)| format!("{{\"from\": \"n{from}.out\", \"to\": \"n{to}.in\"}}")).collect();
    format!("{{\"weir\": 1, \"nodes\": {{{}}}, \"wires\": [{}]}}", nodes.join(", "), wires.join(", "))
}

fn refusal(text: &str) -> String {
    load(text).expect_err("the file must be refused").to_string()
}

#[test]
fn a_file_means_what_it_says() {
    let loaded = load(WORD_COUNT).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let pipeline = loaded.pipeline;
    assert_eq!(pipeline.settings().interval, Span::from_millis(500));
    assert_eq!(pipeline.settings().when_late, WhenLate::Merge);
    assert_eq!(pipeline.settings().trigger, Trigger::Interval);
    let names: Vec<_> = pipeline.nodes().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["lines", "counts", "out"]);
    assert_eq!(pipeline.node(NodeId(10)).unwrap().kind, "sink.from.the.future");
    assert_eq!(pipeline.node(NodeId(10)).unwrap().position, Position::new(520.25, 80.0));
    assert_eq!(pipeline.node(NodeId(2)).unwrap().params["by"][0], "word");
    assert_eq!(pipeline.wires()[0], WireKey::new(PortRef::new(NodeId(1), "out"), PortRef::new(NodeId(2), "in")));
    assert_eq!(pipeline.frames().next().unwrap().title, "Word count");
}

#[test]
fn a_saved_file_is_identical_to_the_byte() {
    assert_eq!(save(&load(WORD_COUNT).unwrap().pipeline), WORD_COUNT);
}

#[test]
fn order_and_spaces_of_a_file_do_not_matter() {
    let shuffled = r#"{"layout":{"nodes":{"n2":[2.60e2,80],"n10":[520.25,80],"n1":[0,80.0]},
        "frames":{"f3":{"title":"Word count","size":[800,300],"position":[-20,-60.5],"note":"Counts \u002awords*."}}},
        "wires":[{"to":"n10.in","from":"n2.out"},{"to":"n2.in","from":"n1.out"}],
        "nodes":{"n10":{"name":"out","kind":"sink.from.the.future"},
        "n2":{"params":{"by":["word"],"aggregates":[{"function":"count"}]},"name":"counts","kind":"group"},
        "n1":{"params":{},"name":"lines","kind":"source.generator"}},
        "settings":{"when_late":"merge","interval":"0.5s","seed":1},"weir":1}"#;
    assert_eq!(save(&load(shuffled).unwrap().pipeline), WORD_COUNT);
}

#[test]
fn the_smallest_file_is_an_empty_pipeline() {
    let pipeline = load("\u{feff}{\"weir\": 1}\r\n").unwrap().pipeline;
    assert_eq!(pipeline.node_count(), 0);
    assert_eq!(save(&pipeline), "{\n  \"weir\": 1,\n  \"nodes\": {},\n  \"wires\": []\n}\n");
}

#[test]
fn what_this_version_does_not_know_is_kept_everywhere() {
    let text = r#"{
  "weir": 1,
  "settings": {
    "turbo": true
  },
  "nodes": {
    "n1": {
      "kind": "a",
      "name": "a",
      "params": {
        "unknown": null
      },
      "muted": true
    },
    "n2": {
      "kind": "b",
      "name": "b"
    }
  },
  "wires": [
    {"from": "n1.out", "to": "n2.in", "probe": "x > 1"}
  ],
  "layout": {
    "frames": {
      "f1": {
        "position": [0, 0],
        "size": [10, 10],
        "title": "",
        "colour": "red"
      }
    },
    "nodes": {
      "n1": [0, 0],
      "n2": [260, 0]
    },
    "zoom": 1.5
  },
  "author": {
    "name": "Ada"
  }
}
"#;
    let loaded = load(text).unwrap();
    assert_eq!(save(&loaded.pipeline), text);
    for path in
        ["settings.turbo", "nodes.n1.muted", "wires[0].probe", "layout.frames.f1.colour", "layout.zoom", "author"]
    {
        assert!(
            loaded.warnings.contains(&format!("{path} is not known to this version; it is kept but has no effect")),
            "{path}: {:?}",
            loaded.warnings
        );
    }
}

#[test]
fn bad_files_are_refused_with_the_place_and_what_to_do() {
    for (text, part) in REFUSED {
        let sentence = refusal(text);
        assert!(sentence.contains(part), "{text}\n  says: {sentence}\n  not:  {part}");
    }
}

#[test]
fn a_newer_file_says_so_whatever_else_is_in_it() {
    let error = load("{\"weir\": 7, \"nodes\": \"elsewhere\"}").unwrap_err();
    assert_eq!(error, FormatError::Newer { found: 7 });
    assert_eq!(error.to_string(), "written by a newer Weir (format 7); this one reads up to 2; update Weir");
}

#[test]
fn ten_thousand_levels_of_nesting_are_a_sentence_not_a_crash() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{{\"weir\": 1, \"x\": {}1{}}}", open.repeat(10_000), close.repeat(10_000));
        assert!(refusal(&text).contains("nested more than 100 levels deep"));
    }
}

#[test]
fn a_cycle_names_its_nodes_and_only_those() {
    let text = with_wires(6, &[(1, 2), (2, 3), (3, 4), (4, 2), (4, 5), (6, 1)]);
    assert!(refusal(&text).contains("the wires form a cycle: n2 (n2) -> n3 (n3) -> n4 (n4) -> n2; remove one of them"));
}

#[test]
fn a_long_cycle_is_cut_short_in_the_sentence() {
    let ring: Vec<_> = (1..=100).map(|id| (id, id % 100 + 1)).collect();
    assert!(refusal(&with_wires(100, &ring)).contains("n8 (n8) -> 92 more -> n1;"));
}

#[test]
fn a_wire_into_its_own_node_and_a_wire_given_twice_are_refused() {
    assert!(
        refusal(&with_wires(1, &[(1, 1)]))
            .contains("wires[0] (line 1, column 57): the wire n1.out -> n1.in leads from a node into itself")
    );
    assert!(refusal(&with_wires(2, &[(1, 2), (1, 2)])).contains("the wire n1.out -> n2.in is there twice"));
    assert!(refusal(&with_wires(1, &[(1, 9)])).contains("the wire ends at n9"));
}

#[test]
fn the_largest_allowed_file_opens_and_one_more_node_is_refused() {
    let wires: Vec<_> = (0..50_000).map(|wire| (wire % 5_000 + 1, 5_001 + (wire * 7 + wire / 5_000) % 5_000)).collect();
    assert_eq!(load(&with_wires(10_000, &wires)).unwrap().pipeline.wires().len(), 50_000);
    assert!(refusal(&with_wires(10_001, &[])).contains("10001 nodes are more than the 10000"));
}

#[test]
fn nodes_without_a_place_are_laid_out_left_to_right() {
    let text = with_wires(4, &[(1, 2), (2, 3), (1, 4)]);
    let pipeline = load(&text).unwrap().pipeline;
    let at = |id| pipeline.node(NodeId(id)).unwrap().position;
    assert!(at(1).x < at(2).x && at(2).x < at(3).x);
    assert!(at(2).x.total_cmp(&at(4).x).is_eq() && at(2).y < at(4).y, "side by side, not on top of each other");
}

#[test]
fn an_odd_layout_is_mended_with_a_warning_and_never_stops_a_file_from_opening() {
    for odd in ["null", "\"left\"", "[1]", "[1, 2, 3]", "[1, \"2\"]", "[1e300, 0]", "[0, -1000001]"] {
        let text = format!(
            "{{\"weir\": 1, \"nodes\": {{\"n1\": {{\"kind\": \"a\"}}}}, \"layout\": {{\"nodes\": {{\"n1\": {odd}}}}}}}"
        );
        let loaded = load(&text).unwrap();
        assert!(
            loaded.warnings[0].starts_with("layout.nodes.n1 is not a pair of numbers"),
            "{odd}: {:?}",
            loaded.warnings
        );
        assert_eq!(loaded.pipeline.node(NodeId(1)).unwrap().position, Position::new(0.0, 0.0));
    }
    let stray = load("{\"weir\": 1, \"layout\": {\"nodes\": {\"n4\": [1, 2]}}}").unwrap();
    assert_eq!(stray.warnings, ["layout.nodes.n4 places a node that does not exist; it is dropped"]);
}

#[test]
fn a_node_without_a_name_is_called_by_its_id() {
    let loaded = load("{\"weir\": 1, \"nodes\": {\"n4\": {\"kind\": \"a\"}}}").unwrap();
    assert_eq!(loaded.pipeline.node(NodeId(4)).unwrap().name, "n4");
}

#[test]
fn new_ids_are_higher_than_any_in_the_file() {
    let text = "{\"weir\": 1, \"nodes\": {\"n4\": {\"kind\": \"a\"}}, \"layout\": {\"frames\": {\"f9\": {}}}}";
    assert_eq!(load(text).unwrap().pipeline.fresh_id(), NodeId(10));
}

#[test]
fn the_schema_describes_what_is_written() {
    let schema = schema();
    assert_eq!(schema["title"], "Weir pipeline");
    let written: serde_json::Value = serde_json::from_str(WORD_COUNT).unwrap();
    for name in written.as_object().unwrap().keys() {
        assert!(schema["properties"][name].is_object(), "{name} is written but not described");
    }
    assert_eq!(schema["required"], serde_json::json!(["weir", "nodes", "wires"]));
}

/// Whoever opens a file of controllers finds every one of their settings, and saves it as it was.
#[test]
fn the_settings_of_the_controllers_are_read_and_written() {
    let text = r#"{
  "weir": 1,
  "settings": {
    "auto_interval": "on",
    "auto_interval_max": "5s",
    "auto_interval_min": "50ms",
    "auto_interval_target": 0.7,
    "backpressure": "damped",
    "gain_derivative": 0.5,
    "gain_integral": 0.25,
    "gain_proportional": 0.9,
    "initial_rate": 5000,
    "max_buffered_bytes": 1048576,
    "max_rate": 20000,
    "min_rate": 10
  },
  "nodes": {},
  "wires": []
}
"#;
    let loaded = load(text).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert_eq!(save(&loaded.pipeline), text);
    let (rates, auto) = (loaded.pipeline.settings().rates, loaded.pipeline.settings().auto_interval);
    assert_eq!(rates.backpressure, Backpressure::Damped);
    assert_eq!((rates.min_rate, rates.max_rate, rates.first_limit()), (10, Some(20_000), 5_000));
    assert_eq!((rates.proportional, rates.integral, rates.derivative), (0.9, 0.25, 0.5));
    assert!(auto.is_on && (auto.target - 0.7).abs() < 1e-12);
    assert_eq!(auto.range(), (Span::from_millis(50), Span::from_secs(5)));
}
