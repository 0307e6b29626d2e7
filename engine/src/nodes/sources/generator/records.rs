//! Records with an event time: each row is made from a fixed number of random words, column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::pool::Pool;
use super::{Generator, Template};
use crate::nodes::sources::lines::TextBlock;
use crate::plan::LinkType;
use crate::spec::Timestamp;

/// Random words per row.
pub(super) const DRAWS: u64 = 8;

/// The random words of a row, by what they decide.
#[derive(Debug, Clone, Copy)]
struct Draws {
    is_duplicate: u32,
    skew: u32,
    is_late: u32,
    lateness: u32,
    values: [u32; 4],
}

/// What a row is made from: duplicates share it with the row before.
#[derive(Debug, Clone, Copy)]
struct Origin {
    number: u64,
    event_time: Timestamp,
    values: [u32; 4],
}

/// Makes the records of one template.
#[derive(Debug)]
pub(super) struct Records {
    params: Generator,
    schema: SchemaRef,
    pools: [Pool; 4],
}

/// The columns of a template.
pub(super) fn schema(template: Template) -> SchemaRef {
    const TEXT: DataType = LinkType::TEXT;
    let columns: &[(&str, DataType)] = match template {
        Template::Words => &[("value", TEXT)],
        Template::Clicks => &[("user", TEXT), ("page", TEXT), ("referrer", TEXT), ("country", TEXT)],
        Template::Sensors => &[("sensor", TEXT), ("temperature", DataType::Float64), ("humidity", DataType::Float64)],
        Template::Orders => &[
            ("order_id", DataType::Int64),
            ("customer", TEXT),
            ("product", TEXT),
            ("quantity", DataType::Int64),
            ("price", DataType::Float64),
        ],
        Template::Tweets => &[("user", TEXT), ("text", TEXT), ("lang", TEXT)],
        Template::Impressions => {
            &[("impression_id", DataType::Int64), ("ad", TEXT), ("user", TEXT), ("clicked", DataType::Boolean)]
        }
    };
    let time = Field::new("event_time", LinkType::timestamp(), false);
    let others = columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), false));
    Arc::new(Schema::new(std::iter::once(time).chain(others).collect::<Vec<_>>()))
}

const PRODUCTS: &[&str] =
    &["tea", "coffee", "lamp", "notebook", "backpack", "headphones", "kettle", "chair", "umbrella", "water bottle"];
const PAGES: &[&str] = &[
    "/",
    "/search",
    "/products",
    "/cart",
    "/products/tea",
    "/products/lamp",
    "/checkout",
    "/products/headphones",
    "/account",
    "/help",
    "/products/backpack",
    "/blog",
    "/about",
    "/products/umbrella",
];
const REFERRERS: &[&str] = &["direct", "search", "newsletter", "social", "partner"];
const COUNTRIES: &[&str] = &["US", "CN", "DE", "IN", "GB", "FR", "BR", "JP", "CA", "ES", "IT", "KR"];
const LANGUAGES: &[&str] = &["en", "zh", "es", "de", "fr", "pt", "ja"];
const TAGS: &[&str] = &[
    "#spark",
    "#rust",
    "#bigdata",
    "#streaming",
    "#music",
    "#football",
    "#news",
    "#weather",
    "#travel",
    "#coffee",
    "#monday",
    "#photo",
    "#cats",
    "#opensource",
    "#climate",
    "#books",
];
const SENTENCES: &[&str] = &[
    "Good morning everyone",
    "Just watched it again",
    "What a game",
    "Does anybody know how this works",
    "New release is out",
    "Reading this on the train",
    "Rain all day",
    "Best thing I have seen this week",
    "Looking forward to tomorrow",
    "Cannot believe this happened",
    "Thank you all",
    "Here we go again",
];

impl Records {
    /// Of the template that `params` name.
    pub(super) fn new(params: Generator) -> Self {
        let numbered = |prefix: &'static str, count: u32| Pool::new((1..=count).map(|n| format!("{prefix}{n:03}")));
        let none = || Pool::new([""]);
        let pools = match params.template {
            Template::Words => [none(), none(), none(), none()],
            Template::Clicks => {
                [numbered("user-", 2_000), Pool::new(PAGES), Pool::new(REFERRERS), Pool::new(COUNTRIES)]
            }
            Template::Sensors => [numbered("sensor-", 40), none(), none(), none()],
            Template::Orders => [numbered("customer-", 500), Pool::new(PRODUCTS), none(), none()],
            Template::Tweets => [numbered("@user", 900), Pool::new(SENTENCES), Pool::new(TAGS), Pool::new(LANGUAGES)],
            Template::Impressions => [numbered("ad-", 50), numbered("user-", 2_000), none(), none()],
        };
        Self { schema: schema(params.template), params, pools }
    }

    /// The rows from number `first` on that arrive at these times. `rng` stands at the first row's draws.
    pub(super) fn rows(
        &self,
        rng: &mut ChaCha8Rng,
        first: u64,
        arrivals: impl Iterator<Item = Timestamp>,
    ) -> Result<RecordBatch, ArrowError> {
        let origins = self.origins(rng, first, arrivals);
        let times = origins.iter().map(|row| row.event_time.0);
        let times = TimestampMicrosecondArray::from_iter_values(times).with_data_type(LinkType::timestamp());
        let mut columns: Vec<ArrayRef> = vec![Arc::new(times)];
        match self.params.template {
            Template::Words => {}
            Template::Clicks => {
                for index in 0..4 {
                    columns.push(self.texts(index, &origins, index)?);
                }
            }
            Template::Sensors => {
                columns.push(self.texts(0, &origins, 0)?);
                columns.push(decimals(&origins, |row| self.usual_temperature(row) + below(row.values[1], 200)));
                columns.push(decimals(&origins, |row| 4_000 + below(row.values[2], 3_000)));
            }
            Template::Orders => {
                columns.push(numbers(&origins, |row| i64::try_from(row.number).unwrap_or(i64::MAX)));
                columns.push(self.texts(0, &origins, 0)?);
                columns.push(self.texts(1, &origins, 1)?);
                columns.push(numbers(&origins, |row| 1 + i64::from(row.values[2].leading_zeros().min(8))));
                columns.push(decimals(&origins, |row| 199 + below(row.values[3], 9_800)));
            }
            Template::Tweets => {
                columns.push(self.texts(0, &origins, 0)?);
                columns.push(self.tweets(&origins)?);
                columns.push(self.texts(3, &origins, 3)?);
            }
            Template::Impressions => {
                columns.push(numbers(&origins, |row| i64::try_from(row.number).unwrap_or(i64::MAX)));
                columns.push(self.texts(0, &origins, 0)?);
                columns.push(self.texts(1, &origins, 1)?);
                let clicked: Vec<bool> = origins.iter().map(|row| is_among(row.values[2], 4.0)).collect();
                columns.push(Arc::new(BooleanArray::from(clicked)));
            }
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    fn origins(&self, rng: &mut ChaCha8Rng, first: u64, arrivals: impl Iterator<Item = Timestamp>) -> Vec<Origin> {
        let mut origins: Vec<Origin> = Vec::new();
        for (number, arrival) in (first..).zip(arrivals) {
            let draws = Draws::next(rng);
            let origin = match origins.last() {
                Some(before) if is_among(draws.is_duplicate, self.params.duplicate_share) => *before,
                Some(_) | None => Origin { number, event_time: self.event_time(&draws, arrival), values: draws.values },
            };
            origins.push(origin);
        }
        origins
    }

    fn event_time(&self, draws: &Draws, arrival: Timestamp) -> Timestamp {
        let time = arrival.0 - part_of(draws.skew, self.params.skew.0);
        if is_among(draws.is_late, self.params.late_share) {
            Timestamp(time - part_of(draws.lateness, self.params.late_by.0))
        } else {
            Timestamp(time)
        }
    }

    /// Each sensor hangs in a place of its own; in hundredths of a degree.
    fn usual_temperature(&self, row: &Origin) -> u32 {
        let [sensors, ..] = &self.pools;
        let sensor = u32::try_from(sensors.index(row.values[0])).unwrap_or(0);
        1_500 + sensor * 37 % 800
    }

    fn texts(&self, pool: usize, origins: &[Origin], value: usize) -> Result<ArrayRef, ArrowError> {
        let draws = origins.iter().map(|row| row.values.get(value).copied().unwrap_or(0));
        match self.pools.get(pool) {
            Some(pool) => pool.column(draws),
            None => Ok(arrow::array::new_null_array(&LinkType::TEXT, origins.len())),
        }
    }

    /// A sentence and up to three hashtags, which share one draw: its digits in base 256 turned into draws.
    fn tweets(&self, origins: &[Origin]) -> Result<ArrayRef, ArrowError> {
        let [_, sentences, tags, _] = &self.pools;
        let mut block = TextBlock::default();
        for row in origins {
            let [_, sentence, tag, _] = row.values;
            block.write(sentences.text(sentence));
            for turn in 0..=(tag % 3) {
                block.write(" ");
                block.write(tags.text(tag.rotate_left(turn * 11)));
            }
            block.end_line();
        }
        block.into_column()
    }
}

impl Draws {
    fn next(rng: &mut ChaCha8Rng) -> Self {
        Self {
            is_duplicate: rng.next_u32(),
            skew: rng.next_u32(),
            is_late: rng.next_u32(),
            lateness: rng.next_u32(),
            values: [rng.next_u32(), rng.next_u32(), rng.next_u32(), rng.next_u32()],
        }
    }
}

/// Whether a draw falls among the given per cent of all draws.
fn is_among(draw: u32, percent: f64) -> bool {
    f64::from(draw) < percent / 100.0 * 4_294_967_296.0
}

/// A number below `bound`.
fn below(draw: u32, bound: u32) -> u32 {
    u32::try_from((u64::from(draw) * u64::from(bound)) >> 32).unwrap_or(0)
}

/// Up to `whole`, in proportion to the draw.
fn part_of(draw: u32, whole: i64) -> i64 {
    i64::try_from((i128::from(draw) * i128::from(whole)) >> 32).unwrap_or(0)
}

fn numbers(origins: &[Origin], value: impl Fn(&Origin) -> i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(origins.iter().map(value)))
}

/// Numbers with two decimals, from their hundredths.
fn decimals(origins: &[Origin], hundredths: impl Fn(&Origin) -> u32) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(origins.iter().map(|row| f64::from(hundredths(row)) / 100.0)))
}
