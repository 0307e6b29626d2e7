//! Numbers written in decimal digits: rounded and grouped as texts, so that no digit is lost.

/// The digits with a comma between thousands.
pub(super) fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, behind) = digits.split_once('.').map_or((digits, None), |(whole, behind)| (whole, Some(behind)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(behind) = behind {
        out.push('.');
        out.push_str(behind);
    }
    out
}

/// The number with so many places; what lies in the middle goes to the even digit.
pub(super) fn rounded_half_even(number: &str, places: usize) -> String {
    rounded(number, places, |last, rest| {
        let half = rest.first().map_or(std::cmp::Ordering::Less, |digit| digit.cmp(&b'5'));
        let is_more = rest.iter().skip(1).any(|digit| *digit != b'0');
        half.is_gt() || half.is_eq() && (is_more || !last.is_multiple_of(2))
    })
}

/// The number with so many places; what lies in the middle goes away from zero.
pub(super) fn rounded_half_up(number: &str, places: usize) -> String {
    rounded(number, places, |_, rest| rest.first().is_some_and(|digit| *digit >= b'5'))
}

/// `goes_up` is asked with the last digit that stays and those that go.
fn rounded(number: &str, places: usize, goes_up: impl Fn(u8, &[u8]) -> bool) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = places.min(behind.len());
    let (stays, goes) = behind.as_bytes().split_at(kept);
    let mut digits: Vec<u8> = whole.bytes().chain(stays.iter().copied()).collect();
    if digits.last().is_some_and(|last| goes_up(last - b'0', goes)) {
        let nines = digits.iter().rev().take_while(|digit| **digit == b'9').count();
        let at = digits.len() - nines;
        digits[at..].fill(b'0');
        match at.checked_sub(1) {
            Some(at) => digits[at] += 1,
            None => digits.insert(0, b'1'),
        }
    }
    let mut out: String = digits.iter().map(|digit| char::from(*digit)).collect();
    if places > 0 {
        out.insert(out.len() - kept, '.');
        out.push_str(&"0".repeat(places - kept));
    }
    format!("{sign}{out}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_they_are_sent() {
        for (number, places, even, up) in [
            ("0.125", 2, "0.12", "0.13"),
            ("0.135", 2, "0.14", "0.14"),
            ("-2.5", 0, "-2", "-3"),
            ("999.96", 1, "1000.0", "1000.0"),
            ("9", 2, "9.00", "9.00"),
            ("0.1251", 2, "0.13", "0.13"),
            ("1.0", 0, "1", "1"),
        ] {
            assert_eq!(
                (rounded_half_even(number, places).as_str(), rounded_half_up(number, places).as_str()),
                (even, up)
            );
        }
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(grouped("-1234567.89"), "-1,234,567.89");
        assert_eq!(grouped("123"), "123");
    }
}
