//! The natural order of label values in `sort_by_label`: runs of digits compare as numbers.

/// The text cut where digits begin or end.
fn chunks(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for at in 1..=bytes.len() {
        if at == bytes.len() || bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit() {
            out.push(&text[start..at]);
            start = at;
        }
    }
    out
}

/// Whether `a` comes before `b`.
pub(crate) fn before(a: &str, b: &str) -> bool {
    let (a, b) = (chunks(a), chunks(b));
    for (i, left) in a.iter().enumerate() {
        let Some(right) = b.get(i) else { return false };
        let equal = match (left.parse::<i64>(), right.parse::<i64>()) {
            (Ok(x), Ok(y)) if x != y => return x < y,
            (Ok(_), Ok(_)) => true,
            _ if left == right => true,
            _ => return left < right,
        };
        if equal && i + 1 == a.len() {
            return true;
        }
        if equal && i + 1 == b.len() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn digits_are_numbers() {
        assert!(before("cpu9", "cpu10"));
        assert!(!before("cpu10", "cpu9"));
        assert!(before("a", "b"));
        assert!(before("4m5", "4m600"));
        assert!(before("cpu", "cpu1"));
    }
}
