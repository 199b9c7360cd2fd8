//! The codes of findings. A code never changes its meaning, and a retired code is never reused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $title:literal,)+) => {
        /// The stable code of a finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $title] $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as it is printed: `A201`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => stringify!($name),)+ }
            }

            /// The meaning, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)+ }
            }
        }
    };
}

codes! {
    A101 = "the file is not valid YAML",
    A102 = "duplicate key",
    A103 = "unknown key",
    A104 = "a value of the wrong type",
    A105 = "a required key is missing",
    A106 = "an amount is not a plain integer",
    A107 = "an amount is out of range",
    A108 = "a date or an interval is wrong",
    A109 = "a YAML feature that a configuration may not use",
    A110 = "a file cannot be read",
    A111 = "a file is too large or too deep",
    A112 = "an include leads nowhere or out of the root folder",
    A113 = "unknown add-on",
    A114 = "a name that is declared nowhere",
    A115 = "two environments have the same id",
    A116 = "two environments have the same key",
    A117 = "an add-on that cannot be allocated",
    A118 = "an add-on is named in another way than by its slug",
    A119 = "an id or a key is malformed",
    A120 = "a value that is not among those allowed",
    A122 = "one add-on is named twice under two names",
    A123 = "the configuration and a variable name two tenants or clouds",
    A124 = "no file says whether the tenant is the built-in one",
    A125 = "the configuration is for the built-in tenant",
    A126 = "a file that looks like a part of the configuration is left out",
    A201 = "a pool is short",
    A202 = "a pool falls short from a later date on",
    A203 = "allocations use units of a pool's reserve",
    A204 = "a budget is exceeded",
    A205 = "the limits of all budgets exceed what is available",
    A206 = "the declared purchase and the tenant's differ",
    A207 = "a pool holds more than was purchased",
    A208 = "how much was purchased is unknown",
    A209 = "a pool is nearly used up",
    A210 = "how much is allocated is unknown",
    A211 = "another branch would take what this plan needs",
    A301 = "units are taken away beyond the cap on decreases",
    A302 = "more environments change than the cap allows",
    A303 = "an amount goes below its floor",
    A304 = "a protected environment loses units",
    A305 = "an amount goes below what is consumed",
    A306 = "the default environment gets an allocation",
    A307 = "a change lacks its ticket",
    A308 = "a purchase ends soon",
    A309 = "an environment holds units and no file names it",
    A310 = "an environment holds an add-on that its file does not name",
    A311 = "an allowance has no effect",
    A312 = "an exception in the files has expired",
    A401 = "this caller may not allocate",
    A402 = "users need more than units to use the add-on",
    A403 = "an environment is hidden, deleted or not ready",
    A404 = "the listing of environments looks incomplete",
    A405 = "the tenant calls the environment by another name",
    A406 = "environment admins may allocate too",
    A407 = "a policy locks a switch of the environment",
    A408 = "the tenant reports an add-on that the catalog does not know",
    A409 = "the environment has another class in the tenant",
    A410 = "a value could not be read",
    A411 = "more is used than is owned or allocated",
    A501 = "the plan is stale",
    A502 = "another run is applying",
    A503 = "an interrupted run was found",
    A504 = "the tenant refused a write",
    A505 = "a write could not be confirmed",
    A506 = "a change was not sent",
    A507 = "after a run, the tenant does not hold what is desired",
}

impl Code {
    /// Whether `--allow` can turn an error with this code into a warning: every error of a rule (A3xx); A203,
    /// because the reserve is the organisation's own rule; A207, so that a move within a declared debt can be finished; and A404, because
    /// a caller that cannot see all environments cannot complete the listing.
    pub const fn can_be_allowed(self) -> bool {
        matches!(
            self,
            Code::A203
                | Code::A207
                | Code::A301
                | Code::A302
                | Code::A303
                | Code::A304
                | Code::A305
                | Code::A306
                | Code::A307
                | Code::A309
                | Code::A310
                | Code::A404
        )
    }
}

impl Code {
    /// Every code that can be allowed.
    pub fn allowable() -> impl Iterator<Item = Code> {
        Code::ALL.iter().copied().filter(|code| code.can_be_allowed())
    }

    /// Whether the error is about the units of one environment, so that an exception names the least units that it permits.
    pub const fn is_about_units(self) -> bool {
        matches!(self, Code::A303 | Code::A304 | Code::A305)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text is not a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the code of a finding")]
pub struct UnknownCode(pub String);

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Code, UnknownCode> {
        let wanted = text.trim();
        Code::ALL
            .iter()
            .copied()
            .find(|code| code.as_str().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}
