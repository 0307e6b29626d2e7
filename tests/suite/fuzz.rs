//! Whatever comes from outside is read or refused, never the end of the program: the fuzz targets' checks, with a few
//! hundred inputs that are always the same.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::expr::{Expression, functions};
use weir_engine::plan::{Flow, LinkType};

#[path = "../../engine/fuzz/src/checks.rs"]
pub mod checks;
#[path = "../../engine/fuzz/src/content.rs"]
mod content;
#[path = "../../engine/fuzz/src/grammar.rs"]
mod grammar;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// Words that expressions are made of.
const TOKENS: &[&str] = &[
    "word",
    "n",
    "big",
    "x",
    "ok",
    "at",
    "day",
    "price",
    "list",
    "0",
    "1",
    "-1",
    "2147483647",
    "9223372036854775807",
    "1.5",
    "1e308",
    "'a'",
    "''",
    "'12'",
    "'%'",
    "NULL",
    "TRUE",
    "INTERVAL '1' DAY",
    "INTERVAL 1 MONTH",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "DIV",
    "=",
    "<>",
    "<",
    ">=",
    "||",
    "&",
    "AND",
    "OR",
    "NOT",
    "IS NULL",
    "IS NOT NULL",
    "LIKE",
    "RLIKE",
    "IN (",
    "BETWEEN",
    "CASE WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "TRY_CAST(",
    "AS INT)",
    "AS BIGINT)",
    "AS STRING)",
    "AS TIMESTAMP)",
    "AS DATE)",
    "AS DECIMAL(38, 10))",
    "AS DOUBLE)",
    "::",
    "[",
    "]",
    ".",
    "EXTRACT(YEAR FROM",
    "now()",
    "batch_id()",
    "`",
    "\"",
    "--",
    "/*",
    "*/",
    "\\",
    "->",
    "v ->",
    "(v, w) ->",
    "v",
    "transform(list,",
    "exists(list,",
    "array_sort(list,",
    "array(",
    "map(",
    "struct(",
    "named_struct('a',",
    "OVERLAY(",
    "PLACING",
    "FROM",
    "FOR",
    "SUBSTRING(",
    "TRIM(BOTH",
    "POSITION(",
    "ESCAPE '!'",
    "ILIKE",
    "<=>",
    "IS DISTINCT FROM",
    "IS NOT TRUE",
    "!",
    "~",
    "^",
    "|",
    "<<",
    ">>>",
    "AS ARRAY<INT>)",
    "AS MAP<STRING, BIGINT>)",
    "AS STRUCT<a: INT>)",
    "INTERVAL '1-2' YEAR TO MONTH",
    "X'1F'",
    "1.5D",
    "1BD",
    "DATE '2026-01-31'",
    "?",
    ":",
    "@",
];

/// Functions that read a text of a structure of its own: what stands before it, what nests in it, what stands after.
const NESTED_TEXTS: &[(&str, &str, &str, &str)] = &[
    ("from_json(word, 'a ", "ARRAY<", ">", "')"),
    ("from_json(word, 'a ", "STRUCT<a: ", ">", "')"),
    ("from_json('", "[", "]", "', 'ARRAY<INT>')"),
    ("from_json('", "{\"a\":", "}", "', 'a INT')"),
    ("schema_of_json('", "[", "]", "')"),
    ("schema_of_json('", "{\"a\":", "}", "')"),
    ("get_json_object('", "[", "]", "', '$[0]')"),
    ("get_json_object(word, '$", ".a", "", "')"),
    ("get_json_object(word, '$", "[*]", "", "')"),
    ("json_object_keys('", "{\"a\":", "}", "')"),
    ("regexp_replace(word, '", "(", ")", "', 'b')"),
    ("regexp_extract(word, '", "(?:a|", ")", "', 0)"),
    ("regexp_replace('aaa', 'a', '", "$1", "", "')"),
    ("word RLIKE '", "[a&&", "]", "'"),
    ("word LIKE '", "%_", "", "'"),
    ("date_format(at, '", "[", "]", "')"),
    ("date_format(at, '", "yyyy", "", "')"),
    ("to_timestamp(word, '", "[", "]", "')"),
    ("format_string('", "%1$s", "", "', word)"),
    ("split(word, '", "(a", ")", "')"),
    ("parse_url(word, '", "QUERY", "", "')"),
    ("str_to_map(word, '", "(", ")", "', ':')"),
];

/// Words that queries are made of.
const QUERY_TOKENS: &[&str] = &[
    "*",
    "a.*",
    "n",
    "a.n",
    "b.word",
    "big",
    "x",
    "count(*)",
    "sum(big)",
    "corr(x, big)",
    "percentile(x, 0.5)",
    "mode(word)",
    "upper(word)",
    "1",
    "'a'",
    "NULL",
    "AS c",
    ",",
    "+",
    "=",
    "(",
    ")",
    "FROM a",
    "FROM a JOIN b ON a.n = b.n",
    "LEFT JOIN b USING (n)",
    "CROSS JOIN b",
    "WHERE ok",
    "WHERE a.n > 1",
    "GROUP BY n",
    "GROUP BY 1",
    "HAVING count(*) > 1",
    "ORDER BY 1",
    "ORDER BY n DESC",
    "LIMIT 2",
    "OFFSET 1",
    "DISTINCT",
    "UNION ALL SELECT n FROM b",
    "EXCEPT SELECT 1",
    "WITH q AS (SELECT 1)",
    "FROM (SELECT n FROM a) q",
    "SELECT",
    "IN (SELECT n FROM b)",
    "CASE WHEN ok THEN n END",
    "OVER (PARTITION BY n)",
    "FILTER (WHERE ok)",
    ";",
    "--",
    "`",
    "VALUES (1)",
    "LATERAL VIEW explode(list)",
];

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| functions().into_iter().map(|function| function.name).collect());

/// A call tree of real functions over real columns, so that much of it compiles.
fn sensible() -> impl Strategy<Value = String> {
    let column = prop::sample::select(vec!["word", "n", "big", "x", "ok", "at", "day", "price", "list"]);
    let constant = prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "2147483647",
        "9223372036854775807",
        "1.5",
        "0e0",
        "'a'",
        "''",
        "'day'",
        "'%Y'",
        "'('",
        "NULL",
        "TRUE",
        "now()",
        "INTERVAL '1' DAY",
        "DATE '2026-01-31'",
        "TIMESTAMP '2026-01-01 00:00:00'",
    ]);
    let leaf = prop_oneof![4 => column, 2 => constant].prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "DIV", "=", "<", "||", "AND", "OR", "LIKE"]);
        let types =
            prop::sample::select(vec!["INT", "BIGINT", "STRING", "TIMESTAMP", "DATE", "DOUBLE", "DECIMAL(9,2)"]);
        prop_oneof![
            4 => (any::<prop::sample::Index>(), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(name, args)| format!("{}({})", NAMES[name.index(NAMES.len())], args.join(", "))),
            3 => (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("CASE WHEN {a} THEN {b} ELSE {c} END")),
            2 => (inner, types).prop_map(|(a, t)| format!("CAST({a} AS {t})")),
        ]
    })
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_text_is_an_expression_or_refused(source in "\\PC{0,80}") {
        checks::expression(&source);
    }

    #[test]
    fn any_tokens_are_an_expression_or_refused(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..24)) {
        checks::expression(&tokens.join(" "));
    }

    #[test]
    fn any_nesting_is_compiled_or_refused(
        opened in prop::sample::select(vec![
            "(", "abs(", "CASE WHEN ok THEN ", "CASE ", "NOT ", "- ", "coalesce(1, ", "CAST(", "[", "n + ", "if(ok, ", "x -> ",
            "nullif(n, ", "n BETWEEN ", "INTERVAL ", "array[", "{", "/*", "n IN (", "EXTRACT(DAY FROM ", "trim(",
            "transform(list, v -> ", "array_sort(list, (v, w) -> ", "exists(list, v -> ", "aggregate(list, 0, (v, w) -> ",
            "overlay(", "overlay('a', ", "array(", "map(1, ", "struct(", "named_struct('a', ", "CAST(map(1, ", "n[",
            "~", "! ", "n :: ", "CASE n WHEN 1 THEN ", "word LIKE ", "n IS DISTINCT FROM ", "CAST(n AS ARRAY<",
            "CAST(n AS STRUCT<a: ", "CAST(n AS MAP<INT, ", "ARRAY<", "MAP<INT, ", "STRUCT<a: ", "n <=> ", "'a' || ",
        ]),
        closed in prop::sample::select(vec!["", ")", ">", ">)", " END", " ELSE n END", ", 1)", " AS INT)", "]", "*/", "}"]),
        depth in 1usize..4_000,
    ) {
        checks::expression(&format!("{}n{}", opened.repeat(depth), closed.repeat(depth)));
        checks::expression(&opened.repeat(depth));
    }

    #[test]
    fn any_nesting_within_a_text_is_read_or_refused(
        (before, opened, closed, after) in prop::sample::select(NESTED_TEXTS), depth in 1usize..3_000, core in "[a1]{0,1}",
    ) {
        checks::expression(&format!("{before}{}{core}{}{after}", opened.repeat(depth), closed.repeat(depth)));
    }

    #[test]
    fn any_tokens_are_a_query_or_refused(tokens in prop::collection::vec(prop::sample::select(QUERY_TOKENS), 0..16)) {
        checks::query(&format!("SELECT {}", tokens.join(" ")));
    }

    #[test]
    fn any_nesting_is_a_query_or_refused(
        opened in prop::sample::select(vec![
            "SELECT * FROM (", "SELECT (", "SELECT n FROM a UNION ", "WITH q AS (SELECT ", "SELECT count(", "SELECT * FROM a JOIN (",
            "(", "SELECT n IN (SELECT ", "SELECT CASE WHEN ", "SELECT - ",
        ]),
        closed in prop::sample::select(vec!["", ")", ") FROM a", " FROM a"]),
        depth in 1usize..2_000,
    ) {
        checks::query(&format!("{}n{}", opened.repeat(depth), closed.repeat(depth)));
    }

    #[test]
    fn any_bytes_are_lines(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r')], 0..200)) {
        checks::lines(&bytes);
    }

    #[test]
    fn any_bytes_are_a_file_of_rows_or_refused(
        suffix in 0u8..11,
        bytes in prop_oneof![
            2 => prop::collection::vec(any::<u8>(), 0..200),
            2 => "[a-z0-9,;\"{}:\\[\\]\\\\ #\n\r-]{0,200}".prop_map(String::into_bytes),
        ],
    ) {
        content::content(&[&[suffix, 0], &bytes[..]].concat());
    }

    #[test]
    fn a_columnar_file_that_is_damaged_anywhere_is_read_as_far_as_it_goes(
        suffix in prop::sample::select(vec![4u8, 5]),
        damage in prop::collection::vec(any::<u8>(), 0..14),
    ) {
        content::content(&[&[suffix, 1], &damage[..]].concat());
    }

    #[test]
    fn any_line_is_parsed_or_rejected(
        format in 0u8..7,
        text in prop_oneof![
            "\\PC{0,60}",
            "[\\[\\]{}:,\"a-d0-9.eE+ \\n\\\\-]{0,80}",
            "[abiodty]=[a-z0-9\"= \\n-]{0,60}",
            "([(?<a>*+|\\[\\]^$.\\\\{}0-9-]|\\(\\?<a>){0,30}\\n[a-z]{0,9}",
        ],
    ) {
        checks::parse(&[&[format], text.as_bytes()].concat());
    }

    #[test]
    fn any_bytes_are_a_pipeline_or_refused(text in prop_oneof![
        "\\PC{0,200}",
        "[\\[\\]{}:,\"a-z0-9. \\n-]{0,200}",
        r#"\{"weir": ?[0-9]{1,25}, ?"(nodes|wires|settings|frames)": ?[\[\]{}:,"a-z0-9-]{0,60}\}?"#,
    ]) {
        checks::file(&text);
    }

    #[test]
    fn any_text_is_a_window_or_refused(words in prop::collection::vec(prop_oneof![
        "\\PC{0,12}",
        "-?[0-9]{1,30}(\\.[0-9]{0,5})?(us|ms|s|m|h|d|w)?",
        prop::sample::select(vec!["10ms", "1s", "24h", "1d", "86400s", "1s 1ms", "0s", "1us", "9000000000s"]).prop_map(str::to_owned),
    ], 0..8)) {
        checks::window(&words.join("\n"));
    }
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn calls_of_every_function_give_each_row_what_it_gets_alone(source in sensible()) {
        checks::expression(&source);
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn expressions_whose_types_fit_give_each_row_what_it_gets_alone(bytes in prop::collection::vec(any::<u8>(), 1..64)) {
        checks::expression(&grammar::expression(&bytes));
    }
}

/// What is fuzzed at length is held here too, with a few hundred inputs at every run of the tests.
#[test]
fn every_fuzz_target_is_listed_and_tried_here() {
    let folder = crate::support::root().join("engine/fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let own = std::fs::read_to_string(crate::support::root().join("tests/suite/fuzz.rs")).unwrap();
    let mut names = Vec::new();
    for target in std::fs::read_dir(folder.join("fuzz_targets")).unwrap() {
        let path = target.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not in Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (_, call) = text.split_once("weir_fuzz::").unwrap();
        let (call, _) = call.split_once('(').unwrap();
        assert!(own.contains(&format!("{call}(")), "{name} calls {call}, which nothing here does");
        names.push(name);
    }
    names.sort();
    assert_eq!(names, ["content", "expression", "file", "lines", "parse", "query", "typed_expression", "window"]);
}

/// A text that a row brings is bounded by no limit of the source's length.
#[test]
fn nesting_within_a_row_is_read_or_fails_on_that_row() {
    for opened in ["[", "{\"a\":", "(", "(?:a|", "[a&&", "<", "%", "\\\\", "yy", "a,"] {
        let hostile = format!("concat(repeat('{opened}', 20000), coalesce(word, 'x'))");
        for call in [
            "from_json({}, 'ARRAY<INT>')",
            "from_json({}, 'a STRUCT<a: INT>')",
            "get_json_object({}, '$[0].a')",
            "json_array_length({})",
            "json_object_keys({})",
            "word RLIKE {}",
            "regexp_replace(word, {}, '-')",
            "regexp_replace('aaa', 'a', {})",
            "regexp_extract_all(word, {}, 0)",
            "split(word, {})",
            "word LIKE {}",
            "date_format(at, {})",
            "to_timestamp(word, {})",
            "to_date({}, 'yyyy-MM-dd')",
            "parse_url({}, 'QUERY')",
            "str_to_map({}, ',', ':')",
            "format_string({}, word)",
            "CAST({} AS INT)",
            "CAST({} AS TIMESTAMP)",
            "CAST({} AS DECIMAL(38, 2))",
            "levenshtein({}, 'abc')",
            "initcap({})",
            "soundex({})",
            "conv({}, 36, 2)",
            "unbase64({})",
            "substring_index({}, '(', -5)",
        ] {
            checks::expression(&call.replace("{}", &hostile));
        }
    }
}

/// Else the test above tries the parser only.
#[test]
fn most_expressions_whose_types_fit_compile() {
    let schema = checks::odd_rows().schema();
    // Bytes that a multiplier spreads: always the same, and unlike each other.
    let bytes = |seed: u32| {
        (1..48u32).map(move |at| (seed.wrapping_mul(2_654_435_761).wrapping_mul(at | 1) >> 19).to_le_bytes()[0])
    };
    let mut refused = Vec::new();
    let mut nested = 0;
    for seed in 1..=500 {
        let source = grammar::expression(&bytes(seed).collect::<Vec<_>>());
        nested += u32::from(source.matches('(').count() > 3);
        if let Err(error) = Expression::compile(&source, &schema) {
            refused.push((source, error.message));
        }
    }
    assert!(refused.len() <= 100, "{} of 500 are refused: {refused:#?}", refused.len());
    assert!(nested >= 200, "{nested} of 500 are nested");
}

#[test]
fn times_at_the_ends_of_their_range_break_no_node() {
    let input = || LinkType::plain(checks::odd_rows().schema());
    let column = |expression: &str| json!({"columns": [{"name": "z", "expression": expression}]});
    let cases: Vec<(&str, Value)> = vec![
        ("map", column("at + INTERVAL '1' DAY")),
        ("map", column("at - INTERVAL '1' MONTH")),
        ("map", column("at - TIMESTAMP '2026-01-01 00:00:00'")),
        ("map", column("date_trunc('month', at)")),
        ("map", column("date_trunc('week', at)")),
        ("map", column("date_trunc('quarter', at)")),
        ("map", column("year(at) + hour(at)")),
        ("map", column("from_unixtime(big)")),
        ("map", column("timestamp_seconds(big)")),
        ("map", column("timestamp_millis(big)")),
        ("map", column("unix_timestamp(at)")),
        ("map", column("date_format(at, 'yyyy-MM-dd HH:mm:ss')")),
        ("map", column("CAST(at AS STRING)")),
        ("map", column("CAST(at AS DATE)")),
        ("map", column("CAST(day AS TIMESTAMP)")),
        ("map", column("CAST(big AS TIMESTAMP)")),
        ("map", column("CAST(at AS BIGINT)")),
        ("map", column("day + n")),
        ("map", column("datediff(day, DATE '2026-01-01')")),
        ("map", column("make_date(n, n, n)")),
        ("filter", json!({"condition": "at > now() - INTERVAL '1' DAY"})),
        ("filter", json!({"condition": "CAST(at AS DATE) = day"})),
        ("sort", json!({"by": [{"expression": "at", "direction": "desc"}, {"expression": "day"}]})),
        ("group", json!({"by": ["at", "day"], "aggregates": [{"function": "max", "argument": "at"}]})),
        (
            "aggregate",
            json!({"aggregates": [{"function": "min", "argument": "at"}, {"function": "count_distinct", "argument": "at"}]}),
        ),
        ("running", json!({"by": ["at"], "aggregates": [{"function": "last", "argument": "day"}]})),
    ];
    for (kind, params) in cases {
        let planned = checks::plan(kind, &params, input()).map_err(|problems| format!("{kind} {params}: {problems:?}"));
        let Ok(planned) = planned else { panic!("{}", planned.err().unwrap_or_default()) };
        let outputs = checks::run(planned, vec![checks::odd_rows()]);
        if matches!(kind, "map") {
            assert_eq!(outputs.iter().map(Flow::row_count).sum::<u64>(), 8, "{params}: a row is mapped or rejected");
        }
    }
}
