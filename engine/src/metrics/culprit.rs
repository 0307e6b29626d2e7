//! Which node limits a run, and how: the culprit, not its victims. Pure judgement over reports.
//!
//! While batches have little time to spare, it is the node on which they spend it: by work, by waiting for something
//! outside, or because one key has most of the rows. In a calm run it is what keeps rows or results from coming: a
//! source that waits, or a stream whose event time lies behind and so holds everybody's windows open.

use super::facts::{StreamFacts, WindowEmit};
use super::stability::judge;
use super::{BatchReport, NodeReport, NodeStatus};
use crate::spec::{NodeId, Span, Timestamp};

/// The busy share of its interval from which a batch has a culprit although the run is stable.
const BUSY: f64 = 0.5;
/// Batches looked back for how long a node has been the culprit.
const CULPRIT_BATCHES: usize = 1_000;
/// The part of the rows from which one key is the reason.
const SKEWED: f64 = 0.5;

/// The node that limits the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Culprit {
    /// Which.
    pub node: NodeId,
    /// Its part of the time that was spent in all nodes, 0 to 1, over those batches.
    pub share: f64,
    /// For how many consecutive batches, up to the newest, it has been the one.
    pub batches: u64,
    /// In which way.
    pub cause: Cause,
}

/// In which way a node limits a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// It works longest.
    Works,
    /// It waits for something outside; the sentence says for what.
    Waits(String),
    /// It works longest, and one key has most of its rows.
    Skewed {
        /// The key's value.
        key: String,
        /// Its part of the rows, 0 to 1.
        rows: f64,
    },
    /// Its event time lies behind that of other streams, so that windows stay open which the others would close.
    HoldsWindows {
        /// How far it is behind the stream that is furthest ahead.
        behind: Span,
        /// The end of the window that is held open.
        until: Timestamp,
    },
}

/// The culprit, if there is one. Reports newest first (see [`super::History::recent`]).
pub fn culprit<'a>(newest_first: impl IntoIterator<Item = &'a BatchReport, IntoIter: Clone>) -> Option<Culprit> {
    let reports = newest_first.into_iter();
    let verdict = judge(reports.clone())?;
    if !verdict.stable || verdict.utilisation >= BUSY {
        return most_costly(reports);
    }
    waiting_source(reports.clone()).or_else(|| holder_of_windows(reports))
}

/// The node on which the newest batch spent the most time.
fn most_costly<'a>(reports: impl Iterator<Item = &'a BatchReport> + Clone) -> Option<Culprit> {
    let newest = reports.clone().next()?;
    let node = costliest(newest)?;
    let (mut own, mut all, mut waits, mut batches) = (0.0, 0.0, 0.0, 0);
    for report in reports.take(CULPRIT_BATCHES).take_while(|report| costliest(report) == Some(node)) {
        own += report.node(node).map_or(0.0, cost_of);
        waits += report.node(node).map_or(0.0, |node| waited(node).as_secs_f64());
        all += report.nodes.iter().map(cost_of).sum::<f64>();
        batches += 1;
    }
    let facts = newest.node(node).and_then(|report| report.facts.as_deref());
    let skew = facts.and_then(|facts| facts.skew.as_ref()).filter(|skew| skew.share >= SKEWED);
    let cause = match (facts.and_then(|facts| facts.waited.as_ref()), skew) {
        (Some(wait), _) if waits > own / 2.0 => Cause::Waits(wait.what.clone()),
        (_, Some(skew)) => Cause::Skewed { key: skew.key.clone(), rows: skew.share },
        (_, None) => Cause::Works,
    };
    Some(Culprit { node, share: own / all, batches, cause })
}

/// Work and waiting, in seconds.
fn cost_of(node: &NodeReport) -> f64 {
    node.busy.as_secs_f64() + waited(node).as_secs_f64()
}

fn waited(node: &NodeReport) -> Span {
    node.facts.as_ref().and_then(|facts| facts.waited.as_ref()).map_or(Span(0), |waited| waited.time)
}

/// The node that cost most; of equals the first. `None` if none cost anything.
fn costliest(report: &BatchReport) -> Option<NodeId> {
    let costs = report.nodes.iter().map(|node| (node.node, node.busy.0 + waited(node).0));
    costs.filter(|(_, cost)| *cost > 0).rev().max_by_key(|(_, cost)| *cost).map(|(node, _)| node)
}

/// A source that waits for something outside and gives nothing.
fn waiting_source<'a>(reports: impl Iterator<Item = &'a BatchReport> + Clone) -> Option<Culprit> {
    let silent = |report: &'a BatchReport| {
        report.nodes.iter().find_map(|node| match &node.status {
            NodeStatus::Waiting(why) if node.rows_in == 0 => Some((node.node, why)),
            NodeStatus::Waiting(_) | NodeStatus::Ok | NodeStatus::Blocked | NodeStatus::Failed(_) => None,
        })
    };
    let (node, why) = silent(reports.clone().next()?)?;
    let same = reports.take(CULPRIT_BATCHES).take_while(|report| silent(report).is_some_and(|found| found.0 == node));
    Some(Culprit { node, share: 0.0, batches: same.count() as u64, cause: Cause::Waits(why.clone()) })
}

/// A stream that keeps windows open which another one would have closed.
fn holder_of_windows<'a>(reports: impl Iterator<Item = &'a BatchReport> + Clone) -> Option<Culprit> {
    let (node, behind, until) = held_open(reports.clone().next()?)?;
    let same = reports.take(CULPRIT_BATCHES).take_while(|report| held_open(report).is_some_and(|held| held.0 == node));
    let batches = same.count() as u64;
    Some(Culprit { node, share: 0.0, batches, cause: Cause::HoldsWindows { behind, until } })
}

/// The holder, how far it is behind, and the end of the window it holds.
fn held_open(report: &BatchReport) -> Option<(NodeId, Span, Timestamp)> {
    report.nodes.iter().find_map(|node| {
        let windows = node.facts.as_ref()?.windows.filter(|windows| windows.emit == WindowEmit::AtEnd)?;
        let end = windows.next_end?;
        let (holder, behind) = holder_before(report, node.node, end)?;
        Some((holder, behind, end))
    })
}

/// Walks up to where streams meet of which one would let a window end there and another does not.
fn holder_before(report: &BatchReport, node: NodeId, end: Timestamp) -> Option<(NodeId, Span)> {
    let mut at = node;
    for _ in 0..report.nodes.len() {
        let streams = streams_of(report, at);
        let lowest = slowest(streams)?;
        let highest = streams.iter().filter_map(|stream| stream.watermark).max()?;
        let low = lowest.watermark.unwrap_or(Timestamp(i64::MIN));
        if highest >= end && low < end {
            // A stream without any row yet is behind by all that the others have seen.
            let behind = lowest.watermark.map_or_else(|| highest.since(end), |low| highest.since(low));
            return Some((origin(report, lowest.from), behind));
        }
        at = lowest.from;
    }
    None
}

/// The node that sets the watermark of what flows out of this one.
pub(super) fn origin(report: &BatchReport, node: NodeId) -> NodeId {
    let mut at = node;
    for _ in 0..report.nodes.len() {
        let sets =
            report.node(at).and_then(|report| report.facts.as_ref()).is_some_and(|facts| facts.event_time.is_some());
        match slowest(streams_of(report, at)) {
            Some(stream) if !sets => at = stream.from,
            Some(_) | None => break,
        }
    }
    at
}

/// The stream that holds the others back: the furthest behind of those that are not idle.
pub(super) fn slowest(streams: &[StreamFacts]) -> Option<&StreamFacts> {
    streams.iter().min_by_key(|stream| (stream.is_idle, stream.watermark))
}

/// What enters a node, as far as it is behind a watermark.
pub(super) fn streams_of(report: &BatchReport, node: NodeId) -> &[StreamFacts] {
    let facts = report.node(node).and_then(|report| report.facts.as_deref());
    facts.map_or(&[], |facts| &facts.streams)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{node, report};
    use super::super::{EventTimeFacts, KeySkew, NodeFacts, Waited, WindowClock, WindowFacts};
    use super::*;

    fn busy(id: u64, millis: i64) -> NodeReport {
        NodeReport { busy: Span::from_millis(millis), ..node(NodeId(id)) }
    }

    fn with(mut node: NodeReport, facts: NodeFacts) -> NodeReport {
        node.facts = Some(Box::new(facts));
        node
    }

    fn batch(number: u64, nodes: Vec<NodeReport>, processing_millis: i64) -> BatchReport {
        BatchReport { nodes, processing_time: Span::from_millis(processing_millis), ..report(number) }
    }

    fn overloaded(count: u64, nodes: &[NodeReport]) -> Vec<BatchReport> {
        (0..count).rev().map(|number| batch(number, nodes.to_vec(), 1_200)).collect()
    }

    fn secs(secs: i64) -> Timestamp {
        Timestamp::VIRTUAL_START.plus(Span::from_secs(secs))
    }

    #[test]
    fn the_culprit_is_the_busiest_node_for_as_long_as_it_has_been() {
        let mut reports = overloaded(50, &[busy(1, 50), busy(2, 250), busy(3, 700)]);
        reports[40] = batch(9, vec![busy(1, 900), busy(2, 50), busy(3, 50)], 1_200);
        let found = culprit(&reports).unwrap();
        assert_eq!((found.node, found.batches, &found.cause), (NodeId(3), 40, &Cause::Works));
        assert!((found.share - 0.7).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_slow_source_is_named_although_it_is_the_first() {
        let found = culprit(&overloaded(8, &[busy(1, 900), busy(2, 100), busy(3, 50)])).unwrap();
        assert_eq!((found.node, found.cause), (NodeId(1), Cause::Works));
    }

    #[test]
    fn a_sink_that_waits_is_named_and_not_the_node_that_works() {
        let waited = Waited { time: Span::from_millis(800), what: "the disk is full".to_owned() };
        let sink = with(busy(3, 10), NodeFacts { waited: Some(waited), ..NodeFacts::default() });
        let found = culprit(&overloaded(8, &[busy(1, 20), busy(2, 300), sink])).unwrap();
        assert_eq!((found.node, found.batches), (NodeId(3), 8));
        assert_eq!(found.cause, Cause::Waits("the disk is full".to_owned()));
        assert!(found.share > 0.7, "{found:?}");
    }

    #[test]
    fn one_key_with_most_rows_is_the_reason_and_one_with_few_is_not() {
        let skewed = |share| {
            let skew = Some(KeySkew { key: "cat".to_owned(), share });
            with(busy(2, 900), NodeFacts { skew, ..NodeFacts::default() })
        };
        let found = culprit(&overloaded(8, &[busy(1, 20), skewed(0.93)])).unwrap();
        assert_eq!(found.cause, Cause::Skewed { key: "cat".to_owned(), rows: 0.93 });
        assert_eq!(culprit(&overloaded(8, &[busy(1, 20), skewed(0.3)])).unwrap().cause, Cause::Works);
    }

    #[test]
    fn a_calm_run_has_no_culprit_unless_a_source_waits() {
        let calm: Vec<_> = (0..50).rev().map(|number| batch(number, vec![busy(1, 5), busy(2, 70)], 75)).collect();
        assert_eq!(culprit(&calm), None);
        let why = "no connection to localhost:9999".to_owned();
        let source = NodeReport { status: NodeStatus::Waiting(why.clone()), ..busy(1, 0) };
        let silent: Vec<_> = (0..7).rev().map(|number| batch(number, vec![source.clone(), busy(2, 1)], 1)).collect();
        let found = culprit(&silent).unwrap();
        assert_eq!((found.node, found.batches, found.cause), (NodeId(1), 7, Cause::Waits(why)));
    }

    /// Two watermarks, 1 and 2, meet in 3; 4 keeps windows.
    fn meeting(left: i64, right: i64, next_end: i64) -> BatchReport {
        let stream = |from, at| StreamFacts { from: NodeId(from), watermark: Some(secs(at)), is_idle: false };
        let sets = |id, at| {
            let facts = EventTimeFacts { latest: Some(secs(at)), delay: Span(0), silent: Span(0) };
            with(busy(id, 1), NodeFacts { event_time: Some(facts), ..NodeFacts::default() })
        };
        let streams = vec![stream(1, left), stream(2, right)];
        let union = with(busy(3, 1), NodeFacts { streams, ..NodeFacts::default() });
        let windows =
            WindowFacts { clock: WindowClock::Event, emit: WindowEmit::AtEnd, next_end: Some(secs(next_end)) };
        let streams = vec![stream(3, left.min(right))];
        let group = with(busy(4, 1), NodeFacts { streams, windows: Some(windows), ..NodeFacts::default() });
        batch(0, vec![sets(1, left), sets(2, right), union, group], 4)
    }

    #[test]
    fn the_stream_that_lies_behind_holds_the_windows() {
        let found = culprit(&[meeting(100, 20, 30)]).unwrap();
        assert_eq!(found.node, NodeId(2), "not where they meet, and not the one that is ahead");
        assert_eq!(found.cause, Cause::HoldsWindows { behind: Span::from_secs(80), until: secs(30) });
    }

    #[test]
    fn a_window_that_nobody_could_close_yet_is_held_by_nobody() {
        assert_eq!(culprit(&[meeting(100, 20, 110)]), None);
        assert_eq!(culprit(&[meeting(25, 20, 30)]), None);
    }

    #[test]
    fn without_batches_there_is_no_culprit() {
        assert_eq!(culprit(&[]), None);
    }
}
