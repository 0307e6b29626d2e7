//! Numbers as people read them: grouped digits, rates, bytes.

use weir_engine::spec::Span;

/// `48,213`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows per second, whole.
pub(super) fn rate(rows: u64, span: Span) -> String {
    if span.0 <= 0 {
        return "0".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, and casts saturate")]
    count((rows as f64 / span.as_secs_f64()).round() as u64)
}

/// `1.5 MiB`.
pub(super) fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1_024 {
        return format!("{number} B");
    }
    let mut size = number as f64;
    let mut unit = "B";
    for next in UNITS {
        if size < 1_024.0 {
            break;
        }
        size /= 1_024.0;
        unit = next;
    }
    format!("{size:.1} {unit}")
}

/// A measured time: `3.2 ms`.
pub(super) fn millis(span: Span) -> String {
    let millis = span.as_millis_f64();
    if millis >= 10.0 { format!("{millis:.0} ms") } else { format!("{millis:.1} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (48_213, "48,213"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn rates_divide_by_the_span() {
        assert_eq!(rate(500, Span::from_millis(200)), "2,500");
        assert_eq!(rate(500, Span(0)), "0");
    }

    #[test]
    fn bytes_choose_their_unit() {
        for (number, text) in [(12, "12 B"), (1_536, "1.5 KiB"), (3 << 20, "3.0 MiB")] {
            assert_eq!(bytes(number), text);
        }
    }
}
