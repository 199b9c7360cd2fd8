//! The types that YAML 1.2 gives to scalars without quotes (its core schema). The tree has fewer types: it keeps `1.5`,
//! `012` and `True` as text, so that `decode` can refuse them as amounts and switches, with advice.

/// The type of a scalar without quotes, as it completes "this is …"; `None` if YAML takes it for a text.
pub(super) fn core_type(text: &str) -> Option<&'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some("null"),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Some("true or false"),
        _ if is_number(text) => Some("a number"),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    // Most scalars are names, and need no closer look.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return false;
    }
    let in_base = |prefix: &str, base: u32| {
        let digits = text.strip_prefix(prefix)?;
        Some(!digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base)))
    };
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    in_base("0o", 8).or_else(|| in_base("0x", 16)).unwrap_or(false)
        || matches!(text, ".nan" | ".NaN" | ".NAN")
        || matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || is_decimal(unsigned)
}

/// Whether a text is digits, with at most one point and one exponent.
fn is_decimal(text: &str) -> bool {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(before, after)| (before, Some(after)));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    has_digits
        && are_digits(whole)
        && are_digits(fraction)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && are_digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::core_type;

    #[test]
    fn the_types_are_those_of_the_core_schema() {
        for (texts, kind) in [
            (
                "1 0 012 0815 -1 +5 1.5 1. .5 -.5 +1.5 1e3 1E3 1e+3 1.5e-3 .5e3 1.e3 0o17 0xFf .inf -.Inf +.INF .nan .NAN",
                "a number",
            ),
            ("true True TRUE false False FALSE", "true or false"),
            ("~ null Null NULL", "null"),
        ] {
            for text in texts.split(' ') {
                assert_eq!(core_type(text), Some(kind), "{text}");
            }
        }
        let texts = "yes no on off y nUll tRue 1_000 12:30 2027-01-01 1.2.3 . + - e3 1e 1e+ .e3 0o 0o8 -0o7 0x 0xG -.nan .iNf 1,5 ١ 1e3x a";
        for text in texts.split(' ') {
            assert_eq!(core_type(text), None, "{text}");
        }
    }
}
