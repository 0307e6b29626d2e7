//! Files of rows as the sources read them: whatever the bytes are, reading ends, and says what it left out.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use weir_engine::arrow::datatypes::SchemaRef;
use weir_engine::nodes;
use weir_engine::pipeline::Settings;
use weir_engine::plan::{Chunk, Cut, IoContext, PlanContext, Source, Stage};
use weir_engine::runtime::{Resources, VirtualClock};
use weir_engine::spec::{Params, Span, Timestamp, check_params, with_defaults};

static RESOURCES: LazyLock<Resources> = LazyLock::new(|| Resources::start(Some(1)).expect("threads start"));

/// Rows of a batch, and more batches than any small file has.
const ROWS_PER_BATCH: u64 = 100;
const MOST_BATCHES: usize = 10_000;

/// The suffixes by which files are told apart.
const SUFFIXES: [&str; 11] =
    ["txt", "csv", "tsv", "jsonl", "parquet", "arrow", "txt.gz", "csv.gz", "jsonl.zst", "parquet.gz", "arrow"];

const PARQUET: &[u8] = include_bytes!("../../../samples/data/orders.parquet");
const ARROW: &[u8] = include_bytes!("../../../samples/data/deliveries.arrow");

/// Any bytes as a file: the first says its suffix, the second whether they are the file, or changes to a good one.
pub fn content(bytes: &[u8]) {
    let Some(([suffix, changes, ..], _)) = bytes.split_first_chunk::<2>().map(|(head, rest)| (head.as_slice(), rest))
    else {
        return;
    };
    let suffix = SUFFIXES[usize::from(*suffix) % SUFFIXES.len()];
    let good = match suffix {
        "parquet" => PARQUET,
        "arrow" => ARROW,
        _ => &[],
    };
    let bytes = if changes % 2 == 0 || good.is_empty() { bytes[2..].to_vec() } else { changed(good, &bytes[2..]) };
    let file = File::with(suffix, &bytes);
    let params = file.params();
    // What the fields seem to be may be anything but a crash.
    let inferred = nodes::infer("source.replay", "fields", &params, file.folder());
    if let Err(sentence) = &inferred {
        assert!(!sentence.is_empty(), "refused without a word");
    }
    for fields in [declared(), Value::Array(inferred.unwrap_or_default())] {
        let mut params = params.clone();
        params.insert("fields".to_owned(), fields);
        let (rows, left_out) = read(&params, file.folder());
        let again = read(&params, file.folder());
        assert_eq!((rows, left_out), again, "the same file reads the same");
        if suffix == "txt" {
            let newlines = bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
            let ends_open = u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
            assert_eq!(rows, newlines + ends_open, "every line is a row");
        }
    }
}

/// A good file with some bytes changed: each three say where and to what, and an odd one at the end cuts it there.
fn changed(good: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    // From the end as well as from the beginning: there is what says where everything lies.
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let at = if change[2] % 2 == 0 { at % bytes.len() } else { bytes.len() - 1 - at % bytes.len().min(400) };
        bytes[at] = bytes[at].wrapping_add(change[2] / 2);
    }
    if let [.., tenths] = changes.chunks_exact(3).remainder() {
        bytes.truncate(bytes.len() * usize::from(*tenths % 11) / 10);
    }
    bytes
}

fn declared() -> Value {
    json!([
        {"name": "a"}, {"name": "order_id", "type": "bigint"}, {"name": "amount", "type": "double"},
        {"name": "o", "type": "boolean", "path": "a.0.b"}, {"name": "at", "type": "timestamp"},
    ])
}

/// How many rows a replay of the file gives, and how many it says it left out; `None` where it refuses the file.
fn read(params: &Params, folder: &Path) -> (u64, Option<u64>) {
    let kind = nodes::kind("source.replay").expect("the kind exists");
    assert_eq!(check_params(kind.params, params), []);
    let settings = Settings::default();
    let context = PlanContext { name: "file", inputs: &[], input_names: &[], settings: &settings, folder };
    let node = (kind.build)(with_defaults(kind.params, params)).expect("the parameters are whole");
    let Ok(planned) = node.plan(&context) else { return (0, None) };
    let Stage::Source(source) = planned.stage else { return (0, None) };
    let read = batches(&*source, &planned.outputs[0].schema);
    source.stop();
    read
}

fn batches(source: &dyn Source, schema: &SchemaRef) -> (u64, Option<u64>) {
    let io = IoContext {
        io: RESOURCES.io.handle().clone(),
        clock: VirtualClock::new(Timestamp::VIRTUAL_START),
        max_buffered_rows: 1_000,
        max_buffered_bytes: 1 << 20,
        seed: 1,
        node: 1,
    };
    if let Err(error) = source.start(&io) {
        assert!(!error.message.is_empty() && !error.message.contains("defect of Weir"), "{}", error.message);
        return (0, None);
    }
    let (mut rows, mut from) = (0, Timestamp::VIRTUAL_START);
    for batch in 0..MOST_BATCHES {
        let until = from.plus(Span::from_secs(1));
        let cut = Cut { batch: batch as u64, from, until, max_rows: u64::MAX };
        let read = source.plan_range(&cut).and_then(|range| Ok((range, source.read(&range)?)));
        match read {
            Ok((range, chunks)) => {
                let count = chunks.iter().map(|chunk: &Chunk| chunk.rows.num_rows() as u64).sum::<u64>();
                assert_eq!(count, range.to - range.from, "exactly the range is read");
                assert!(chunks.iter().all(|chunk| chunk.rows.schema() == *schema), "the columns are those planned");
                rows += count;
                source.commit(&range);
            }
            Err(error) => {
                assert!(!error.message.is_empty() && !error.message.contains("defect of Weir"), "{}", error.message);
                return (rows, None);
            }
        }
        if source.is_done() {
            let left_out = source.counters().iter().map(|(_, count)| count).sum();
            return (rows, Some(left_out));
        }
        from = until;
    }
    panic!("{MOST_BATCHES} batches of a small file, and no end");
}

/// A file that is gone when it goes out of scope.
struct File {
    path: PathBuf,
}

impl File {
    fn with(suffix: &str, bytes: &[u8]) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("weir-content-{}-{number}.{suffix}", std::process::id()));
        std::fs::write(&path, bytes).expect("the file can be written");
        Self { path }
    }

    fn folder(&self) -> &Path {
        self.path.parent().expect("it lies in a folder")
    }

    fn params(&self) -> Params {
        let name = self.path.file_name().expect("it has a name").to_string_lossy();
        let params = json!({"path": name, "rows_per_batch": ROWS_PER_BATCH, "fields": []});
        params.as_object().cloned().unwrap_or_default()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = std::fs::remove_file(&self.path);
    }
}
