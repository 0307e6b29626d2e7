//! Finds a column by name, or the names a person may have meant.

use arrow::datatypes::SchemaRef;

/// The column of this name, whatever its case; an exact match comes first.
pub(in crate::nodes) fn find(schema: &SchemaRef, name: &str) -> Option<usize> {
    let fields = schema.fields();
    let exact = fields.iter().position(|field| field.name() == name);
    exact.or_else(|| fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
}

/// The sentence for a column that is not there.
pub(in crate::nodes) fn missing(schema: &SchemaRef, name: &str) -> String {
    let wanted = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = schema
        .fields()
        .iter()
        .map(|field| (distance(&wanted, &field.name().to_lowercase()), field.name().as_str()))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    let limit = wanted.chars().count() / 2 + 1;
    let close: Vec<_> = near.iter().filter(|(distance, _)| *distance <= limit).take(3).map(|(_, name)| *name).collect();
    let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if !close.is_empty() {
        return format!("there is no column `{name}`; did you mean {}?", listed(&close));
    }
    let all: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).take(12).collect();
    format!("there is no column `{name}`; the input has {}", listed(&all))
}

/// How many letters must be changed, added or left out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let change = corner + usize::from(letter != *other);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
