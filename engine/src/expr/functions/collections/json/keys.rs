//! What a JSON text holds at its top: `json_object_keys`, `json_array_length`.

use super::value::Json;
use crate::expr::functions::prelude::*;
use crate::expr::functions::text::pieces::lists;
use crate::expr::types::list_of;

const ONE: Takes = Takes::these(&[Param::Text]);

pub(in super::super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "json_object_keys",
        "json_object_keys(json)",
        "The keys of the object; null where it is none.",
        ONE,
        Gives::By(|_| Ok(list_of(DataType::Utf8View))),
        keys,
    ),
    Entry::own(
        "json_array_length",
        "json_array_length(json)",
        "How many items the array has; null where it is none.",
        ONE,
        Gives::Int,
        length,
    ),
];

fn keys(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let json = args.text(0)?;
    lists(args.rows(), |row, keys| match json.get(row).and_then(|text| Json::read(text, true)) {
        Some(Json::Object(fields, _)) => {
            fields.iter().for_each(|(name, _)| keys.append_value(name));
            Ok(true)
        }
        Some(_) | None => Ok(false),
    })
}

fn length(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let json = args.text(0)?;
    numbers::<Int32Type>(args, |row| {
        Ok(match json.get(row).and_then(|text| Json::read(text, true)) {
            Some(Json::Array(items, _)) => i32::try_from(items.len()).ok(),
            Some(_) | None => None,
        })
    })
}
