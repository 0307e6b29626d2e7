//! Reads what is folded into what. It means nothing to what a pipeline computes, so whatever does not fit is mended with
//! a warning: a node or frame then lies in the pipeline itself.

use std::collections::{BTreeMap, BTreeSet};

use super::error::FormatError;
use super::json::{Located, Tree};
use super::read::{Gathered, MAX_ID, Reader, brief};
use crate::pipeline::{Position, Subflow, SubflowId, Tint};
use crate::spec::{NodeId, Params};

/// Per node, the subflow that says it holds it.
pub(super) type Folded = BTreeMap<NodeId, SubflowId>;

impl Reader<'_> {
    pub(super) fn subflows(&mut self, value: &Located, path: &str, gathered: &mut Gathered) -> Result<(), FormatError> {
        for field in self.object(value, path)? {
            let path = format!("{path}.{}", field.name);
            let Some(id) = parse(&field.name) else {
                let name = brief(&field.name);
                return self.wrong(field.at, &path, format!("`{name}` is not a subflow id; one is written like `s3`"));
            };
            let subflow = self.subflow(&field.value, id, &path, gathered)?;
            gathered.parts.subflows.push(subflow);
        }
        Ok(())
    }

    fn subflow(
        &mut self,
        value: &Located,
        id: SubflowId,
        path: &str,
        gathered: &mut Gathered,
    ) -> Result<Subflow, FormatError> {
        let mut subflow = Subflow { id, name: String::new(), position: Position::default(), parent: None };
        let mut extra = Params::new();
        for field in self.object(value, path)? {
            let path = format!("{path}.{}", field.name);
            match field.name.as_str() {
                "name" => subflow.name = self.text(&field.value, &path)?,
                "nodes" => self.members(&field.value, id, &path, &mut gathered.folded)?,
                "parent" => subflow.parent = self.subflow_id(&field.value, &path),
                "position" => {
                    let found = self.pair(&field.value, &path, "the subflow is placed at the origin");
                    subflow.position = found.unwrap_or_default();
                }
                _ => {
                    extra.insert(field.name.clone(), field.value.to_value());
                    self.warn_unknown(&path);
                }
            }
        }
        gathered.unknown.add_subflow(id, extra);
        Ok(subflow)
    }

    fn members(&mut self, value: &Located, id: SubflowId, path: &str, folded: &mut Folded) -> Result<(), FormatError> {
        let Tree::List(items) = &value.tree else {
            return self.wrong(value.at, path, format!("must be a list in brackets, not {}", value.what()));
        };
        for item in items {
            let text = self.text(item, path)?;
            let node = self.node_id(&text, item.at, path)?;
            if let Some(other) = folded.get(&node).copied().filter(|other| *other != id) {
                self.warnings.push(format!("{path} holds {node}, which lies in {other} already; it stays there"));
            } else {
                folded.insert(node, id);
            }
        }
        Ok(())
    }

    /// The subflow something says it lies in.
    pub(super) fn subflow_id(&mut self, value: &Located, path: &str) -> Option<SubflowId> {
        let found = value.as_text().and_then(parse);
        if found.is_none() {
            self.warnings.push(format!("{path} is not a subflow id such as `s3`; it is dropped"));
        }
        found
    }

    /// The colour of a frame.
    pub(super) fn tint(&mut self, value: &Located, path: &str) -> Tint {
        match value.as_text() {
            Some("red") => Tint::Red,
            Some("amber") => Tint::Amber,
            Some("green") => Tint::Green,
            Some("blue") => Tint::Blue,
            Some("violet") => Tint::Violet,
            Some(_) | None => {
                self.warnings.push(format!("{path} is not a colour this version knows; the frame has none"));
                Tint::Plain
            }
        }
    }

    /// Puts nodes into their subflows, and drops what names something that is not there.
    pub(super) fn fold(&mut self, gathered: &mut Gathered) {
        let known: BTreeSet<SubflowId> = gathered.parts.subflows.iter().map(|subflow| subflow.id).collect();
        for node in &mut gathered.parts.nodes {
            node.subflow = gathered.folded.remove(&node.id);
        }
        for (node, id) in std::mem::take(&mut gathered.folded) {
            self.warnings.push(format!("layout.subflows.{id} holds {node}, which does not exist; it is dropped"));
        }
        let is_lost = |level: Option<SubflowId>| level.filter(|id| !known.contains(id));
        for frame in &mut gathered.parts.frames {
            if let Some(lost) = is_lost(frame.subflow) {
                self.warnings.push(format!("a frame lies in {lost}, which does not exist; it is moved out"));
                frame.subflow = None;
            }
        }
        for subflow in &mut gathered.parts.subflows {
            if let Some(lost) = is_lost(subflow.parent) {
                let id = subflow.id;
                self.warnings.push(format!("{id} lies in {lost}, which does not exist; it is moved out"));
                subflow.parent = None;
            }
        }
    }
}

/// Reads a subflow's id. Only the one spelling that is written counts, so that no two keys mean the same.
fn parse(text: &str) -> Option<SubflowId> {
    let id: u64 = text.strip_prefix('s')?.parse().ok()?;
    (id <= MAX_ID && SubflowId(id).to_string() == text).then_some(SubflowId(id))
}
