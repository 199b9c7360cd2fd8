//! `allow:` in the root file.

use super::cells::owned;
use super::reader::Reader;
use crate::manifest::tree::Node;
use crate::model::allow::AllowEntry;
use crate::model::code::Code;
use crate::model::finding::{Allowance, Finding};
use crate::model::source::Located;
use crate::model::terms::Units;

const KEYS: [&str; 6] = ["code", "scope", "to", "until", "ticket", "reason"];

impl Reader {
    pub(super) fn allow(&mut self, node: &Node<'_>) -> Vec<Located<AllowEntry>> {
        let items = self.items(node, "`allow`").unwrap_or_default();
        items.iter().filter_map(|item| self.allow_entry(item)).collect()
    }

    /// An entry, at the place of its scope.
    fn allow_entry(&mut self, node: &Node<'_>) -> Option<Located<AllowEntry>> {
        let fields = self.fields(node, "an entry of `allow`", &KEYS)?;
        let code = self.required(&fields, "code", "A304").and_then(|node| self.allowable_code(node));
        let scope = self.required(&fields, "scope", "hr-prod/app-passes").and_then(|node| self.text(node, "`scope`"));
        let until = self.required(&fields, "until", "2026-12-15").map(|node| (self.date(node, "`until`"), node.span));
        let to = match (code, fields.get("to")) {
            (Some(code), None) if code.is_about_units() => {
                self.required(&fields, "to", "80");
                return None;
            }
            (Some(code), Some(node)) if !code.is_about_units() => {
                let message = format!("`to` has no effect on {code}, which is not about the units of one environment");
                self.report(Finding::error(Code::A120, message).at(node.span, "no effect").help("delete `to`"));
                return None;
            }
            (_, node) => node.map(|node| self.units(node, "`to`", Units::MAX_ALLOCATION)),
        };
        let [ticket, reason] = ["ticket", "reason"].map(|key| self.optional_text(&fields, key).map(owned));
        let (scope, (until, day)) = (scope?, until?);
        let to = match to {
            None => None,
            Some(units) => Some(units?.value),
        };
        let allowance = Allowance { code: code?, scope: scope.value.trim().to_owned() };
        let until = Located::new(until?, day);
        Some(Located::new(AllowEntry { span: node.span, allowance, to, until, ticket, reason }, scope.span))
    }

    fn allowable_code(&mut self, node: &Node<'_>) -> Option<Code> {
        let text = self.text(node, "`code`")?;
        let code = Code::ALL.iter().copied().find(|code| code.as_str() == text.value);
        let message = match code {
            Some(code) if code.can_be_allowed() => return Some(code),
            Some(code) => format!("{code} cannot be allowed: {}", code.title()),
            None => format!("`{}` is not a code", text.value),
        };
        let codes: Vec<&str> = Code::allowable().map(Code::as_str).collect();
        let finding = Finding::error(Code::A120, message).at(text.span, "not one of the choices");
        self.report(finding.note(format!("possible: {}", codes.join(", "))));
        None
    }
}
