//! `weir check`: everything that is wrong with a pipeline, without running it. Also how every command names a place.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::Serialize;
use weir_engine::analysis::analyse;
use weir_engine::format;
use weir_engine::pipeline::Pipeline;
use weir_engine::spec::{Diagnostic, Severity};

use super::console::{CliError, Console, Exit};

#[derive(Serialize)]
struct Answer<'a> {
    file: String,
    runnable: bool,
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    severity: &'static str,
    node: Option<&'a str>,
    param: Option<&'a str>,
    port: Option<&'a str>,
    message: String,
}

/// Lists the problems; failed if one of them is an error.
pub(super) fn check(file: &Path, json: bool, console: &mut Console<'_>) -> Result<Exit, CliError> {
    let loaded = match format::open(file) {
        Ok(loaded) => loaded,
        Err(error) if json => {
            let answer = Answer { file: file.display().to_string(), runnable: false, problems: vec![whole(&error)] };
            write_json(&answer, console)?;
            return Ok(Exit::Failed);
        }
        Err(error) => return Err(CliError::Failed(in_file(file, &error))),
    };
    let analysis = analyse(&loaded.pipeline, &folder_of(file));
    let exit = if analysis.is_runnable() { Exit::Done } else { Exit::Failed };
    if json {
        let warnings = loaded.warnings.iter().map(|warning| Problem { severity: "warning", ..whole(warning) });
        let problems = analysis.diagnostics.iter().map(|problem| problem_of(&loaded.pipeline, problem));
        let problems = warnings.chain(problems).collect();
        write_json(&Answer { file: file.display().to_string(), runnable: exit == Exit::Done, problems }, console)?;
        return Ok(exit);
    }
    for warning in &loaded.warnings {
        writeln!(console.out, "{}: warning: {warning}", file.display())?;
    }
    for problem in &analysis.diagnostics {
        writeln!(console.out, "{}", line(file, &loaded.pipeline, problem))?;
    }
    if loaded.warnings.is_empty() && analysis.diagnostics.is_empty() {
        writeln!(console.out, "{}: no problems", file.display())?;
    }
    Ok(exit)
}

/// The folder relative paths of the pipeline in this file count from.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// What is wrong with a file as a whole. The sentence may name the file already.
pub(super) fn in_file(file: &Path, error: &impl Display) -> String {
    let (name, sentence) = (file.display().to_string(), error.to_string());
    if sentence.contains(&name) { sentence } else { format!("{name}: {sentence}") }
}

/// A problem with its place, on one line.
pub(super) fn line(file: &Path, pipeline: &Pipeline, problem: &Diagnostic) -> String {
    let node = problem.node.map_or_else(String::new, |id| {
        let name = pipeline.node(id).map_or_else(|| id.to_string(), |node| node.name.clone());
        format!(": node `{name}`")
    });
    let part = problem.param.as_deref().or(problem.port.as_deref());
    let part = part.map_or_else(String::new, |part| format!(", {part}"));
    let place = format!("{}{node}{part}", file.display());
    match problem.severity {
        Severity::Error => format!("{place}: {}", problem.message),
        Severity::Warning => format!("{place}: warning: {}", problem.message),
        Severity::Info => format!("{place}: note: {}", problem.message),
    }
}

fn whole(error: &impl Display) -> Problem<'static> {
    Problem { severity: "error", node: None, param: None, port: None, message: error.to_string() }
}

fn problem_of<'a>(pipeline: &'a Pipeline, problem: &'a Diagnostic) -> Problem<'a> {
    Problem {
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        },
        node: problem.node.and_then(|id| pipeline.node(id)).map(|node| node.name.as_str()),
        param: problem.param.as_deref(),
        port: problem.port.as_deref(),
        message: problem.message.clone(),
    }
}

fn write_json(answer: &Answer<'_>, console: &mut Console<'_>) -> Result<(), CliError> {
    serde_json::to_writer_pretty(&mut *console.out, answer).map_err(std::io::Error::from)?;
    Ok(writeln!(console.out)?)
}

#[cfg(test)]
mod tests {
    use weir_engine::pipeline::{Edit, NodeEntry};
    use weir_engine::spec::NodeId;

    use super::*;

    #[test]
    fn a_problem_names_file_node_and_parameter() {
        let mut pipeline = Pipeline::new();
        let node = NodeEntry::new(NodeId(3), "group", "counts");
        pipeline.apply(&Edit::AddNode(Box::new(node))).unwrap();
        let problem = Diagnostic::error("There is no column `wrod`.").node(NodeId(3)).param("aggregates[0].function");
        let text = line(Path::new("a.weir.json"), &pipeline, &problem);
        assert_eq!(text, "a.weir.json: node `counts`, aggregates[0].function: There is no column `wrod`.");
    }

    #[test]
    fn relative_paths_count_from_the_files_folder() {
        assert_eq!(folder_of(Path::new("a.weir.json")), Path::new("."));
        assert_eq!(folder_of(Path::new("samples/a.weir.json")), Path::new("samples"));
    }
}
