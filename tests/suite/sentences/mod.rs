//! What the engine says is said in Chinese too: every sentence of its sources has a translation, and a window in
//! Chinese shows it.

mod engine;

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable};
use proptest::prelude::*;
use serde_json::json;
use weir::action::Action;
use weir::app::Services;
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::{Language, set_language, trf};
use weir::sentences::spoken;
use weir::settings::Settings;
use weir_engine::pipeline::{Document, Edit, Setting};
use weir_engine::plan::Fault;
use weir_engine::runtime::Event;

use crate::files::{below, root, text_of};
use crate::shell::{designer_with, perform, shows};
use crate::support::Draw;

/// Texts of the engine that look like sentences and are none.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("interval day to second", "the name of a type"),
    ("interval year to month", "the name of a type"),
    ("interval day", "the name of a type"),
    ("double precision", "the name of a type"),
    ("yyyy-MM-dd HH:mm:ss", "a pattern of times"),
    ("[[\"to be or not to be\"], [\"that is the question\"]]", "rows a new node has"),
    (" at Line: ", "what the SQL parser writes, looked for"),
    ("{c} = excluded.{c}", "SQL"),
    (" not null", "part of a column's type"),
    ("{0} us", "a span of time"),
    ("last event time", "a column of state that nobody sees"),
    ("Dates and times", "a heading of the generated docs"),
    ("Arrays, maps, structures and JSON", "a heading of the generated docs"),
    ("Conditions and types", "a heading of the generated docs"),
    ("The batch", "a heading of the generated docs"),
];

/// Code in an English sentence that is a title in the Chinese one.
const TITLES: &[&str] = &["until the watermark"];

/// English to Chinese, by area.
fn areas() -> Vec<(String, BTreeMap<String, String>)> {
    let files = below("assets/sentences", ".json").into_iter();
    files
        .map(|path| {
            let text = text_of(&root().join(&path));
            let entries: BTreeMap<String, String> = serde_json::from_str(&text).expect("it is an object of texts");
            assert_eq!(text.lines().count(), entries.len() + 2, "{}: one entry a line, each once", path.display());
            (path.display().to_string(), entries)
        })
        .collect()
}

fn pairs() -> BTreeMap<String, String> {
    areas().into_iter().flat_map(|(_, entries)| entries).collect()
}

#[test]
fn every_sentence_of_the_engine_has_a_translation() {
    let (pairs, sentences) = (pairs(), engine::sentences());
    assert!(sentences.len() > 900, "the scan finds them: {}", sentences.len());
    let is_exception = |template: &str| EXCEPTIONS.iter().any(|(text, _)| *text == template);
    let missing: BTreeMap<_, _> = sentences
        .iter()
        .filter(|sentence| !pairs.contains_key(&sentence.template) && !is_exception(&sentence.template))
        .map(|sentence| (&sentence.template, &sentence.place))
        .collect();
    assert!(missing.is_empty(), "translate these in assets/sentences: {missing:#?}");
    for (text, why) in EXCEPTIONS {
        assert!(sentences.iter().any(|sentence| sentence.template == *text), "`{text}` ({why}) is gone");
    }
}

#[test]
fn what_every_function_does_is_told_in_chinese() {
    let pairs = pairs();
    let functions = weir_engine::expr::functions();
    let missing: Vec<_> = functions.iter().filter(|function| !pairs.contains_key(&function.doc)).collect();
    assert!(missing.is_empty() && functions.len() > 200, "translate these in assets/sentences: {missing:#?}");
}

#[test]
fn no_translation_is_kept_of_a_sentence_that_is_gone() {
    let said: BTreeSet<String> = engine::all_templates().into_iter().collect();
    let mut seen = BTreeMap::new();
    for (area, entries) in areas() {
        for template in entries.into_keys() {
            assert!(said.contains(&template), "{area}: the engine does not say `{template}`");
            if let Some(other) = seen.insert(template.clone(), area.clone()) {
                panic!("`{template}` is in {other} and in {area}");
            }
        }
    }
}

/// The names of a template's places.
fn places(template: &str) -> BTreeSet<String> {
    let bare = template.replace("{{", "").replace("}}", "");
    let inside = bare.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    inside.map(|(inside, _)| inside.split(':').next().unwrap_or_default().to_owned()).collect()
}

/// What stands in backticks.
fn code(template: &str) -> BTreeSet<&str> {
    template.split('`').skip(1).step_by(2).collect()
}

#[test]
fn both_languages_have_the_same_places_and_the_same_code() {
    for (english, chinese) in pairs() {
        assert_eq!(places(&english), places(&chinese), "{english}");
        assert!(!chinese.trim().is_empty(), "{english}");
        let lost: Vec<_> = code(&english).into_iter().filter(|code| !chinese.contains(*code)).collect();
        assert!(lost.iter().all(|code| TITLES.contains(code)), "{english}: {lost:?}");
    }
}

/// Whether a template has hardly any words and only joins others: those are for sentences, not for any value.
fn only_joins(template: &str) -> bool {
    let bare: String =
        template.split('{').map(|part| part.split_once('}').map_or(part, |(_, behind)| behind)).collect();
    bare.chars().filter(char::is_ascii_alphabetic).count() < 4
}

/// A template with values in its places, by plain replacement.
fn filled(template: &str, values: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        let is_doubled = matches!(c, '{' | '}') && chars.next_if_eq(&c).is_some();
        if c == '{' && !is_doubled {
            let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
            text.push_str(&values[inside.split(':').next().unwrap_or_default()]);
        } else {
            text.push(c);
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 12, ..ProptestConfig::default() })]

    /// Blanks aside: where Chinese and Latin letters meet, one is set or taken away.
    #[test]
    fn a_sentence_with_any_values_is_its_translation_with_the_same_values(
        values in prop::collection::vec("[A-Z][0-9][a-zA-Z0-9_./中é%]{0,14}", 8)
    ) {
        set_language(Language::Chinese);
        let without_blanks = |text: &str| text.replace(' ', "");
        for (english, chinese) in pairs().into_iter().filter(|(english, _)| !only_joins(english)) {
            let values = places(&english).into_iter().zip(values.iter().cloned()).collect();
            let text = filled(&english, &values);
            let told = spoken(&text).into_owned();
            prop_assert_eq!(without_blanks(&told), without_blanks(&filled(&chinese, &values)), "of {}", text);
        }
    }
}

#[test]
fn under_chinese_the_problems_of_a_broken_pipeline_are_chinese() {
    let drawn = Draw::new()
        .node("lines", "source.inline", json!({}))
        .node("kept", "filter", json!({"condition": "valeu > 'a'"}))
        .node("chosen", "filter", json!({"condition": "length(value) > 3 AND"}))
        .node("shown", "sink.table", json!({"rows": "many"}))
        .node("loose", "sink.table", json!({}))
        .chain(&["lines", "kept"])
        .chain(&["lines", "chosen", "shown"]);
    let services = Services::headless(MemoryFiles::default());
    let settings = Settings { language: Some(Language::Chinese.tag().to_owned()), ..services.settings.clone() };
    let mut harness = designer_with(Services { settings, ..services });
    harness.state_mut().state.document = Document::new(drawn.pipeline);
    harness.run_ok();
    // An edit, so that it is looked at; a pipeline that cannot run then shows what is wrong with it instead.
    let edit = Edit::Set(Setting::Seed(7));
    harness.state_mut().ask(Action::Edit { label: "seed".to_owned(), edit });
    harness.run_ok();
    perform(&mut harness, Command::Run);
    assert!(shows(&harness, &trf("pane.problems_count", &[("count", "4")])));
    let rows: Vec<String> = harness
        .query_all_by_role(Role::Button)
        .filter_map(|node| node.accesskit_node().label())
        .filter(|label| {
            ["kept", "chosen", "shown", "loose"].iter().any(|name| label.starts_with(&format!("{name} · ")))
        })
        .collect();
    for (node, sentence) in [
        ("kept", "没有列 `valeu`；是不是 `value`？"),
        ("chosen", "表达式提前结束；缺少一个值"),
        ("shown", "”必须是整数"),
        ("loose", "`in` 尚未连接；请拉一条连线过来"),
    ] {
        let is_told = |label: &String| label.starts_with(node) && label.ends_with(sentence);
        assert!(rows.iter().any(is_told), "{node}: {rows:#?}");
        assert!(shows(&harness, sentence), "it is read in the list too: {sentence}");
    }
    let node = harness.state().state.document.pipeline().node_by_name("shown").expect("it is there").id;
    let (name, message) = ("shown".to_owned(), "cannot write into out: the disk is full; free some space".to_owned());
    let failed = Event::Failed { node, name, batch: 7, fault: Fault::Environment, message };
    harness.state_mut().state.live.absorb(failed);
    harness.run_ok();
    assert!(shows(&harness, "无法写入 out：磁盘已满；请腾出空间"), "what fails while it runs");
    let english: Vec<String> =
        harness.state().state.analysis.diagnostics.iter().map(|problem| problem.message.clone()).collect();
    assert!(english.len() >= 4);
    assert!(english.iter().all(|sentence| !shows(&harness, sentence)), "nothing is left in English: {english:?}");
    perform(&mut harness, Command::ToggleLanguage);
    assert!(english.iter().all(|sentence| shows(&harness, sentence)), "they are kept as the engine said them");
}
