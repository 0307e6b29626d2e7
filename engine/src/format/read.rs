//! Reads the text of a file into a pipeline, or says where and why not. What decides what the pipeline computes must be
//! right; where things lie is mended with a warning. An unknown kind is the analysis' to report and ours to keep.

use std::collections::BTreeMap;

use super::VERSION;
use super::error::FormatError;
use super::json::{self, Field, Located, Tree};
use super::layout::{self, Unknown};
use super::record::Coordinate;
use super::subflows::Folded;
use crate::pipeline::{AssembleError, EditError, Frame, FrameId, NodeEntry, NodeMode, Parts, Pipeline, Position, Tint};
use crate::spec::{NodeId, Params, PortRef, WireKey};

/// Most nodes of a pipeline.
pub const MAX_NODES: usize = 10_000;
/// Most wires of a pipeline.
pub const MAX_WIRES: usize = 50_000;
/// Ids up to here are whole numbers in every program that reads JSON.
pub(super) const MAX_ID: u64 = (1 << 53) - 1;
/// Nodes of a cycle that a sentence names.
const MAX_NAMED: usize = 8;

/// A pipeline read from a file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// What was odd but could be read, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads the text of a file.
pub fn load(text: &str) -> Result<Loaded, FormatError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = json::read(text).map_err(|error| {
        let (line, column) = json::place(text, error.at);
        FormatError::Syntax { line, column, message: error.message }
    })?;
    Reader::of(text).file(&root)
}

pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) warnings: Vec<String>,
}

/// Parts being read, with the places their checks need later.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) parts: Parts,
    pub(super) unknown: Unknown,
    nodes_at: Vec<usize>,
    wires_at: Vec<usize>,
    positions: BTreeMap<NodeId, Position>,
    pub(super) folded: Folded,
}

impl<'a> Reader<'a> {
    /// Of this text.
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, warnings: Vec::new() }
    }
}

impl Reader<'_> {
    pub(super) fn wrong<T>(&self, at: usize, path: &str, message: impl Into<String>) -> Result<T, FormatError> {
        let (line, column) = json::place(self.text, at);
        Err(FormatError::Content { at: path.to_owned(), line, column, message: message.into() })
    }

    fn file(mut self, root: &Located) -> Result<Loaded, FormatError> {
        let fields = self.object(root, "the file")?;
        self.check_version(root, fields)?;
        let mut gathered = Gathered::default();
        let find = |name: &str| fields.iter().find(|field| field.name == name).map(|field| &field.value);
        for field in fields {
            if !["weir", "settings", "nodes", "wires", "layout"].contains(&field.name.as_str()) {
                gathered.unknown.file.insert(field.name.clone(), field.value.to_value());
                self.warn_unknown(&field.name);
            }
        }
        if let Some(value) = find("settings") {
            gathered.parts.settings = self.settings(value)?;
        }
        if let Some(value) = find("nodes") {
            self.nodes(value, &mut gathered)?;
        }
        if let Some(value) = find("wires") {
            self.wires(value, &mut gathered)?;
        }
        if let Some(value) = find("layout") {
            self.layout(value, &mut gathered)?;
        }
        self.assemble(gathered)
    }

    /// Comes first: a newer file may look altogether different.
    fn check_version(&self, root: &Located, fields: &[Field]) -> Result<(), FormatError> {
        let Some(field) = fields.iter().find(|field| field.name == "weir") else {
            return self.wrong(root.at, "weir", "the field that says the format is missing; is this a pipeline file?");
        };
        match field.value.as_u64() {
            Some(found) if found > VERSION => Err(FormatError::Newer { found }),
            Some(found) if found >= 1 => Ok(()),
            Some(_) | None => {
                self.wrong(field.value.at, "weir", format!("the format must be a number from 1 to {VERSION}"))
            }
        }
    }

    fn assemble(mut self, mut gathered: Gathered) -> Result<Loaded, FormatError> {
        let mut unplaced = Vec::new();
        for node in &mut gathered.parts.nodes {
            match gathered.positions.remove(&node.id) {
                Some(position) => node.position = position,
                None => unplaced.push(node.id),
            }
        }
        for id in gathered.positions.keys() {
            self.warnings.push(format!("layout.nodes.{id} places a node that does not exist; it is dropped"));
        }
        unplaced.sort();
        self.fold(&mut gathered);
        gathered.parts.extra = gathered.unknown.into_extra();
        let names: BTreeMap<_, _> = gathered.parts.nodes.iter().map(|node| (node.id, node.name.clone())).collect();
        let ids: Vec<_> = gathered.parts.nodes.iter().map(|node| node.id).collect();
        match Pipeline::assemble(gathered.parts) {
            Ok(mut pipeline) => {
                layout::place(&mut pipeline, &unplaced);
                Ok(Loaded { pipeline, warnings: self.warnings })
            }
            Err(AssembleError::Node(index, error)) => {
                let id = ids.get(index).copied().unwrap_or(NodeId(0));
                let at = gathered.nodes_at.get(index).copied().unwrap_or_default();
                self.wrong(at, &format!("nodes.{id}"), error.to_string())
            }
            Err(AssembleError::Wire(index, error)) => {
                let at = gathered.wires_at.get(index).copied().unwrap_or_default();
                self.wrong(at, &format!("wires[{index}]"), wire_sentence(&error))
            }
            Err(AssembleError::Cycle(cycle)) => {
                let first = gathered.wires_at.first().copied().unwrap_or_default();
                self.wrong(first, "wires", cycle_sentence(&cycle, &names))
            }
        }
    }

    fn nodes(&mut self, value: &Located, gathered: &mut Gathered) -> Result<(), FormatError> {
        let fields = self.object(value, "nodes")?;
        if fields.len() > MAX_NODES {
            let message = format!("{} nodes are more than the {MAX_NODES} a pipeline may have; split it", fields.len());
            return self.wrong(value.at, "nodes", message);
        }
        for field in fields {
            let path = format!("nodes.{}", field.name);
            let id = self.node_id(&field.name, field.at, &path)?;
            let node = self.node(&field.value, id, &path)?;
            gathered.parts.nodes.push(node);
            gathered.nodes_at.push(field.at);
        }
        Ok(())
    }

    fn node(&mut self, value: &Located, id: NodeId, path: &str) -> Result<NodeEntry, FormatError> {
        let mut kind = None;
        let mut node = NodeEntry::new(id, "", id.to_string());
        for field in self.object(value, path)? {
            let path = format!("{path}.{}", field.name);
            match field.name.as_str() {
                "kind" => kind = Some(self.text(&field.value, &path)?),
                "mode" => node.mode = self.mode(&field.value, &path)?,
                "name" => node.name = self.text(&field.value, &path)?,
                "params" => node.params = json::to_map(self.object(&field.value, &path)?),
                _ => {
                    node.extra.insert(field.name.clone(), field.value.to_value());
                    self.warn_unknown(&path);
                }
            }
        }
        match kind.filter(|kind| !kind.is_empty()) {
            Some(kind) => Ok(NodeEntry { kind, ..node }),
            None => {
                self.wrong(value.at, path, "the node does not say its kind; enter one, such as \"kind\": \"filter\"")
            }
        }
    }

    /// What is not known would compute something else than was meant, so it is no matter of a warning.
    fn mode(&self, value: &Located, path: &str) -> Result<NodeMode, FormatError> {
        match value.as_text() {
            Some("on") => Ok(NodeMode::On),
            Some("muted") => Ok(NodeMode::Muted),
            Some("bypassed") => Ok(NodeMode::Bypassed),
            Some(_) | None => self.wrong(value.at, path, "must be \"on\", \"muted\" or \"bypassed\""),
        }
    }

    fn wires(&mut self, value: &Located, gathered: &mut Gathered) -> Result<(), FormatError> {
        let Tree::List(items) = &value.tree else {
            return self.wrong(value.at, "wires", format!("must be a list in brackets, not {}", value.what()));
        };
        if items.len() > MAX_WIRES {
            let message = format!("{} wires are more than the {MAX_WIRES} a pipeline may have; split it", items.len());
            return self.wrong(value.at, "wires", message);
        }
        for (index, item) in items.iter().enumerate() {
            let path = format!("wires[{index}]");
            let (mut from, mut to, mut extra) = (None, None, Params::new());
            for field in self.object(item, &path)? {
                let path = format!("{path}.{}", field.name);
                match field.name.as_str() {
                    "from" => from = Some(self.port(&field.value, &path)?),
                    "to" => to = Some(self.port(&field.value, &path)?),
                    _ => {
                        extra.insert(field.name.clone(), field.value.to_value());
                        self.warn_unknown(&path);
                    }
                }
            }
            let (Some(from), Some(to)) = (from, to) else {
                return self.wrong(item.at, &path, "a wire needs both `from` and `to`; enter the missing one");
            };
            let wire = WireKey::new(from, to);
            gathered.unknown.add_wire(&wire, extra);
            gathered.parts.wires.push(wire);
            gathered.wires_at.push(item.at);
        }
        Ok(())
    }

    fn port(&self, value: &Located, path: &str) -> Result<PortRef, FormatError> {
        let text = self.text(value, path)?;
        match text.split_once('.') {
            Some((node, port)) if !port.is_empty() => Ok(PortRef::new(self.node_id(node, value.at, path)?, port)),
            Some(_) | None => self.wrong(
                value.at,
                path,
                format!("`{}` is not a port; write node, dot, port, like `n1.out`", brief(&text)),
            ),
        }
    }

    pub(super) fn node_id(&self, text: &str, at: usize, path: &str) -> Result<NodeId, FormatError> {
        match text.parse::<NodeId>() {
            Ok(id) if id.0 <= MAX_ID => Ok(id),
            Ok(_) => self.wrong(at, path, format!("the id is too large; choose one up to n{MAX_ID}")),
            Err(_) => self.wrong(at, path, format!("`{}` is not a node id; an id is written like `n7`", brief(text))),
        }
    }

    fn layout(&mut self, value: &Located, gathered: &mut Gathered) -> Result<(), FormatError> {
        for field in self.object(value, "layout")? {
            let path = format!("layout.{}", field.name);
            match field.name.as_str() {
                "nodes" => {
                    for field in self.object(&field.value, &path)? {
                        let path = format!("{path}.{}", field.name);
                        let id = self.node_id(&field.name, field.at, &path)?;
                        if let Some(position) = self.pair(&field.value, &path, "the node is placed automatically") {
                            gathered.positions.insert(id, position);
                        }
                    }
                }
                "frames" => {
                    for field in self.object(&field.value, &path)? {
                        let path = format!("{path}.{}", field.name);
                        let Some(id) = layout::parse_frame_key(&field.name).filter(|id| id.0 <= MAX_ID) else {
                            let name = brief(&field.name);
                            return self.wrong(
                                field.at,
                                &path,
                                format!("`{name}` is not a frame id; one is written like `f3`"),
                            );
                        };
                        let frame = self.frame(&field.value, id, &path, gathered)?;
                        gathered.parts.frames.push(frame);
                    }
                }
                "subflows" => self.subflows(&field.value, &path, gathered)?,
                _ => {
                    gathered.unknown.layout.insert(field.name.clone(), field.value.to_value());
                    self.warn_unknown(&path);
                }
            }
        }
        Ok(())
    }

    fn frame(
        &mut self,
        value: &Located,
        id: FrameId,
        path: &str,
        gathered: &mut Gathered,
    ) -> Result<Frame, FormatError> {
        let size = Position::new(320.0, 160.0);
        let mut frame = Frame {
            id,
            title: String::new(),
            note: String::new(),
            position: Position::default(),
            size,
            tint: Tint::Plain,
            subflow: None,
        };
        let mut extra = Params::new();
        for field in self.object(value, path)? {
            let path = format!("{path}.{}", field.name);
            match field.name.as_str() {
                "title" => frame.title = self.text(&field.value, &path)?,
                "tint" => frame.tint = self.tint(&field.value, &path),
                "subflow" => frame.subflow = self.subflow_id(&field.value, &path),
                "note" => frame.note = self.text(&field.value, &path)?,
                "position" => {
                    frame.position =
                        self.pair(&field.value, &path, "the frame is placed at the origin").unwrap_or(frame.position);
                }
                "size" => {
                    frame.size = self.pair(&field.value, &path, "the frame has its usual size").unwrap_or(frame.size);
                }
                _ => {
                    extra.insert(field.name.clone(), field.value.to_value());
                    self.warn_unknown(&path);
                }
            }
        }
        gathered.unknown.add_frame(id, extra);
        Ok(frame)
    }

    /// Two coordinates; `None`, with a warning that ends in `instead`, for anything else.
    pub(super) fn pair(&mut self, value: &Located, path: &str, instead: &str) -> Option<Position> {
        let found = match &value.tree {
            Tree::List(items) => match items.as_slice() {
                [x, y] => coordinate(x).zip(coordinate(y)),
                _ => None,
            },
            Tree::Plain(_) | Tree::Object(_) => None,
        };
        if found.is_none() {
            self.warnings
                .push(format!("{path} is not a pair of numbers between -{0} and {0}; {instead}", Coordinate::LIMIT));
        }
        found.map(|(x, y)| Position::new(x, y))
    }

    pub(super) fn object<'v>(&self, value: &'v Located, path: &str) -> Result<&'v [Field], FormatError> {
        match &value.tree {
            Tree::Object(fields) => Ok(fields),
            Tree::Plain(_) | Tree::List(_) => {
                self.wrong(value.at, path, format!("must be an object in braces, not {}", value.what()))
            }
        }
    }

    pub(super) fn text(&self, value: &Located, path: &str) -> Result<String, FormatError> {
        match value.as_text() {
            Some(text) => Ok(text.to_owned()),
            None => self.wrong(value.at, path, format!("must be text in double quotes, not {}", value.what())),
        }
    }

    pub(super) fn warn_unknown(&mut self, path: &str) {
        self.warnings.push(format!("{path} is not known to this version; it is kept but has no effect"));
    }
}

fn coordinate(value: &Located) -> Option<f32> {
    let Tree::Plain(value) = &value.tree else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "the picture has the resolution of f32")]
    let number = value.as_f64()? as f32;
    (number.abs() <= Coordinate::LIMIT).then_some(number + 0.0)
}

/// The start of a text that may be of any length.
pub(super) fn brief(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

fn wire_sentence(error: &EditError) -> String {
    match error {
        EditError::NoSuchNode(id) => format!("the wire ends at {id}, which is no node of this file; remove the wire"),
        EditError::Cycle(wire) => format!("the wire {wire} leads from a node into itself; remove it"),
        EditError::AlreadyWired(wire) => format!("the wire {wire} is there twice; remove one"),
        EditError::NoSuchWire(_)
        | EditError::IdTaken(_)
        | EditError::NameTaken(_)
        | EditError::EmptyName
        | EditError::NoSuchSubflow(_)
        | EditError::SubflowInUse(_)
        | EditError::SubflowCycle(_) => error.to_string(),
    }
}

fn cycle_sentence(cycle: &[NodeId], names: &BTreeMap<NodeId, String>) -> String {
    let mut steps: Vec<_> = cycle
        .iter()
        .take(MAX_NAMED)
        .map(|id| format!("{id} ({})", names.get(id).map(|name| brief(name)).unwrap_or_default()))
        .collect();
    if cycle.len() > MAX_NAMED {
        steps.push(format!("{} more", cycle.len() - MAX_NAMED));
    }
    steps.extend(cycle.first().map(ToString::to_string));
    format!("the wires form a cycle: {}; remove one of them, since rows must flow in one direction", steps.join(" -> "))
}
