//! Whatever a node counts is in the engine's list of counts, so that it is shown in words and as what it is.

use weir_engine::metrics::COUNTERS;

use super::source::Source;

/// The names of pairs `("name", ...)` within the bodies of `fn counters`.
fn names_counted(lines: &[(usize, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut indent = None;
    for (_, line) in lines {
        let depth = line.len() - line.trim_start().len();
        if line.contains("fn counters(") {
            indent = Some(depth);
        } else if indent.is_some_and(|start| depth == start && line.trim() == "}") {
            indent = None;
        }
        if indent.is_some() {
            let opened = line.match_indices("(\"").map(|(at, open)| &line[at + open.len()..]);
            found.extend(opened.filter_map(|rest| rest.split_once("\",")).map(|(name, _)| name.to_owned()));
        }
    }
    found
}

#[test]
fn every_count_is_listed() {
    let mut seen = 0;
    for source in Source::of("engine/src/nodes") {
        for name in names_counted(&source.shipped_lines()) {
            seen += 1;
            let is_listed = COUNTERS.iter().any(|counter| counter.name == name);
            let path = source.path.display();
            assert!(is_listed, "{path}: list `{name}` in engine/src/metrics/counter.rs and app/src/counters.rs");
        }
    }
    assert!(seen > 20, "the scan finds the counts");
}

#[test]
fn counts_are_found_where_they_are_given() {
    let lines = [
        (1, "    fn counters(&self) -> Vec<(&'static str, u64)> {"),
        (2, "        vec![(\"late\", self.late), (\"rejected\", 1)]"),
        (3, "    }"),
        (4, "    call((\"other\", 1))"),
    ];
    assert_eq!(names_counted(&lines), ["late", "rejected"]);
}
