//! Who may know what, and how every file looks.

use weir_engine::nodes::KINDS;

use super::source::Source;
use crate::files::{root, text_of};

/// Longest source file.
const MAX_LINES: usize = 450;

/// Fails with all lines of these files that `is_wrong`, as `file:line: code`.
fn no_line(sources: &[Source], rule: &str, is_wrong: impl Fn(&Source, &str) -> bool) {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.shipped_lines() {
            if is_wrong(source, line) {
                found.push(format!("{}:{number}: {}", source.path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

fn everything() -> Vec<Source> {
    ["engine/src", "app/src"].into_iter().flat_map(Source::of).collect()
}

#[test]
fn the_engine_knows_no_screen() {
    let manifest = text_of(&root().join("engine/Cargo.toml"));
    for name in ["egui", "eframe", "rfd", "winit"] {
        assert!(!manifest.contains(name), "the engine depends on {name}");
    }
    no_line(&Source::of("engine/src"), "the engine never draws", |_, line| {
        ["egui::", "eframe::", "rfd::"].iter().any(|name| line.contains(name))
    });
}

#[test]
fn the_designer_names_no_node_kind() {
    no_line(&Source::of("app/src"), "all the designer knows of a kind comes from its definition", |_, line| {
        names_kind_prefix(line) || KINDS.iter().any(|kind| line.contains(&format!("\"{}\"", kind.id)))
    });
}

/// Whether a line has text such as `"sink.table"`, also of a kind that does not exist (yet).
fn names_kind_prefix(line: &str) -> bool {
    ["\"source.", "\"sink."].iter().any(|prefix| {
        line.match_indices(prefix).any(|(at, _)| {
            let rest = &line[at + prefix.len()..];
            let word: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            !word.is_empty() && rest[word.len()..].starts_with('"')
        })
    })
}

#[test]
fn a_kind_is_seen_in_a_line_of_code() {
    assert!(names_kind_prefix("if kind.id == \"sink.table\" {"));
    assert!(!names_kind_prefix("tr(\"sink.table.title\")"));
    assert!(!names_kind_prefix("let x = \"source.\";"));
}

#[test]
fn only_the_runtimes_clock_reads_the_time() {
    no_line(&everything(), "ask the clock", |source, line| {
        let is_clock = source.path.starts_with("engine/src/runtime") && source.path.to_string_lossy().contains("clock");
        let reads = ["Instant::now", "SystemTime::now", "Utc::now", "Local::now"];
        !is_clock && reads.iter().any(|call| line.contains(call))
    });
}

#[test]
fn only_the_theme_makes_colours() {
    no_line(&Source::of("app/src"), "take colours from the theme", |source, line| {
        let is_theme = source.path.ends_with("theme.rs") || source.path.iter().any(|part| part == "theme");
        let makes = line.match_indices("Color32::").any(|(at, start)| {
            let rest = &line[at + start.len()..];
            rest.starts_with("from_")
                || rest.starts_with(|c: char| c.is_ascii_uppercase())
                    && !rest.starts_with("TRANSPARENT")
                    && !rest.starts_with("PLACEHOLDER")
        });
        let hex = line
            .match_indices("\"#")
            .any(|(at, _)| line[at + 2..].chars().take_while(char::is_ascii_hexdigit).count() >= 6);
        !is_theme && (makes || hex)
    });
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let files = everything().into_iter().chain(Source::of("tests"));
    let silent: Vec<_> = files.filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    assert!(silent.is_empty(), "these files do not open with `//!` docs: {silent:#?}");
}

#[test]
fn no_file_is_longer_than_one_can_hold_in_mind() {
    let long: Vec<_> = everything()
        .into_iter()
        .filter(|source| source.text.lines().count() > MAX_LINES)
        .map(|source| format!("{} has {} lines", source.path.display(), source.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn the_pages_a_reader_looks_for_are_there() {
    for page in ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        assert!(root().join(page).is_file(), "{page} is missing");
    }
}
