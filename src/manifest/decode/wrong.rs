//! Values of the wrong type, and what was meant by them.

use std::fmt::Display;

use super::reader::Reader;
use crate::manifest::mistakes::{self, quoted};
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind, Pair};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::document::Switch;
use crate::model::finding::{Allowance, Finding};

/// What a mapping is called in messages.
pub(super) const MAPPING: &str = "keys with values below it";
/// What a list is called in messages.
pub(super) const LIST: &str = "a list";
/// What an amount is called in messages.
pub(super) const INTEGER: &str = "a plain integer";
/// What a text is called in messages.
pub(super) const TEXT: &str = "a text";
/// What a boolean is called in messages.
pub(super) const BOOLEAN: &str = "true or false";

/// The most entries of a list that an example shows.
const MOST_SHOWN: usize = 3;

impl Reader<'_> {
    /// Reports a value of the wrong type. Always returns `None`.
    pub(super) fn wrong<T>(&mut self, node: &Node<'_>, what: impl Display + Copy, wanted: &str) -> Option<T> {
        let help = self.keeps(Code::A104).then(|| self.help(node, &what.to_string(), wanted)).flatten();
        self.wrong_with(node, what, wanted, help)
    }

    /// Reports a value of the wrong type with this help. Always returns `None`.
    pub(super) fn wrong_with<T>(
        &mut self,
        node: &Node<'_>,
        what: impl Display + Copy,
        wanted: &str,
        help: Option<String>,
    ) -> Option<T> {
        let finding = match &node.kind {
            NodeKind::Null => Finding::error(Code::A104, format!("{what} has no value")),
            _ => Finding::error(Code::A104, format!("{what} must be {wanted}, and this is {}", node.kind.describe())),
        };
        let finding = help.into_iter().fold(finding, Finding::help);
        self.report(finding.at(node.span, format!("expected {wanted}")));
        None
    }

    fn help(&self, node: &Node<'_>, what: &str, wanted: &str) -> Option<String> {
        match &node.kind {
            NodeKind::Null => Some(self.no_value(node, wanted)),
            NodeKind::Text { value, .. } if self.is_long(node.span) => {
                Some(format!("write a space after the colon: `{}`", mistakes::without_space(value)?))
            }
            _ => meant(node, what, wanted).or_else(|| Some(format!("for example: `{}`", example(what)?))),
        }
    }

    /// The help for a value that is missing.
    fn no_value(&self, node: &Node<'_>, wanted: &str) -> String {
        let start = usize::try_from(node.span.start).unwrap_or(usize::MAX);
        let rest = self.text.get(start..).unwrap_or_default();
        let rest = rest.strip_prefix(':').unwrap_or(rest).trim_start_matches([' ', '\t']);
        let Some(after) = rest.strip_prefix('#') else { return "give it one, or delete the line".to_owned() };
        let comment = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or_default().trim_end();
        let comment = shortened(comment);
        let word = after.split(|letter: char| !letter.is_ascii_uppercase()).next().unwrap_or_default();
        let is_error = !word.is_empty() && after.trim_start_matches(word).starts_with(['!', '/', '?'])
            || ["NV", "N/A"].contains(&after.trim());
        if is_error {
            format!(
                "`{comment}` is an error of a spreadsheet, and a comment in YAML: correct the cell there, and write its value"
            )
        } else if wanted == TEXT {
            format!("`{comment}` is a comment: write the text before it, or in quotes if the text begins with `#`")
        } else {
            format!("`{comment}` is a comment: write the value before it")
        }
    }
}

/// An example of a mapping, by its name in messages.
fn example(what: &str) -> Option<&'static str> {
    Some(match what {
        "`tenant`" => "tenant: { name: contoso }",
        "`purchased`" => "purchased: { app-passes: 100 }",
        "`reserve`" => "reserve: { app-passes: 5% }",
        "`debts`" => "debts: { app-passes: 10 }",
        "`allocations`" => "allocations: { app-passes: 10 }",
        "`limits`" => "limits: { app-passes: 100 }",
        "`budgets`" => "budgets: { hr: { limits: { app-passes: 100 } } }",
        "`floors`" => "floors: { hr-prod: { app-passes: 10 } }",
        "`defaults`" => "defaults: { sandbox: { app-passes: … } }",
        "`rules`" => "rules: { neverBelowConsumption: true }",
        "`maxDecrease`" => "maxDecrease: { percent: 25 }",
        "`whenExhausted`" => "whenExhausted: { alert: true }",
        _ => return None,
    })
}

/// What was probably meant by a value of the wrong type.
fn meant(node: &Node<'_>, what: &str, wanted: &str) -> Option<String> {
    match (&node.kind, wanted) {
        _ if what == "`allow`" || what == "an entry of `allow`" => allow_entry(node),
        (NodeKind::Text { value, quoted: false }, MAPPING) => {
            let colon = mistakes::without_space(value).map(|meant| format!("write a space after the colon: `{meant}`"));
            let other =
                || mistakes::without_colon(value).map(|meant| format!("write a colon after the key: `{meant}`"));
            colon.or_else(other).or_else(|| scalar(value, what))
        }
        (NodeKind::Text { value, .. }, MAPPING) => scalar(value, what),
        (NodeKind::Integer(number), MAPPING) => scalar(&number.to_string(), what),
        (NodeKind::Sequence(items), MAPPING) if what == "`whenExhausted`" => {
            let words: Option<Vec<&str>> = items.iter().map(|item| item.kind.as_text()).collect();
            switches(&words?)
        }
        (NodeKind::Sequence(items), INTEGER) => match items.as_slice() {
            [Node { kind: NodeKind::Integer(number), .. }] => Some(format!("write {}, not a list", amount(*number))),
            [Node { kind: NodeKind::Mapping(pairs), .. }, ..] if pairs.iter().any(|pair| pair.key.value == "add") => {
                Some("a list of grants follows `grants`: `{ units: …, grants: [{ add: …, until: … }] }`".to_owned())
            }
            _ => Some("write one number".to_owned()),
        },
        (NodeKind::Sequence(_), TEXT) => Some("write one text, not a list".to_owned()),
        (NodeKind::Bool(true), LIST) if what == "`requireTicket`" => {
            Some("write the add-ons that need a ticket: `requireTicket: [app-passes]`, for example".to_owned())
        }
        (NodeKind::Sequence(items), MAPPING) => of_list(items, what),
        (NodeKind::Mapping(pairs), TEXT) => {
            let [pair] = pairs.as_slice() else { return None };
            let id = mistakes::id_within(&pair.key.value)?;
            Some(format!("write it without the braces: {id}"))
        }
        (NodeKind::Mapping(_), LIST) => {
            Some(format!("write it as an item of a list: `{}: [{{ … }}]`", what.trim_matches('`')))
        }
        (NodeKind::Text { .. } | NodeKind::Integer(_), LIST) if what.starts_with('`') => {
            Some(format!("write a list: `{}: [{}]`", what.trim_matches('`'), item(node)))
        }
        (NodeKind::Integer(0), BOOLEAN) => Some("write false".to_owned()),
        (NodeKind::Integer(1), BOOLEAN) => Some("write true".to_owned()),
        _ => None,
    }
}

/// The help for a single value in the place of a mapping.
fn scalar(value: &str, what: &str) -> Option<String> {
    let number = value.strip_suffix('%').unwrap_or(value).trim();
    let is_number = !number.is_empty() && number.len() < 20 && number.bytes().all(|byte| byte.is_ascii_digit());
    match what {
        "`maxDecrease`" if is_number => {
            Some(format!("write `maxDecrease: {{ percent: {number} }}`, if that many percent are meant"))
        }
        "`whenExhausted`" => switches(&[value]),
        "a budget" if is_number => Some(format!("for example: `limits: {{ app-passes: {number} }}`")),
        _ if what.starts_with("`defaults` of") => Some("for example: `{ app-passes: … }`".to_owned()),
        _ => None,
    }
}

/// The help for the names of switches without `true` or `false`.
fn switches(words: &[&str]) -> Option<String> {
    let are_known = !words.is_empty() && words.iter().all(|word| Switch::NAMES.contains(word));
    let written = || words.iter().map(|word| format!("{word}: true")).collect::<Vec<_>>().join(", ");
    are_known.then(|| format!("write `whenExhausted: {{ {} }}`", written()))
}

/// A value as an item of a list in brackets.
fn item(node: &Node<'_>) -> String {
    let is_numbers = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b", %".contains(&byte));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    match &node.kind {
        NodeKind::Integer(number) => number.to_string(),
        NodeKind::Text { value, .. } if is_numbers(value) => shortened(value).replace('%', ""),
        NodeKind::Text { value, .. } if is_plain(value) => shortened(value).into_owned(),
        NodeKind::Text { value, .. } => quoted(&shortened(value)),
        _ => "…".to_owned(),
    }
}

/// An amount for an example. Zero is not repeated: it takes all units away.
pub(super) fn amount(number: u64) -> String {
    if number == 0 { "…".to_owned() } else { number.to_string() }
}

/// The help for a list in the place of a mapping.
fn of_list(items: &[Node<'_>], what: &str) -> Option<String> {
    let NodeKind::Mapping(pairs) = &items.first()?.kind else { return None };
    if pairs.len() == 1 {
        return Some("delete the `- ` at the beginning of each line".to_owned());
    }
    let cells: Vec<String> = items.iter().take(MOST_SHOWN).filter_map(cell).collect();
    if cells.is_empty() {
        let help =
            "write a key and a colon instead of each `- `, such as `hr-prod:`, and indent its fields below".to_owned();
        return Some(help);
    }
    let more = if items.len() > cells.len() { ", …" } else { "" };
    let cells = format!("{{ {}{more} }}", cells.join(", "));
    Some(match what.strip_prefix('`').and_then(|what| what.strip_suffix('`')) {
        Some(key) => format!("write each add-on as a key: `{key}: {cells}`"),
        None => format!("write each add-on as a key: `{cells}`"),
    })
}

/// An item of a list that names an add-on and perhaps an amount, as a key and its value.
fn cell(item: &Node<'_>) -> Option<String> {
    let NodeKind::Mapping(pairs) = &item.kind else { return None };
    let text = |pair: &Pair<'_>| pair.value.kind.as_text().map(str::to_owned);
    let named = |name: String| AddOn::from_slug(&name).or_else(|| AddOn::from_other_name(&name));
    let add_on = pairs.iter().filter_map(text).find_map(named)?;
    let number = pairs.iter().find_map(|pair| match pair.value.kind {
        NodeKind::Integer(number) => Some(amount(number)),
        _ => None,
    });
    Some(format!("{}: {}", add_on.slug(), number.unwrap_or_else(|| "…".to_owned())))
}

/// The help for an entry of `allow` that is written as on the command line: `A304:hr-prod/app-passes`, with or without a space after the
/// colon, and with or without the flag.
pub(super) fn allow_entry(node: &Node<'_>) -> Option<String> {
    let written = match &node.kind {
        NodeKind::Text { value, .. } => Some(value.to_string()),
        NodeKind::Mapping(pairs) => {
            let pair = pairs.first()?;
            Some(format!("{}:{}", pair.key.value, pair.value.kind.as_text()?))
        }
        _ => None,
    };
    let plain = written.as_deref().map(|written| written.trim_start_matches("--allow").trim_start_matches(['=', ' ']));
    let allowance: Option<Allowance> = plain.and_then(|plain| plain.parse().ok());
    let (code, scope, is_about_units) = match &allowance {
        Some(allowance) => (allowance.code.as_str(), allowance.scope.as_str(), allowance.code.is_about_units()),
        None => ("A304", "hr-prod/app-passes", true),
    };
    let to = if is_about_units { "to: …, " } else { "" };
    let entry = format!("- {{ code: {code}, scope: {}, {to}until: … }}", shortened(scope));
    let least =
        if is_about_units { "`to` is the least amount, and `until` the last day" } else { "`until` is the last day" };
    Some(match allowance {
        Some(_) => format!("write `{entry}`; {least}"),
        None => format!("for example: `{entry}`; {least}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{NodeKind, allow_entry};
    use crate::manifest::parse::parse;
    use crate::model::source::Sources;

    /// The help for an entry that is written like this.
    fn help(text: &str) -> String {
        let text = format!("- {text}");
        let mut sources = Sources::new();
        let parsed = parse(sources.add("f", text.as_str()), &text);
        let NodeKind::Sequence(items) = parsed.root.unwrap().kind else { panic!("a list") };
        allow_entry(&items[0]).unwrap()
    }

    #[test]
    fn an_entry_of_the_command_line_is_shown_as_an_entry_of_the_file() {
        for (text, entry) in [
            ("A304:hr/app-passes", "- { code: A304, scope: hr/app-passes, to: …, until: … }"),
            ("A304: hr/app-passes", "- { code: A304, scope: hr/app-passes, to: …, until: … }"),
            ("--allow A301:app-passes", "- { code: A301, scope: app-passes, until: … }"),
            ("--allow=A302:tenant", "- { code: A302, scope: tenant, until: … }"),
            ("a304:hr/app-passes", "- { code: A304, scope: hr/app-passes, to: …, until: … }"),
        ] {
            let help = help(text);
            assert!(help.starts_with(&format!("write `{entry}`; ")), "{text}: {help}");
        }
        for text in ["A304", "A201:app-passes", "text", "7", "[]"] {
            let help = help(text);
            assert!(help.starts_with("for example: `- { code: A304, scope: hr-prod/app-passes"), "{text}: {help}");
        }
    }
}
