//! Functions of Spark that are left out on purpose, each with what to write instead.
//!
//! They are named here, so that nobody who knows them is sent to a function that merely sounds alike.

/// Names in lower case, and what is said of them behind `... is left out: `.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["to_char", "to_varchar"],
        "write numbers with `format_number(x, 2)` or `format_string('%8.2f', x)`, times with `date_format`",
    ),
    (
        &["to_number", "try_to_number"],
        "take the signs out and convert: `try_cast(replace(text, ',', '') AS DECIMAL(10, 2))`",
    ),
    (
        &["make_interval", "try_make_interval"],
        "a span is either of months or of days and seconds: `make_ym_interval(years, months)`, \
         `make_dt_interval(days, hours, minutes, seconds)`",
    ),
    (&["collate", "collation"], "compare `lower(text)` with a text in lower case"),
    (
        &["uuid", "rand", "random", "randn", "randstr", "uniform", "shuffle"],
        "a batch that is computed again must give the same rows; make a key of the columns with `sha2` or `xxhash64`, \
         and choose rows by chance with a sample node",
    ),
    (
        &["monotonically_increasing_id", "spark_partition_id", "input_file_name", "row_number", "lag", "lead", "rank"],
        "an expression sees one row and not where it stands; number rows in a fold node, rank them in a sort node",
    ),
    (
        &["current_user", "user", "session_user", "current_catalog", "current_database", "current_schema", "version"],
        "a pipeline gives the same wherever it runs; enter the value itself",
    ),
    (
        &["window", "session_window", "window_time"],
        "windows are nodes of their own; the rows behind one carry `window_start`",
    ),
    (
        &["from_csv", "schema_of_csv", "to_csv", "from_xml", "to_xml", "xpath", "xpath_string"],
        "texts of that form are read by a parse node, and written by a file sink",
    ),
    (
        &["histogram_numeric", "count_min_sketch", "hll_sketch_agg", "bitmap_construct_agg", "grouping", "grouping_id"],
        "the group node lists the aggregates there are",
    ),
    (&["java_method", "reflect", "try_reflect"], "expressions call no code from outside"),
    (
        &["aes_encrypt", "aes_decrypt", "try_aes_decrypt"],
        "a key has no place in an expression; encrypt in the sink's system",
    ),
    (
        &["variant_get", "parse_json", "try_parse_json", "to_variant_object"],
        "read parts of JSON with `get_json_object` or `from_json`",
    ),
];

/// What is said of this lower-case name, if it is left out on purpose.
pub(in crate::expr) fn advice(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(names, _)| names.contains(&name)).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    #[test]
    fn what_is_left_out_is_not_there_under_the_same_name() {
        for (names, advice) in REFUSED {
            for name in *names {
                assert!(find(name).is_none(), "{name} is both refused and offered");
            }
            assert!(!advice.ends_with('.'), "{advice}");
            let called =
                advice.split('`').skip(1).step_by(2).filter_map(|code| code.split_once('(').map(|(name, _)| name));
            for name in called.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
                assert!(find(name).is_some() || name == "try_cast", "{name} is advised, but not there");
            }
        }
    }
}
