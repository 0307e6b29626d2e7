//! `sink.alert`: rows for which a condition holds become messages, not more often than a person can take.

mod message;
mod sink;
#[cfg(test)]
mod tests;

use arrow::datatypes::DataType;
use serde::Deserialize;

use crate::expr::{Expression, type_name};
use crate::nodes::transforms::on_error::{ON_ERROR_OF_CONDITION, OnFailure};
use crate::nodes::transforms::refusal::refused;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Yields, duration};
use message::Template;
use sink::{AlertSink, Rule};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.alert",
    title: "Alert",
    summary: "Tells when a condition holds, with a message made from the row.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 8 2.5 L 14 13.5 L 2 13.5 Z M 8 6.5 L 8 10 D 8 11.8 0.8",
    base_name: "alert",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::Alert,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Tests every row. One for which the condition is true fires: its message is shown as a notification \
and stays in the log. False and null do not fire.

With the condition `temperature > 90`, the message `{sensor} is at {temperature} degrees` and a cool-down of `1m`:

| batch at | `sensor` | `temperature` | |
|---|---|---|---|
| 12:00:00 | `s1` | 95.5 | fires: *s1 is at 95.5 degrees* |
| 12:00:00 | `s2` | 97.0 | suppressed |
| 12:00:30 | `s1` | 96.0 | suppressed |
| 12:01:00 | `s1` | 20.0 | does not hold |
| 12:01:10 | `s2` | 99.0 | fires: *s2 is at 99.0 degrees* |

**Cool-down**: after a row has fired, no other fires until so much time has passed on the clock of the batches. With \
`0s` every row fires. What fired and what was suppressed is counted as `fired` and `suppressed`.

**Message**: `{column}` stands for the row's value, `null` for none; write `{{` and `}}` for braces. What is shown are \
the columns `severity` and `message`, then those of the row. An input column of one of these names is shown with \
`_right` behind its name.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "condition",
        "Condition",
        "An expression that is true for the rows to tell of: `temperature > 90`.",
        ParamKind::Expression { yields: Yields::Boolean },
    ),
    ParamSpec::new("message", "Message", "What to say; `{column}` stands for the row's value.", ParamKind::Text),
    ParamSpec::new(
        "severity",
        "Severity",
        "How much it matters.",
        ParamKind::Choice {
            options: &[
                Choice::new("info", "Info", "Worth knowing."),
                Choice::new("warning", "Warning", "Somebody should look at it."),
                Choice::new("error", "Error", "Somebody must do something."),
            ],
        },
    )
    .default(Default::Text("warning")),
    ParamSpec::new(
        "cool_down",
        "Cool-down",
        "How long after one message the next may come.",
        ParamKind::Duration { min_millis: 0, max_millis: 24 * 60 * 60 * 1_000 },
    )
    .default(Default::Text("1m")),
    ON_ERROR_OF_CONDITION,
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Alert {
    condition: String,
    message: String,
    severity: Severity,
    cool_down: String,
    on_error: OnFailure,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Alert = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Alert {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let mut problems = Vec::new();
        let condition = Expression::compile(&self.condition, schema)
            .map_err(|error| problems.push(refused("condition", error)))
            .ok();
        if let Some(condition) = condition.as_ref().filter(|found| *found.field().data_type() != DataType::Boolean) {
            let word = type_name(condition.field().data_type());
            let sentence =
                format!("the condition must be true or false, but it gives {word}; compare it with something");
            problems.push(Diagnostic::error(sentence).param("condition"));
        }
        let template = Template::parse(&self.message, schema);
        let template = template.map_err(|wrong| problems.extend(wrong)).ok();
        let cool_down = duration::parse(&self.cool_down)
            .map_err(|wrong| problems.push(Diagnostic::error(wrong).param("cool_down")))
            .ok();
        match (condition, template, cool_down) {
            (Some(condition), Some(template), Some(cool_down)) if problems.is_empty() => {
                let rule = Rule { text: self.condition.clone(), condition, cool_down, on_error: self.on_error };
                let sink = AlertSink::new(rule, template, self.severity, schema);
                Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(sink))))
            }
            (_, _, _) => Err(problems),
        }
    }
}
