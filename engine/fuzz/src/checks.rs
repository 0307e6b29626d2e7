//! One function per thing that takes input from outside: it gives the engine any input and checks what must hold then.
//!
//! The functions use nothing but the engine's public door. They panic where a law is broken; everything else is right
//! to refuse or to reject.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use weir_engine::analysis::analyse;
use weir_engine::arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, ListBuilder,
    StringViewArray, StringViewBuilder, TimestampMicrosecondArray,
};
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::arrow::util::display::{ArrayFormatter, FormatOptions};
use weir_engine::expr::{Expression, Scope};
use weir_engine::format::{load, save};
use weir_engine::nodes::{self, KINDS, sources};
use weir_engine::pipeline::Settings;
use weir_engine::plan::{
    BatchContext, Category, Chunk, Flow, LinkType, Operator, Outputs, PlanContext, Planned, Stage, Watermark,
};
use weir_engine::runtime::Resources;
use weir_engine::spec::{Diagnostic, Span, Timestamp, check_params, with_defaults};

static RESOURCES: LazyLock<Resources> = LazyLock::new(|| Resources::start(Some(2)).expect("threads start"));

/// Any text as a pipeline file: it opens or says why not, and what it says of a file that opens is stable.
pub fn file(text: &str) {
    match load(text) {
        Err(error) => assert!(!error.to_string().is_empty(), "refused without a word"),
        Ok(loaded) => {
            for problem in analyse(&loaded.pipeline, Path::new(".")).diagnostics {
                assert!(!problem.message.trim().is_empty(), "a problem without words");
                assert!(!problem.message.contains("defect of Weir"), "{}", problem.message);
            }
            let saved = save(&loaded.pipeline);
            let again = load(&saved).expect("what was saved opens");
            assert_eq!(save(&again.pipeline), saved, "saving is not stable");
        }
    }
}

/// The one value of a column as text.
fn shown(value: &dyn Array) -> String {
    let options = FormatOptions::default().with_null("NULL");
    let formatter = ArrayFormatter::try_new(value, &options).expect("every type can be written");
    formatter.value(0).to_string()
}

/// Any text as an expression: refused with a sentence, or compiled; then each row has the value it has alone, and fails
/// if and only if it fails alone.
pub fn expression(source: &str) {
    let rows = odd_rows();
    let expression = match Expression::compile(source, &rows.schema()) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(!error.message.is_empty(), "refused without a word: {source}");
            let places = error.at.into_iter().flat_map(|at| [at.start, at.end]);
            places.for_each(|at| assert!(source.is_char_boundary(at), "{source}: no place in it: {at}"));
            return;
        }
    };
    let scope = Scope { batch: 7, time: Timestamp::VIRTUAL_START };
    let attempt = expression.attempt(&rows, &scope).expect("values can be put together");
    assert_eq!(attempt.values.len(), rows.num_rows(), "{source}");
    assert_eq!(attempt.values.data_type(), expression.field().data_type(), "{source}");
    for row in 0..rows.num_rows() {
        let failed = attempt.failures.iter().find(|failure| failure.row == row);
        match (expression.evaluate(&rows.slice(row, 1), &scope), failed) {
            // As text: which of its many bit patterns a NaN has means nothing.
            (Ok(alone), None) => {
                assert_eq!(shown(&attempt.values.slice(row, 1)), shown(&alone), "{source}: row {row}");
            }
            (Err(error), Some(failure)) => {
                assert!(!error.cause().is_empty() && !failure.error.message.is_empty(), "{source}");
            }
            (alone, together) => panic!("{source}: row {row} gives {alone:?} alone and {together:?} among others"),
        }
    }
}

/// Any text as a query over two inputs: refused with a sentence in its place, or planned and answered.
pub fn query(text: &str) {
    let rows = odd_rows();
    let kind = nodes::kind("sql").expect("the kind exists");
    let params = json!({"query": text}).as_object().cloned().unwrap_or_default();
    if !check_params(kind.params, &params).is_empty() {
        return;
    }
    let Ok(node) = (kind.build)(with_defaults(kind.params, &params)) else { return };
    let input = || LinkType::plain(rows.schema());
    let (settings, inputs) = (Settings::default(), [vec![input(), input()]]);
    let planned = node.plan(&PlanContext {
        name: "query",
        inputs: &inputs,
        input_names: &[vec!["a".to_owned(), "b".to_owned()]],
        settings: &settings,
        folder: Path::new("."),
    });
    match planned {
        Err(problems) => {
            for problem in problems {
                assert!(!problem.message.trim().is_empty(), "refused without a word: {text}");
                let places = problem.at.into_iter().flat_map(|at| [at.start, at.end]);
                places.for_each(|at| assert!(text.is_char_boundary(at), "{text}: no place in it: {at}"));
            }
        }
        Ok(planned) => {
            let Stage::Operator(mut operator) = planned.stage else { return };
            let chunk = || Flow::Fired(vec![Chunk::new(rows.clone(), Timestamp::VIRTUAL_START)]);
            step(&mut *operator, 0, Timestamp::VIRTUAL_START, vec![chunk(), chunk()]);
        }
    }
}

/// Any bytes as lines to be parsed, in a format that the first byte chooses: each line is read or rejected. In some
/// formats the bytes are also the pattern, the path or the delimiter.
pub fn parse(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let (first, _) = text.split_once('\n').unwrap_or((&text, ""));
    let fields = json!([
        {"name": "a"}, {"name": "i", "type": "int"}, {"name": "b", "type": "bigint"}, {"name": "d", "type": "double"},
        {"name": "o", "type": "boolean"}, {"name": "t", "type": "timestamp"}, {"name": "y", "type": "date"},
    ]);
    let params = match choice % 7 {
        0 => json!({"format": "json", "fields": fields}),
        1 => json!({"format": "csv", "fields": fields}),
        2 => json!({"format": "key_value", "fields": fields}),
        3 => json!({"format": "access_log"}),
        4 => json!({"format": "regex", "pattern": first}),
        5 => json!({"format": "json", "fields": [{"name": "a", "path": first}]}),
        _ => json!({"format": "csv", "delimiter": first.chars().next().map(String::from), "fields": fields}),
    };
    let lines: StringViewArray = text.split('\n').map(Some).collect();
    let count = lines.len() as u64;
    let rows = RecordBatch::try_new(LinkType::lines().schema, vec![Arc::new(lines)]).expect("lines are one column");
    let Ok(planned) = plan("parse", &params, LinkType::lines()) else { return };
    let outputs = run(planned, vec![rows]);
    assert_eq!(outputs.iter().map(Flow::row_count).sum::<u64>(), count, "a line is read or rejected: {params}");
}

/// Any text, cut at its blanks, as the parameters of every window kind: refused with a sentence, or planned; then rows
/// of any time can be grouped and sorted behind it.
pub fn window(text: &str) {
    for kind in KINDS.iter().filter(|kind| kind.category == Category::Window) {
        let words = text.split(['\n', '\t']).map(Value::from);
        let params: serde_json::Map<_, _> = kind.params.iter().map(|param| param.name.to_owned()).zip(words).collect();
        let time = weir_engine::window::EventTime::column("at");
        let input = LinkType { event_time: Some(time), ..LinkType::plain(odd_rows().schema()) };
        match plan(kind.id, &Value::Object(params), input) {
            Err(problems) => assert!(problems.iter().all(|problem| !problem.message.is_empty())),
            Ok(planned) => {
                let windowed = planned.outputs[0].clone();
                let group = json!({"by": ["at"], "aggregates": [{"function": "max", "argument": "big"}]});
                if let Ok(planned) = plan("group", &group, windowed) {
                    run(planned, vec![odd_rows(), odd_rows()]);
                }
            }
        }
    }
}

/// Any bytes, cut where the first bytes say, as lines of a peer: the lines are those of the whole.
pub fn lines(bytes: &[u8]) {
    let Some(([limit, cut, ..], _)) = bytes.split_first_chunk::<2>().map(|(head, rest)| (head.as_slice(), rest)) else {
        return;
    };
    let (limit, cut) = (usize::from(*limit), usize::from(*cut).max(1));
    let bytes = &bytes[2..];
    let whole = sources::frame([bytes], limit);
    assert_eq!(sources::frame(bytes.chunks(cut), limit), whole, "cut every {cut} bytes");
    let newlines = bytes.split(|byte| *byte == b'\n').count() - 1;
    let ends_open = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
    assert_eq!(whole.lines.len(), newlines + ends_open);
    // A byte that is no UTF-8 becomes a character of three.
    assert!(whole.lines.iter().all(|line| line.len() <= 3 * limit), "longer than the limit {limit}");
}

/// Rows in which every type has its odd values: nulls, the ends of its range, what is no number.
pub fn odd_rows() -> RecordBatch {
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for items in
        [Some(&[][..]), None, Some(&["a", "b"]), Some(&["中文", ""]), Some(&["x"]), Some(&[]), None, Some(&["7"])]
    {
        match items {
            None => lists.append_null(),
            Some(items) => lists.append_value(items.iter().copied().map(Some)),
        }
    }
    let words = [
        Some("alpha"),
        None,
        Some(""),
        Some("größer 漢字 😀 as twelve"),
        Some("12"),
        Some("2026-01-01"),
        Some("-"),
        Some("%_\\"),
    ];
    let times = [0, i64::MIN, i64::MAX, -1, 1, 1_767_225_600_000_000, i64::MIN + 1, i64::MAX - 1].map(Some);
    let at = TimestampMicrosecondArray::from_iter(times.into_iter().map(|time| time.filter(|time| *time != 1)));
    let decimals = [0, -1, 1, 9_999_999_999, -9_999_999_999, 50, 12_345, 7].map(Some);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("word", Arc::new(words.into_iter().collect::<StringViewArray>())),
        ("n", Arc::new(Int32Array::from(vec![0, 1, -1, i32::MAX, i32::MIN, 2, 100, -7]))),
        (
            "big",
            Arc::new(
                [Some(0), Some(i64::MAX), Some(i64::MIN), None, Some(1), Some(-1), Some(3), Some(1 << 40)]
                    .into_iter()
                    .collect::<Int64Array>(),
            ),
        ),
        (
            "x",
            Arc::new(Float64Array::from(vec![
                0.0,
                -0.0,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::MAX,
                1e-320,
                1.5,
            ])),
        ),
        (
            "ok",
            Arc::new(
                [Some(true), Some(false), None, Some(true), Some(false), None, Some(true), Some(true)]
                    .into_iter()
                    .collect::<BooleanArray>(),
            ),
        ),
        ("at", Arc::new(at.with_timezone("UTC"))),
        ("day", Arc::new(Date32Array::from(vec![0, i32::MIN, i32::MAX, -1, 1, 20_000, i32::MAX - 1, 365]))),
        (
            "price",
            Arc::new(
                decimals.into_iter().collect::<Decimal128Array>().with_precision_and_scale(10, 2).expect("it fits"),
            ),
        ),
        ("list", Arc::new(lists.finish())),
    ];
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("the columns are equally long")
}

/// Plans a node as the analysis does: the generic check first.
pub fn plan(kind: &str, params: &Value, input: LinkType) -> Result<Planned, Vec<Diagnostic>> {
    let kind = nodes::kind(kind).expect("the kind exists");
    let raw = params.as_object().cloned().unwrap_or_default();
    let problems = check_params(kind.params, &raw);
    if problems.iter().any(Diagnostic::is_error) {
        return Err(problems);
    }
    let node = (kind.build)(with_defaults(kind.params, &raw)).map_err(|message| vec![Diagnostic::error(message)])?;
    let (settings, inputs) = (Settings::default(), [vec![input]]);
    node.plan(&PlanContext {
        name: "node",
        inputs: &inputs,
        input_names: &[],
        settings: &settings,
        folder: Path::new("."),
    })
}

/// Runs an operator over one batch per record batch and an empty one at last; what it gave in the first batch. It may
/// fail, but not for a defect.
pub fn run(planned: Planned, batches: Vec<RecordBatch>) -> Outputs {
    let Stage::Operator(mut operator) = planned.stage else { return Vec::new() };
    let mut first = None;
    let start = Timestamp::VIRTUAL_START;
    let mut from = start;
    for (batch, rows) in batches.into_iter().map(Some).chain([None]).enumerate() {
        let chunks = rows.map(|rows| Chunk::new(rows, from.plus(Span(1)))).into_iter().collect();
        let outputs = step(&mut *operator, batch as u64, from, vec![Flow::Fired(chunks)]);
        first.get_or_insert(outputs);
        from = from.plus(Span::from_secs(1));
    }
    first.unwrap_or_default()
}

fn step(operator: &mut dyn Operator, batch: u64, from: Timestamp, flows: Vec<Flow>) -> Outputs {
    let context = BatchContext {
        batch,
        time: from.plus(Span::from_secs(1)),
        from,
        run_start: Timestamp::VIRTUAL_START,
        seed: 1,
        pool: Arc::clone(&RESOURCES.pool),
        watermarks: vec![vec![Some(Watermark::START); flows.len()]],
    };
    match operator.process(vec![flows], &context) {
        Ok(outputs) => outputs,
        Err(error) => {
            assert!(!error.message.is_empty() && !error.message.contains("defect of Weir"), "{}", error.message);
            Vec::new()
        }
    }
}
