//! The basic types: amounts, percentages, identifiers and intervals.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::Sum;
use std::str::FromStr;
use std::sync::Arc;

use arrayvec::ArrayString;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::words::words;

/// A number of units of one add-on. Never negative. Arithmetic is checked or saturates, so it cannot wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(u64);

impl Units {
    /// No units.
    pub const ZERO: Units = Units(0);
    /// The largest allocation of one add-on to one environment: the service uses signed 32-bit numbers.
    pub const MAX_ALLOCATION: Units = Units(2_147_483_647);
    /// The largest purchase: 2^53 - 1, which every JSON parser keeps exactly.
    pub const MAX_PURCHASE: Units = Units(9_007_199_254_740_991);

    /// Makes an amount.
    pub const fn new(units: u64) -> Units {
        Units(units)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The difference, or `None` if it would be negative.
    pub fn checked_sub(self, other: Units) -> Option<Units> {
        self.0.checked_sub(other.0).map(Units)
    }

    /// The difference, or zero if it would be negative.
    pub fn remaining_after(self, other: Units) -> Units {
        Units(self.0.saturating_sub(other.0))
    }

    /// The signed difference `self - other`, exact for every pair of amounts.
    pub fn difference(self, other: Units) -> i128 {
        i128::from(self.0) - i128::from(other.0)
    }
}

/// The sum saturates at `u64::MAX`, which no purchase covers, so that checks refuse it.
impl Sum for Units {
    fn sum<I: Iterator<Item = Units>>(amounts: I) -> Units {
        Units(amounts.fold(0, |total, amount| total.saturating_add(amount.0)))
    }
}

impl<'a> Sum<&'a Units> for Units {
    fn sum<I: Iterator<Item = &'a Units>>(amounts: I) -> Units {
        amounts.copied().sum()
    }
}

/// The number without separators; report formats add their own.
impl fmt::Display for Units {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A share between 0 and 100 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent(u8);

impl Percent {
    /// Makes a percentage; `None` above 100.
    pub const fn new(percent: u8) -> Option<Percent> {
        if percent <= 100 { Some(Percent(percent)) } else { None }
    }

    /// This share of an amount, rounded up to a whole unit.
    pub fn of(self, units: Units) -> Units {
        let share = (u128::from(units.0) * u128::from(self.0)).div_ceil(100);
        // At most 100 % of a u64, so it always fits.
        Units(u64::try_from(share).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", self.0)
    }
}

/// A malformed term, with the expected form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct MalformedTerm {
    /// The malformed text.
    pub text: String,
    /// The expected form, as it completes "is not …".
    pub expected: &'static str,
}

/// The identifier of an environment: a GUID, `Default-` and a GUID, or `Legacy-` or `Primary-` and up to 64 letters, digits and dashes.
///
/// Kept in one canonical spelling, so two spellings of one id are equal.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentId(Spelling);

/// The text of an id. GUIDs are inline, because most ids are GUIDs and are compared often.
#[derive(Clone)]
enum Spelling {
    Guid(ArrayString<36>),
    Named(Arc<str>),
}

impl EnvironmentId {
    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Spelling::Guid(text) => text,
            Spelling::Named(text) => text,
        }
    }

    /// Whether this is the tenant's default environment, `Default-<tenant id>`.
    pub fn is_default(&self) -> bool {
        self.as_str().starts_with("Default-")
    }
}

impl fmt::Debug for EnvironmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("EnvironmentId").field(&self.as_str()).finish()
    }
}

impl PartialEq for EnvironmentId {
    fn eq(&self, other: &EnvironmentId) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for EnvironmentId {}

impl PartialOrd for EnvironmentId {
    fn partial_cmp(&self, other: &EnvironmentId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EnvironmentId {
    fn cmp(&self, other: &EnvironmentId) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for EnvironmentId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

const PREFIXES: [&str; 3] = ["Default-", "Legacy-", "Primary-"];

fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let dashes = [8, 13, 18, 23].iter().all(|at| bytes.get(*at) == Some(&b'-'));
    // A count has no branch for each byte, so the compiler vectorizes it.
    bytes.len() == 36 && dashes && bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).count() == 32
}

impl FromStr for EnvironmentId {
    type Err = MalformedTerm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(mut guid) = ArrayString::from(text).ok().filter(|guid| is_guid(guid)) {
            guid.make_ascii_lowercase();
            return Ok(EnvironmentId(Spelling::Guid(guid)));
        }
        for prefix in PREFIXES {
            let Some((head, rest)) = text.split_at_checked(prefix.len()) else {
                continue;
            };
            let well_formed = match prefix {
                "Default-" => is_guid(rest),
                _ => {
                    (1..=64).contains(&rest.len())
                        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                }
            };
            if head.eq_ignore_ascii_case(prefix) && well_formed {
                let named = format!("{prefix}{}", rest.to_ascii_lowercase());
                return Ok(EnvironmentId(Spelling::Named(named.into())));
            }
        }
        Err(MalformedTerm {
            text: text.to_owned(),
            expected: "an environment id such as 3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55 or Default-<GUID>",
        })
    }
}

impl TryFrom<String> for EnvironmentId {
    type Error = MalformedTerm;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EnvironmentId> for String {
    fn from(id: EnvironmentId) -> String {
        id.as_str().to_owned()
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Whether a text is a key. Keys need no quotes in a shell, and no escapes in `--allow CODE:KEY/ADD-ON`.
fn is_key(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 100
        && bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The pattern of keys, for JSON Schemas.
pub const KEY_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The key as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = MalformedTerm;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_key(text) {
                    Ok($name(text.into()))
                } else {
                    Err(MalformedTerm { text: text.to_owned(), expected: $expected })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedTerm;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> String {
                key.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

key_type!(
    /// The key of an environment under `environments:`.
    EnvironmentKey,
    "a key: up to 100 letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
);
key_type!(
    /// The key of a budget under `budgets:`.
    BudgetKey,
    "a key: up to 100 letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
);

/// The days from one date to another, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The first day; `None` for no start date.
    pub from: Option<Date>,
    /// The last day; `None` for no end date.
    pub until: Option<Date>,
}

impl Interval {
    /// Every day.
    pub const ALWAYS: Interval = Interval { from: None, until: None };

    /// Whether the interval contains a day.
    pub fn contains(self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date <= until)
    }

    /// Whether the interval contains no day.
    pub fn is_empty(self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until < from)
    }

    /// The first day of the interval, and the first day after it, for the bounds that exist.
    pub fn edges(self) -> impl Iterator<Item = Date> {
        // There is no day after the last representable one.
        let after = self.until.and_then(|until| until.tomorrow().ok());
        self.from.into_iter().chain(after)
    }
}

words! {
    /// Microsoft's class of an environment. The order is that of display.
    pub enum EnvironmentClass {
        /// For production use.
        Production = "production",
        /// For development and tests.
        Sandbox = "sandbox",
        /// For one developer.
        Developer = "developer",
        /// Expires by itself.
        Trial = "trial",
        /// Dataverse for Teams.
        Teams = "teams",
        /// The default environment of a tenant, which every user can enter.
        Default = "default",
    }
}
