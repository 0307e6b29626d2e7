//! What must hold of every format: rows come as they were written, damage costs what it touches, nothing panics.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, AsArray, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray, StringArray,
    StructArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::csv::tests::standard;
use super::*;
use crate::plan::NodeError;

/// Rows of the types that others write: narrow, nested, in dictionaries.
fn foreign(rows: i64) -> RecordBatch {
    let numbers = || (0..rows).map(Some);
    let city: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("city {row}"))));
    let user = StructArray::from(vec![(Arc::new(Field::new("city", DataType::Utf8, true)), city)]);
    let tags = ListArray::from_iter_primitive::<Int64Type, _, _>((0..rows).map(|row| Some(vec![Some(row), None])));
    let words: DictionaryArray<Int32Type> =
        (0..rows).map(|row| if row % 2 == 0 { Some("even") } else { None }).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int64Array::from_iter(numbers()))),
        ("small", Arc::new(Int32Array::from_iter((0..rows).map(|row| i32::try_from(row).ok())))),
        ("x", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 2.0)))),
        (
            "price",
            Arc::new(
                Decimal128Array::from_iter_values((0..rows).map(i128::from)).with_precision_and_scale(10, 2).unwrap(),
            ),
        ),
        ("at", Arc::new(TimestampMillisecondArray::from_iter(numbers()))),
        ("user", Arc::new(user)),
        ("tags", Arc::new(tags)),
        ("word", Arc::new(words)),
        ("unread", Arc::new(Int64Array::from_iter(numbers()))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn fields(mut list: Value) -> Vec<FieldParam> {
    for field in list.as_array_mut().unwrap() {
        field.as_object_mut().unwrap().entry("type").or_insert_with(|| json!("string"));
    }
    serde_json::from_value(list).unwrap()
}

fn foreign_fields() -> Vec<FieldParam> {
    fields(json!([
        {"name": "n", "type": "bigint"}, {"name": "Small", "type": "bigint"}, {"name": "x", "type": "double"},
        {"name": "price", "type": "string"}, {"name": "at", "type": "timestamp"},
        {"name": "city", "type": "string", "path": "user.city"}, {"name": "tags", "type": "string"},
        {"name": "word", "type": "string"}
    ]))
}

fn content(format: Format, fields: Vec<FieldParam>) -> Content {
    Content { format, fields, max_line_bytes: 1 << 20 }
}

fn parquet_bytes(rows: &RecordBatch, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
    writer.write(rows).unwrap();
    writer.into_inner().unwrap()
}

fn arrow_bytes(rows: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), rows[0].schema_ref(), options).unwrap();
    rows.iter().for_each(|rows| writer.write(rows).unwrap());
    writer.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A file in a folder of its own.
struct Put {
    _folder: TempDir,
    path: PathBuf,
}

fn put(name: &str, bytes: &[u8]) -> Put {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Put { _folder: folder, path }
}

/// All rows as text, and what was left out.
fn read(path: &Path, content: &Content) -> Result<(Vec<String>, Rejected), NodeError> {
    let mut rows = FileRows::open(path, content)?;
    let mut lines = Vec::new();
    while let Some(block) = rows.next_block()? {
        assert_eq!(block.schema(), content.schema(), "rows have the declared types");
        assert!(block.num_rows() > 0);
        let options = FormatOptions::default().with_null("null");
        let cells: Vec<_> = block.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        lines.extend(
            (0..block.num_rows())
                .map(|row| cells.iter().map(|cell| cell.value(row).to_string()).collect::<Vec<_>>().join("|")),
        );
        assert!(lines.len() < 1_000_000, "rows without end");
    }
    Ok((lines, rows.rejected))
}

#[test]
fn parquet_and_arrow_give_the_declared_fields_in_the_types_of_links() {
    let rows = foreign(3);
    for (name, bytes, format) in [
        ("a.parquet", parquet_bytes(&rows, 2), Format::Parquet),
        ("a.arrow", arrow_bytes(&[rows.slice(0, 2), rows.slice(2, 1)], None), Format::Arrow),
        ("a.arrow", arrow_bytes(std::slice::from_ref(&rows), Some(CompressionType::ZSTD)), Format::Arrow),
        ("a.arrow", arrow_bytes(std::slice::from_ref(&rows), Some(CompressionType::LZ4_FRAME)), Format::Arrow),
    ] {
        let file = put(name, &bytes);
        let (lines, rejected) = read(&file.path, &content(format, foreign_fields())).unwrap();
        assert_eq!(lines[0], "0|0|0.0|0.00|1970-01-01T00:00:00Z|city 0|[0,null]|even", "{name}");
        assert_eq!(lines[1], "1|1|0.5|0.01|1970-01-01T00:00:00.001Z|city 1|[1,null]|null", "{name}");
        assert_eq!((lines.len(), rejected.count), (3, 0), "{name}");
    }
}

#[test]
fn values_of_columns_nobody_asked_for_are_counted() {
    let file = put("a.arrow", &arrow_bytes(&[foreign(3)], None));
    let (_, rejected) = read(&file.path, &content(Format::Arrow, foreign_fields())).unwrap();
    assert_eq!(rejected.ignored, 3);
}

#[test]
fn a_column_that_is_not_there_or_does_not_fit_is_answered_with_what_to_declare() {
    let file = put("a.parquet", &parquet_bytes(&foreign(3), 9));
    let refused = |list: Value| read(&file.path, &content(Format::Parquet, fields(list))).unwrap_err().message;
    assert!(refused(json!([{"name": "wrod"}])).contains("did you mean `word`?"));
    let wrong = refused(json!([{"name": "x", "type": "int"}]));
    assert!(
        wrong.contains("has the column `x` as double") && wrong.ends_with("declare the field `x` as double"),
        "{wrong}"
    );
    let wrong = refused(json!([{"name": "a", "type": "timestamp", "path": "n"}]));
    assert!(wrong.contains("cannot be read as timestamp"), "a number has no unit: {wrong}");
}

#[test]
fn rows_whose_value_does_not_fit_are_left_out_with_the_reason() {
    let big = RecordBatch::try_from_iter([
        ("n", Arc::new(Int64Array::from(vec![Some(1), Some(1 << 40), None])) as ArrayRef),
        ("s", Arc::new(StringArray::from(vec![Some("7"), Some("8"), Some("x")])) as ArrayRef),
    ])
    .unwrap();
    let file = put("a.parquet", &parquet_bytes(&big, 9));
    let declared = fields(json!([{"name": "n", "type": "int"}, {"name": "s", "type": "int"}]));
    let (lines, rejected) = read(&file.path, &content(Format::Parquet, declared)).unwrap();
    assert_eq!((lines, rejected.count), (vec!["1|7".to_owned()], 2));
    assert_eq!(rejected.last.unwrap(), "row 3: `x` is no int, as the field `s` is declared");
}

#[test]
fn a_damaged_part_costs_its_own_rows_only() {
    let mut bytes = parquet_bytes(&foreign(300), 100);
    // The first bytes of the second group's first page.
    let at = {
        let file = put("a.parquet", &bytes);
        let input = bounded::BoundedFile::new(fs::File::open(&file.path).unwrap(), bytes.len() as u64);
        let metadata = parquet::arrow::arrow_reader::ArrowReaderMetadata::load(
            &input,
            parquet::arrow::arrow_reader::ArrowReaderOptions::default(),
        )
        .unwrap();
        metadata.metadata().row_group(1).column(0).byte_range().0
    };
    for byte in &mut bytes[usize::try_from(at).unwrap()..][..40] {
        *byte ^= 0xA5;
    }
    let file = put("a.parquet", &bytes);
    let declared = fields(json!([{"name": "n", "type": "bigint"}]));
    let (lines, rejected) = read(&file.path, &content(Format::Parquet, declared)).unwrap();
    assert_eq!((lines.len(), rejected.count), (200, 100));
    assert_eq!((lines[0].as_str(), lines[100].as_str()), ("0", "200"));
    assert!(rejected.last.unwrap().starts_with("row group 2: "));
}

#[test]
fn lines_are_unpacked_by_suffix_and_a_file_that_breaks_off_gives_what_it_has() {
    let lines: String =
        (0..50_000).map(|n| format!("{{\"n\": {n}, \"user\": {{\"city\": \"c{n}\"}}}}\n")).collect::<Vec<_>>().concat();
    let declared = fields(json!([{"name": "n", "type": "bigint"}, {"name": "city", "path": "user.city"}]));
    let content = content(Format::JsonLines, declared);
    let packed =
        [("a.jsonl.gz", gzip(lines.as_bytes())), ("a.jsonl.zst", zstd::encode_all(lines.as_bytes(), 3).unwrap())];
    for (name, bytes) in packed {
        let (rows, rejected) = read(&put(name, &bytes).path, &content).unwrap();
        assert_eq!((rows.len(), rejected.count, rows[49_999].as_str()), (50_000, 0, "49999|c49999"), "{name}");
        let half = put(name, &bytes[..bytes.len() / 2]);
        let (rows, rejected) = read(&half.path, &content).unwrap();
        assert!(!rows.is_empty() && rows.len() < 50_000, "{name}: {}", rows.len());
        assert!(rejected.last.as_ref().unwrap().contains("is cut off, so the rest is missing"), "{rejected:?}");
    }
    // Several members, as `cat a.gz b.gz` gives, are one file.
    let (rows, _) = read(&put("a.gz", &[gzip(b"{\"n\":1}\n"), gzip(b"{\"n\":2}\n")].concat()).path, &content).unwrap();
    assert_eq!(rows, ["1|null", "2|null"]);
}

#[test]
fn what_is_no_file_of_its_format_says_so() {
    for (name, format) in [("a.parquet", Format::Parquet), ("a.arrow", Format::Arrow)] {
        for bytes in [&b""[..], b"PAR1", b"ARROW1\0\0", b"no such thing, but long enough", b"\xFF\xFF\xFF\x7FPAR1"] {
            let error = read(&put(name, bytes).path, &content(format.clone(), foreign_fields())).unwrap_err();
            assert!(error.message.contains("is cut off; write it anew"), "{name}: {error}");
        }
        let packed = put(&format!("{name}.gz"), b"");
        let error = read(&packed.path, &content(format, foreign_fields())).unwrap_err();
        assert!(error.message.contains("unpack it first"), "{error}");
    }
    let wide = read(&put("a.txt", b"\xFF\xFEa\0\n\0").path, &content(Format::Text, Vec::new())).unwrap_err();
    assert!(wide.message.ends_with("is UTF-16; save it as UTF-8"), "{wide}");
    let (lines, _) = read(&put("a.txt", b"\xEF\xBB\xBFa\nb").path, &content(Format::Text, Vec::new())).unwrap();
    assert_eq!(lines, ["a", "b"], "the mark of UTF-8 is no text");
}

#[test]
fn csv_is_read_in_its_dialect() {
    let dialect = CsvDialect {
        delimiter: ';',
        quote: Some('\''),
        escape: Some('\\'),
        null_text: "NA".to_owned(),
        comment: Some('#'),
        ..standard()
    };
    let text = "# made by hand\nn;s\n1;'a;\\'b\\''\n# a remark\nNA;NA\n;'NA'\n";
    let declared = fields(json!([{"name": "s"}, {"name": "n", "type": "int"}]));
    let (lines, rejected) =
        read(&put("a.csv", text.as_bytes()).path, &content(Format::Csv(dialect), declared)).unwrap();
    assert_eq!(
        (lines.as_slice(), rejected.count),
        (["a;'b'|1", "null|null", "NA|null"].map(String::from).as_slice(), 0)
    );
}

/// The rows of the parameter `fields` that are suggested.
fn suggested(name: &str, bytes: &[u8], format: &Format) -> Vec<Value> {
    fields_of(&put(name, bytes).path, format).unwrap().iter().map(InferredField::to_row).collect()
}

#[test]
fn fields_are_suggested_from_what_is_there() {
    let text = "id,zip,on,at,n,x,e\n1,01234,true,2026-01-01,5,1.5,\n2,99999,false,2026-01-02,,2,\n";
    let kinds: Vec<_> = suggested("a.csv", text.as_bytes(), &Format::Csv(standard()))
        .into_iter()
        .map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["type"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, ["id bigint", "zip string", "on boolean", "at date", "n bigint", "x double", "e string"]);

    let text = "{\"a\": 1, \"user\": {\"city\": \"x\"}}\n{\"a\": 1.5, \"t\": \"2026-01-01T00:00:00Z\", \"l\": [1]}\n";
    let rows = suggested("a.jsonl.gz", &gzip(text.as_bytes()), &Format::JsonLines);
    let expected = json!([
        {"name": "a", "type": "double"}, {"name": "user_city", "type": "string", "path": "user.city"},
        {"name": "t", "type": "timestamp"}, {"name": "l", "type": "string"}
    ]);
    let sorted = |rows: &[Value]| {
        let mut rows: Vec<_> = rows.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&rows), sorted(expected.as_array().unwrap()));

    for (bytes, format) in
        [(parquet_bytes(&foreign(3), 9), Format::Parquet), (arrow_bytes(&[foreign(3)], None), Format::Arrow)]
    {
        let rows = suggested("a", &bytes, &format);
        assert_eq!(rows[3], json!({"name": "price", "type": "decimal", "precision": 10, "scale": 2}));
        assert_eq!(rows[5], json!({"name": "user_city", "type": "string", "path": "user.city"}));
        // What is suggested reads the file.
        let file = put("a", &bytes);
        assert_eq!(read(&file.path, &content(format, fields(json!(rows)))).unwrap().0.len(), 3);
    }
}

/// One file of each format that is hard to read, to be damaged.
static WHOLE: LazyLock<Vec<(&str, Format, Vec<u8>)>> = LazyLock::new(|| {
    let rows = foreign(40);
    let lines: String = (0..40).map(|n| format!("{{\"n\": {n}}}\n")).collect::<Vec<_>>().concat();
    let csv: String = std::iter::once("n\n".to_owned()).chain((0..40).map(|n| format!("{n}\n"))).collect();
    vec![
        ("a.parquet", Format::Parquet, parquet_bytes(&rows, 15)),
        ("a.arrow", Format::Arrow, arrow_bytes(&[rows.slice(0, 20), rows.slice(20, 20)], None)),
        ("a.arrow", Format::Arrow, arrow_bytes(&[rows], Some(CompressionType::LZ4_FRAME))),
        ("a.jsonl.gz", Format::JsonLines, gzip(lines.as_bytes())),
        ("a.jsonl.zst", Format::JsonLines, zstd::encode_all(lines.as_bytes(), 3).unwrap()),
        ("a.csv", Format::Csv(standard()), csv.into_bytes()),
    ]
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_damaged_file_is_read_as_far_as_it_goes_and_never_the_end_of_the_program(
        which in 0usize..6,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        // Most of what can be told wrongly stands at the end.
        near_end in any::<bool>(),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let (name, format, whole) = &WHOLE[which];
        let mut bytes = whole.clone();
        let from = if near_end { bytes.len().saturating_sub(400) } else { 0 };
        for (place, byte) in &places {
            let at = from + place.index(bytes.len() - from);
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let declared = match format {
            Format::Parquet | Format::Arrow => foreign_fields(),
            Format::Text | Format::Csv(_) | Format::JsonLines => fields(json!([{"name": "n", "type": "bigint"}])),
        };
        let file = put(name, &bytes);
        if let Err(error) = read(&file.path, &content(format.clone(), declared)) {
            prop_assert!(!error.message.is_empty());
        }
        let _ = fields_of(&file.path, format);
    }
}

#[test]
fn a_whole_file_keeps_its_texts() {
    let file = put("a.parquet", &parquet_bytes(&foreign(20_000), 7_000));
    let whole = WholeFile::parquet(file.path.clone(), fields(json!([{"name": "city", "path": "user.city"}])));
    let rows = whole.read().unwrap().rows;
    assert_eq!(rows.num_rows(), 20_000);
    assert_eq!(rows.column(0).as_string_view().value(19_999), "city 19999");
    assert_eq!(bytes_of(&rows.slice(0, 2)), 2 * (16 + 6));
}
