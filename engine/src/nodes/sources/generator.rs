//! `source.generator`: rows made up from a seed, at a rate that can be turned while it runs.
//!
//! Row number n is a pure function of the seeds and n, and how many rows are due is a pure function of the time since
//! the run began: a run can be repeated to the byte, and every range read again.

mod curve;
mod pool;
mod records;
mod skewed;
mod source;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Deserializer};

use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Span, duration};
use curve::{Curve, Shape};
use source::GeneratorSource;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.generator",
    title: "Generator",
    summary: "Makes up rows from a seed, at a rate you can turn: words, clicks, sensors, orders, tweets, impressions.",
    doc: DOC,
    category: Category::Source,
    icon: "M 3 3 L 13 3 L 13 13 L 3 13 Z D 5.7 5.7 1.1 D 10.3 10.3 1.1 D 8 8 1.1",
    base_name: "generator",
    inputs: &[],
    outputs: &[PortSpec::OUT],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Makes up rows, always the same ones for the same seed, so that a pipeline can be tried without any \
outside system and a run can be repeated exactly.

**Words** gives lines in one column `value`; words are drawn from a vocabulary in which the second most frequent word \
is half as frequent as the first, the third a third, and so on. The other templates give records with an `event_time`:

| Template | Columns |
|---|---|
| Clicks | `event_time`, `user`, `page`, `referrer`, `country` |
| Sensors | `event_time`, `sensor`, `temperature`, `humidity` |
| Orders | `event_time`, `order_id`, `customer`, `product`, `quantity`, `price` |
| Tweets | `event_time`, `user`, `text`, `lang` |
| Impressions | `event_time`, `impression_id`, `ad`, `user`, `clicked` |

The rate follows a curve over the time since the run began. For example, a rate of 1,000 rows/s with the curve \
*burst*, an amplitude of 9,000 rows/s and a period of 1m gives 1,000 rows/s for 54 seconds, then 10,000 rows/s for 6, \
and again: enough to watch a batch queue build up and drain.

Event times lie up to `skew` before the arrival; a share of late rows lies up to `late_by` further back, and a share \
of duplicates repeats the row before. When the engine holds the source back, it makes fewer rows; nothing piles up. \
Rate and curve can change while it runs: the row numbers go on.";

const RECORDS: &[&str] = &["clicks", "sensors", "orders", "tweets", "impressions"];
const CURVED: &[&str] = &["ramp", "sine", "burst", "steps"];
const MAX_RATE: f64 = 10_000_000.0;
const DAY_MILLIS: i64 = 86_400_000;

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "template",
        "Template",
        "What the rows are like.",
        ParamKind::Choice {
            options: &[
                Choice::new("words", "Words", "Lines of words in one column `value`."),
                Choice::new("clicks", "Clicks", "Page views of a web shop."),
                Choice::new("sensors", "Sensors", "Temperature and humidity of forty sensors."),
                Choice::new("orders", "Orders", "Orders of a web shop."),
                Choice::new("tweets", "Tweets", "Short texts with hashtags."),
                Choice::new("impressions", "Impressions", "Advertisements shown, and whether they were clicked."),
            ],
        },
    )
    .default(Default::Text("words")),
    ParamSpec::new(
        "rate",
        "Rate",
        "Rows per second; where the curve rises, its lowest point.",
        ParamKind::Number { min: 0.0, max: MAX_RATE, unit: "rows/s" },
    )
    .default(Default::Number(2_000.0)),
    ParamSpec::new(
        "curve",
        "Curve",
        "How the rate changes over time.",
        ParamKind::Choice {
            options: &[
                Choice::new("constant", "Constant", "Always the rate."),
                Choice::new("ramp", "Ramp", "Rises by the amplitude over one period, then stays there."),
                Choice::new("sine", "Sine", "Rises by the amplitude and falls again, smoothly, once per period."),
                Choice::new("burst", "Burst", "Higher by the amplitude in the last tenth of each period."),
                Choice::new(
                    "steps",
                    "Steps",
                    "Rises to the amplitude in three steps, one per period, then begins again.",
                ),
            ],
        },
    )
    .default(Default::Text("constant")),
    ParamSpec::new(
        "amplitude",
        "Amplitude",
        "How far the curve rises above the rate.",
        ParamKind::Number { min: 0.0, max: MAX_RATE, unit: "rows/s" },
    )
    .default(Default::Number(2_000.0))
    .when("curve", CURVED),
    ParamSpec::new(
        "period",
        "Period",
        "How long one turn of the curve takes.",
        ParamKind::Duration { min_millis: 100, max_millis: DAY_MILLIS },
    )
    .default(Default::Text("1m"))
    .when("curve", CURVED),
    ParamSpec::new(
        "words_per_line",
        "Words per line",
        "How many words make a row.",
        ParamKind::Integer { min: 1, max: 1_000 },
    )
    .default(Default::Integer(10))
    .when("template", &["words"]),
    ParamSpec::new(
        "vocabulary",
        "Vocabulary",
        "How many different words there are.",
        ParamKind::Integer { min: 1, max: 1_000_000 },
    )
    .default(Default::Integer(1_000))
    .when("template", &["words"]),
    ParamSpec::new(
        "skew",
        "Event-time skew",
        "Event times lie up to this long before the arrival, so rows are out of order by as much.",
        ParamKind::Duration { min_millis: 0, max_millis: DAY_MILLIS },
    )
    .default(Default::Text("0s"))
    .when("template", RECORDS),
    ParamSpec::new(
        "late_share",
        "Late rows",
        "The share of rows whose event time lies further back still.",
        ParamKind::Number { min: 0.0, max: 100.0, unit: "%" },
    )
    .default(Default::Number(0.0))
    .when("template", RECORDS),
    ParamSpec::new(
        "late_by",
        "Late by",
        "How much further back the event times of late rows lie, at most.",
        ParamKind::Duration { min_millis: 0, max_millis: DAY_MILLIS },
    )
    .default(Default::Text("30s"))
    .when("template", RECORDS),
    ParamSpec::new(
        "duplicate_share",
        "Duplicates",
        "The share of rows that repeat the row before.",
        ParamKind::Number { min: 0.0, max: 100.0, unit: "%" },
    )
    .default(Default::Number(0.0))
    .when("template", RECORDS),
    ParamSpec::new(
        "limit",
        "Limit",
        "Ends after so many rows; without it the generator never ends.",
        ParamKind::Integer { min: 0, max: i64::MAX },
    )
    .default(Default::Absent),
    ParamSpec::new(
        "seed",
        "Seed",
        "Another number gives other rows. The pipeline's seed and the node count as well.",
        ParamKind::Integer { min: 0, max: i64::MAX },
    )
    .default(Default::Integer(0)),
];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Generator {
    template: Template,
    rate: f64,
    curve: Shape,
    amplitude: f64,
    #[serde(deserialize_with = "span")]
    period: Span,
    words_per_line: usize,
    vocabulary: usize,
    #[serde(deserialize_with = "span")]
    skew: Span,
    late_share: f64,
    #[serde(deserialize_with = "span")]
    late_by: Span,
    duplicate_share: f64,
    #[serde(default)]
    limit: Option<u64>,
    seed: u64,
}

/// What the rows are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Template {
    Words,
    Clicks,
    Sensors,
    Orders,
    Tweets,
    Impressions,
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map_err(serde::de::Error::custom)
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Generator = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Generator {
    fn curve(&self) -> Curve {
        Curve { shape: self.curve, rate: self.rate, amplitude: self.amplitude, period: self.period }
    }
}

impl Node for Generator {
    fn plan(&self, _: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let output = match self.template {
            Template::Words => LinkType::lines(),
            Template::Clicks | Template::Sensors | Template::Orders | Template::Tweets | Template::Impressions => {
                LinkType::plain(records::schema(self.template))
            }
        };
        Ok(Planned::new(vec![output], Stage::Source(Box::new(GeneratorSource::new(self.clone())))))
    }
}
