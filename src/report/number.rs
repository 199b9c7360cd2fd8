//! Numbers for people: with thousands separators and signs.

use std::fmt::Display;

use crate::model::digits::grouped;

/// An amount with thousands separators: `1,200`; below zero with a real minus: `−20,000`.
pub fn number(amount: impl Display) -> String {
    let digits = amount.to_string();
    match digits.strip_prefix('-') {
        Some(digits) => format!("\u{2212}{}", grouped(digits)),
        None => grouped(&digits),
    }
}

/// A difference with its sign: `+10`, `−150,000`, `0`.
pub fn signed(difference: i128) -> String {
    match difference {
        1.. => format!("+{}", number(difference)),
        _ => number(difference),
    }
}

/// `1 environment`, `1,200 environments`.
pub fn count(amount: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(amount), if amount == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_signs_are_real() {
        for (amount, text) in [
            (0_i64, "0"),
            (7, "7"),
            (999, "999"),
            (1_000, "1,000"),
            (1_200, "1,200"),
            (123_456, "123,456"),
            (2_147_483_647, "2,147,483,647"),
            (9_007_199_254_740_991, "9,007,199,254,740,991"),
            (-20_000, "−20,000"),
            (-999, "−999"),
        ] {
            assert_eq!(number(amount), text);
        }
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(signed(i128::from(u64::MAX)), "+18,446,744,073,709,551,615");
    }

    #[test]
    fn nouns_agree() {
        assert_eq!(count(1, "environment", "environments"), "1 environment");
        assert_eq!(count(0, "environment", "environments"), "0 environments");
        assert_eq!(count(1_200, "pass", "passes"), "1,200 passes");
    }
}
