//! `source.folder`: the files that appear in a folder, each once, batch by batch.
//!
//! The folder is looked at again and again on an IO thread; a batch only takes what was found by then, and its files
//! are read when it is computed. So ranges count files, and a range reads again exactly while its files are there.

mod look;
mod pattern;
mod progress;
mod read;
mod seen;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde::Deserialize;

use super::content::{
    COMMENT, DELIMITER, ESCAPE, FIELDS, FORMAT, HEADER, InferredField, MAX_LINE_BYTES, NULL_TEXT, QUOTE, Reading,
    fields_of,
};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use pattern::Pattern;
use source::{Folder, FolderSource};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.folder",
    title: "Folder",
    summary: "Reads the files that appear in a folder: text, CSV, JSON lines, Parquet or Arrow.",
    doc: DOC,
    category: Category::Source,
    icon: "M 2 4 L 6 4 L 7.5 5.5 L 14 5.5 L 14 13 L 2 13 Z M 8 7.2 L 8 11 M 6.2 9.4 L 8 11.2 L 9.8 9.4",
    base_name: "files",
    inputs: &[],
    outputs: &[PortSpec { doc: "The rows of the files.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Looks into a folder twice a second and gives the rows of every file that has appeared, each file \
once and whole. Only the folder itself is looked at, not the folders in it. A relative path counts from the folder of \
the pipeline's file.

Files that are found together come by the time of their last change, then by name. For example, with the pattern \
`*.csv` and the files

| file | changed | |
|---|---|---|
| `b.csv` | 12:00:01 | first |
| `a.csv` | 12:00:02 | second |
| `c.csv.tmp`, `_c.csv`, `.c.csv` | 12:00:03 | left alone |

a batch has the rows of `b.csv`, then those of `a.csv`. A batch takes at most *files per batch*, and no further file \
once it has 256 MiB; the others follow in the next batches.

**Files still being written**: a file is taken once its size and its time of change were the same at two looks in a \
row. A program that pauses longer in the middle of a file should write it under another name, then rename it: names \
that begin with `.` or `_` or end with `.tmp` or `._COPYING_` are left alone. A file that changes after it was taken \
counts as a new one and is read again, whole; *Tail* follows a file that grows.

**Formats**: as in *Replay file*. **Text** gives each line in one column `value`, the others the declared fields; a \
row that does not fit is left out and counted. Files of lines may be packed with gzip (`.gz`) or Zstandard (`.zst`). A \
file that has vanished, cannot be read by the time its batch is computed, or has more than 1 GiB of rows is left out \
and counted, the node says which, and the stream goes on; of a damaged file the sound parts come.

**What is remembered**: the files of the last 7 days, counted back from the newest one taken, at most 100,000. A file \
older than all of them is taken for one that was read and forgotten.

A batch takes whole files, so the limits on rows do not apply. Spark: `textFileStream`, `readStream.csv`.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "Folder",
        "The folder; a relative path counts from the pipeline's folder.",
        ParamKind::File { writes: false, extensions: &[] },
    ),
    ParamSpec::new(
        "pattern",
        "Pattern",
        "Which names to take: `*` stands for any characters, `?` for one. `*.csv` takes all CSV files.",
        ParamKind::Text,
    )
    .default(Default::Text("*")),
    ParamSpec { doc: "What the files hold. *By its suffix* means the suffix of the pattern.", ..FORMAT },
    FIELDS,
    ParamSpec { doc: "The first line of each CSV file names its columns.", ..HEADER },
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULL_TEXT,
    COMMENT,
    ParamSpec::new(
        "existing",
        "Files already there",
        "What to do with files that lie in the folder when the run starts.",
        ParamKind::Choice {
            options: &[
                Choice::new("read", "Read", "Reads them like those that follow."),
                Choice::new("ignore", "Ignore", "Leaves them alone, until they change."),
            ],
        },
    )
    .default(Default::Text("read")),
    ParamSpec::new(
        "max_files_per_batch",
        "Files per batch",
        "A batch takes at most so many files.",
        ParamKind::Integer { min: 1, max: 1_000_000 },
    )
    .default(Default::Integer(1_000)),
    MAX_LINE_BYTES,
];

#[derive(Debug)]
struct Watched {
    own: Own,
    reading: Reading,
}

/// What only this kind asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    path: String,
    pattern: String,
    existing: Existing,
    max_files_per_batch: usize,
}

/// What to do with files that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Existing {
    Read,
    Ignore,
}

/// Suggests the fields of the first file that the pattern takes.
pub(in crate::nodes) fn infer(params: Params, folder: &Path) -> Result<Vec<InferredField>, String> {
    let Watched { own, reading } = Watched::read(params)?;
    let mut problems = Vec::new();
    let format = reading.format(&own.pattern, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.message);
    }
    let (path, pattern) = (folder.join(&own.path), Pattern::new(&own.pattern));
    let files =
        look::files_in(&path).map_err(|error| format!("the folder {} cannot be read: {error}", path.display()))?;
    let first = files.into_iter().find(|file| pattern.fits(&file.name.to_string_lossy()));
    let sentence = || format!("no file in {} fits the pattern; put one there first", path.display());
    fields_of(&path.join(first.ok_or_else(sentence)?.name), &format).map_err(|error| error.message)
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Watched::read(params)?))
}

impl Watched {
    fn read(mut params: Params) -> Result<Self, String> {
        let reading = Reading::take(&mut params)?;
        let own = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
        Ok(Self { own, reading })
    }
}

impl Node for Watched {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let Own { path, pattern, existing, max_files_per_batch } = &self.own;
        let mut problems = Vec::new();
        if pattern.contains(['/', '\\']) {
            let sentence = "the pattern is for the names of files, without folders; choose the folder above";
            problems.push(Diagnostic::error(sentence).param("pattern"));
        }
        let content = self.reading.content(pattern, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let output = LinkType::plain(content.schema());
        let warning = self.reading.warning(&content);
        let folder = Folder { path: context.folder.join(path), pattern: Pattern::new(pattern), content };
        let source = FolderSource::new(folder, *existing, *max_files_per_batch);
        let mut planned = Planned::new(vec![output], Stage::Source(Box::new(source)));
        planned.warnings.extend(warning);
        Ok(planned)
    }
}
