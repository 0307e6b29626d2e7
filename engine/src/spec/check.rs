//! The one generic check of raw parameters against their specs. It reports all problems, never only the first.

use serde_json::Value;

use super::{Default, Diagnostic, ParamKind, ParamSpec, Params, duration};

/// Longest text a parameter may hold.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Whether the parameter is shown, given the others.
pub fn is_visible(spec: &ParamSpec, specs: &[ParamSpec], raw: &Params) -> bool {
    let Some(condition) = spec.visible_when else { return true };
    let other = specs.iter().find(|other| other.name == condition.param);
    let value = raw.get(condition.param).cloned().or_else(|| other.and_then(|other| other.default.to_json()));
    let text = match value {
        Some(Value::String(text)) => text,
        Some(Value::Bool(on)) => on.to_string(),
        Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => String::new(),
    };
    condition.is_any_of.contains(&text.as_str()) && other.is_none_or(|other| is_visible(other, specs, raw))
}

/// Raw parameters completed with defaults, and without those that no spec declares or that are hidden: what the
/// kind's typed struct is read from.
pub fn with_defaults(specs: &[ParamSpec], raw: &Params) -> Params {
    let mut full = Params::new();
    for spec in specs {
        let value = match raw.get(spec.name) {
            Some(value) if !is_blank(value) && is_visible(spec, specs, raw) => Some(value.clone()),
            Some(_) | None => spec.default.to_json(),
        };
        let Some(mut value) = value else { continue };
        if let (ParamKind::Rows { fields }, Value::Array(rows)) = (spec.kind, &mut value) {
            for row in rows {
                if let Value::Object(row) = row {
                    *row = with_defaults(fields, row);
                }
            }
        }
        full.insert(spec.name.to_owned(), value);
    }
    full
}

/// All problems of raw parameters that can be seen without knowing the input's schema.
pub fn check_params(specs: &[ParamSpec], raw: &Params) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    check_into(specs, raw, "", &mut problems);
    problems
}

fn check_into(specs: &[ParamSpec], raw: &Params, prefix: &str, problems: &mut Vec<Diagnostic>) {
    for spec in specs.iter().filter(|spec| is_visible(spec, specs, raw)) {
        let path = format!("{prefix}{}", spec.name);
        match raw.get(spec.name) {
            Some(value) if !is_blank(value) => check_value(spec, value, &path, problems),
            Some(_) | None => {
                if matches!(spec.default, Default::Required) {
                    problems.push(Diagnostic::error(format!("“{}” is missing; enter it", spec.title)).param(path));
                }
            }
        }
    }
    for name in raw.keys().filter(|name| !specs.iter().any(|spec| spec.name == name.as_str())) {
        problems.push(
            Diagnostic::warning(format!("`{name}` is not a parameter of this node; it is kept but has no effect"))
                .param(format!("{prefix}{name}")),
        );
    }
}

/// Null and empty text count as 'nothing entered'.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn check_value(spec: &ParamSpec, value: &Value, path: &str, problems: &mut Vec<Diagnostic>) {
    let wrong = match spec.kind {
        ParamKind::Text | ParamKind::Code { .. } | ParamKind::Column { .. } | ParamKind::Expression { .. } => {
            check_text(value)
        }
        ParamKind::File { .. } => check_text(value),
        ParamKind::Integer { min, max } => check_integer(value, min, max),
        ParamKind::Port => check_integer(value, 1, i64::from(u16::MAX)),
        ParamKind::Number { min, max, unit } => check_number(value, min, max, unit),
        ParamKind::Duration { min_millis, max_millis } => check_duration(value, min_millis, max_millis),
        ParamKind::Toggle => (!value.is_boolean()).then(|| "must be true or false".to_owned()),
        ParamKind::Choice { options } => {
            let fits = options.iter().any(|option| Some(option.value) == value.as_str());
            let list: Vec<_> = options.iter().map(|option| option.value).collect();
            (!fits).then(|| format!("must be one of {}", list.join(", ")))
        }
        ParamKind::Columns { .. } => {
            let fits = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
            (!fits).then(|| "must be a list of column names".to_owned())
        }
        ParamKind::Secret => {
            let fits = value.as_str().is_some_and(|text| text.starts_with("${env:") && text.ends_with('}'));
            (!fits).then(|| "must name an environment variable, like ${env:NAME}: secrets are never stored".to_owned())
        }
        ParamKind::Rows { fields } => check_rows(fields, value, path, problems),
    };
    if let Some(wrong) = wrong {
        problems.push(Diagnostic::error(format!("“{}” {wrong}", spec.title)).param(path));
    }
}

fn check_text(value: &Value) -> Option<String> {
    match value.as_str() {
        None => Some("must be text".to_owned()),
        Some(text) if text.len() > MAX_TEXT_BYTES => Some("is longer than 1 MiB; shorten it".to_owned()),
        Some(_) => None,
    }
}

fn check_integer(value: &Value, min: i64, max: i64) -> Option<String> {
    match value.as_i64() {
        None => Some("must be a whole number".to_owned()),
        Some(number) if number < min || number > max => Some(format!("must be between {min} and {max}")),
        Some(_) => None,
    }
}

fn check_number(value: &Value, min: f64, max: f64, unit: &str) -> Option<String> {
    match value.as_f64() {
        None => Some("must be a number".to_owned()),
        Some(number) if number.is_nan() || number < min || number > max => {
            Some(format!("must be between {min} and {max} {unit}").trim_end().to_owned())
        }
        Some(_) => None,
    }
}

fn check_duration(value: &Value, min_millis: i64, max_millis: i64) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some("must be a duration in quotes, like \"10s\"".to_owned());
    };
    match duration::parse(text) {
        Err(wrong) => Some(format!("cannot be read: {wrong}")),
        Ok(span) => {
            let (min, max) = (super::Span::from_millis(min_millis), super::Span::from_millis(max_millis));
            (span < min || span > max).then(|| format!("must be between {min} and {max}"))
        }
    }
}

fn check_rows(fields: &[ParamSpec], value: &Value, path: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let Some(rows) = value.as_array() else {
        return Some("must be a list of rows".to_owned());
    };
    for (index, row) in rows.iter().enumerate() {
        match row.as_object() {
            Some(row) => check_into(fields, row, &format!("{path}[{index}]."), problems),
            None => problems.push(
                Diagnostic::error("a row must be an object, with a value for each of its fields")
                    .param(format!("{path}[{index}]")),
            ),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sentence(kind: ParamKind, value: Value) -> String {
        let specs = [ParamSpec::new("length", "Length", "How long.", kind)];
        let problems = check_params(&specs, &Params::from_iter([("length".to_owned(), value)]));
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_wrong_is_said_in_a_sentence() {
        let span = ParamKind::Duration { min_millis: 10, max_millis: 86_400_000 };
        for (kind, value, said) in [
            (span, json!("10"), "“Length” cannot be read: `10` has no unit; write it like `500ms`, `10s` or `1m 30s`"),
            (
                span,
                json!("-3s"),
                "“Length” cannot be read: `-3s` is not a duration; write it like `500ms`, `10s` or `1m 30s`",
            ),
            (span, json!("1us"), "“Length” must be between 10ms and 1d"),
            (span, json!(10), "“Length” must be a duration in quotes, like \"10s\""),
            (span, json!(null), "“Length” is missing; enter it"),
            (ParamKind::Integer { min: 1, max: 9 }, json!(1.5), "“Length” must be a whole number"),
        ] {
            assert_eq!(sentence(kind, value), said);
        }
    }

    #[test]
    fn no_duration_is_too_odd_to_be_refused() {
        let span = ParamKind::Duration { min_millis: 10, max_millis: 86_400_000 };
        let digits = "9".repeat(400);
        for text in [
            "-1s",
            "1e300d",
            "9000000000000000us 1us",
            "NaNs",
            "infs",
            ".s",
            "99999999999999999999d",
            &format!("{digits}s"),
        ] {
            assert!(!sentence(span, json!(text)).is_empty(), "{text}");
        }
    }
}
