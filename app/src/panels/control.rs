//! What the controllers do, in words: each source's limit with the terms it comes from, and the moves of the automatic
//! interval with their reasons.

use weir_engine::metrics::{IntervalMove, IntervalReason, RateBound, SourceControl};

use crate::i18n::{tr, trf};
use crate::plots::units;
use crate::state::AppState;

/// A title and a value.
type Fact = (&'static str, String);

/// What a mark in the plots says of a move.
pub(crate) fn move_label(moved: &IntervalMove) -> String {
    trf("control.mark", &[("from", &units::span(moved.from)), ("to", &units::span(moved.to))])
}

/// A move with its reason; `batch` is the first it holds for.
pub(super) fn move_sentence(batch: u64, moved: &IntervalMove) -> String {
    let facts = [
        ("from", units::span(moved.from)),
        ("to", units::span(moved.to)),
        ("batch", super::grouped(batch)),
        ("why", reason_sentence(&moved.reason)),
    ];
    trf("control.moved", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
}

fn reason_sentence(reason: &IntervalReason) -> String {
    let facts: Vec<(&str, String)>;
    let key = match *reason {
        IntervalReason::FixedPoint { interval, processing, target } => {
            facts = vec![
                ("interval", units::span(interval)),
                ("time", units::span(processing)),
                ("target", units::percent(target)),
            ];
            "control.fixed_point"
        }
        IntervalReason::Secant { overhead, slope, target } => {
            facts = vec![
                ("overhead", units::span(overhead)),
                ("slope", format!("{slope:.2}")),
                ("target", units::percent(target)),
            ];
            "control.secant"
        }
        IntervalReason::Superlinear { shorter, shorter_load, longer, longer_load } => {
            facts = vec![
                ("shorter", units::span(shorter)),
                ("shorter_load", units::percent(shorter_load)),
                ("longer", units::span(longer)),
                ("longer_load", units::percent(longer_load)),
            ];
            "control.superlinear"
        }
        IntervalReason::Probe { load } => {
            facts = vec![("load", units::percent(load))];
            "control.probe"
        }
        IntervalReason::LittleToSpare { load } => {
            facts = vec![("load", units::percent(load))];
            "control.little_to_spare"
        }
        IntervalReason::NoneKeepsUp { shortest, longest, load } => {
            facts = vec![
                ("shortest", units::span(shortest)),
                ("longest", units::span(longest)),
                ("load", units::percent(load)),
            ];
            "control.none_keeps_up"
        }
    };
    let facts: Vec<_> = facts.iter().map(|(key, value)| (*key, value.as_str())).collect();
    trf(key, &facts)
}

/// A source's limit in one line, with its terms where the last batch taught any.
pub(super) fn limit_sentence(state: &AppState, source: &SourceControl) -> String {
    let name = state.name_of(source.node);
    let limit = units::compact(source.limit);
    let Some(terms) = &source.terms else {
        return trf("control.limit_held", &[("node", &name), ("most", &limit), ("bound", bound_word(source.bound))]);
    };
    let facts = [
        ("node", name),
        ("most", limit),
        ("base", units::compact(terms.base)),
        ("error", units::compact(terms.proportional)),
        ("backlog", units::compact(terms.integral)),
        ("trend", units::compact(terms.derivative)),
        ("bound", bound_word(source.bound).to_owned()),
    ];
    trf("control.limit", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
}

/// The same line by line.
pub(crate) fn limit_facts(source: &SourceControl) -> Vec<Fact> {
    let rate = |value: f64| trf("control.rate", &[("rate", &units::compact(value))]);
    let limit = format!("{} · {}", rate(source.limit), bound_word(source.bound));
    let mut facts = vec![(tr("control.fact.limit"), limit)];
    if let Some(terms) = &source.terms {
        facts.extend([
            (tr("control.fact.processing"), rate(terms.processing_rate)),
            (tr("control.fact.base"), rate(terms.base)),
            (tr("control.fact.proportional"), rate(terms.proportional)),
            (tr("control.fact.integral"), format!("{} · {}", rate(terms.integral), units::span(terms.backlog))),
            (tr("control.fact.derivative"), rate(terms.derivative)),
            (tr("control.fact.wanted"), rate(terms.wanted)),
        ]);
    }
    facts
}

/// Every source with its limit, in the batch that is shown.
pub(crate) fn backpressure_facts(state: &AppState) -> Vec<String> {
    let control = state.live.shown().and_then(|report| report.control.as_ref());
    control.into_iter().flat_map(|control| &control.sources).map(|source| limit_sentence(state, source)).collect()
}

/// The last move of the automatic interval.
pub(crate) fn interval_facts(state: &AppState) -> Option<String> {
    state.live.moves.back().map(|(batch, moved)| move_sentence(*batch, moved))
}

fn bound_word(bound: RateBound) -> &'static str {
    match bound {
        RateBound::Free => tr("control.bound.free"),
        RateBound::Initial => tr("control.bound.initial"),
        RateBound::Minimum => tr("control.bound.minimum"),
        RateBound::Maximum => tr("control.bound.maximum"),
        RateBound::Growth => tr("control.bound.growth"),
    }
}
