//! Checks the scopes of `allow:`: a scope has the form that its code needs, and names something that exists.

use super::Resolver;
use crate::model::allow::AllowEntry;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::finding::{Allowance, Finding};
use crate::model::source::Located;
use crate::model::terms::EnvironmentId;

/// The form of a scope that a code needs, in words for a help.
fn scopes(code: Code) -> &'static str {
    match code {
        Code::A203 | Code::A207 | Code::A301 | Code::A404 => "an add-on, such as app-passes",
        Code::A302 => "`tenant`",
        Code::A309 => "the id of the environment",
        _ => "KEY/ADD-ON, such as hr-prod/app-passes",
    }
}

/// What is wrong with a scope, and what to write.
struct Problem {
    message: String,
    label: &'static str,
    help: String,
}

/// About as many names as one suggestion of an add-on compares.
const NAMES_OF_ADD_ONS: usize = 100;
const UNKNOWN: &str = "nothing has this name";
const WRONG_FORM: &str = "wrong scope";

impl Resolver<'_> {
    /// Reports each scope that does not have the form that its code needs, or names an environment or add-on that does
    /// not exist.
    pub(super) fn allow(&mut self, entries: &[Located<AllowEntry>]) {
        for entry in entries {
            let allowance = &entry.value.allowance;
            let (scope, code) = (allowance.scope.as_str(), allowance.code);
            let is_add_on = AddOn::from_scope(scope).is_some();
            let problem = match code {
                Code::A203 | Code::A207 | Code::A301 | Code::A404 if is_add_on => None,
                Code::A302 if scope == "tenant" => None,
                Code::A309 if scope.parse::<EnvironmentId>().is_ok() => None,
                Code::A203 | Code::A207 | Code::A301 | Code::A302 | Code::A309 | Code::A404 => {
                    Some(self.unfit(allowance))
                }
                _ => self.no_cell(allowance),
            };
            if let Some(Problem { message, label, help }) = problem {
                self.findings.push(Finding::error(Code::A114, message).at(entry.span, label).help(help));
            }
        }
    }

    fn unfit(&mut self, Allowance { code, scope }: &Allowance) -> Problem {
        let takes_add_on = !matches!(code, Code::A302 | Code::A309);
        let meant = takes_add_on.then(|| self.similar_add_on(scope)).flatten();
        let label = if meant.is_some() && !scope.contains('/') { UNKNOWN } else { WRONG_FORM };
        let help = meant.unwrap_or_else(|| format!("write {}", scopes(*code)));
        Problem { message: not_taken(*code, scope), label, help }
    }

    /// The add-on that was probably meant.
    fn similar_add_on(&mut self, written: &str) -> Option<String> {
        self.may_compare(NAMES_OF_ADD_ONS).then(|| AddOn::did_you_mean(written)).flatten()
    }

    /// The problem of a scope that should name an add-on of an environment.
    fn no_cell(&mut self, Allowance { code, scope }: &Allowance) -> Option<Problem> {
        let Some((key, add_on)) = scope.split_once('/') else {
            let help = format!("write {}", scopes(*code));
            return Some(Problem { message: not_taken(*code, scope), label: WRONG_FORM, help });
        };
        if !self.keys.contains_key(key) {
            let meant = self.similar_key(key);
            let help = meant.unwrap_or_else(|| format!("write {}", scopes(*code)));
            return Some(Problem { message: format!("no environment is called `{key}`"), label: UNKNOWN, help });
        }
        if AddOn::from_scope(add_on).is_some() {
            return None;
        }
        let help = match AddOn::from_other_name(add_on) {
            Some(other) => format!("write `{key}/{other}`"),
            None => self.similar_add_on(add_on).unwrap_or_else(|| format!("write {}", scopes(*code))),
        };
        Some(Problem { message: format!("`{add_on}` is not the slug of an add-on"), label: UNKNOWN, help })
    }
}

fn not_taken(code: Code, scope: &str) -> String {
    format!("{code} does not take the scope `{scope}`")
}
