//! Runs a pipeline from start to end on the calling thread: for the command line, tests and benchmarks. No event is
//! ever dropped here.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::driver::{Driver, RunOutcome};
use super::{ClockKind, Command, EngineOptions, Event};
use crate::analysis::{PlannedPipeline, plan_pipeline};
use crate::pipeline::Pipeline;
use crate::plan::Stage;
use crate::spec::Diagnostic;

/// Ends a headless run from another thread.
#[derive(Debug, Clone)]
pub struct StopFlag {
    commands: Sender<Command>,
    inbox: Receiver<Command>,
}

/// Why a headless run did not start.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The pipeline has errors.
    #[error("the pipeline has errors: {}", first_message(.0))]
    Diagnostics(Vec<Diagnostic>),
    /// The pipeline cannot be run in this way.
    #[error("{0}")]
    Refused(String),
    /// The machine refused something.
    #[error("the engine could not be started: {0}")]
    Io(String),
}

fn first_message(problems: &[Diagnostic]) -> &str {
    problems.first().map_or("unknown", |problem| &problem.message)
}

impl StopFlag {
    /// Nothing requested yet.
    pub fn new() -> Self {
        let (commands, inbox) = bounded(16);
        Self { commands, inbox }
    }

    /// Asks the run to end: the first time after what has arrived was processed, the second time at once.
    pub fn request(&self) {
        // A full channel means that many requests wait already.
        let _ = self.commands.try_send(Command::Stop);
    }
}

impl Default for StopFlag {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs the pipeline until its stop rule holds, it is stopped, or (without a rule) its sources have ended.
pub fn run_to_end(
    pipeline: &Pipeline,
    options: &EngineOptions,
    stop: &StopFlag,
    on_event: &mut dyn FnMut(Event),
) -> Result<RunOutcome, RunError> {
    let planned = plan_pipeline(pipeline, &options.folder);
    let errors: Vec<_> = planned.analysis.diagnostics.iter().filter(|problem| problem.is_error()).cloned().collect();
    if !errors.is_empty() {
        return Err(RunError::Diagnostics(errors));
    }
    let mut options = options.clone();
    check_pace(&planned, &mut options)?;
    let mut refused = None;
    let mut emit = |event: Event| {
        if let Event::Refused(problems) = &event {
            refused = Some(problems.to_vec());
        }
        on_event(event);
    };
    // The stop channel doubles as the command channel: the run is its first command.
    let (first, commands) = bounded(16);
    let run = Command::Run(std::sync::Arc::new(pipeline.clone()));
    if first.send(run).is_err() {
        return Err(RunError::Io("the command channel is closed".to_owned()));
    }
    let forward = forward_stops(stop.inbox.clone(), first).map_err(|error| RunError::Io(error.to_string()))?;
    let driver = Driver::new(options, commands, true, &mut emit).map_err(|error| RunError::Io(error.to_string()))?;
    let outcome = driver.drive();
    drop(forward);
    refused.map_or(Ok(outcome), |problems| Err(RunError::Diagnostics(problems)))
}

/// Whether the clock and the stop rule fit the sources.
fn check_pace(planned: &PlannedPipeline, options: &mut EngineOptions) -> Result<(), RunError> {
    let sources: Vec<_> = planned
        .nodes
        .iter()
        .filter_map(|node| match &node.stage {
            Stage::Source(source) => Some((node, source)),
            Stage::Operator(_) | Stage::Relabel | Stage::Sink(_) => None,
        })
        .collect();
    let rule = &mut options.stop;
    let has_rule = rule.batches.is_some() || rule.span.is_some() || rule.until_done;
    if !has_rule {
        rule.until_done = sources.iter().all(|(_, source)| source.is_bounded());
    }
    if rule.flush && !rule.until_done {
        return Err(RunError::Refused(
            "--flush closes what is open once all sources have ended, but this run ends before; stop it with \
             --until-done, or leave out --flush"
                .to_owned(),
        ));
    }
    if options.clock == ClockKind::Wall {
        return Ok(());
    }
    if let Some((node, _)) = sources.iter().find(|(_, source)| source.is_live()) {
        return Err(RunError::Refused(format!(
            "`{}` receives rows at their own time, so it cannot run on the virtual clock; leave out --fast, or replay a recording instead",
            node.name
        )));
    }
    let unbounded = sources.iter().find(|(_, source)| !source.is_bounded());
    match unbounded {
        Some((node, _)) if rule.batches.is_none() && rule.span.is_none() => Err(RunError::Refused(format!(
            "`{}` never ends, so a run on the virtual clock would not either; say when to stop with --batches or --for",
            node.name
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Hands stop requests over to the driver's own channel, until either side is gone.
fn forward_stops(inbox: Receiver<Command>, driver: Sender<Command>) -> std::io::Result<Sender<()>> {
    let (over, is_over) = bounded::<()>(0);
    std::thread::Builder::new().name("weir-stop".to_owned()).spawn(move || {
        loop {
            crossbeam_channel::select! {
                recv(inbox) -> command => match command {
                    Ok(command) => if driver.send(command).is_err() { return },
                    Err(_) => return,
                },
                recv(is_over) -> _ => return,
            }
        }
    })?;
    Ok(over)
}
