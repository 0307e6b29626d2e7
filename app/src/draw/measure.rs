//! How wide text is, estimated without fonts: for pictures that must come out the same everywhere.

/// Size of names and titles.
pub(super) const TITLE: f32 = 14.0;
/// Size of everything else.
pub(super) const SMALL: f32 = 12.0;

/// About how wide a text is.
pub(super) fn text_width(text: &str, size: f32) -> f32 {
    text.chars().map(|c| char_width(c) * size).sum()
}

/// The text, or its start and an ellipsis where it is wider than this.
pub(super) fn fitted(text: &str, size: f32, width: f32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let room = width - text_width("…", size);
    let mut used = 0.0;
    let mut start: String = text
        .chars()
        .take_while(|c| {
            used += char_width(*c) * size;
            used <= room
        })
        .collect();
    start.truncate(start.trim_end().len());
    start.push('…');
    start
}

/// The text in lines no wider than this, broken between words, or anywhere in text without spaces. Marks of emphasis
/// are left out.
pub(super) fn wrapped(text: &str, size: f32, width: f32) -> Vec<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '*' | '`' | '#')).collect();
    plain.lines().flat_map(|paragraph| wrapped_paragraph(paragraph.trim(), size, width)).collect()
}

fn wrapped_paragraph(text: &str, size: f32, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && text_width(line.trim_end(), size) + text_width(piece.trim_end(), size) > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Where a line may break: behind a space and behind a wide character.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if c == ' ' || is_wide(c) {
            let end = at + c.len_utf8();
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// In parts of the font size.
fn char_width(c: char) -> f32 {
    match c {
        _ if is_wide(c) => 1.0,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.92,
        c if c.is_uppercase() => 0.7,
        _ => 0.58,
    }
}

/// Chinese, Japanese and Korean writing, full-width forms and pictures.
fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60
        | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x2_0000..=0x3_fffd)
}
