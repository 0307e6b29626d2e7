//! What the fields of a node seem to be, read from its file because a person asked. Opening a document reads nothing;
//! this does, so it runs where waiting hurts nobody.

use std::path::Path;

use serde_json::Value;

use super::sources::content::InferredField;
use super::{kind, sources, transforms};
use crate::spec::{ParamKind, Params, with_defaults};

/// Suggests fields from a kind's completed parameters; relative paths count from the folder.
type Infer = fn(Params, &Path) -> Result<Vec<InferredField>, String>;

/// The parameter that is filled, of every kind that can.
const PARAM: &str = "fields";

fn inference(kind: &str) -> Option<Infer> {
    let all: [(&str, Infer); 3] = [
        (sources::folder::KIND.id, sources::folder::infer),
        (sources::replay::KIND.id, sources::replay::infer),
        (transforms::lookup::KIND.id, transforms::lookup::infer),
    ];
    all.into_iter().find(|(id, _)| *id == kind).map(|(_, infer)| infer)
}

/// Whether the rows of this parameter can be suggested.
pub fn can_infer(kind: &str, param: &str) -> bool {
    param == PARAM && inference(kind).is_some()
}

/// The rows for this parameter, from the beginning of the file that the other parameters name. It reads files: call it
/// off the thread that draws.
pub fn infer(kind_id: &str, param: &str, params: &Params, folder: &Path) -> Result<Vec<Value>, String> {
    let infer = inference(kind_id).filter(|_| param == PARAM).ok_or("this parameter is entered by hand")?;
    let specs = kind(kind_id).map(|kind| kind.params).unwrap_or_default();
    let mut complete = with_defaults(specs, params);
    // What stands in the fields so far does not matter, not even where it is half typed; nor do tables not begun.
    complete.insert(PARAM.to_owned(), Value::Array(Vec::new()));
    for spec in specs.iter().filter(|spec| matches!(spec.kind, ParamKind::Rows { .. })) {
        complete.entry(spec.name).or_insert_with(|| Value::Array(Vec::new()));
    }
    if complete.get("path").and_then(Value::as_str).is_none_or(|path| path.trim().is_empty()) {
        return Err("nothing says where to look; choose the path first".to_owned());
    }
    let fields = infer(complete, folder)?;
    Ok(fields.iter().map(InferredField::to_row).collect())
}
