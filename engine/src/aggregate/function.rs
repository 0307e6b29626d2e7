//! The closed list of aggregate functions, with the names people know from Spark SQL.

use std::fmt;
use std::sync::Arc;

use datafusion_expr::AggregateUDF;
use datafusion_functions_aggregate as functions;
use serde::Deserialize;

use crate::spec::Choice;

/// What to compute of the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateFunction {
    /// Rows, or the argument's values that are not null.
    Count,
    /// The sum: `bigint` of whole numbers, `double` of fractions, decimals stay exact.
    Sum,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The mean: `double`, of decimals a decimal.
    Avg,
    /// The sample standard deviation; null of fewer than two values.
    Stddev,
    /// The standard deviation of the values as a whole population.
    StddevPop,
    /// The sample variance; null of fewer than two values.
    Variance,
    /// The variance of the values as a whole population.
    VariancePop,
    /// The middle value as `double`.
    Median,
    /// The value below which a given part of all values lies, as `double`; between two values, their mean by distance.
    Percentile,
    /// The number of different values that are not null.
    CountDistinct,
    /// About as much, by `HyperLogLog`.
    ApproxCountDistinct,
    /// The value of the first row, even if null.
    First,
    /// The value of the last row, even if null.
    Last,
    /// All values that are not null, in order of arrival.
    CollectList,
}

impl AggregateFunction {
    /// All, in the order of menus.
    pub const ALL: [Self; 16] = [
        Self::Count,
        Self::Sum,
        Self::Min,
        Self::Max,
        Self::Avg,
        Self::Stddev,
        Self::StddevPop,
        Self::Variance,
        Self::VariancePop,
        Self::Median,
        Self::Percentile,
        Self::CountDistinct,
        Self::ApproxCountDistinct,
        Self::First,
        Self::Last,
        Self::CollectList,
    ];

    /// The options of a parameter that chooses a function.
    pub const CHOICES: &'static [Choice] = &[
        Choice::new("count", "count", "Counts rows, or the values that are not null."),
        Choice::new("sum", "sum", "Adds the values up."),
        Choice::new("min", "min", "The smallest value."),
        Choice::new("max", "max", "The largest value."),
        Choice::new("avg", "avg", "The mean of the values."),
        Choice::new("stddev", "stddev", "The sample standard deviation."),
        Choice::new("stddev_pop", "stddev, population", "The standard deviation of a whole population."),
        Choice::new("variance", "variance", "The sample variance."),
        Choice::new("variance_pop", "variance, population", "The variance of a whole population."),
        Choice::new("median", "median", "The middle value."),
        Choice::new("percentile", "percentile", "The value below which the given part of all values lies."),
        Choice::new("count_distinct", "count distinct", "How many different values there are, exactly."),
        Choice::new("approx_count_distinct", "approx. count distinct", "About how many different values there are."),
        Choice::new("first", "first", "The value of the first row."),
        Choice::new("last", "last", "The value of the last row."),
        Choice::new("collect_list", "collect list", "All values as one list."),
    ];

    /// The name in files and in default column names.
    pub fn id(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Stddev => "stddev",
            Self::StddevPop => "stddev_pop",
            Self::Variance => "variance",
            Self::VariancePop => "variance_pop",
            Self::Median => "median",
            Self::Percentile => "percentile",
            Self::CountDistinct => "count_distinct",
            Self::ApproxCountDistinct => "approx_count_distinct",
            Self::First => "first",
            Self::Last => "last",
            Self::CollectList => "collect_list",
        }
    }

    /// Whether it works on an expression; only `count` does without.
    pub fn needs_argument(self) -> bool {
        self != Self::Count
    }

    /// The function of this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.id() == id)
    }

    /// DataFusion's implementation.
    pub(super) fn implementation(self) -> Arc<AggregateUDF> {
        match self {
            Self::Count | Self::CountDistinct => functions::count::count_udaf(),
            Self::Sum => functions::sum::sum_udaf(),
            Self::Min => functions::min_max::min_udaf(),
            Self::Max => functions::min_max::max_udaf(),
            Self::Avg => functions::average::avg_udaf(),
            Self::Stddev => functions::stddev::stddev_udaf(),
            Self::StddevPop => functions::stddev::stddev_pop_udaf(),
            Self::Variance => functions::variance::var_samp_udaf(),
            Self::VariancePop => functions::variance::var_pop_udaf(),
            Self::Median => functions::median::median_udaf(),
            Self::Percentile => functions::percentile_cont::percentile_cont_udaf(),
            Self::ApproxCountDistinct => functions::approx_distinct::approx_distinct_udaf(),
            Self::First => functions::first_last::first_value_udaf(),
            Self::Last => functions::first_last::last_value_udaf(),
            Self::CollectList => functions::array_agg::array_agg_udaf(),
        }
    }
}

impl fmt::Display for AggregateFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
