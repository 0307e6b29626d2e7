//! `sink.null`: takes rows and keeps none; they are counted like everywhere.

use serde::Deserialize;

use super::shown::ShownSink;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Diagnostic, ParamSpec, Params, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.null",
    title: "Nowhere",
    summary: "Takes rows and keeps none: for measuring, and for outputs nobody needs.",
    doc: DOC,
    category: Category::Sink,
    icon: "C 8 8 5.5 M 4.2 11.8 L 11.8 4.2",
    base_name: "nowhere",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Takes all rows and keeps none. They are counted and timed like everywhere, which makes it the sink \
to measure a pipeline with: nothing is lost to drawing or writing.

For example, `Generator` at 1,000,000 rows/s -> `Flat map` -> `Nowhere` shows in the plots how long splitting a \
million lines takes, and nothing else.";

const PARAMS: &[ParamSpec] = &[];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nowhere {}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Nowhere = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Nowhere {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        context.input()?;
        Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(ShownSink { rows: Some(0) }))))
    }
}
