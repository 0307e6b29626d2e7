//! The parameters of the interval join, and its help.

use serde::Deserialize;

use crate::nodes::transforms::on_error::ON_ERROR_OF_CONDITION;
use crate::spec::{Accepts, Choice, Default, ParamKind, ParamSpec, Yields};

pub(super) const DOC: &str = "\
Puts rows of two streams together whose keys are equal and whose event times lie within a range of each other. Rows of \
earlier batches still match: each side is remembered until the watermark shows that no partner can come.

Impressions (left) and the clicks (right) that follow *from* 0 s before *to* 10 s after, joined left:

| watermark | left | right | out |
|---|---|---|---|
| | `ad1` at 10:00:00, `ad2` at 10:00:02 | | |
| 09:59:50 | | `ad1` at 10:00:06 | `ad1` 10:00:00, `ad1` 10:00:06 |
| 10:00:12 | | | `ad2` 10:00:02, null |

A match is given at once; that a row stays alone is only known when the watermark has passed its range, so outer rows \
come late by the watermark's delay and the range. Both sides need a Watermark; the lower of the two holds. A side that \
falls silent holds the other back: give its watermark an idle time-out.

Rows at or before the watermark of the batch before are *late*: they are not joined and go to the port `late`, with \
their side and the reason. Rows without event time match nothing and go there too.

Matching at *any distance* keeps everything for ever; it is possible for inner joins only, and needs no watermark.

A key that is called the same on both sides comes out once; a right column whose name is taken gets `_right`. What \
flows on has a watermark that is lower by the range, since a result carries the times of both rows.

Spark: stream-stream join with a time range.";

pub(super) const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "how",
        "How",
        "Which rows come out.",
        ParamKind::Choice {
            options: &[
                Choice::new("inner", "inner", "Pairs only."),
                Choice::new("left", "left", "Pairs, and left rows without a partner."),
                Choice::new("right", "right", "Pairs, and right rows without a partner."),
                Choice::new("full", "full", "Pairs, and the rows of either side without a partner."),
                Choice::new("left_semi", "left semi", "Left rows that have a partner, once, at their first match."),
            ],
        },
    )
    .default(Default::Text("inner")),
    ParamSpec::new(
        "on",
        "On",
        "The columns that must be equal, pair by pair.",
        ParamKind::Rows {
            fields: &[
                ParamSpec::new(
                    "left",
                    "Left column",
                    "A column of the left input.",
                    ParamKind::Column { accepts: Accepts::Any },
                ),
                ParamSpec::new(
                    "right",
                    "Right column",
                    "The column of the right input; empty if it is called the same.",
                    ParamKind::Text,
                )
                .default(Default::Absent),
            ],
        },
    )
    .default(Default::Json("[]")),
    ParamSpec::new(
        "within",
        "Match",
        "How far apart in event time two rows may be.",
        ParamKind::Choice {
            options: &[
                Choice::new("range", "within a time range", "Close together; what is out of reach is forgotten."),
                Choice::new("ever", "at any distance", "However far apart: all rows are remembered for ever."),
            ],
        },
    )
    .default(Default::Text("range")),
    ParamSpec::new(
        "lower",
        "From",
        "The earliest a right row may be, seen from the left row.",
        ParamKind::Duration { min_millis: 0, max_millis: 7 * 86_400_000 },
    )
    .default(Default::Text("0s"))
    .when("within", &["range"]),
    ParamSpec::new(
        "lower_is",
        "From is",
        "On which side of the left row the range begins.",
        ParamKind::Choice {
            options: &[
                Choice::new("before", "before the left row", "So long before."),
                Choice::new("after", "after the left row", "So long after."),
            ],
        },
    )
    .default(Default::Text("before"))
    .when("within", &["range"]),
    ParamSpec::new(
        "upper",
        "To",
        "The latest a right row may be, seen from the left row.",
        ParamKind::Duration { min_millis: 0, max_millis: 7 * 86_400_000 },
    )
    .default(Default::Text("10s"))
    .when("within", &["range"]),
    ParamSpec::new(
        "upper_is",
        "To is",
        "On which side of the left row the range ends.",
        ParamKind::Choice {
            options: &[
                Choice::new("after", "after the left row", "So long after."),
                Choice::new("before", "before the left row", "So long before."),
            ],
        },
    )
    .default(Default::Text("after"))
    .when("within", &["range"]),
    ParamSpec::new(
        "condition",
        "Condition",
        "What must hold besides, over the columns of both: `price < limit_right`.",
        ParamKind::Expression { yields: Yields::Boolean },
    )
    .default(Default::Absent),
    ParamSpec::new(
        "null_keys",
        "Null keys",
        "Whether rows without a key find each other.",
        ParamKind::Choice {
            options: &[
                Choice::new("never", "never match", "A null equals nothing, as in SQL's joins."),
                Choice::new("equal", "are equal", "A null equals another null, as with SQL's `<=>`."),
            ],
        },
    )
    .default(Default::Text("never")),
    ON_ERROR_OF_CONDITION,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    Inner,
    Left,
    Right,
    Full,
    LeftSemi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Within {
    Range,
    Ever,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LowerIs {
    Before,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UpperIs {
    Before,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NullKeys {
    Never,
    Equal,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnRow {
    pub(super) left: String,
    pub(super) right: Option<String>,
}

impl How {
    /// Whether rows of a side that stay alone come out.
    pub(super) fn keeps(self, side: usize) -> bool {
        match self {
            Self::Inner | Self::LeftSemi => false,
            Self::Left => side == 0,
            Self::Right => side == 1,
            Self::Full => true,
        }
    }
}
