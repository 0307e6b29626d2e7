//! What must hold of every node kind, for those there are and those to come.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use weir_engine::nodes::{KINDS, kind};
use weir_engine::plan::{Category, NodeKind, Presents};
use weir_engine::spec::{Default, ParamKind, ParamSpec, Params, check_params, duration, icon_parts, with_defaults};

/// Every parameter of a kind with its path, also those of rows.
fn each_param(kind: &NodeKind, mut look: impl FnMut(&str, &ParamSpec, &[ParamSpec])) {
    fn walk(prefix: &str, specs: &[ParamSpec], look: &mut impl FnMut(&str, &ParamSpec, &[ParamSpec])) {
        for spec in specs {
            let path = format!("{prefix}.{}", spec.name);
            look(&path, spec, specs);
            if let ParamKind::Rows { fields } = spec.kind {
                walk(&path, fields, look);
            }
        }
    }
    walk(kind.id, kind.params, &mut look);
}

/// A value that the generic check accepts.
fn some_value(spec: &ParamSpec) -> Value {
    if let Some(value) = spec.default.to_json() {
        return value;
    }
    match spec.kind {
        ParamKind::Text | ParamKind::Code { .. } => json!("x"),
        ParamKind::Integer { min, max } => json!(1i64.clamp(min, max)),
        ParamKind::Port => json!(9_999),
        ParamKind::Number { min, max, .. } => json!(1f64.clamp(min, max)),
        ParamKind::Duration { min_millis, max_millis } => {
            json!(format!("{}ms", 1_000i64.clamp(min_millis, max_millis)))
        }
        ParamKind::Toggle => json!(true),
        ParamKind::Choice { options } => json!(options[0].value),
        ParamKind::Column { .. } => json!("value"),
        ParamKind::Columns { .. } => json!(["value"]),
        ParamKind::Expression { .. } => json!("1"),
        ParamKind::File { .. } => json!("file.txt"),
        ParamKind::Secret => json!("${env:NAME}"),
        ParamKind::Rows { fields } => json!([Value::Object(some_params(fields))]),
    }
}

fn some_params(specs: &[ParamSpec]) -> Params {
    let required = specs.iter().filter(|spec| matches!(spec.default, Default::Required));
    required.map(|spec| (spec.name.to_owned(), some_value(spec))).collect()
}

/// Reads raw parameters as the plan does.
fn build(kind: &NodeKind, raw: &Params) -> Result<(), String> {
    (kind.build)(with_defaults(kind.params, raw)).map(|_| ())
}

#[test]
fn there_are_kinds_and_each_is_found_by_its_id() {
    assert!(!KINDS.is_empty());
    let ids: BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
    assert_eq!(ids.len(), KINDS.len(), "two kinds have the same id");
    for one in KINDS {
        assert_eq!(kind(one.id).map(|found| found.title), Some(one.title));
    }
    assert!(kind("no.such.kind").is_none());
}

#[test]
fn ids_are_lower_case_words_and_say_what_the_kind_is() {
    for kind in KINDS {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
        assert!(kind.id.chars().all(fits), "{}", kind.id);
        let expected = match kind.category {
            Category::Source => Some("source."),
            Category::Sink => Some("sink."),
            Category::Transform | Category::Window | Category::State => None,
        };
        if let Some(prefix) = expected {
            assert!(kind.id.starts_with(prefix), "{} is listed under {:?}", kind.id, kind.category);
        }
        assert_eq!(kind.inputs.is_empty(), kind.category == Category::Source, "{}: only sources lack inputs", kind.id);
        assert_eq!(kind.outputs.is_empty(), kind.category == Category::Sink, "{}: only sinks lack outputs", kind.id);
        assert!(kind.presents == Presents::None || kind.category == Category::Sink, "{}: only sinks present", kind.id);
    }
}

#[test]
fn every_kind_explains_itself_with_an_example() {
    for kind in KINDS {
        assert!(!kind.title.is_empty(), "{} has no title", kind.id);
        assert!(kind.title.chars().count() <= 24, "{}: the title does not fit a node", kind.id);
        assert!(kind.summary.ends_with('.') && kind.summary.len() >= 20, "{}: the summary is no sentence", kind.id);
        assert!(!kind.summary.contains('\n') && kind.summary.len() <= 120, "{}: the summary is not one line", kind.id);
        assert!(kind.doc.len() >= 120, "{} is hardly documented", kind.id);
        assert!(
            kind.doc.contains('`') || kind.doc.contains("```"),
            "{}: the doc shows nothing one could enter",
            kind.id
        );
        assert!(icon_parts(kind.icon).is_some(), "{}: the icon cannot be drawn", kind.id);
    }
}

#[test]
fn titles_are_unique_and_base_names_are_names() {
    let titles: BTreeSet<_> = KINDS.iter().map(|kind| kind.title).collect();
    assert_eq!(titles.len(), KINDS.len(), "two kinds have the same title");
    for kind in KINDS {
        let name = kind.base_name;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits), "{}: `{name}`", kind.id);
    }
}

#[test]
fn ports_are_named_once_and_documented() {
    for kind in KINDS {
        for ports in [kind.inputs, kind.outputs] {
            let names: BTreeSet<_> = ports.iter().map(|port| port.name).collect();
            assert_eq!(names.len(), ports.len(), "{}: two ports have the same name", kind.id);
        }
        for port in kind.inputs.iter().chain(kind.outputs) {
            assert!(!port.name.is_empty() && !port.name.contains('.'), "{}: `{}`", kind.id, port.name);
            assert!(port.doc.ends_with('.'), "{}.{}: the doc is no sentence", kind.id, port.name);
        }
    }
}

#[test]
fn parameters_are_named_once_and_documented() {
    for kind in KINDS {
        each_param(kind, |path, spec, siblings| {
            assert_eq!(siblings.iter().filter(|other| other.name == spec.name).count(), 1, "{path} exists twice");
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(!spec.name.is_empty() && spec.name.chars().all(fits), "{path} is not snake_case");
            assert!(!spec.title.is_empty(), "{path} has no title");
            assert!(spec.doc.ends_with(['.', '`']), "{path}: the doc is no sentence");
        });
    }
}

#[test]
fn choices_offer_different_documented_options() {
    for kind in KINDS {
        each_param(kind, |path, spec, _| {
            let ParamKind::Choice { options } = spec.kind else { return };
            let values: BTreeSet<_> = options.iter().map(|option| option.value).collect();
            assert!(options.len() >= 2, "{path} leaves no choice");
            assert_eq!(values.len(), options.len(), "{path} offers the same twice");
            assert!(options.iter().all(|option| !option.title.is_empty() && option.doc.ends_with('.')), "{path}");
        });
    }
}

#[test]
fn defaults_pass_the_check_of_their_own_parameter() {
    for kind in KINDS {
        each_param(kind, |path, spec, _| {
            let Some(default) = spec.default.to_json() else {
                assert!(!matches!(spec.default, Default::Json(_)), "{path}: the default is not JSON");
                return;
            };
            if let (ParamKind::Duration { .. }, Some(text)) = (spec.kind, default.as_str()) {
                assert!(duration::parse(text).is_ok(), "{path}: {text}");
            }
            let alone = [ParamSpec { visible_when: None, ..*spec }];
            let raw = Params::from_iter([(spec.name.to_owned(), default)]);
            let problems = check_params(&alone, &raw);
            assert!(problems.is_empty(), "{path}: {problems:?}");
        });
    }
}

#[test]
fn a_parameter_depends_only_on_a_value_its_sibling_can_have() {
    for kind in KINDS {
        each_param(kind, |path, spec, siblings| {
            let Some(condition) = spec.visible_when else { return };
            let other = siblings
                .iter()
                .find(|other| other.name == condition.param)
                .unwrap_or_else(|| panic!("{path} depends on `{}`, which does not exist", condition.param));
            assert_ne!(other.name, spec.name, "{path} depends on itself");
            for value in condition.is_any_of {
                let possible = match other.kind {
                    ParamKind::Choice { options } => options.iter().any(|option| option.value == *value),
                    ParamKind::Toggle => ["true", "false"].contains(value),
                    ParamKind::Text
                    | ParamKind::Code { .. }
                    | ParamKind::Integer { .. }
                    | ParamKind::Port
                    | ParamKind::Number { .. }
                    | ParamKind::Duration { .. }
                    | ParamKind::Column { .. }
                    | ParamKind::Columns { .. }
                    | ParamKind::Expression { .. }
                    | ParamKind::File { .. }
                    | ParamKind::Secret
                    | ParamKind::Rows { .. } => false,
                };
                assert!(possible, "{path}: `{}` is never `{value}`", other.name);
            }
        });
    }
}

#[test]
fn a_new_node_either_builds_or_only_lacks_what_must_be_entered() {
    for kind in KINDS {
        let raw = Params::new();
        let problems = check_params(kind.params, &raw);
        if problems.is_empty() {
            build(kind, &raw).unwrap_or_else(|error| panic!("{}: {error}", kind.id));
        }
        for problem in problems {
            assert!(problem.message.contains("is missing"), "{}: {}", kind.id, problem.message);
        }
    }
}

/// Spec and struct are two views of the same parameters: each option the one offers, the other must take.
#[test]
fn every_option_of_every_choice_builds() {
    for kind in KINDS {
        let base = some_params(kind.params);
        for spec in kind.params {
            let values = match spec.kind {
                ParamKind::Choice { options } => options.iter().map(|option| json!(option.value)).collect(),
                ParamKind::Toggle => vec![json!(true), json!(false)],
                ParamKind::Text
                | ParamKind::Code { .. }
                | ParamKind::Integer { .. }
                | ParamKind::Port
                | ParamKind::Number { .. }
                | ParamKind::Duration { .. }
                | ParamKind::Column { .. }
                | ParamKind::Columns { .. }
                | ParamKind::Expression { .. }
                | ParamKind::File { .. }
                | ParamKind::Secret
                | ParamKind::Rows { .. } => vec![some_value(spec)],
            };
            for value in values {
                let mut raw = base.clone();
                raw.insert(spec.name.to_owned(), value.clone());
                let problems = check_params(kind.params, &raw);
                if problems.is_empty() {
                    build(kind, &raw).unwrap_or_else(|error| panic!("{}.{} = {value}: {error}", kind.id, spec.name));
                }
            }
        }
    }
}

#[test]
fn parameters_a_file_has_beyond_the_declared_ones_never_reach_the_node() {
    for kind in KINDS {
        let mut raw = some_params(kind.params);
        let clean = check_params(kind.params, &raw).is_empty();
        raw.insert("from_the_future".into(), json!({"x": 1}));
        let problems = check_params(kind.params, &raw);
        assert!(problems.iter().any(|problem| problem.param.as_deref() == Some("from_the_future")), "{}", kind.id);
        if clean {
            build(kind, &raw).unwrap_or_else(|error| panic!("{}: {error}", kind.id));
        }
    }
}

#[test]
fn the_palette_lists_kinds_by_category() {
    let order: Vec<_> = KINDS.iter().map(|kind| kind.category).collect();
    let place = |category: &Category| Category::ALL.iter().position(|other| other == category);
    assert!(order.iter().map(place).is_sorted(), "{order:?}");
}
