//! What a node kind declares in data: its ports, its parameters and the checks that follow from them.
//!
//! Everything that draws, documents, stores or checks a node reads these declarations; nothing else knows its
//! parameters. The module also holds the few words the whole engine shares: ids, time and diagnostics.

mod check;
mod diagnostic;
pub mod duration;
mod icon;
mod id;
mod param;
mod port;
mod time;

pub use check::{check_params, is_visible, with_defaults};
pub use diagnostic::{Diagnostic, Severity};
pub use icon::{IconPart, icon_parts};
pub use id::{NodeId, PortRef, WireKey};
pub use param::{Accepts, Choice, Default, Language, ParamKind, ParamSpec, VisibleWhen, Yields};
pub use port::{Arity, PortSpec};
pub use time::{Span, Timestamp};

/// Raw parameters: the JSON a person has typed so far. Half-typed is legal data.
pub type Params = serde_json::Map<String, serde_json::Value>;
