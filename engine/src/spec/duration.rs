//! Durations as people write them: `250ms`, `1m 30s`, `2h`.

use super::Span;

const UNITS: [(&str, i64); 6] =
    [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

/// Reads a duration: numbers each followed by a unit (`d h m s ms us`, also `min`, `sec`), with or without spaces.
/// The error says what is wrong and what to write.
pub fn parse(text: &str) -> Result<Span, String> {
    const HELP: &str = "write it like `500ms`, `10s` or `1m 30s`";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("a duration is missing; {HELP}"));
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let number_len = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_len);
        let after = after.trim_start();
        let unit_len = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_len);
        let value: f64 = number.parse().map_err(|_| format!("`{text}` is not a duration; {HELP}"))?;
        if unit.is_empty() {
            return Err(format!("`{text}` has no unit; {HELP}"));
        }
        let micros = unit_micros(unit).ok_or_else(|| format!("`{unit}` is no unit of time; {HELP}"))?;
        total += value * micros as f64;
        rest = next.trim_start();
    }
    if total > 9.0e15 {
        return Err(format!("`{text}` is longer than any stream; {HELP}"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    Ok(Span(total.round() as i64))
}

fn unit_micros(unit: &str) -> Option<i64> {
    let canonical = match unit.to_ascii_lowercase().as_str() {
        "min" | "mins" | "minute" | "minutes" => "m".to_owned(),
        "sec" | "secs" | "second" | "seconds" => "s".to_owned(),
        "hour" | "hours" => "h".to_owned(),
        "day" | "days" => "d".to_owned(),
        "msec" | "millisecond" | "milliseconds" => "ms".to_owned(),
        "µs" => "us".to_owned(),
        other => other.to_owned(),
    };
    UNITS.iter().find(|(name, _)| *name == canonical).map(|(_, micros)| *micros)
}

/// Writes a duration in its largest whole units; [`parse`] reads it back to the same span.
pub fn format(span: Span) -> String {
    let mut rest = span.0.max(0);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut parts = Vec::new();
    for (name, micros) in UNITS {
        let count = rest / micros;
        if count > 0 {
            parts.push(format!("{count}{name}"));
            rest %= micros;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_durations_in_many_ways() {
        for (text, micros) in [
            ("250ms", 250_000),
            ("1s", 1_000_000),
            ("1.5s", 1_500_000),
            ("1m 30s", 90_000_000),
            ("1m30s", 90_000_000),
            (" 2 h ", 7_200_000_000),
            ("10 sec", 10_000_000),
        ] {
            assert_eq!(parse(text), Ok(Span(micros)), "{text}");
        }
    }

    #[test]
    fn nonsense_says_what_to_write() {
        for text in ["", "10", "fast", "1 parsec", "-3s", "1..2s", "99999999999d"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("write it like"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for micros in [1, 999, 1_000, 1_500_000, 90_061_001_001, 86_400_000_000] {
            assert_eq!(parse(&format(Span(micros))), Ok(Span(micros)));
        }
    }
}
