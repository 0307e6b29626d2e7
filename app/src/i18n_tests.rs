//! Every text a person may read exists in both languages, and no text is left behind that nobody reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// The sources of this crate, without this file.
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") && !path.ends_with("i18n_tests.rs") {
                into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// What stands in quotes right behind each occurrence of `call`.
fn literals_after(source: &str, call: &str) -> Vec<String> {
    source
        .match_indices(call)
        .filter(|(at, _)| !source[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| source[at + call.len()..].trim_start().strip_prefix('"'))
        .filter_map(|rest| rest.split_once('"').map(|(key, _)| key.to_owned()))
        .collect()
}

fn parsed(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_text_has_both_languages_and_the_same_placeholders() {
    let placeholders = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    };
    for (area, text) in AREAS.iter().filter(|(area, _)| *area != "nodes") {
        for (key, languages) in parsed(text) {
            let (Some(english), Some(chinese)) = (languages.get("en"), languages.get("zh-CN")) else {
                panic!("{area}: {key} needs `en` and `zh-CN`");
            };
            assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{area}: {key} is blank");
            assert_eq!(placeholders(english), placeholders(chinese), "{area}: {key}");
        }
    }
    for (key, languages) in parsed(AREAS[4].1) {
        assert!(languages.contains_key("zh-CN"), "nodes: {key} needs `zh-CN`");
    }
}

#[test]
fn no_key_is_in_two_files() {
    let mut seen = BTreeMap::new();
    for (area, text) in AREAS {
        for key in parsed(text).into_keys() {
            if let Some(other) = seen.insert(key.clone(), area) {
                panic!("{key} is in {other} and in {area}");
            }
        }
    }
}

#[test]
fn every_text_the_program_asks_for_exists() {
    let mut asked = 0;
    for (file, source) in sources() {
        for call in ["tr(", "trf("] {
            for key in literals_after(&source, call) {
                asked += 1;
                assert!(TEXTS.contains_key(&key), "{file} asks for `{key}`");
            }
        }
    }
    assert!(asked > 50, "the scan finds the calls");
    for info in crate::command::COMMANDS {
        assert!(TEXTS.contains_key(info.title), "the command {} has no title", info.id);
    }
}

#[test]
fn no_text_is_kept_that_nobody_reads() {
    let sources = sources();
    for (area, text) in AREAS.iter().filter(|(area, _)| *area != "nodes") {
        for key in parsed(text).into_keys() {
            let quoted = format!("\"{key}\"");
            assert!(sources.iter().any(|(_, source)| source.contains(&quoted)), "{area}: nobody reads {key}");
        }
    }
}

#[test]
fn the_system_decides_the_language_by_its_base() {
    for (tag, language) in [
        ("zh-CN", Language::Chinese),
        ("zh_Hans_CN.UTF-8", Language::Chinese),
        ("ZH", Language::Chinese),
        ("en-GB", Language::English),
        ("de", Language::English),
        ("C", Language::English),
    ] {
        assert_eq!(Language::from_tag(tag), language, "{tag}");
    }
}
