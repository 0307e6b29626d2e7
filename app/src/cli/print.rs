//! What a sink shows of a batch, on standard output: a table or lines under a heading, as `print` does for a DStream,
//! or one JSON object per batch with all rows.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::nodes;
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::Presents;
use weir_engine::runtime::Presented;
use weir_engine::spec::with_defaults;

use super::cells::{to_json, to_text};

/// Above and below a heading.
const RULE: &str = "-------------------------------------------";
/// Rows shown of a sink that does not say how many.
const ROWS: u64 = 10;
/// Letters of a cell of a table.
const MAX_CELL: usize = 200;

/// How the rows of a run are printed.
pub(super) struct Printer<'a> {
    /// What runs: the sinks' own parameters say how many rows they show.
    pub(super) pipeline: &'a Pipeline,
    /// Whether in JSON.
    pub(super) json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    batch: u64,
    time: String,
    node: &'a str,
    columns: Vec<&'a str>,
    rows: Vec<Vec<Value>>,
}

impl Printer<'_> {
    /// Prints what a sink shows of a batch.
    pub(super) fn print(&self, shown: &Presented, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            return json(shown, out);
        }
        writeln!(out, "{RULE}\nTime: {}  {}\n{RULE}", shown.time, shown.name)?;
        let (presents, limit) = self.how(shown);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        match presents {
            Presents::Console | Presents::Alert => lines(&shown.rows, limit, out)?,
            Presents::Table | Presents::Chart | Presents::None => table(shown, limit, out)?,
        }
        let more = shown.total_rows.saturating_sub(limit as u64);
        if more > 0 {
            writeln!(out, "... {more} more")?;
        }
        writeln!(out)
    }

    /// How the sink shows itself, and how many rows of a batch.
    fn how(&self, shown: &Presented) -> (Presents, u64) {
        let Some(node) = self.pipeline.node(shown.node) else { return (Presents::Table, ROWS) };
        let Some(kind) = nodes::kind(&node.kind) else { return (Presents::Table, ROWS) };
        let rows = with_defaults(kind.params, &node.params).get("rows").and_then(Value::as_u64);
        (kind.presents, rows.unwrap_or(ROWS))
    }
}

fn json(shown: &Presented, out: &mut dyn Write) -> io::Result<()> {
    let rows =
        rows_of(&shown.rows).map(|(batch, row)| batch.columns().iter().map(|cells| to_json(cells, row)).collect());
    let line = Line {
        batch: shown.batch,
        time: shown.time.to_string(),
        node: &shown.name,
        columns: shown.schema.fields().iter().map(|field| field.name().as_str()).collect(),
        rows: rows.collect(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

/// A single value bare, several in brackets.
fn lines(batches: &[RecordBatch], limit: usize, out: &mut dyn Write) -> io::Result<()> {
    for (batch, row) in rows_of(batches).take(limit) {
        let cells: Vec<_> = batch.columns().iter().map(|cells| to_text(cells, row)).collect();
        match cells.as_slice() {
            [single] => writeln!(out, "{single}")?,
            several => writeln!(out, "({})", several.join(", "))?,
        }
    }
    Ok(())
}

/// Aligned columns; numbers to the right.
fn table(shown: &Presented, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    let fields = shown.schema.fields();
    let mut lines: Vec<Vec<String>> = vec![fields.iter().map(|field| field.name().clone()).collect()];
    for (batch, row) in rows_of(&shown.rows).take(limit) {
        lines.push(batch.columns().iter().map(|cells| cut(to_text(cells, row))).collect());
    }
    let widths: Vec<_> = (0..fields.len())
        .map(|column| lines.iter().filter_map(|cells| cells.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    for cells in lines {
        let mut line = String::new();
        for ((cell, field), width_of_column) in cells.iter().zip(fields).zip(&widths) {
            let gap = " ".repeat(width_of_column.saturating_sub(width(cell)));
            let (before, after) = if field.data_type().is_numeric() { (gap.as_str(), "") } else { ("", gap.as_str()) };
            line.extend([before, cell.as_str(), after, "  "]);
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// All rows of all batches.
fn rows_of(batches: &[RecordBatch]) -> impl Iterator<Item = (&RecordBatch, usize)> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Places on a terminal: letters of East Asian scripts take two.
fn width(text: &str) -> usize {
    let is_wide = |c: char| matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weir_engine::arrow::array::{ArrayRef, Int64Array, StringViewArray};
    use weir_engine::spec::{NodeId, Timestamp};

    use super::*;

    fn shown(words: &[&str], counts: &[i64]) -> Presented {
        let words: ArrayRef = Arc::new(StringViewArray::from(words.to_vec()));
        let counts: ArrayRef = Arc::new(Int64Array::from(counts.to_vec()));
        let rows = RecordBatch::try_from_iter([("word", words), ("count", counts)]).unwrap();
        Presented {
            node: NodeId(1),
            name: "counts".to_owned(),
            batch: 3,
            time: Timestamp::VIRTUAL_START,
            schema: rows.schema(),
            total_rows: rows.num_rows() as u64,
            rows: vec![rows],
        }
    }

    fn printed(shown: &Presented, json: bool) -> String {
        let mut out = Vec::new();
        Printer { pipeline: &Pipeline::new(), json }.print(shown, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_batch_is_a_heading_and_an_aligned_table() {
        let text = printed(&shown(&["a", "数据", "stream"], &[2, 1, 100]), false);
        let expected = "\
-------------------------------------------
Time: 2026-01-01T00:00:00Z  counts
-------------------------------------------
word    count
a           2
数据        1
stream    100

";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let many: Vec<_> = (0..25).collect();
        let text = printed(&shown(&vec!["a"; 25], &many), false);
        assert!(text.ends_with("a         9\n... 15 more\n\n"), "{text}");
    }

    #[test]
    fn json_is_one_object_per_line_with_all_rows() {
        let text = printed(&shown(&["a", "b"], &[2, 1]), true);
        let expected = r#"{"batch":3,"time":"2026-01-01T00:00:00Z","node":"counts","columns":["word","count"],"rows":[["a",2],["b",1]]}"#;
        assert_eq!(text, format!("{expected}\n"));
        assert_eq!(printed(&shown(&vec!["a"; 25], &[1; 25]), true).matches("[\"a\",1]").count(), 25);
    }
}
