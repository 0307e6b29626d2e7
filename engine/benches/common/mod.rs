//! What the benchmarks share: text, operators of nodes, and the context of a batch.

pub mod baseline;
pub mod events;
pub mod graphs;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::record_batch::RecordBatch;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use weir_engine::nodes;
use weir_engine::pipeline::Settings;
use weir_engine::plan::{BatchContext, LinkType, Operator, PlanContext, Stage};
use weir_engine::spec::{Params, Span, Timestamp, with_defaults};

/// As in the program; DataFusion's side has it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lines of about 50 bytes from a vocabulary of so many words, few of them frequent.
pub fn lines(count: usize, vocabulary: usize) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut line = || {
        let mut line = String::new();
        while line.len() < 50 {
            let skewed = random.random::<f64>().powi(3) * vocabulary as f64;
            line.push_str(&word(skewed as usize));
            line.push(' ');
        }
        line.pop();
        line
    };
    (0..count).map(|_| line()).collect()
}

/// The word of this number: three to ten letters.
pub fn word(number: usize) -> String {
    let mut rest = number.wrapping_mul(0x9E37_79B9) ^ number;
    let letters = 3 + number % 5;
    let mut word: String = (0..letters)
        .map(|_| {
            let letter = b'a' + (rest % 26) as u8;
            rest /= 26;
            char::from(letter)
        })
        .collect();
    word.push_str(&number.to_string());
    word
}

/// One text column.
pub fn column<S: AsRef<str>>(name: &str, values: &[S]) -> RecordBatch {
    let values: StringViewArray = values.iter().map(|value| Some(value.as_ref())).collect();
    RecordBatch::try_from_iter_with_nullable([(name, Arc::new(values) as ArrayRef, true)]).unwrap()
}

/// The operator of a node over this link, and the link behind it. `None` where the kind is not there or refuses.
pub fn operator(kind: &str, params: &str, input: &LinkType) -> Option<(Box<dyn Operator>, LinkType)> {
    operator_over(kind, params, std::slice::from_ref(input))
}

/// The same over several input ports, a link each.
pub fn operator_over(kind: &str, params: &str, inputs: &[LinkType]) -> Option<(Box<dyn Operator>, LinkType)> {
    let kind = nodes::kind(kind)?;
    let raw: Params = serde_json::from_str(params).unwrap();
    let node = (kind.build)(with_defaults(kind.params, &raw)).ok()?;
    let (inputs, settings): (Vec<_>, _) =
        (inputs.iter().map(|input| vec![input.clone()]).collect(), Settings::default());
    let context =
        PlanContext { name: "node", inputs: &inputs, input_names: &[], settings: &settings, folder: Path::new(".") };
    let planned = node.plan(&context).ok()?;
    match planned.stage {
        Stage::Operator(operator) => Some((operator, planned.outputs.into_iter().next()?)),
        Stage::Source(_) | Stage::Relabel | Stage::Sink(_) => None,
    }
}

/// The context of the batch of this number, one second each.
pub fn context(batch: u64, pool: &Arc<rayon::ThreadPool>) -> BatchContext {
    let second = Span::from_secs(1).0 * i64::try_from(batch).unwrap();
    let from = Timestamp::VIRTUAL_START.plus(Span(second));
    BatchContext {
        batch,
        time: from.plus(Span::from_secs(1)),
        from,
        run_start: Timestamp::VIRTUAL_START,
        seed: 7,
        pool: Arc::clone(pool),
        watermarks: Vec::new(),
    }
}

/// A pool of so many threads.
pub fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
    Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}
