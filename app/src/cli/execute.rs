//! From arguments to a command done.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;

use super::args::{Cli, Task};
use super::console::{CliError, Console, Exit};
use super::{check, draw, functions, nodes, run};

/// What became of the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// A command was carried out.
    Ended(Exit),
    /// The designer is asked for, perhaps with a file.
    Designer(Option<PathBuf>),
}

/// Carries out the command line of this process.
pub fn start() -> Started {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr();
    let mut console = Console { out: &mut out, err: &mut err, catches_interrupts: true };
    execute(std::env::args_os(), &mut console)
}

/// Carries out a command line, the program's name first.
pub fn execute<T: Into<OsString> + Clone>(args: impl IntoIterator<Item = T>, console: &mut Console<'_>) -> Started {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return Started::Ended(explain(&error, console)),
    };
    let done = match cli.task {
        None => return Started::Designer(cli.file),
        Some(Task::Open { file }) => return Started::Designer(Some(file)),
        Some(Task::Run(args)) => run::run(&args, console),
        Some(Task::Check { file, json }) => check::check(&file, json, console),
        Some(Task::Nodes { kind, json }) => nodes::nodes(kind.as_deref(), json, console),
        Some(Task::Functions { name, json }) => functions::functions(name.as_deref(), json, console),
        Some(Task::Draw { file, output }) => draw::draw(&file, &output, console),
    };
    let flushed = done.and_then(|exit| console.out.flush().map(|()| exit).map_err(CliError::from));
    Started::Ended(flushed.unwrap_or_else(|error| error.tell(console)))
}

/// Help and version are answers; everything else clap says is a mistake in the command.
fn explain(error: &clap::Error, console: &mut Console<'_>) -> Exit {
    let text = error.render();
    let (stream, exit): (&mut dyn Write, _) =
        if error.use_stderr() { (&mut *console.err, Exit::Usage) } else { (&mut *console.out, Exit::Done) };
    // A closed stream is no reason to change how the command ended.
    let _ = write!(stream, "{text}").and_then(|()| stream.flush());
    exit
}
