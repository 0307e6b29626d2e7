//! `weir run`: a pipeline without a window, until its stop rule holds or Ctrl+C.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use weir_engine::format;
use weir_engine::pipeline::{Edit, Pipeline, Setting, Settings};
use weir_engine::runtime::{ClockKind, EngineOptions, Event, RunError, StopFlag, StopRule, run_to_end};
use weir_engine::spec::{NodeId, Span};

use super::args::RunArgs;
use super::console::{CliError, Console, Exit};
use super::print::Printer;
use super::{check, metrics, set};

/// Runs the pipeline.
pub(super) fn run(args: &RunArgs, console: &mut Console<'_>) -> Result<Exit, CliError> {
    let loaded = format::open(&args.file).map_err(|error| CliError::Failed(check::in_file(&args.file, &error)))?;
    for warning in &loaded.warnings {
        writeln!(console.err, "{}: warning: {warning}", args.file.display())?;
    }
    let mut pipeline = loaded.pipeline;
    if let Some(interval) = args.interval {
        set_interval(&mut pipeline, interval)?;
    }
    for text in &args.set {
        set::set(&mut pipeline, text)?;
    }
    let mut metrics = args.metrics.as_deref().map(create).transpose()?;
    let stop = StopFlag::new();
    if console.catches_interrupts {
        let stop = stop.clone();
        ctrlc::set_handler(move || stop.request())
            .map_err(|error| CliError::Failed(format!("Ctrl+C cannot be caught: {error}")))?;
    }
    let printer = Printer { pipeline: &pipeline, json: args.json };
    let mut teller = Teller { printer, metrics: metrics.as_mut(), console, told: Vec::new(), failure: None };
    let outcome = run_to_end(&pipeline, &options(args), &stop, &mut |event| teller.hear(&event, &stop));
    if let Some(error) = teller.failure {
        return Err(error.into());
    }
    if let Some(mut metrics) = metrics {
        metrics.flush()?;
    }
    match outcome {
        Ok(outcome) if outcome.failed => Ok(Exit::Failed),
        Ok(_) => Ok(Exit::Done),
        Err(RunError::Diagnostics(problems)) => {
            for problem in &problems {
                writeln!(console.err, "{}", check::line(&args.file, &pipeline, problem))?;
            }
            Ok(Exit::Failed)
        }
        Err(error @ (RunError::Refused(_) | RunError::Io(_))) => Err(CliError::Failed(error.to_string())),
    }
}

fn options(args: &RunArgs) -> EngineOptions {
    EngineOptions {
        clock: if args.fast { ClockKind::Virtual } else { ClockKind::Wall },
        threads: args.threads.map(usize::from),
        stop: StopRule { batches: args.batches, span: args.time, until_done: args.until_done, flush: args.flush },
        folder: check::folder_of(&args.file),
        // Every row is wanted in JSON; tables are cut where they are printed, which knows how many each sink shows.
        presented_rows: None,
        glimpsed_rows: 0,
    }
}

fn set_interval(pipeline: &mut Pipeline, interval: Span) -> Result<(), CliError> {
    let (min, max) = (Settings::MIN_INTERVAL, Settings::MAX_INTERVAL);
    if interval < min || interval > max {
        return Err(CliError::Usage(format!(
            "--interval {interval}: the batch interval must be between {min} and {max}"
        )));
    }
    let edit = Edit::Set(Setting::Interval(interval));
    pipeline.apply(&edit).map(drop).map_err(|error| CliError::Failed(error.to_string()))
}

fn create(path: &Path) -> Result<BufWriter<File>, CliError> {
    File::create(path)
        .map(BufWriter::new)
        .map_err(|error| CliError::Failed(format!("the metrics file {} cannot be written: {error}", path.display())))
}

/// Tells the person what the engine tells.
struct Teller<'a, 'c> {
    printer: Printer<'a>,
    metrics: Option<&'a mut BufWriter<File>>,
    console: &'a mut Console<'c>,
    /// Failures told already: a node that stands still is no news in the next batch.
    told: Vec<(NodeId, String)>,
    /// Why nothing more can be written.
    failure: Option<io::Error>,
}

impl Teller<'_, '_> {
    /// Writes what an event says. When that fails, nobody is there to read: the run ends at once.
    fn hear(&mut self, event: &Event, stop: &StopFlag) {
        if self.failure.is_none()
            && let Err(error) = self.tell(event)
        {
            self.failure = Some(error);
            stop.request();
            stop.request();
        }
    }

    fn tell(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Presented(shown) => self.printer.print(shown, self.console.out),
            Event::Batch(report) => {
                if let Some(file) = &mut self.metrics {
                    metrics::write(report, self.printer.pipeline, *file)?;
                    file.flush()?;
                }
                self.console.out.flush()
            }
            Event::Failed { node, name, batch, message, .. } => {
                let news = (*node, message.clone());
                if self.told.contains(&news) {
                    return Ok(());
                }
                self.told.push(news);
                writeln!(self.console.err, "node `{name}`, batch {batch}: {message}")
            }
            Event::Log { node, message, .. } => {
                let name = node.and_then(|id| self.printer.pipeline.node(id)).map(|node| node.name.as_str());
                match name {
                    Some(name) => writeln!(self.console.err, "node `{name}`: {message}"),
                    None => writeln!(self.console.err, "{message}"),
                }
            }
            Event::State(_)
            | Event::Preview(_)
            | Event::Glimpsed(_)
            | Event::Traced(_)
            | Event::Probed(_)
            | Event::Held { .. }
            | Event::Recorded(_)
            | Event::Applied(_)
            | Event::Refused(_) => Ok(()),
        }
    }
}
