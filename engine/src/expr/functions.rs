//! The functions expressions may call, as data: for completion and for the docs.

use super::context::Context;
use super::names::spark_names;
use super::scope::BATCH_FUNCTIONS;

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name, lower case.
    pub name: String,
    /// How it is called: `substr(str, start_pos[, length])`.
    pub signature: String,
    /// What it gives.
    pub doc: String,
}

/// All functions, sorted by name.
pub fn functions() -> Vec<FunctionInfo> {
    let context = Context::shared();
    let mut list: Vec<FunctionInfo> =
        context.function_names().filter_map(|name| describe(context, name, name)).collect();
    list.extend(spark_names().filter_map(|(name, own)| describe(context, name, own)));
    list.extend(BATCH_FUNCTIONS.iter().map(|(name, doc)| FunctionInfo {
        name: (*name).to_owned(),
        signature: format!("{name}()"),
        doc: (*doc).to_owned(),
    }));
    list.push(FunctionInfo {
        name: "if".to_owned(),
        signature: "if(condition, then, otherwise)".to_owned(),
        doc: "The second argument where the condition holds, else the third.".to_owned(),
    });
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list.dedup_by(|a, b| a.name == b.name);
    list
}

fn describe(context: &Context, name: &str, own: &str) -> Option<FunctionInfo> {
    let function = context.function(own)?;
    let documentation = function.documentation();
    let signature = match documentation {
        Some(doc) if own == function.name() && name == own => doc.syntax_example.trim().to_owned(),
        Some(doc) => match doc.syntax_example.find('(') {
            Some(open) if own != "date_part" => format!("{name}{}", doc.syntax_example[open..].trim()),
            _ => format!("{name}(date)"),
        },
        None => format!("{name}(...)"),
    };
    let doc = documentation.map(|doc| doc.description.trim().to_owned()).unwrap_or_default();
    Some(FunctionInfo { name: name.to_owned(), signature, doc })
}
