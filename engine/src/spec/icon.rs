//! Icons of node kinds as data: strokes on a field of 16 by 16, so that they are sharp at every zoom and need no font.
//!
//! The text is a list of commands, each a letter with numbers: `M x y` starts a line, `L x y` continues it, `Z` closes
//! it, `C x y r` is a circle, `D x y r` a dot.

/// One part of an icon, in coordinates from 0 to 16.
#[derive(Debug, Clone, PartialEq)]
pub enum IconPart {
    /// A line through these points.
    Line {
        /// The points.
        points: Vec<(f32, f32)>,
        /// Whether it returns to the first.
        is_closed: bool,
    },
    /// A circle.
    Circle {
        /// Its centre.
        center: (f32, f32),
        /// Its radius.
        radius: f32,
        /// Whether it is filled.
        is_filled: bool,
    },
}

/// Reads an icon; `None` if the text is not one.
pub fn icon_parts(text: &str) -> Option<Vec<IconPart>> {
    let mut words = text.split_whitespace();
    let mut parts = Vec::new();
    let mut line: Vec<(f32, f32)> = Vec::new();
    let end = |line: &mut Vec<(f32, f32)>, parts: &mut Vec<IconPart>, is_closed| {
        if line.len() > 1 {
            parts.push(IconPart::Line { points: std::mem::take(line), is_closed });
        }
        line.clear();
    };
    while let Some(command) = words.next() {
        let mut number = || words.next()?.parse::<f32>().ok().filter(|value| (0.0..=16.0).contains(value));
        match command {
            "M" => {
                end(&mut line, &mut parts, false);
                line.push((number()?, number()?));
            }
            "L" if !line.is_empty() => line.push((number()?, number()?)),
            "Z" => end(&mut line, &mut parts, true),
            "C" | "D" => {
                let center = (number()?, number()?);
                parts.push(IconPart::Circle { center, radius: number()?, is_filled: command == "D" });
            }
            _ => return None,
        }
    }
    end(&mut line, &mut parts, false);
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_is_lines_circles_and_dots() {
        let parts = icon_parts("M 1 2 L 3 4 Z C 8 8 2 D 8 8 1").unwrap();
        assert_eq!(parts[0], IconPart::Line { points: vec![(1.0, 2.0), (3.0, 4.0)], is_closed: true });
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn what_is_no_icon_is_none() {
        for text in ["", "M 1", "L 1 2", "M 1 2 L 3 99", "X 1 2", "🎲"] {
            assert_eq!(icon_parts(text), None, "{text}");
        }
    }
}
