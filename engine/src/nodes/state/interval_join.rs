//! `interval_join`: rows of two streams whose keys are equal and whose event times lie close together, whenever they
//! arrive.
//!
//! Each side remembers its rows for as long as the other side's may still match; the watermark says when that is over,
//! and only then is a row without a match known to stay alone.

mod late;
mod layout;
mod meet;
mod operator;
mod params;
mod side;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Deserialize;

use self::late::LateRows;
use self::layout::Layout;
use self::operator::{IntervalJoin, Reach};
use self::params::{DOC, How, LowerIs, NullKeys, OnRow, PARAMS, UpperIs, Within};
use super::condition;
use super::event_time::EventColumn;
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Arity, Diagnostic, Params, PortSpec, duration};

/// `interval_join`.
pub const KIND: NodeKind = NodeKind {
    id: "interval_join",
    title: "Interval join",
    summary: "Matches rows of two streams by key and closeness in time, across batches.",
    doc: DOC,
    category: Category::State,
    icon: "M 2.5 4 L 6 4 L 9 8 L 13.5 8 M 2.5 12 L 6 12 L 9 8 M 11 2.5 L 11 5.5 M 14 2.5 L 14 5.5 M 11 4 L 14 4",
    base_name: "matched",
    inputs: &[
        PortSpec { name: "left", doc: "The rows whose columns come first.", arity: Arity::One },
        PortSpec { name: "right", doc: "The rows they are matched with.", arity: Arity::One },
    ],
    outputs: &[
        PortSpec { doc: "The matched rows, and those that stay alone where `how` keeps them.", ..PortSpec::OUT },
        PortSpec {
            name: "late",
            doc: "The rows of either side that came behind the watermark or carry no time.",
            arity: Arity::Many,
        },
    ],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    how: How,
    on: Vec<OnRow>,
    within: Within,
    lower: Option<String>,
    lower_is: Option<LowerIs>,
    upper: Option<String>,
    upper_is: Option<UpperIs>,
    condition: Option<String>,
    on_error: OnFailure,
    null_keys: NullKeys,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Join = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Join {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let link = |port: usize| context.inputs.get(port).and_then(|links| links.first());
        let (Some(left), Some(right)) = (link(0), link(1)) else {
            return Err(vec![Diagnostic::error("a join needs both inputs; draw a wire to each")]);
        };
        let times = [EventColumn::of(left), EventColumn::of(right)];
        let reach = self.reach(times)?;
        let layout = Layout::new(&self.on, &left.schema, &right.schema, self.how)?;
        let condition = condition::compile(self.condition.as_deref(), layout.pairs(), "condition")?;
        let condition = condition.map(|condition| (condition, self.on_error));
        let late = LateRows::new(&layout);
        let outputs = vec![LinkType::plain(Arc::clone(layout.output())), LinkType::plain(Arc::clone(late.schema()))];
        let nulls_match = self.null_keys == NullKeys::Equal;
        let operator = IntervalJoin::new(layout, late, times, reach, condition, nulls_match)
            .map_err(|error| vec![Diagnostic::error(format!("these keys cannot be compared: {error}")).param("on")])?;
        let mut planned = Planned::new(outputs, Stage::Operator(Box::new(operator)));
        if reach.is_none() {
            planned.warnings.push(
                Diagnostic::warning(
                    "all rows of both sides are remembered for ever, so memory grows; put a Watermark before each \
                     side and match within a time range",
                )
                .param("within"),
            );
        }
        Ok(planned)
    }
}

impl Join {
    /// How far apart in time rows match; `None` for any distance.
    fn reach(&self, times: [Option<EventColumn>; 2]) -> Result<Option<Reach>, Vec<Diagnostic>> {
        let refuse = |sentence: String, param: &str| Err(vec![Diagnostic::error(sentence).param(param)]);
        if self.within == Within::Ever {
            return match self.how {
                How::Inner => Ok(None),
                How::Left | How::Right | How::Full | How::LeftSemi => refuse(
                    "that a row stays alone is only known once no match can come any more; match within a time range, \
                     or join inner"
                        .to_owned(),
                    "within",
                ),
            };
        }
        let unmarked: Vec<_> = ["`left`", "`right`"]
            .into_iter()
            .zip(times)
            .filter(|(_, time)| time.is_none())
            .map(|(port, _)| port)
            .collect();
        if !unmarked.is_empty() {
            return refuse(
                format!(
                    "a time range goes by event time, and there is no watermark upstream of {}; put a Watermark there, \
                     or match at any distance",
                    unmarked.join(" and ")
                ),
                "within",
            );
        }
        let span = |text: &Option<String>, param: &str| {
            duration::parse(text.as_deref().unwrap_or("0s"))
                .map_err(|wrong| vec![Diagnostic::error(wrong).param(param)])
        };
        let (lower, upper) = (span(&self.lower, "lower")?.0, span(&self.upper, "upper")?.0);
        let lower = if self.lower_is == Some(LowerIs::After) { lower } else { -lower };
        let upper = if self.upper_is == Some(UpperIs::Before) { -upper } else { upper };
        if lower > upper {
            return refuse(
                "the range ends before it begins, so no row can match; let `to` be later than `from`".to_owned(),
                "upper",
            );
        }
        Ok(Some(Reach { lower, upper }))
    }
}
