//! `--set NODE.PARAM=VALUE` and `--set SETTING=VALUE`: another value for one run, read by what the parameter's own
//! definition says, or as the pipeline's file would have it.

use serde_json::Value;
use weir_engine::format;
use weir_engine::nodes;
use weir_engine::pipeline::{Edit, Pipeline};
use weir_engine::spec::{ParamKind, ParamSpec, check_params};

use super::console::CliError;
use super::nearest::suggestion;

/// Enters the value into the pipeline.
pub(super) fn set(pipeline: &mut Pipeline, text: &str) -> Result<(), CliError> {
    let wrong = |why: String| CliError::Usage(format!("--set {text}: {why}"));
    let (key, value) = text.split_once('=').ok_or_else(|| wrong("write it like --set counts.rows=20".to_owned()))?;
    let Some((name, param)) = key.rsplit_once('.') else {
        let setting = format::setting(key.trim(), value)
            .map_err(|why| wrong(format!("{why}; a node's parameter is named with its node, like counts.rows=20")))?;
        return pipeline.apply(&Edit::Set(setting)).map(drop).map_err(|error| wrong(error.to_string()));
    };
    let Some(node) = pipeline.node_by_name(name) else {
        let near = suggestion(name, pipeline.nodes().map(|node| node.name.as_str()));
        return Err(wrong(format!("there is no node `{name}`{near}")));
    };
    let Some(kind) = nodes::kind(&node.kind) else {
        return Err(wrong(format!("`{name}` is of the kind `{}`, which this version does not know", node.kind)));
    };
    let Some(spec) = kind.params.iter().find(|spec| spec.name == param) else {
        let near = suggestion(param, kind.params.iter().map(|spec| spec.name));
        return Err(wrong(format!("`{name}` has no parameter `{param}`{near}")));
    };
    let value = parse(spec, value).map_err(wrong)?;
    let id = node.id;
    let mut params = node.params.clone();
    params.insert(param.to_owned(), value.clone());
    let problem = check_params(kind.params, &params)
        .into_iter()
        .find(|problem| problem.is_error() && problem.param.as_deref().is_some_and(|path| is_within(path, param)));
    if let Some(problem) = problem {
        return Err(wrong(problem.message));
    }
    pipeline
        .apply(&Edit::SetParam { node: id, param: param.to_owned(), value: Some(value) })
        .map_err(|error| wrong(error.to_string()))?;
    Ok(())
}

/// Whether the problem lies in this parameter or in a row of it.
fn is_within(path: &str, param: &str) -> bool {
    path.strip_prefix(param).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

/// Reads the text as the parameter's kind demands; whether the value is allowed is checked elsewhere.
fn parse(spec: &ParamSpec, text: &str) -> Result<Value, String> {
    match spec.kind {
        ParamKind::Text
        | ParamKind::Code { .. }
        | ParamKind::Duration { .. }
        | ParamKind::Choice { .. }
        | ParamKind::Column { .. }
        | ParamKind::Expression { .. }
        | ParamKind::File { .. }
        | ParamKind::Secret => Ok(text.into()),
        ParamKind::Integer { .. } | ParamKind::Port => {
            text.trim().parse::<i64>().map(Value::from).map_err(|_| format!("{} must be a whole number", spec.title))
        }
        ParamKind::Number { .. } => {
            text.trim().parse::<f64>().map(Value::from).map_err(|_| format!("{} must be a number", spec.title))
        }
        ParamKind::Toggle => match text.trim().to_lowercase().as_str() {
            "true" | "on" | "yes" => Ok(true.into()),
            "false" | "off" | "no" => Ok(false.into()),
            _ => Err(format!("{} must be true or false", spec.title)),
        },
        ParamKind::Columns { .. } if !text.trim_start().starts_with('[') => {
            Ok(text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
        }
        ParamKind::Columns { .. } | ParamKind::Rows { .. } => {
            serde_json::from_str(text).map_err(|error| format!("{} must be written as JSON: {error}", spec.title))
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_engine::pipeline::{Backpressure, WhenLate};
    use weir_engine::spec::{Accepts, Default, ParamSpec, Span};

    use super::*;

    fn spec(kind: ParamKind) -> ParamSpec {
        ParamSpec::new("x", "The value", "", kind).default(Default::Absent)
    }

    #[test]
    fn values_are_read_by_what_the_parameter_is() {
        let columns = spec(ParamKind::Columns { accepts: Accepts::Any });
        assert_eq!(parse(&spec(ParamKind::Text), "5"), Ok("5".into()));
        assert_eq!(parse(&spec(ParamKind::Integer { min: 0, max: 9 }), "5"), Ok(5.into()));
        assert_eq!(parse(&spec(ParamKind::Toggle), "off"), Ok(false.into()));
        assert_eq!(parse(&columns, "a, b"), Ok(serde_json::json!(["a", "b"])));
        assert_eq!(parse(&columns, "[\"a,b\"]"), Ok(serde_json::json!(["a,b"])));
        assert!(parse(&spec(ParamKind::Integer { min: 0, max: 9 }), "many").unwrap_err().contains("whole number"));
    }

    #[test]
    fn a_name_without_a_node_is_a_setting_of_the_pipeline() {
        let mut pipeline = Pipeline::new();
        for text in ["backpressure=damped", "interval=100ms", "max_rate=5000", "gain_integral=0.5", "when_late= merge"]
        {
            set(&mut pipeline, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let settings = pipeline.settings();
        assert_eq!(settings.rates.backpressure, Backpressure::Damped);
        assert_eq!((settings.interval, settings.rates.max_rate), (Span::from_millis(100), Some(5_000)));
        assert!((settings.rates.integral - 0.5).abs() < 1e-12 && settings.when_late == WhenLate::Merge);
        for (text, part) in [
            ("backpressure=on", "must be \"off\" or \"spark\" or \"damped\""),
            ("max_rate=fast", "whole number"),
            ("interval=5", "unit"),
            ("speed=5", "its settings are"),
        ] {
            let error = set(&mut pipeline, text).unwrap_err();
            assert!(matches!(&error, CliError::Usage(why) if why.contains(part)), "{text}: {error}");
        }
    }

    #[test]
    fn a_set_without_a_node_says_how_to_write_it() {
        for text in ["rows", "rows=5"] {
            let error = set(&mut Pipeline::new(), text).unwrap_err();
            assert!(matches!(&error, CliError::Usage(why) if why.contains("counts.rows=20")), "{error}");
        }
    }
}
