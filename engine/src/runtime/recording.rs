//! Records what a source gives, as JSON lines with the time of arrival, so that a live input can be replayed with
//! other settings: the same rows, at the same pace, as often as wanted.
//!
//! A thread of its own writes. What it cannot take at once holds the batch up: a recording with holes is none.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use arrow::json::LineDelimitedWriter;
use crossbeam_channel::{Sender, bounded};

use crate::nodes::arrival_field;
use crate::plan::{Chunk, LinkType};
use crate::spec::NodeId;

/// Chunks that may wait to be written.
const QUEUE: usize = 64;

/// What is to be recorded where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The source.
    pub node: NodeId,
    /// The file; an existing one is replaced.
    pub path: PathBuf,
}

/// A recording that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What was recorded where.
    pub recording: Recording,
    /// How many rows, or why it failed.
    pub outcome: Result<u64, String>,
}

/// Writes a recording.
pub(super) struct Recorder {
    recording: Recording,
    chunks: Option<Sender<Chunk>>,
    writer: Option<JoinHandle<Result<u64, String>>>,
}

impl Recorder {
    /// Begins. The error is a sentence.
    pub(super) fn start(recording: Recording) -> Result<Self, String> {
        let path = recording.path.clone();
        let file = File::create(&path).map_err(|error| failed(&path, &error))?;
        let (chunks, inbox) = bounded::<Chunk>(QUEUE);
        let writer = std::thread::Builder::new()
            .name("weir-record".to_owned())
            .spawn(move || {
                let mut file = BufWriter::new(file);
                let mut rows = 0;
                while let Ok(chunk) = inbox.recv() {
                    write_chunk(&mut file, &chunk).map_err(|error| failed(&path, &error))?;
                    rows += chunk.rows.num_rows() as u64;
                }
                file.flush().map_err(|error| failed(&path, &error))?;
                Ok(rows)
            })
            .map_err(|error| format!("a thread could not be started ({error}); close other programs and try again"))?;
        Ok(Self { recording, chunks: Some(chunks), writer: Some(writer) })
    }

    /// The source that is recorded.
    pub(super) fn node(&self) -> NodeId {
        self.recording.node
    }

    /// Records rows; `false` once it has failed.
    pub(super) fn record(&self, chunks: &[Chunk]) -> bool {
        let Some(outbox) = &self.chunks else { return false };
        chunks.iter().filter(|chunk| chunk.rows.num_rows() > 0).all(|chunk| outbox.send(chunk.clone()).is_ok())
    }

    /// Ends: everything is written when this returns.
    pub(super) fn finish(mut self) -> Recorded {
        self.chunks = None;
        let outcome = self.writer.take().map_or(Ok(Ok(0)), JoinHandle::join);
        let outcome = outcome.unwrap_or_else(|_| Err("the recording could not be written".to_owned()));
        Recorded { recording: self.recording.clone(), outcome }
    }
}

fn write_chunk(file: &mut BufWriter<File>, chunk: &Chunk) -> Result<(), arrow::error::ArrowError> {
    let schema = chunk.rows.schema();
    let arrived = Field::new(arrival_field(&schema), LinkType::timestamp(), false);
    let times = TimestampMicrosecondArray::from_value(chunk.arrived.0, chunk.rows.num_rows()).with_timezone("UTC");
    let fields = schema.fields().iter().cloned().chain([Arc::new(arrived)]);
    let columns = chunk.rows.columns().iter().cloned().chain([Arc::new(times) as ArrayRef]);
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns.collect())?;
    let mut writer = LineDelimitedWriter::new(file);
    writer.write(&rows)?;
    writer.finish()
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} could not be written ({error}); choose another place", path.display())
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;

    use super::*;
    use crate::spec::Timestamp;

    fn chunk(words: &[&str], arrived: i64) -> Chunk {
        let words: ArrayRef = Arc::new(StringViewArray::from(words.to_vec()));
        Chunk::new(RecordBatch::try_from_iter([("value", words)]).unwrap(), Timestamp(arrived))
    }

    #[test]
    fn rows_are_lines_of_json_with_their_arrival() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input.jsonl");
        let recorder = Recorder::start(Recording { node: NodeId(1), path: path.clone() }).unwrap();
        let start = Timestamp::VIRTUAL_START.0;
        assert!(recorder.record(&[
            chunk(&["a", "b \"c\""], start),
            chunk(&[], start),
            chunk(&["字"], start + 500_000)
        ]));
        assert_eq!(recorder.finish().outcome, Ok(3));
        let text = std::fs::read_to_string(path).unwrap();
        let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows[1]["value"], "b \"c\"");
        assert_eq!(rows[2]["value"], "字");
        let time = |row: usize| rows[row]["arrived"].as_str().unwrap().to_owned();
        assert!(time(0).starts_with("2026-01-01T00:00:00") && time(2).starts_with("2026-01-01T00:00:00.5"), "{text}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_a_sentence() {
        let path = PathBuf::from("/no/such/folder/input.jsonl");
        let Err(sentence) = Recorder::start(Recording { node: NodeId(1), path }) else { panic!("it was written") };
        assert!(sentence.contains("choose another place"), "{sentence}");
    }

    #[test]
    fn a_column_called_arrived_keeps_its_name() {
        let schema = Schema::new(vec![Field::new("Arrived", LinkType::TEXT, true)]);
        assert_eq!(arrival_field(&schema), "arrived_2");
    }
}
