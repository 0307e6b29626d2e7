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
    /// The same, but null where it grows too large.
    TrySum,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The mean: `double`, of decimals a decimal.
    Avg,
    /// The same, but null where the sum behind it grows too large.
    TryAvg,
    /// The sample standard deviation; null of fewer than two values.
    Stddev,
    /// The standard deviation of the values as a whole population.
    StddevPop,
    /// The sample variance; null of fewer than two values.
    Variance,
    /// The variance of the values as a whole population.
    VariancePop,
    /// The skewness; null where all values are the same.
    Skewness,
    /// The excess kurtosis; null where all values are the same.
    Kurtosis,
    /// The middle value as `double`.
    Median,
    /// The value below which a given part of all values lies, as `double`; between two values, their mean by distance.
    Percentile,
    /// The smallest of the values that the given part of all does not exceed, as `double`.
    PercentileDisc,
    /// About the same in the argument's type, off by at most a ten-thousandth of the rows, in bounded memory.
    PercentileApprox,
    /// The value that comes most often; of several the one seen first.
    Mode,
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
    /// Pearson's correlation of two values; null where one of them does not vary.
    Corr,
    /// The covariance of two values as a whole population.
    CovarPop,
    /// The sample covariance of two values; null of fewer than two pairs.
    CovarSamp,
    /// The slope of the regression line of the first value by the second.
    RegrSlope,
    /// Where that line stands at zero of the second value.
    RegrIntercept,
    /// The part of the first value's variance that the line explains.
    RegrR2,
    /// The number of pairs of which neither is null.
    RegrCount,
    /// The mean of the second value over these pairs.
    RegrAvgx,
    /// The mean of the first value over these pairs.
    RegrAvgy,
    /// The second value's squared distances from its mean, added up.
    RegrSxx,
    /// The first value's squared distances from its mean, added up.
    RegrSyy,
    /// The products of both distances from the means, added up.
    RegrSxy,
}

impl AggregateFunction {
    /// All, in the order of menus.
    pub const ALL: [Self; 35] = [
        Self::Count,
        Self::Sum,
        Self::TrySum,
        Self::Min,
        Self::Max,
        Self::Avg,
        Self::TryAvg,
        Self::Stddev,
        Self::StddevPop,
        Self::Variance,
        Self::VariancePop,
        Self::Skewness,
        Self::Kurtosis,
        Self::Median,
        Self::Percentile,
        Self::PercentileDisc,
        Self::PercentileApprox,
        Self::Mode,
        Self::CountDistinct,
        Self::ApproxCountDistinct,
        Self::First,
        Self::Last,
        Self::CollectList,
        Self::Corr,
        Self::CovarPop,
        Self::CovarSamp,
        Self::RegrSlope,
        Self::RegrIntercept,
        Self::RegrR2,
        Self::RegrCount,
        Self::RegrAvgx,
        Self::RegrAvgy,
        Self::RegrSxx,
        Self::RegrSyy,
        Self::RegrSxy,
    ];

    /// The options of a parameter that chooses a function.
    pub const CHOICES: &'static [Choice] = &[
        Choice::new("count", "count", "Counts rows, or the values that are not null."),
        Choice::new("sum", "sum", "Adds the values up."),
        Choice::new("try_sum", "try_sum", "Adds the values up; null where the sum grows too large."),
        Choice::new("min", "min", "The smallest value."),
        Choice::new("max", "max", "The largest value."),
        Choice::new("avg", "avg", "The mean of the values."),
        Choice::new("try_avg", "try_avg", "The mean of the values; null where their sum grows too large."),
        Choice::new("stddev", "stddev", "The sample standard deviation."),
        Choice::new("stddev_pop", "stddev, population", "The standard deviation of a whole population."),
        Choice::new("variance", "variance", "The sample variance."),
        Choice::new("variance_pop", "variance, population", "The variance of a whole population."),
        Choice::new(
            "skewness",
            "skewness",
            "How much further the values reach to the right of their mean than to the left.",
        ),
        Choice::new("kurtosis", "kurtosis", "How heavy the tails are; 0 is a normal distribution's."),
        Choice::new("median", "median", "The middle value."),
        Choice::new("percentile", "percentile", "The value below which the given part of all values lies."),
        Choice::new(
            "percentile_disc",
            "percentile, discrete",
            "The smallest value that the given part of all values does not exceed.",
        ),
        Choice::new(
            "percentile_approx",
            "percentile, approx.",
            "About the same, to a ten-thousandth of the rows, in bounded memory.",
        ),
        Choice::new("mode", "mode", "The most frequent value; of several the one seen first."),
        Choice::new("count_distinct", "count distinct", "How many different values there are, exactly."),
        Choice::new("approx_count_distinct", "approx. count distinct", "About how many different values there are."),
        Choice::new("first", "first", "The value of the first row."),
        Choice::new("last", "last", "The value of the last row."),
        Choice::new("collect_list", "collect list", "All values as one list."),
        Choice::new("corr", "corr", "How closely two values follow a line, from -1 to 1."),
        Choice::new("covar_pop", "covar, population", "The covariance of two values in a whole population."),
        Choice::new("covar_samp", "covar", "The sample covariance of two values."),
        Choice::new(
            "regr_slope",
            "regr_slope",
            "The slope of the line through the pairs: the first value by the second.",
        ),
        Choice::new("regr_intercept", "regr_intercept", "Where that line meets zero of the second value."),
        Choice::new("regr_r2", "regr_r2", "How much of the first value's variance that line explains, from 0 to 1."),
        Choice::new("regr_count", "regr_count", "Counts the pairs of which neither is null."),
        Choice::new("regr_avgx", "regr_avgx", "The mean of the second value over these pairs."),
        Choice::new("regr_avgy", "regr_avgy", "The mean of the first value over these pairs."),
        Choice::new("regr_sxx", "regr_sxx", "The second value's squared distances from its mean, added up."),
        Choice::new("regr_syy", "regr_syy", "The first value's squared distances from its mean, added up."),
        Choice::new("regr_sxy", "regr_sxy", "The products of both distances from the means, added up."),
    ];

    /// The functions of which a percentage is asked, by name.
    pub const OF_PERCENT: &'static [&'static str] = &["percentile", "percentile_disc", "percentile_approx"];

    /// The functions of two values, by name.
    pub const OF_TWO: &'static [&'static str] = &[
        "corr",
        "covar_pop",
        "covar_samp",
        "regr_slope",
        "regr_intercept",
        "regr_r2",
        "regr_count",
        "regr_avgx",
        "regr_avgy",
        "regr_sxx",
        "regr_syy",
        "regr_sxy",
    ];

    /// The name in files and in default column names.
    pub fn id(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::TrySum => "try_sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::TryAvg => "try_avg",
            Self::Stddev => "stddev",
            Self::StddevPop => "stddev_pop",
            Self::Variance => "variance",
            Self::VariancePop => "variance_pop",
            Self::Skewness => "skewness",
            Self::Kurtosis => "kurtosis",
            Self::Median => "median",
            Self::Percentile => "percentile",
            Self::PercentileDisc => "percentile_disc",
            Self::PercentileApprox => "percentile_approx",
            Self::Mode => "mode",
            Self::CountDistinct => "count_distinct",
            Self::ApproxCountDistinct => "approx_count_distinct",
            Self::First => "first",
            Self::Last => "last",
            Self::CollectList => "collect_list",
            Self::Corr => "corr",
            Self::CovarPop => "covar_pop",
            Self::CovarSamp => "covar_samp",
            Self::RegrSlope => "regr_slope",
            Self::RegrIntercept => "regr_intercept",
            Self::RegrR2 => "regr_r2",
            Self::RegrCount => "regr_count",
            Self::RegrAvgx => "regr_avgx",
            Self::RegrAvgy => "regr_avgy",
            Self::RegrSxx => "regr_sxx",
            Self::RegrSyy => "regr_syy",
            Self::RegrSxy => "regr_sxy",
        }
    }

    /// Whether it works on an expression; only `count` does without.
    pub fn needs_argument(self) -> bool {
        self != Self::Count
    }

    /// Whether it works on two.
    pub fn needs_two(self) -> bool {
        Self::OF_TWO.contains(&self.id())
    }

    /// Whether it is asked of a percentage.
    pub fn needs_percent(self) -> bool {
        Self::OF_PERCENT.contains(&self.id())
    }

    /// The function of this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.id() == id)
    }

    /// DataFusion's implementation, where there is one of that meaning.
    pub(super) fn implementation(self) -> Option<Arc<AggregateUDF>> {
        Some(match self {
            Self::Count | Self::CountDistinct => functions::count::count_udaf(),
            Self::Sum | Self::TrySum => functions::sum::sum_udaf(),
            Self::Min => functions::min_max::min_udaf(),
            Self::Max => functions::min_max::max_udaf(),
            Self::Avg | Self::TryAvg => functions::average::avg_udaf(),
            Self::Stddev => functions::stddev::stddev_udaf(),
            Self::StddevPop => functions::stddev::stddev_pop_udaf(),
            Self::Variance => functions::variance::var_samp_udaf(),
            Self::VariancePop => functions::variance::var_pop_udaf(),
            Self::Median => functions::median::median_udaf(),
            Self::Percentile => functions::percentile_cont::percentile_cont_udaf(),
            Self::PercentileDisc | Self::CollectList => functions::array_agg::array_agg_udaf(),
            Self::ApproxCountDistinct => functions::approx_distinct::approx_distinct_udaf(),
            Self::First => functions::first_last::first_value_udaf(),
            Self::Last => functions::first_last::last_value_udaf(),
            Self::Skewness
            | Self::Kurtosis
            | Self::PercentileApprox
            | Self::Mode
            | Self::Corr
            | Self::CovarPop
            | Self::CovarSamp
            | Self::RegrSlope
            | Self::RegrIntercept
            | Self::RegrR2
            | Self::RegrCount
            | Self::RegrAvgx
            | Self::RegrAvgy
            | Self::RegrSxx
            | Self::RegrSyy
            | Self::RegrSxy => return None,
        })
    }
}

impl fmt::Display for AggregateFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_and_the_lists_by_name_are_of_the_functions_there_are() {
        let named: Vec<&str> = AggregateFunction::CHOICES.iter().map(|choice| choice.value).collect();
        assert_eq!(named, AggregateFunction::ALL.map(AggregateFunction::id));
        for id in AggregateFunction::OF_TWO.iter().chain(AggregateFunction::OF_PERCENT) {
            let function = AggregateFunction::from_id(id).unwrap();
            assert!(function.needs_two() != function.needs_percent(), "{id}");
        }
    }
}
