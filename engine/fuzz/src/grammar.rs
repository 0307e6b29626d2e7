//! Expressions that fit together, made of bytes: each byte chooses one of the ways to write a value of a type.
//!
//! Text at random rarely gets further than the parser. What is made here mostly compiles, so that it is evaluation that
//! is tried: nested, over nulls, overflows and the ends of every range. No two ways give the same bytes a meaning that
//! depends on what came before, so small changes of the bytes are small changes of the expression.

/// The types there are, with how their values are written: first without parts, then from parts. `{w}` stands for a
/// whole number, and so on by the letters in front.
const TYPES: &[(char, &[&str], &[&str])] = &[
    (
        'b',
        &["ok", "TRUE", "FALSE", "CAST(NULL AS BOOLEAN)"],
        &[
            "({w} < {w})",
            "({f} >= {f})",
            "({t} = {t})",
            "({m} > {m})",
            "({d} <> {d})",
            "({b} AND {b})",
            "({b} OR {b})",
            "(NOT {b})",
            "({t} IS NULL)",
            "({f} IS NOT NULL)",
            "({w} BETWEEN {w} AND {w})",
            "({w} IN ({w}, {w}, 7))",
            "({t} LIKE '%a_')",
            "({t} RLIKE '^[a-z]+$')",
            "({t} LIKE 'a!%%' ESCAPE '!')",
            "({t} ILIKE {t})",
            "({w} <=> {w})",
            "({f} IS DISTINCT FROM {f})",
            "({b} IS NOT TRUE)",
            "(! {b})",
            "exists({i}, v -> v > {w})",
            "forall({l}, v -> v = {t})",
            "array_contains({i}, {w})",
            "map_contains_key({p}, {t})",
        ],
    ),
    (
        'w',
        &["n", "big", "0", "1", "-1", "2147483647", "-2147483648", "9223372036854775807", "CAST(NULL AS BIGINT)"],
        &[
            "({w} + {w})",
            "({w} - {w})",
            "({w} * {w})",
            "({w} DIV {w})",
            "({w} % {w})",
            "(- {w})",
            "abs({w})",
            "length({t})",
            "year({m})",
            "CAST({f} AS BIGINT)",
            "CAST({t} AS INT)",
            "CAST({w} AS INT)",
            "coalesce({w}, {w})",
            "nullif({w}, {w})",
            "CASE WHEN {b} THEN {w} ELSE {w} END",
            "CASE {w} WHEN {w} THEN {w} WHEN 7 THEN 1L END",
            "({w} & {w})",
            "({w} ^ {w})",
            "(~ {w})",
            "EXTRACT(DAY FROM {m})",
            "position({t} IN {t})",
            "size({l})",
            "{i}[0]",
            "try_element_at({i}, 2)",
            "aggregate({i}, 0L, (v, w) -> v + w, v -> v - {w})",
            "{p}['a']",
            "{s}.a",
            "{w} :: BIGINT",
        ],
    ),
    (
        'f',
        &["x", "price", "1.5", "0e0", "1e308", "-1e-320", "CAST(NULL AS DOUBLE)"],
        &[
            "({f} + {f})",
            "({f} - {f})",
            "({f} * {f})",
            "({f} / {f})",
            "({w} / {w})",
            "sqrt({f})",
            "abs({f})",
            "round({f}, 2)",
            "CAST({w} AS DOUBLE)",
            "CAST({t} AS DOUBLE)",
            "coalesce({f}, {f})",
            "CASE WHEN {b} THEN {f} ELSE {f} END",
        ],
    ),
    (
        't',
        &["word", "'a'", "''", "'größer 漢字 😀'", "'12'", "'2026-01-31'", "CAST(NULL AS STRING)"],
        &[
            "upper({t})",
            "lower({t})",
            "trim({t})",
            "concat({t}, {t})",
            "({t} || {t})",
            "substring({t}, {w}, {w})",
            "replace({t}, {t}, '-')",
            "CAST({w} AS STRING)",
            "CAST({m} AS STRING)",
            "CAST({d} AS STRING)",
            "CAST({b} AS STRING)",
            "coalesce({t}, {t})",
            "CASE WHEN {b} THEN {t} ELSE {t} END",
            "substring({t} FROM 2 FOR 3)",
            "trim(BOTH 'a' FROM {t})",
            "overlay({t}, {t}, 2)",
            "overlay({t} PLACING {t} FROM 1 FOR 2)",
            "array_join({l}, {t})",
            "CAST({l} AS STRING)",
            "CAST({p} AS STRING)",
            "to_json({s})",
            "get_json_object({t}, '$.a[0].b')",
            "regexp_replace({t}, '(a+)(b)?', '$1')",
            "format_string('%s %5.2f', {t}, {f})",
            "{s}.b",
        ],
    ),
    (
        'i',
        &["array(1L, n, big)", "array()", "CAST(NULL AS ARRAY<BIGINT>)", "sequence(1L, 3L)"],
        &[
            "array({w}, {w}, NULL)",
            "transform({i}, v -> v * {w})",
            "transform({i}, (v, at) -> v + at)",
            "filter({i}, v -> v % 2 = 0 OR {b})",
            "zip_with({i}, {i}, (v, w) -> coalesce(v, 0L) + w)",
            "array_sort({i}, (v, w) -> CASE WHEN v < w THEN -1 WHEN v > w THEN 1 ELSE 0 END)",
            "sort_array({i}, {b})",
            "slice({i}, 1, 2)",
            "concat({i}, {i})",
            "map_values({p})",
            "flatten(array({i}, {i}))",
        ],
    ),
    (
        'l',
        &["list", "array('a', word)", "CAST(NULL AS ARRAY<STRING>)"],
        &[
            "split({t}, '[,a]')",
            "transform({l}, v -> upper(v))",
            "CAST({i} AS ARRAY<STRING>)",
            "array_union({l}, {l})",
            "reverse({l})",
            "map_keys({p})",
        ],
    ),
    (
        'p',
        &["map('a', 1L, 'b', big)", "CAST(NULL AS MAP<STRING, BIGINT>)"],
        &[
            "map({t}, {w})",
            "map_filter({p}, (k, v) -> v > {w})",
            "transform_values({p}, (k, v) -> v + length(k))",
            "map_zip_with({p}, {p}, (k, v, w) -> coalesce(v, w, 0L))",
            "CAST({p} AS MAP<STRING, BIGINT>)",
            "from_json({t}, 'MAP<STRING, BIGINT>')",
        ],
    ),
    (
        's',
        &["named_struct('a', big, 'b', word)", "CAST(NULL AS STRUCT<a: BIGINT, b: STRING>)"],
        &[
            "named_struct('a', {w}, 'b', {t})",
            "CAST({s} AS STRUCT<a: BIGINT, b: STRING>)",
            "from_json({t}, 'a BIGINT, b STRING')",
            "CASE WHEN {b} THEN {s} ELSE {s} END",
        ],
    ),
    (
        'm',
        &["at", "TIMESTAMP '2026-01-01 00:00:00'", "now()", "CAST(NULL AS TIMESTAMP)"],
        &[
            "date_trunc('hour', {m})",
            "({m} + INTERVAL '1' HOUR)",
            "({m} - INTERVAL '2' DAY)",
            "({m} + ({m} - {m}))",
            "({m} + make_dt_interval(1, 2, 3, 4.5) * {w})",
            "({d} + make_ym_interval(0, 14))",
            "to_timestamp({t}, 'yyyy-MM-dd')",
            "CAST({d} AS TIMESTAMP)",
            "CAST({t} AS TIMESTAMP)",
            "coalesce({m}, {m})",
            "CASE WHEN {b} THEN {m} ELSE {m} END",
        ],
    ),
    (
        'd',
        &["day", "DATE '2026-01-31'", "CAST(NULL AS DATE)"],
        &[
            "CAST({m} AS DATE)",
            "CAST({t} AS DATE)",
            "coalesce({d}, {d})",
            "CASE WHEN {b} THEN {d} ELSE {d} END",
            "date_add({d}, CAST({w} AS INT))",
            "({d} + INTERVAL '1' MONTH)",
            "last_day({d})",
        ],
    ),
];

/// How deep an expression nests.
const DEPTH: usize = 5;

/// The expression that these bytes choose.
pub fn expression(bytes: &[u8]) -> String {
    let mut choices = Choices { bytes };
    let (letter, ..) = TYPES[choices.next(TYPES.len())];
    choices.value(letter, DEPTH)
}

/// The bytes not yet read.
struct Choices<'a> {
    bytes: &'a [u8],
}

impl Choices<'_> {
    /// One of so many; the first once the bytes are used up.
    fn next(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count
    }

    fn value(&mut self, letter: char, depth: usize) -> String {
        let Some((_, plain, made)) = TYPES.iter().find(|(own, ..)| *own == letter) else { return "NULL".to_owned() };
        if depth == 0 || self.bytes.is_empty() {
            return plain[self.next(plain.len())].to_owned();
        }
        let choice = self.next(plain.len() + 2 * made.len());
        match choice.checked_sub(plain.len()) {
            None => plain[choice].to_owned(),
            Some(choice) => self.fill(made[choice % made.len()], depth - 1),
        }
    }

    fn fill(&mut self, template: &str, depth: usize) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let mut letters = after.chars();
            if let Some(letter) = letters.next() {
                text.push_str(&self.value(letter, depth));
            }
            rest = letters.as_str().strip_prefix('}').unwrap_or_default();
        }
        text + rest
    }
}
