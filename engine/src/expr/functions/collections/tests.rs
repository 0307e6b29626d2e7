//! Arrays, maps and structures at the edges: empty, null, NaN, negative places, columns beside variables.

use super::super::testing::{all, failing};

#[test]
fn items() {
    all(&[
        ("array(1, 2)[n - n + 1]", "2"),
        ("element_at(array(1, 2, 3), -1)", "3"),
        ("try_element_at(array(1), 2)", "NULL"),
        ("get(array(1), -1)", "NULL"),
        ("element_at(map(1, 'a'), 1)", "a"),
        ("map(1, 'a')[2]", "NULL"),
        ("named_struct('x', n).X", "7"),
        ("struct(n, 'a').n", "7"),
        ("struct(n, 'a').col2", "a"),
        ("array_contains(array(1.5D, CAST('NaN' AS DOUBLE)), CAST('NaN' AS DOUBLE))", "true"),
        ("array_contains(array(-0.0D), 0.0D)", "true"),
        ("array_contains(array(1, 2), 2L)", "true"),
        ("array_contains(array(), 1)", "false"),
        ("array_position(array(3, n), 7)", "2"),
        ("array_position(array(3), 9)", "0"),
        ("arrays_overlap(array(1, NULL), array(2))", "NULL"),
        ("arrays_overlap(array(), array(CAST(NULL AS INT)))", "false"),
        ("array_max(array(1.0D, CAST('NaN' AS DOUBLE)))", "NaN"),
        ("array_min(array(NULL, 2, 1))", "1"),
        ("array_max(CAST(array() AS ARRAY<INT>))", "NULL"),
        ("size(map())", "0"),
        ("map_contains_key(map('a', NULL), 'a')", "true"),
        ("CAST(map('a', 1) AS MAP<STRING, STRING>)['a']", "1"),
        ("CAST(map('a', array(1)) AS MAP<STRING, ARRAY<BIGINT>>)['a'][0]", "1"),
        ("overlay('Spark SQL', 'CORE', 7)", "Spark CORE"),
        ("overlay('Spark SQL', upper(overlay('x' PLACING 'y' FROM 1)), n)", "Spark YQL"),
        ("overlay('Spark SQL' PLACING '_' FROM 6 FOR 1)", "Spark_SQL"),
    ]);
    failing(&[
        ("element_at(array(1), 0)", "counted from 1"),
        ("array(1)[1]", "no item 1"),
        ("array(1)[-1]", "no item"),
        ("element_at(array(1), 2)", "try_element_at"),
        ("named_struct('x', 1).y", "field"),
        ("size('abc')", "length"),
        ("array_contains(array(1), DATE '2024-01-01')", "no type in common"),
    ]);
}

#[test]
fn lists_made_of_lists() {
    all(&[
        ("slice(array(1, 2, 3), -5, 2)", "[]"),
        ("slice(array(1, 2, 3), 4, 1)", "[]"),
        ("slice(array(1, 2, 3), 2, 0)", "[]"),
        ("sort_array(array(2, NULL, 1))", "[null, 1, 2]"),
        ("array_sort(array(2, NULL, 1))", "[1, 2, null]"),
        ("array_distinct(array(NULL, 1, NULL, 1))", "[null, 1]"),
        ("array_remove(array(1, NULL, 1, 2), 1)", "[null, 2]"),
        ("array_remove(array(1), NULL)", "NULL"),
        ("array_insert(array(1, 2), 5, 9)", "[1, 2, null, null, 9]"),
        ("array_insert(array(1, 2), -1, 9)", "[1, 2, 9]"),
        ("array_insert(array(1, 2), -4, 9)", "[9, null, 1, 2]"),
        ("array_append(array(1), NULL)", "[1, null]"),
        ("array_append(array(1), 2L)", "[1, 2]"),
        ("array_except(array(1, 2, 2, NULL), array(1))", "[2, null]"),
        ("array_union(array(1, 1), array(2, NULL))", "[1, 2, null]"),
        ("array_intersect(array(1, NULL), array(NULL, 3))", "[null]"),
        ("array_repeat(n, 2)", "[7, 7]"),
        ("array_repeat(n, -1)", "[]"),
        ("flatten(array(array(1), NULL))", "NULL"),
        ("flatten(array(array(), array(1, 2)))", "[1, 2]"),
        ("concat(array(1), array(2L))", "[1, 2]"),
        ("concat(array(1), CAST(NULL AS ARRAY<INT>))", "NULL"),
        ("array_join(array(1, NULL, 2), '-')", "1-2"),
        ("arrays_zip(array(1, 2), array('a'))", "[{1, a}, {2, null}]"),
        ("reverse(array(1, NULL))", "[null, 1]"),
        ("array(n, 1)", "[7, 1]"),
        ("sequence(3, 1, -2)", "[3, 1]"),
        ("sequence(n, n)", "[7]"),
        ("sequence(DATE '2024-01-31', DATE '2024-03-31', INTERVAL 1 MONTH)", "[2024-01-31, 2024-02-29, 2024-03-31]"),
        ("size(sequence(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 01:00:00', INTERVAL 20 MINUTES))", "4"),
    ]);
    failing(&[
        ("slice(array(1), 0, 1)", "no place 0"),
        ("slice(array(1), 1, -1)", "negative"),
        ("array_insert(array(1), 0, 1)", "no place 0"),
        ("array_repeat(1, 2147483647)", "longest"),
        ("sequence(1, 5, 0)", "not reached"),
        ("sequence(1L, 9223372036854775807L)", "longest"),
        ("flatten(array(1))", "array of arrays"),
    ]);
}

#[test]
fn maps() {
    all(&[
        ("map('a', n, 'b', NULL)", "{a -> 7, b -> null}"),
        ("map_concat(map(1, 'a'), map(2, 'b'))", "{1 -> a, 2 -> b}"),
        ("map_from_arrays(array(1, 2), array('a', NULL))", "{1 -> a, 2 -> null}"),
        ("map_from_entries(array(struct(1, 'a'), NULL))", "NULL"),
        ("map_values(map(1, 'a'))", "[a]"),
        ("str_to_map('a=1;b', ';', '=')", "{a -> 1, b -> null}"),
        ("str_to_map('')", "{ -> null}"),
    ]);
    failing(&[
        ("map(1, 'a', 1, 'b')", "twice"),
        ("map(CAST(NULL AS INT), 1)", "null"),
        ("map(1)", "in turn"),
        ("map_concat(map(1, 2), map(1, 3))", "twice"),
        ("map_from_arrays(array(1, 2), array(1))", "as many"),
        ("str_to_map('a:1,a:2')", "twice"),
    ]);
}

#[test]
fn functions_of_items() {
    all(&[
        ("transform(array(1, 2), x -> x * n)", "[7, 14]"),
        ("transform(array(), x -> x)", "[]"),
        ("transform(array(array(1, 2), array(n)), x -> transform(x, y -> y + n + size(x)))", "[[10, 11], [15]]"),
        ("transform(array(1), n -> n + 1)", "[2]"),
        ("filter(array(1, NULL, 3), x -> x > 1)", "[3]"),
        ("filter(array('a', 'b'), (x, i) -> i = 1)", "[b]"),
        ("exists(array(1, NULL), x -> x > 1)", "NULL"),
        ("exists(array(), x -> true)", "false"),
        ("exists(array(1, 2), x -> EXISTS(array(x), y -> y = 2))", "true"),
        ("forall(array(1, NULL), x -> x > 1)", "false"),
        ("forall(array(2, NULL), x -> x > 1)", "NULL"),
        ("forall(array(), x -> false)", "true"),
        ("aggregate(array(1, 2, 3), n, (a, x) -> a + x)", "13"),
        ("aggregate(array(), 5, (a, x) -> a + 1, a -> a * n)", "35"),
        ("aggregate(CAST(NULL AS ARRAY<INT>), 0, (a, x) -> a + x)", "NULL"),
        ("reduce(array('a', 'b'), '', (a, x) -> concat(a, x))", "ab"),
        ("zip_with(array(1, 2), array(10), (x, y) -> x + coalesce(y, n))", "[11, 9]"),
        ("map_filter(map(1, 'a', 2, 'b'), (k, v) -> k > 1 AND v = 'b')", "{2 -> b}"),
        ("transform_keys(map(1, 'a'), (k, v) -> k + n)", "{8 -> a}"),
        ("transform_values(map(1, 'a'), (k, v) -> concat(v, k))", "{1 -> a1}"),
    ]);
    failing(&[
        ("transform(array(1), 1)", "a function is expected"),
        ("transform(array(1), (x, y, z) -> x)", "1 to 2 variables"),
        ("filter(array(1), x -> x)", "yes or no"),
        ("transform(array(1), x -> y)", "no column `y`"),
        ("aggregate(array('a'), 0, (a, x) -> array(a))", "is carried"),
        ("transform_keys(map(1, 1, 2, 2), (k, v) -> 1)", "the same for two"),
        ("transform(array(2147483647), x -> x + 1)", "too large"),
        ("zip_with(array(1), array(2), x -> x)", "2 variables"),
    ]);
}

#[test]
fn json() {
    all(&[
        ("get_json_object('{\"a\": [1, 2]}', '$.a[1]')", "2"),
        ("get_json_object('{\"a\": 1', '$.a')", "NULL"),
        ("from_json('{\"a\": \"x\", \"b\": 1.5}', 'a STRING, b INT')", "{x, null}"),
        ("from_json('{\"a\": [1, null]}', 'a ARRAY<BIGINT>')", "{[1, null]}"),
        ("from_json('[1, 2]', 'ARRAY<INT>')", "[1, 2]"),
        ("from_json('{\"a\": {\"b\": 1}}', 'STRUCT<a: STRUCT<b: INT>>').a.b", "1"),
        ("from_json('{\"a\": {\"b\":  1}}', 'a STRING').a", "{\"b\":  1}"),
        ("from_json('', 'a INT')", "NULL"),
        (
            "to_json(named_struct('d', 1e10D, 's', 'a\"\\n', 'x', array(1, NULL)))",
            "{\"d\":1.0E10,\"s\":\"a\\\"\\n\",\"x\":[1,null]}",
        ),
        ("to_json(map('k', DATE '2024-01-01'))", "{\"k\":\"2024-01-01\"}"),
        ("json_array_length('[1, [2, 3]]')", "2"),
        ("json_array_length('{}')", "NULL"),
        ("json_object_keys('[]')", "NULL"),
        ("schema_of_json('[{\"b\": null, \"a\": 1}, {\"a\": 1.5}]')", "ARRAY<STRUCT<a: DOUBLE, b: STRING>>"),
    ]);
    failing(&[
        ("from_json('{}', 'a FOO')", "type"),
        ("from_json('{}', 'INT')", "structure, map or array"),
        ("to_json(1)", "named_struct"),
        ("from_json('[1, \"x\"]', 'ARRAY<INT>')", "no int"),
    ]);
}

#[test]
fn arrays_are_sorted_by_an_order_of_ones_own() {
    all(&[
        ("array_sort(array(n, 1, 9), (a, b) -> b - a)", "[9, 7, 1]"),
        ("array_sort(array('bb', 'a', 'ccc', 'd'), (a, b) -> length(a) - length(b))", "[a, d, bb, ccc]"),
        ("array_sort(array(3, 1, 2), (a, b) -> CASE WHEN a < b THEN n WHEN a > b THEN -n ELSE 0 END)", "[3, 2, 1]"),
        ("array_sort(array(1), (a, b) -> CAST(NULL AS INT))", "[1]"),
        ("array_sort(CAST(NULL AS ARRAY<INT>), (a, b) -> 0)", "NULL"),
        ("array_sort(array(), (a, b) -> 0)", "[]"),
        ("array_sort(array(NULL, 2, NULL), (a, b) -> if(a IS NULL, 1, -1))", "[2, null, null]"),
    ]);
    failing(&[
        ("array_sort(array(1, 2), (a, b) -> NULL)", "gave null"),
        ("array_sort(array(1, 2), (a, b) -> DATE '2026-01-01')", "-1, 0 or 1"),
        ("array_sort(array(1, 2), a -> 1)", "2 variables"),
        ("array_sort(1, (a, b) -> 1)", "array"),
    ]);
}

#[test]
fn many_lists_of_many_lengths_are_all_sorted_and_stable() {
    use arrow::array::{Array, AsArray, Int32Array, RecordBatch};
    use arrow::datatypes::{DataType, Field, Int32Type, Schema};
    let schema = std::sync::Arc::new(Schema::new(vec![Field::new("n", DataType::Int32, false)]));
    let numbers: Vec<i32> = (0..60).collect();
    let batch =
        RecordBatch::try_new(std::sync::Arc::clone(&schema), vec![std::sync::Arc::new(Int32Array::from(numbers))])
            .unwrap();
    // By the last digit alone: numbers of one last digit must stay as they came.
    let source = "array_sort(transform(sequence(0, n), x -> (x * 37 + n) % 101), (a, b) -> a % 10 - b % 10)";
    let expression = crate::expr::Expression::compile(source, &schema).unwrap();
    let scope = crate::expr::Scope { batch: 0, time: crate::spec::Timestamp(0) };
    let lists = expression.evaluate(&batch, &scope).unwrap();
    for (n, list) in (0..60).zip(lists.as_list::<i32>().iter()) {
        let mut wanted: Vec<i32> = (0..=n).map(|x| (x * 37 + n) % 101).collect();
        wanted.sort_by_key(|value| value % 10);
        assert_eq!(list.unwrap().as_primitive::<Int32Type>().values(), &wanted, "{n}");
    }
    assert_eq!(lists.len(), 60);
}

#[test]
fn maps_are_joined_by_their_keys() {
    all(&[
        (
            "map_zip_with(map('a', 1, 'b', 2), map('b', n, 'c', 3), (k, x, y) -> coalesce(x, 0) * 10 + coalesce(y, 0))",
            "{a -> 10, b -> 27, c -> 3}",
        ),
        ("map_zip_with(map(1, 'x'), map(2L, 'y'), (k, x, y) -> coalesce(x, y))", "{1 -> x, 2 -> y}"),
        ("map_zip_with(map(1, 1), CAST(NULL AS MAP<INT, INT>), (k, x, y) -> x)", "NULL"),
        ("map_zip_with(map(0.0D, 1), map(-0.0D, 2), (k, x, y) -> x + y)", "{0.0 -> 3}"),
        ("map_zip_with(map(), map(), (k, x, y) -> 1)", "{}"),
    ]);
    failing(&[
        ("map_zip_with(map(1, 1), map(DATE '2024-01-01', 1), (k, x, y) -> 1)", "no type in common"),
        ("map_zip_with(map(1, 1), array(1), (k, x, y) -> 1)", "a map is expected"),
        ("map_zip_with(map(1, 1), map(1, 1), (k, x) -> 1)", "3 variables"),
    ]);
}
