//! The programs that Spark refuses, or accepts to one's surprise, and what Weir says to them: `tests/parity/refused.json`.
//!
//! Each is refused while editing, with a sentence that is held here; or accepted; or nothing that could be drawn. What
//! can be drawn is given in the neutral steps of the recorded cases.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use weir_engine::analysis::plan_pipeline;
use weir_engine::spec::Diagnostic;

use super::case::{Case, Column, Input, Interface, Mode, Output, Progress};
use super::run::run;
use super::step::Step;
use super::translate::translate;
use crate::files::{root, text_of};

/// The files of refused programs, without their ending.
const FILES: [&str; 3] = ["dstream/illegal", "dstream/scala_illegal", "structured/illegal"];

/// One program.
pub struct Program {
    /// `dstream/illegal: window_of_zero`.
    pub id: String,
    /// As it was recorded.
    pub source: String,
    /// What Spark said; `None`: it accepted.
    pub error: Option<String>,
    /// What came out, where it was accepted and recorded.
    outputs: Option<Vec<Option<Vec<Value>>>>,
    interface: Interface,
    is_jvm: bool,
}

/// What Weir says to a program.
pub enum Verdict {
    /// Told while editing, in a sentence with these words.
    Refused { says: String, pipeline: Drawn },
    /// It runs; why, where Spark refuses, and what a warning says, if one does.
    Accepted { because: Option<String>, warns: Option<String>, pipeline: Drawn },
    /// There is nothing to draw; why.
    NotExpressible { because: String },
}

/// How a program is drawn.
pub struct Drawn {
    steps: Vec<Value>,
    mode: Mode,
    /// The columns that hold what Spark gave, where that is compared.
    columns: Option<Vec<String>>,
}

/// All programs of the corpus, with what Weir says to each.
pub fn table(corpus: &Path) -> Result<Vec<(Program, Verdict)>, String> {
    let value: Value =
        serde_json::from_str(&text_of(&corpus.join("refused.json"))).map_err(|error| error.to_string())?;
    let verdicts = Step::new(&value)?;
    let mut table = Vec::new();
    for file in FILES {
        let text = text_of(&corpus.join(file).with_extension("json"));
        let recorded: Value = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        let own = Step::new(verdicts.value(file).ok_or_else(|| format!("nothing is said of {file}"))?)?;
        for case in Step::new(&recorded)?.list("cases")? {
            let (name, program) = Program::read(file, case)?;
            let verdict = own.value(&name).ok_or_else(|| format!("{file}: nothing is said of `{name}`"))?;
            let verdict = Verdict::read(verdict).map_err(|error| format!("{}: {error}", program.id))?;
            table.push((program, verdict));
        }
        own.must_be_read()?;
    }
    verdicts.must_be_read()?;
    Ok(table)
}

impl Program {
    fn read(file: &str, value: &Value) -> Result<(String, Self), String> {
        let case = Step::new(value)?;
        let name = case.text("name")?;
        let error = case.value("error").map(|error| {
            let message = error.get("message").and_then(Value::as_str).unwrap_or("an error");
            message.to_owned()
        });
        let rows = |batch: &Value| batch.as_array().cloned();
        let outputs = case.value("outputs").or_else(|| case.value("batches")).and_then(Value::as_array);
        let program = Self {
            id: format!("{file}: {name}"),
            source: case.text("program")?.to_owned(),
            error,
            outputs: outputs.map(|batches| batches.iter().map(rows).collect()),
            interface: if file.starts_with("dstream") { Interface::DStream } else { Interface::Structured },
            is_jvm: file.contains("scala"),
        };
        Ok((name.to_owned(), program))
    }

    /// Whether what is said of it is true.
    pub fn check(&self, verdict: &Verdict, all: &[Case]) -> Result<(), String> {
        match verdict {
            Verdict::NotExpressible { .. } => Ok(()),
            Verdict::Refused { says, pipeline } => {
                let (errors, _) = self.problems(pipeline, all)?;
                says_one(&errors, says)
            }
            Verdict::Accepted { because, warns, pipeline } => {
                if because.is_none() && self.error.is_some() {
                    return Err("Spark refuses it, so there must be a reason".to_owned());
                }
                let (errors, warnings) = self.problems(pipeline, all)?;
                if !errors.is_empty() {
                    return Err(format!("it is refused: {errors:?}"));
                }
                warns.as_ref().map_or(Ok(()), |warns| says_one(&warnings, warns))?;
                self.compare(pipeline, all)
            }
        }
    }

    /// The errors and the warnings that are told while editing.
    fn problems(&self, drawn: &Drawn, all: &[Case]) -> Result<(Vec<String>, Vec<String>), String> {
        let program = translate(&self.case(drawn, all)?)?;
        let planned = plan_pipeline(&program.pipeline, &root().join("samples"));
        let (errors, warnings): (Vec<_>, Vec<_>) =
            planned.analysis.diagnostics.into_iter().partition(Diagnostic::is_error);
        let messages = |problems: Vec<Diagnostic>| problems.into_iter().map(|problem| problem.message).collect();
        Ok((messages(errors), messages(warnings)))
    }

    /// Where Spark accepts it too: whether the same comes out.
    fn compare(&self, drawn: &Drawn, all: &[Case]) -> Result<(), String> {
        if drawn.columns.is_none() {
            return Ok(());
        }
        let case = self.case(drawn, all)?;
        match run(&case, &translate(&case)?)?.first() {
            Some(difference) => Err(difference.line()),
            None => Ok(()),
        }
    }

    /// The program as a case: over the inputs it names, for as long as it was recorded.
    fn case(&self, drawn: &Drawn, all: &[Case]) -> Result<Case, String> {
        let batches = self.outputs.clone().filter(|_| drawn.columns.is_some());
        let ticks = batches.as_ref().map_or(1, Vec::len);
        let entry = |tick| Progress { input_batch: Some(tick), watermark: None, dropped: Vec::new() };
        let outputs = batches.into_iter().map(|batches| Output {
            name: "out".to_owned(),
            columns: drawn
                .columns
                .iter()
                .flatten()
                .map(|name| Column { name: name.clone(), kind: "any".to_owned() })
                .collect(),
            is_ordered: false,
            batches,
        });
        Ok(Case {
            id: self.id.clone(),
            interface: self.interface,
            is_jvm: self.is_jvm,
            interval_millis: 1_000,
            mode: drawn.mode,
            meets_in_highest: false,
            inputs: self.inputs(all)?,
            steps: drawn.steps.clone(),
            outputs: outputs.collect(),
            progress: (0..ticks).map(entry).collect(),
        })
    }

    /// The inputs as the corpus describes them, by the names in the program.
    fn inputs(&self, all: &[Case]) -> Result<Vec<Input>, String> {
        let of = |case: &str, name: &str, as_name: &str| {
            let case = all.iter().find(|candidate| candidate.id == case).ok_or_else(|| format!("{case} is missing"))?;
            let input = case.inputs.iter().find(|input| input.name == name).ok_or("an input is missing")?;
            let mut input = Input { name: as_name.to_owned(), ..input.clone() };
            input.batches.truncate(2);
            Ok::<Input, String>(input)
        };
        let uses = |text: &str| self.source.contains(text);
        match (self.interface, self.is_jvm) {
            (Interface::DStream, true) if uses("in.numbers") => Ok(vec![of("dstream/scala_count", "numbers", "n")?]),
            (Interface::DStream, true) => Ok(vec![of("dstream/scala_update_state_by_key", "pairs", "n")?]),
            (Interface::DStream, false) => {
                let value =
                    serde_json::json!({"columns": [["value", "long"]], "batches": [[[1], [2]], [[3]], [], [[4]]]});
                Ok(vec![Input::read("n", &value)?])
            }
            (Interface::Structured, _) if uses("left()") => Ok(vec![
                of("structured/stream_join_inner", "left", "left")?,
                of("structured/stream_join_inner", "right", "right")?,
            ]),
            (Interface::Structured, _) => Ok(vec![of("structured/window_tumbling_append", "events", "events")?]),
        }
    }
}

impl Verdict {
    fn read(value: &Value) -> Result<Self, String> {
        let entry = Step::new(value)?;
        let text = |key: &str| entry.value(key).and_then(Value::as_str).map(str::to_owned);
        let verdict = match entry.text("weir")? {
            "refused" => Self::Refused { says: entry.text("says")?.to_owned(), pipeline: Drawn::read(&entry)? },
            "accepted" => {
                Self::Accepted { because: text("because"), warns: text("warns"), pipeline: Drawn::read(&entry)? }
            }
            "not expressible" => Self::NotExpressible { because: entry.text("because")?.to_owned() },
            other => return Err(format!("`{other}` is no verdict")),
        };
        entry.must_be_read()?;
        Ok(verdict)
    }
}

fn says_one(messages: &[String], words: &str) -> Result<(), String> {
    if messages.iter().any(|message| message.contains(words)) {
        Ok(())
    } else {
        Err(format!("nothing says `{words}`: {messages:?}"))
    }
}

impl Drawn {
    fn read(entry: &Step<'_>) -> Result<Self, String> {
        Ok(Self {
            steps: entry.list("steps")?.clone(),
            mode: entry.value("mode").map_or(Ok(Mode::Append), Mode::read)?,
            columns: entry.value("columns").map(|_| entry.texts("columns")).transpose()?,
        })
    }
}

/// How many programs each verdict is given to.
pub fn counts(table: &[(Program, Verdict)]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (_, verdict) in table {
        let word = match verdict {
            Verdict::Refused { .. } => "refused",
            Verdict::Accepted { .. } => "accepted",
            Verdict::NotExpressible { .. } => "not expressible",
        };
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
