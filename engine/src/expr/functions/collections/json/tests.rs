//! Reading and paths, at the places where JSON libraries differ.

use super::Json;
use super::path::Path;

fn at(json: &str, path: &str) -> Option<String> {
    Path::read(path)?.find(&Json::read(json, true)?)
}

#[test]
fn values_keep_order_duplicates_and_digits() {
    let text = r#" {"b": 1.50, "a": [1, -0, 1e3, 12345678901234567890], "b": null, 'c': "\u00e9\n\/"} rest"#;
    let value = Json::read(text, true).unwrap();
    assert_eq!(value.text(), r#"{"b":1.5,"a":[1,-0,1000.0,12345678901234567890],"b":null,"c":"é\n/"}"#);
    assert_eq!(Json::read("\"\\ud83d\\ude42\"", false), Some(Json::Text("🙂".to_owned())));
}

#[test]
fn what_is_malformed_is_nothing() {
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\"}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "nul",
        "truex",
        "\"a",
        "\"\\q\"",
        "\"\u{1}\"",
        "\"\\ud83d\"",
        "{\"a\":1 \"b\":2}",
        "'a'",
    ] {
        assert_eq!(Json::read(text, false), None, "{text}");
    }
    assert_eq!(Json::read(&"[".repeat(100_000), true), None);
}

#[test]
fn paths_find_as_in_hive() {
    let json = r#"{"a": [{"b": 1}, {"b": "x"}, {"c": null}], "n": null, "m": [[1, 2], [3]], "k.l": 5}"#;
    for (path, found) in [
        ("$", Some(r#"{"a":[{"b":1},{"b":"x"},{"c":null}],"n":null,"m":[[1,2],[3]],"k.l":5}"#)),
        ("$.a[0].b", Some("1")),
        ("$.a[1].b", Some("x")),
        ("$.a[*].b", Some(r#"[1,"x"]"#)),
        ("$.a[*].c", None),
        ("$.n", None),
        ("$.m[*][*]", Some("[1,2,3]")),
        ("$.m[0]", Some("[1,2]")),
        ("$.m[0][*]", Some("[1,2]")),
        ("$.m[9]", None),
        ("$['k.l']", Some("5")),
        ("$.*", Some(r#"[{"b":1},{"b":"x"},{"c":null}]"#)),
        ("a", None),
        ("$.", None),
        ("$[x]", None),
        ("$[-1]", None),
        ("$..a", None),
    ] {
        assert_eq!(at(json, path).as_deref(), found, "{path}");
    }
    assert_eq!(at(r#"[{"b":1}]"#, "$[*].b").as_deref(), Some("1"));
    assert_eq!(at(r#"[{"b":"x"}]"#, "$[*].b").as_deref(), Some("\"x\""));
}
