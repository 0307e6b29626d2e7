//! What a person may rely on when writing an expression.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, StringViewArray};
use arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::{ExprError, Expression, Scope, functions, nearest};
use crate::spec::Timestamp;

fn batch() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("word", Arc::new(StringViewArray::from(vec![Some("alpha"), Some("a word longer than twelve bytes"), None]))),
        ("n", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("big", Arc::new(Int64Array::from(vec![Some(10), None, Some(30)]))),
        ("x", Arc::new(Float64Array::from(vec![0.5, 1.5, 2.5]))),
        ("ok", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("Mixed Case", Arc::new(Int32Array::from(vec![7, 8, 9]))),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), array.null_count() > 0))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn schema() -> SchemaRef {
    batch().schema()
}

fn scope() -> Scope {
    Scope { batch: 7, time: Timestamp(86_400_000_000 + 5) }
}

fn run(source: &str) -> ArrayRef {
    let expression = Expression::compile(source, &schema()).unwrap_or_else(|error| panic!("{source}: {error}"));
    let array = expression.evaluate(&batch(), &scope()).unwrap_or_else(|error| panic!("{source}: {error}"));
    assert_eq!(array.data_type(), expression.field().data_type(), "{source}");
    assert_eq!(array.len(), 3, "{source}");
    assert!(expression.field().is_nullable() || array.null_count() == 0, "{source}");
    array
}

fn refuse(source: &str) -> ExprError {
    match Expression::compile(source, &schema()) {
        Err(error) => error,
        Ok(expression) => panic!("{source} was taken as {:?}", expression.field()),
    }
}

fn fail(source: &str) -> ExprError {
    let expression = Expression::compile(source, &schema()).unwrap_or_else(|error| panic!("{source}: {error}"));
    expression.evaluate(&batch(), &scope()).unwrap_err()
}

fn ints(source: &str) -> Vec<Option<i32>> {
    run(source).as_primitive::<Int32Type>().iter().collect()
}

fn longs(source: &str) -> Vec<Option<i64>> {
    run(source).as_primitive::<Int64Type>().iter().collect()
}

fn doubles(source: &str) -> Vec<Option<f64>> {
    run(source).as_primitive::<Float64Type>().iter().collect()
}

fn texts(source: &str) -> Vec<Option<String>> {
    run(source).as_string_view().iter().map(|text| text.map(str::to_owned)).collect()
}

fn bools(source: &str) -> Vec<Option<bool>> {
    run(source).as_boolean().iter().collect()
}

#[test]
fn arithmetic_comparison_and_text() {
    assert_eq!(ints("n + 1"), [Some(2), Some(3), Some(4)]);
    assert_eq!(longs("big * 2"), [Some(20), None, Some(60)]);
    assert_eq!(doubles("x * 2"), [Some(1.0), Some(3.0), Some(5.0)]);
    assert_eq!(bools("n >= 2 AND ok"), [Some(false), Some(false), Some(true)]);
    assert_eq!(texts("upper(word)")[0].as_deref(), Some("ALPHA"));
    assert_eq!(texts("word || '!'"), [Some("alpha!".into()), Some("a word longer than twelve bytes!".into()), None]);
    assert_eq!(texts("substr(word, 1, 3)")[0].as_deref(), Some("alp"));
    assert_eq!(ints("length(word)"), [Some(5), Some(31), None]);
    assert_eq!(bools("word LIKE 'al%'"), [Some(true), Some(false), None]);
    assert_eq!(bools("word RLIKE '^a\\\\w+$'"), [Some(true), Some(false), None]);
    assert_eq!(bools("word NOT RLIKE 'word'"), [Some(true), Some(false), None]);
    assert_eq!(ints("CASE WHEN n > 2 THEN 1 ELSE 0 END"), [Some(0), Some(0), Some(1)]);
    assert_eq!(ints("if(ok, n, -n)"), [Some(1), Some(-2), Some(3)]);
    assert_eq!(longs("coalesce(big, 0)"), [Some(10), Some(0), Some(30)]);
    assert_eq!(bools("n IN (1, 3)"), [Some(true), Some(false), Some(true)]);
    assert_eq!(bools("big IS NULL"), [Some(false), Some(true), Some(false)]);
}

#[test]
fn numbers_are_typed_as_in_spark() {
    for (source, data_type) in [
        ("1", DataType::Int32),
        ("2147483648", DataType::Int64),
        ("1L", DataType::Int64),
        ("-2147483648", DataType::Int32),
        ("1.5", DataType::Decimal128(2, 1)),
        ("1e3", DataType::Float64),
        ("n / 2", DataType::Float64),
        ("n div 2", DataType::Int64),
        ("n + 1", DataType::Int32),
        ("big + 1", DataType::Int64),
        ("x + 1.5", DataType::Float64),
        ("CAST(n AS LONG)", DataType::Int64),
        ("CAST(n AS SHORT)", DataType::Int16),
    ] {
        let expression = Expression::compile(source, &schema()).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(expression.field().data_type(), &data_type, "{source}");
    }
    assert_eq!(doubles("n / 2"), [Some(0.5), Some(1.0), Some(1.5)]);
    assert_eq!(longs("n div 2"), [Some(0), Some(1), Some(1)]);
    assert_eq!(longs("20 div n div 2 + 1"), [Some(11), Some(6), Some(4)]);
    assert_eq!(doubles("-1e300"), [Some(-1e300); 3]);
}

#[test]
fn constants_fill_the_batch_and_text_is_one_type() {
    assert_eq!(ints("1"), [Some(1); 3]);
    assert_eq!(texts("'x'"), vec![Some("x".to_owned()); 3]);
    assert_eq!(texts("\"x\""), vec![Some("x".to_owned()); 3]);
    assert_eq!(texts("CAST(n AS STRING)"), [Some("1".into()), Some("2".into()), Some("3".into())]);
    assert_eq!(texts("NULL"), vec![None; 3]);
    let list = run("array(word)");
    assert_eq!(list.data_type(), &DataType::List(Arc::new(Field::new_list_field(DataType::Utf8View, true))));
}

#[test]
fn timestamps_are_micros_in_utc() {
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    for source in ["TIMESTAMP '2026-01-01 00:00:01'", "CAST('2026-01-01T00:00:01Z' AS TIMESTAMP)"] {
        let array = run(source);
        assert_eq!(array.data_type(), &utc);
        assert_eq!(array.as_primitive::<TimestampMicrosecondType>().value(0), 1_767_225_601_000_000, "{source}");
    }
    assert_eq!(ints("year(TIMESTAMP '2026-03-04 05:06:07')")[0], Some(2026));
    assert_eq!(ints("hour(TIMESTAMP '2026-03-04 05:06:07')")[0], Some(5));
    assert_eq!(run("date_trunc('hour', now())").data_type(), &utc);
}

#[test]
fn the_batch_gives_its_own_time_and_number() {
    for source in ["now()", "current_timestamp", "current_timestamp()", "batch_time()", "NOW()"] {
        let array = run(source);
        let times: Vec<_> = array.as_primitive::<TimestampMicrosecondType>().iter().collect();
        assert_eq!(times, vec![Some(86_400_000_005); 3], "{source}");
    }
    assert_eq!(run("current_date").as_primitive::<Date32Type>().value(0), 1);
    assert_eq!(longs("batch_id() + n"), [Some(8), Some(9), Some(10)]);
    let expression = Expression::compile("batch_id() + n", &schema()).unwrap();
    assert_eq!(expression.reads(), [1]);
    assert!(expression.reads_scope());
}

#[test]
fn columns_are_found_whatever_their_case() {
    assert_eq!(ints("N"), ints("n"));
    assert_eq!(ints("`mixed case`"), [Some(7), Some(8), Some(9)]);
    assert_eq!(Expression::compile("N + X", &schema()).unwrap().reads(), [1, 3]);
    assert_eq!(Expression::compile(" word ", &schema()).unwrap().field().name(), "word");
}

#[test]
fn a_bare_column_is_handed_through_as_it_is() {
    let batch = batch();
    let array = Expression::compile("Word", &schema()).unwrap().evaluate(&batch, &scope()).unwrap();
    assert!(Arc::ptr_eq(&array, batch.column(0)));
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest_and_its_place() {
    let error = refuse("upper(wrod)");
    assert_eq!(error.message, "no column `wrod`; did you mean `word`?");
    assert_eq!(error.at, Some(6..10));
    let error = refuse("n +\n  Größe + n");
    assert_eq!(error.at, Some(6..13));
    assert!(error.message.starts_with("no column `Größe`; the input has `word`"), "{error}");
    let error = refuse("n + uper(word)");
    assert_eq!(error.message, "no function `uper`; did you mean `upper`?");
    assert_eq!(error.at, Some(4..8));
}

#[test]
fn what_a_row_cannot_answer_is_refused_with_the_node_that_can() {
    for (source, words) in [
        ("sum(n)", "group"),
        ("count(*)", "group"),
        ("row_number() OVER (ORDER BY n)", "window"),
        ("sum(n) OVER ()", "window"),
        ("(SELECT 1)", "subquery"),
        ("n IN (SELECT 1)", "subquery"),
        ("EXISTS (SELECT 1)", "subquery"),
        ("explode(array(word))", "flat map"),
        ("?", "placeholder"),
        ("$1", "placeholder"),
        ("*", "expected"),
        ("random()", "left out"),
        ("n AS m", "name"),
        ("n n", "operator"),
        ("n +", "missing"),
        ("", "missing"),
        ("now(1)", "no arguments"),
    ] {
        let error = refuse(source);
        assert!(error.message.contains(words), "{source}: {error}");
    }
}

#[test]
fn failing_rows_are_errors_never_nulls_or_wrapped_numbers() {
    for (source, words) in [
        ("1 / 0", "division by zero"),
        ("n / (n - 1)", "division by zero"),
        ("x / 0", "division by zero"),
        ("n div 0", "division by zero"),
        ("CAST(word AS INT)", "alpha"),
        ("n + 2147483647", "large"),
        ("n * 2147483647 * 2", "large"),
        ("big * 9223372036854775807", "large"),
        ("2147483647 + 1", "large"),
    ] {
        let error = fail(source);
        assert!(error.message.to_lowercase().contains(words), "{source}: {error}");
    }
    assert_eq!(ints("try_cast(word AS INT)"), [None; 3]);
}

#[test]
fn hostile_depth_gets_a_sentence() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}n{}", open.repeat(depth), close.repeat(depth));
    let mut sources = vec![
        nested("(", ")", 5_000),
        nested("(", ")", 60),
        "(".repeat(16_000),
        nested("abs(", ")", 3_000),
        format!("n{}", " + 1".repeat(4_000)),
        format!("{}n", "- ".repeat(8_000)),
        format!("{}ok", "NOT ".repeat(4_000)),
        format!("n{}", "::int".repeat(3_000)),
        format!("ok{}", " IS NULL".repeat(2_000)),
        format!("word{}", "[1]".repeat(5_000)),
        format!("word{}", ".a".repeat(8_000)),
        "CASE WHEN ok THEN ".repeat(800),
        "CASE ".repeat(200),
        format!("{})", "CAST(".repeat(45)),
        format!("{})", "position(".repeat(45)),
        format!("{})", "trim(".repeat(45)),
        format!("{})", "NOT ".repeat(45)),
        format!("{})", "- ".repeat(45)),
        format!("{})", "INTERVAL ".repeat(45)),
        format!("{})", "upper(".repeat(45)),
        format!("{})", "n IN (".repeat(45)),
        format!("{}]", "(".repeat(45)),
        format!("{})", "[".repeat(45)),
        format!("{})", "array[".repeat(45)),
        format!("{})", "struct(".repeat(45)),
        format!("{})", "map(".repeat(45)),
        format!("{})", "array<".repeat(45)),
        format!("{})", "struct<a ".repeat(45)),
        format!("{})", "extract(day from ".repeat(45)),
        format!("{})", "exists(".repeat(45)),
        format!("{})", "{'a': ".repeat(45)),
        format!("{})", "x -> ".repeat(45)),
        format!("{})", "date ".repeat(45)),
        "INTERVAL (".repeat(8),
        format!("n{}", " BETWEEN 1 AND 2".repeat(20)),
        "x".repeat(17_000),
        "/*".repeat(8_000),
        "'".to_owned(),
        "\u{0}".to_owned(),
    ];
    sources.push(nested("[", "]", 3_000));
    for source in sources {
        let error = refuse(&source);
        assert!(error.message.len() < 20_000 && !error.message.is_empty());
    }
}

#[test]
fn long_but_sensible_expressions_work_on_a_small_stack() {
    let chain = format!("n{}", " + 1".repeat(250));
    let list = (0..1_000).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    let any_of = (0..100).map(|i| format!("n = {i}")).collect::<Vec<_>>().join(" OR ");
    let nested = format!("{}n{}", "abs(".repeat(20), ")".repeat(20));
    let body = move || {
        assert_eq!(ints(&chain)[0], Some(251));
        assert_eq!(bools(&format!("n IN ({list})")), [Some(true); 3]);
        assert_eq!(bools(&any_of), [Some(true); 3]);
        assert_eq!(ints(&nested)[0], Some(1));
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap().join().unwrap();
}

#[test]
fn every_function_is_listed_once_with_its_form() {
    let all = functions();
    assert!(all.windows(2).all(|pair| pair[0].name < pair[1].name));
    for wanted in ["upper", "regexp_replace", "date_trunc", "batch_id", "year", "if", "abs"] {
        let found = all.iter().find(|function| function.name == wanted).unwrap_or_else(|| panic!("{wanted}"));
        assert!(found.signature.starts_with(wanted), "{found:?}");
    }
    assert!(all.iter().all(|function| function.name != "random"));
}

#[test]
fn a_wrong_call_is_refused_where_it_stands() {
    for (source, words, at) in [
        ("n + abs(n, 1)", "`abs` takes one argument", 4..7),
        ("1 + sqrt(array(n))", "takes a double", 9..14),
        ("n AND ok", "takes a boolean", 0..1),
        ("CASE WHEN ok THEN n ELSE array(1) END", "no type in common", 0..4),
        ("CAST(ok AS DATE)", "cannot be converted", 5..7),
    ] {
        let error = refuse(source);
        assert!(error.message.contains(words), "{source}: {error}");
        let found = error.at.unwrap_or_default();
        assert_eq!(found.start, at.start, "{source}");
    }
}

#[test]
fn a_constant_pattern_that_cannot_be_read_is_refused_where_it_is_written() {
    for (source, place) in [
        ("word rlike '[a'", "'[a'"),
        ("regexp_replace(word, '(', 'x')", "'('"),
        ("split(word, 'a{2,1}')", "'a{2,1}'"),
        ("date_format(current_timestamp(), 'yyyy-QQQQQQ')", "'yyyy-QQQQQQ'"),
        ("to_date(word, 'bbbb')", "'bbbb'"),
    ] {
        let found = refuse(source).at.unwrap_or_default();
        assert_eq!(&source[found], place, "{source}");
    }
    // A pattern out of a column is known with the row.
    assert!(Expression::compile("'a' rlike word", &schema()).is_ok());
}

#[test]
fn lengths_from_the_data_are_bounded() {
    assert_eq!(texts("repeat(word, n)")[0].as_deref(), Some("alpha"));
    assert_eq!(texts("lpad('7', n + 1, '0')")[0].as_deref(), Some("07"));
    for source in ["repeat(word, n * 1000000)", "lpad(word, n * 1000000)", "array_repeat(n, n * 1000000)"] {
        assert!(fail(source).message.contains("longest allowed"), "{source}");
    }
}

#[test]
fn slips_of_the_fingers_are_recognised() {
    assert_eq!(nearest("wrod", ["world", "word"]), Some("word"));
    assert_eq!(nearest("COUNT", ["count"]), Some("count"));
    assert_eq!(nearest("x", ["yonder", "completely"]), None);
    assert_eq!(nearest("", []), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_text_never_panics(source in "\\PC{0,60}") {
        let _ = Expression::compile(&source, &schema());
    }

    #[test]
    fn arbitrary_tokens_never_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..14)) {
        let source = tokens.join(" ");
        if let Ok(expression) = Expression::compile(&source, &schema())
            && let Ok(array) = expression.evaluate(&batch(), &scope())
        {
            prop_assert_eq!(array.data_type(), expression.field().data_type());
            prop_assert_eq!(array.len(), 3);
        }
    }
}

const TOKENS: &[&str] = &[
    "n",
    "word",
    "big",
    "x",
    "ok",
    "`Mixed Case`",
    "1",
    "0",
    "1.5",
    "'a'",
    "NULL",
    "TRUE",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "<",
    "||",
    "AND",
    "OR",
    "NOT",
    "IS",
    "LIKE",
    "IN",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "INT",
    "STRING",
    "TIMESTAMP",
    "upper(",
    "abs(",
    "substr(",
    "now()",
    "[",
    "]",
    "coalesce(",
    "INTERVAL",
    "DAY",
    "DIV",
    "::",
    ".",
    "date_trunc(",
    "make_array(",
    "EXTRACT(",
    "YEAR",
    "FROM",
];
