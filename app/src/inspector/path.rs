//! Values within values: what a path such as `columns[2].name` means as an edit of its parameter.

use serde_json::{Map, Value};
use weir_engine::pipeline::Edit;
use weir_engine::spec::{NodeId, Params};

/// The edit that puts a value at a path of a node's parameters; `None` if the path leads nowhere.
pub fn set_at(node: NodeId, params: &Params, path: &str, value: Value) -> Option<Edit> {
    let Some((param, rest)) = path.split_once('[') else {
        return Some(Edit::SetParam { node, param: path.to_owned(), value: Some(value) });
    };
    let mut whole = params.get(param)?.clone();
    put(&mut whole, &format!("[{rest}"), value)?;
    Some(Edit::SetParam { node, param: param.to_owned(), value: Some(whole) })
}

/// Follows `[2].name` from an array of objects.
fn put(rows: &mut Value, path: &str, value: Value) -> Option<()> {
    let (index, rest) = path.strip_prefix('[')?.split_once("].")?;
    let row = rows.as_array_mut()?.get_mut(index.parse::<usize>().ok()?)?;
    let row: &mut Map<String, Value> = row.as_object_mut()?;
    match rest.split_once('[') {
        None => {
            row.insert(rest.to_owned(), value);
            Some(())
        }
        Some((name, deeper)) => put(row.get_mut(name)?, &format!("[{deeper}"), value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params() -> Params {
        json!({"path": "a.txt", "files": [{"path": "b"}, {"path": "c", "parts": [{"at": "d"}]}]})
            .as_object()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn a_path_into_a_row_changes_that_row_alone() {
        let edit = set_at(NodeId(1), &params(), "files[1].path", json!("x"));
        let expected = json!([{"path": "b"}, {"path": "x", "parts": [{"at": "d"}]}]);
        let whole = Edit::SetParam { node: NodeId(1), param: "files".to_owned(), value: Some(expected) };
        assert_eq!(edit, Some(whole));
        let edit = set_at(NodeId(1), &params(), "files[1].parts[0].at", json!("y"));
        assert!(format!("{edit:?}").contains("\"y\""));
    }

    #[test]
    fn a_path_that_leads_nowhere_changes_nothing() {
        for path in ["files[7].path", "files[x].path", "other[0].path", "path[0].x"] {
            assert_eq!(set_at(NodeId(1), &params(), path, json!("x")), None, "{path}");
        }
    }
}
