//! `source.tail`: follows a file that grows, over truncation and rotation, as `tail -F` does.
//!
//! The file is read on an IO thread, block by block, as long as there is room for rows; a line counts once its newline
//! is there. A file that is truncated and grows past the old length between two looks cannot be told from one that
//! only grew: no follower can.

mod follower;
mod opened;
mod source;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::content::{
    COMMENT, DELIMITER, ESCAPE, Format, HEADER, LINE_FIELDS, LINE_FORMAT, MAX_LINE_BYTES, NULL_TEXT, QUOTE, Reading,
};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use follower::Origin;
use source::TailSource;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.tail",
    title: "Tail",
    summary: "Follows a file that grows, such as a log: each new line is a row.",
    doc: DOC,
    category: Category::Source,
    icon: "M 4 2 L 10 2 L 12.5 4.5 L 12.5 14 L 4 14 Z M 6 6 L 10.5 6 M 6 8.5 L 10.5 8.5 M 6 11 L 8 11",
    base_name: "tail",
    inputs: &[],
    outputs: &[PortSpec { doc: "The lines that were written.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Follows a file while another program writes to it. It looks five times a second. A relative path \
counts from the folder of the pipeline's file. To try it, start the pipeline with the path `app.log` and type \
`echo hello >> app.log` into a terminal: the batch that follows has one row, `hello`.

| what happens to the file | what comes |
|---|---|
| `a b` is written, without a newline | nothing yet |
| ` c` and a newline follow | the row `a b c` |
| it is renamed to `app.log.1`, a new `app.log` appears | the rest of the old one, then the new one |
| it is truncated | the new content from its beginning |
| it is not there | nothing; the node says that it waits |

**From the end** gives the lines completed after the start (of a file that appears later, all of it), **from the \
beginning** also those that are there. When a file is rotated or truncated, what was left of it without a newline \
counts as a line. After a rename the old file is read until it has been quiet for one look.

**Formats**: as in *Replay file*. **Text** gives each line in one column `value`, **CSV** and **JSON lines** the \
declared fields; the header of a CSV file is its first line, wherever reading begins. A row that does not fit is left \
out and counted. When more rows wait than the pipeline's setting *max buffered rows* allows, the source stops reading: \
nothing is lost as long as the file is there.

The longest line can change while it runs without losing the place; another file, format or fields begin anew.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "path",
        "File",
        "The file; a relative path counts from the pipeline's folder. It need not exist yet.",
        ParamKind::File { writes: false, extensions: &["log", "txt", "csv", "tsv", "json", "jsonl", "ndjson"] },
    ),
    ParamSpec::new(
        "from",
        "From",
        "Where to begin in a file that is there when the run starts.",
        ParamKind::Choice {
            options: &[
                Choice::new("end", "End", "Gives only what is written from now on."),
                Choice::new("beginning", "Beginning", "Gives what is there, then what is written."),
            ],
        },
    )
    .default(Default::Text("end")),
    LINE_FORMAT,
    LINE_FIELDS,
    HEADER,
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULL_TEXT,
    COMMENT,
    MAX_LINE_BYTES,
];

#[derive(Debug)]
struct Tail {
    own: Own,
    reading: Reading,
}

/// What only this kind asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    path: String,
    from: Origin,
}

fn build(mut params: Params) -> Result<Box<dyn Node>, String> {
    let reading = Reading::take(&mut params)?;
    let own = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(Tail { own, reading }))
}

impl Node for Tail {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let Own { path, from } = &self.own;
        let mut problems = Vec::new();
        let content = self.reading.content(path, &mut problems);
        if matches!(content.format, Format::Parquet | Format::Arrow) {
            let sentence = "a file of columns is written once, as a whole; read it with Replay file";
            problems.push(Diagnostic::error(sentence).param("path"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let output = LinkType::plain(content.schema());
        let warning = self.reading.warning(&content);
        let source = TailSource::new(context.folder.join(path), *from, content);
        let mut planned = Planned::new(vec![output], Stage::Source(Box::new(source)));
        planned.warnings.extend(warning);
        Ok(planned)
    }
}
