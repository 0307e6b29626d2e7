//! The batches as a person reads them: one line each, and where the time of one went.

use std::sync::Arc;

use eframe::egui::vec2;
use egui_kittest::kittest::Queryable;
use weir::action::Selection;
use weir::i18n::tr;
use weir_engine::metrics::{BatchReport, BatchStatus, LatencySummary, MemoryReport, NodeReport, NodeStatus};
use weir_engine::spec::{NodeId, Span, Timestamp};

use crate::shell::{click, designer, shows};

fn node(id: NodeId, busy: Span, status: NodeStatus) -> NodeReport {
    NodeReport {
        node: id,
        rows_in: 1_234,
        rows_out: vec![5_678],
        bytes_out: 0,
        busy,
        fired: true,
        state_rows: 0,
        state_bytes: 0,
        memory: MemoryReport::default(),
        counters: Vec::new(),
        backlog_rows: 0,
        watermark: None,
        status,
        facts: None,
    }
}

fn report(batch: u64, nodes: Vec<NodeReport>) -> Arc<BatchReport> {
    let millis = Span::from_millis;
    let tick = Timestamp::VIRTUAL_START;
    Arc::new(BatchReport {
        batch,
        plan_version: 1,
        tick,
        oldest_tick: tick,
        span: millis(1_000),
        interval: millis(1_000),
        creation_delay: millis(1),
        scheduling_delay: millis(2),
        processing_time: millis(400),
        total_delay: millis(403),
        input_rows: 1_234,
        input_bytes: 0,
        queued_batches: 0,
        latency: LatencySummary::default(),
        nodes,
        parked: Vec::new(),
        status: BatchStatus::Ok,
        control: None,
    })
}

#[test]
fn a_batch_shows_where_its_time_went_and_leads_to_the_node() {
    let (mut harness, _) = designer();
    let pipeline = harness.state().state.document.pipeline();
    let ids: Vec<NodeId> = pipeline.nodes().map(|node| node.id).collect();
    let names: Vec<String> = pipeline.nodes().map(|node| node.name.clone()).collect();
    let [first, second] = [ids[0], ids[1]];
    let live = &mut harness.state_mut().state.live;
    let fast = vec![node(first, Span::from_millis(100), NodeStatus::Ok)];
    let slow =
        vec![node(first, Span::from_millis(100), NodeStatus::Ok), node(second, Span::from_millis(300), NodeStatus::Ok)];
    live.history.push(report(0, slow));
    live.history.push(report(1, fast));
    click(&mut harness, "Batches");
    assert!(shows(&harness, "Batch 1, node by node"), "the newest one, until another is chosen");
    harness.state_mut().state.live.shown_batch = Some(0);
    harness.run_ok();
    assert!(shows(&harness, "Batch 0, node by node"));
    assert!(shows(&harness, "processing took 400 ms of the 1s interval"));
    let line = format!("{}: 300 ms · 75 %", names[1]);
    assert!(shows(&harness, &line));
    click(&mut harness, &line);
    assert_eq!(harness.state().state.selection, Selection::node(second));
}

#[test]
fn the_table_never_lies_on_the_picture_beside_it() {
    for (size, with_failure) in [(vec2(1_440.0, 900.0), false), (vec2(1_900.0, 900.0), true)] {
        let (mut harness, _) = designer();
        harness.set_size(size);
        harness.run_steps(4);
        let id = harness.state().state.document.pipeline().nodes().next().unwrap().id;
        let status = if with_failure { NodeStatus::Failed("it broke".to_owned()) } else { NodeStatus::Ok };
        let mut failed = (*report(0, vec![node(id, Span::from_millis(100), status)])).clone();
        failed.status = if with_failure { BatchStatus::Failed } else { BatchStatus::Ok };
        harness.state_mut().state.live.history.push(Arc::new(failed));
        click(&mut harness, "Batches");
        harness.run_steps(4);
        let picture = harness.query_all_by_label_contains("node by node").next().map(|node| node.rect());
        let picture = picture.unwrap_or_else(|| panic!("{size}: the picture of a batch is there"));
        let headers = ["batches.batch", "batches.scheduling", "batches.total", "batches.status"];
        for header in headers {
            let lies_beside = |node: &egui_kittest::Node<'_>| node.rect().right() <= picture.left();
            let found: Vec<_> = harness.query_all_by_label(tr(header)).collect();
            assert!(found.iter().any(lies_beside), "{size}: {header} reaches under the picture");
        }
        let has_errors = harness.query_all_by_label(tr("batches.error")).next().is_some();
        assert_eq!(has_errors, with_failure, "the column of errors is there once there is one");
    }
}
