//! Modules of the engine stand on floors; imports run downward only.

use super::source::{Source, modules_named};

/// From the ground up. Modules of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["spec"],
    &["expr", "metrics"],
    &["aggregate", "pipeline"],
    &["window", "format"],
    &["plan"],
    &["nodes"],
    &["analysis"],
    &["runtime"],
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The engine's module a file belongs to; none for `lib.rs`.
fn module_of(source: &Source) -> Option<String> {
    let inside = source.path.strip_prefix("engine/src").ok()?;
    let first = inside.iter().next()?.to_str()?;
    Some(first.trim_end_matches(".rs").to_owned()).filter(|module| module != "lib")
}

#[test]
fn every_module_of_the_engine_stands_on_a_floor() {
    for source in Source::of("engine/src") {
        if let Some(module) = module_of(&source) {
            assert!(floor(&module).is_some(), "{} belongs to no floor; say where it stands", source.path.display());
        }
    }
}

#[test]
fn no_import_runs_upward_or_sideways() {
    let mut wrong = Vec::new();
    for source in Source::of("engine/src") {
        let Some(module) = module_of(&source) else { continue };
        let code: Vec<_> = source.shipped_lines().iter().map(|(_, line)| *line).collect();
        for named in modules_named(&code.join("\n")) {
            if let (Some(own), Some(other)) = (floor(&module), floor(&named))
                && named != module
                && other >= own
            {
                wrong.push(format!("{}: `{module}` imports `{named}`", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports must run downward:\n{}", wrong.join("\n"));
}
