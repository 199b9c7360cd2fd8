//! `allow:` in the root file.

use super::cells::owned;
use super::keys;
use super::reader::Reader;
use super::wrong;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::allow::AllowEntry;
use crate::model::code::Code;
use crate::model::finding::{Allowance, Finding};
use crate::model::source::Located;
use crate::model::terms::Units;

impl Reader<'_> {
    pub(super) fn allow(&mut self, node: &Node<'_>) -> Vec<Located<AllowEntry>> {
        let items = self.items(node, "`allow`").unwrap_or_default();
        items.iter().filter_map(|item| self.allow_entry(item)).collect()
    }

    /// An entry, at the place of its scope.
    fn allow_entry(&mut self, node: &Node<'_>) -> Option<Located<AllowEntry>> {
        if let NodeKind::Mapping(pairs) = &node.kind
            && let Some(pair) = pairs.first().filter(|pair| pair.key.value.parse::<Code>().is_ok())
        {
            let message = format!("an entry of `allow` has no key `{}`", pair.key.value);
            let finding = Finding::error(Code::A103, message).at(pair.key.span, "not known here");
            self.report(wrong::allow_entry(node).into_iter().fold(finding, Finding::help));
            return None;
        }
        let fields = self.fields(node, &keys::ALLOW)?;
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
        if let NodeKind::Integer(number) = node.kind
            && let Some(code) =
                Code::allowable().find(|code| code.as_str().strip_prefix('A') == Some(&number.to_string()))
        {
            let finding = Finding::error(Code::A120, format!("`code` cannot be `{number}`"));
            self.report(finding.at(node.span, "not one of the choices").help(format!("did you mean `{code}`?")));
            return None;
        }
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
