//! Environments and environment files.

use std::sync::Arc;

use super::cells::Cells;
use super::reader::Reader;
use crate::manifest::mistakes;
use crate::manifest::tree::Node;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};
use crate::model::terms::{BudgetKey, EnvironmentClass, EnvironmentId, EnvironmentKey};

/// One environment, as a file declares it.
#[derive(Debug)]
pub(in crate::manifest) struct EnvironmentEntry {
    /// `None` if the key is malformed, which is already reported.
    pub(in crate::manifest) key: Option<Located<EnvironmentKey>>,
    pub(in crate::manifest) written: Located<Arc<str>>,
    pub(in crate::manifest) id: Option<Located<EnvironmentId>>,
    /// The display name that the tenant should report.
    pub(in crate::manifest) name: Option<Located<String>>,
    pub(in crate::manifest) class: Option<Located<EnvironmentClass>>,
    /// The place of `protect: true`.
    pub(in crate::manifest) protect: Option<Span>,
    /// Overrides the budget of the file.
    pub(in crate::manifest) budget: Option<Located<BudgetKey>>,
    /// Overrides the owner of the file.
    pub(in crate::manifest) owner: Option<Arc<str>>,
    pub(in crate::manifest) cells: Cells,
}

#[derive(Debug, Default)]
pub(in crate::manifest) struct EnvironmentsFile {
    /// The budget of the environments that name none.
    pub(in crate::manifest) budget: Option<Located<BudgetKey>>,
    /// The owner of the environments that name none.
    pub(in crate::manifest) owner: Option<Arc<str>>,
    /// `None` if the mapping could not be read. Any name may be declared then.
    pub(in crate::manifest) environments: Option<Vec<EnvironmentEntry>>,
}

const FILE_KEYS: [&str; 4] = ["version", "budget", "owner", "environments"];
/// Where the id of an environment is to be found.
const ID_HELP: &str = "the id is in the address of the environment's page in the admin center: …/environments/ID/hub";
const KEYS: [&str; 7] = ["id", "name", "class", "protect", "budget", "owner", "allocations"];

impl Reader {
    pub(super) fn environments_file(&mut self, node: &Node<'_>) -> EnvironmentsFile {
        let Some(fields) = self.fields(node, "an environment file", &FILE_KEYS) else {
            return EnvironmentsFile::default();
        };
        if let Some(node) = self.required_with(&fields, "version", || "write `version: 1`".to_owned()) {
            self.version(node);
        }
        let budget = self.budget_name(fields.get("budget"));
        let owner = self.optional_text(&fields, "owner").map(|owner| Arc::from(owner.value));
        let environments = self.required_with(&fields, "environments", || match fields.first_unknown(&FILE_KEYS) {
            Some(key) => format!("write `environments:` above `{key}`, and indent `{key}` and what is below it"),
            None => "write `environments: {}`".to_owned(),
        });
        let environments = environments.and_then(|node| self.environment_entries(node));
        EnvironmentsFile { budget, owner, environments }
    }

    /// Refuses every version of the language but 1.
    pub(super) fn version(&mut self, node: &Node<'_>) {
        let Some(version) = self.number(node, "`version`", u64::MAX) else { return };
        if version.value != 1 {
            let finding = Finding::error(Code::A120, format!("version {} of the language is unknown", version.value))
                .at(version.span, "only 1 is known");
            self.report(finding.help("write `version: 1`, or run a newer allot"));
        }
    }

    pub(super) fn environment_entries(&mut self, node: &Node<'_>) -> Option<Vec<EnvironmentEntry>> {
        let entries = self.entries(node, "`environments`")?;
        Some(entries.into_iter().map(|(key, node)| self.environment(key, node)).collect())
    }

    fn environment(&mut self, written: Located<&str>, node: &Node<'_>) -> EnvironmentEntry {
        let mut entry = EnvironmentEntry {
            key: self.term(written),
            written: written.map(Arc::from),
            id: None,
            name: None,
            class: None,
            protect: None,
            budget: None,
            owner: None,
            cells: Vec::new(),
        };
        let Some(mut fields) = self.fields(node, "an environment", &KEYS) else { return entry };
        // A missing key is reported at the key of the environment.
        fields.span = written.span;
        if let Some(node) = self.required_with(&fields, "id", || ID_HELP.to_owned()) {
            let text = self.text(node, "`id`");
            let name = fields.get("name").and_then(|node| node.kind.as_text());
            entry.id = text.and_then(|text| self.id(text, name));
        }
        let name = self.optional_text(&fields, "name");
        entry.name = name.map(|name| name.map(str::to_owned));
        entry.class = fields.get("class").and_then(|node| self.choice(node, "`class`", &EnvironmentClass::WORDS));
        let protect = fields.entry("protect").and_then(|(key, node)| {
            let value = self.boolean(node, "`protect`")?;
            value.value.then(|| key.span.to(value.span))
        });
        entry.protect = protect;
        entry.budget = self.budget_name(fields.get("budget"));
        entry.owner = self.optional_text(&fields, "owner").map(|owner| Arc::from(owner.value));
        entry.cells = fields.get("allocations").map(|node| self.cells(node, "`allocations`")).unwrap_or_default();
        entry
    }

    /// The id of an environment. For a malformed id, the help says what to write, or where to find the id.
    fn id(&mut self, text: Located<&str>, name: Option<&str>) -> Option<Located<EnvironmentId>> {
        self.term_with(text, || {
            let named = name.and_then(|name| name.parse::<EnvironmentId>().ok());
            Some(match (mistakes::id_within(text.value), named) {
                (Some(id), _) => format!("write `id: \"{id}\"`"),
                (None, Some(id)) => format!("`name` holds an id: write `id: \"{id}\"`, and the name under `name`"),
                (None, None) => ID_HELP.to_owned(),
            })
        })
    }

    fn budget_name(&mut self, node: Option<&Node<'_>>) -> Option<Located<BudgetKey>> {
        let text = self.text(node?, "`budget`")?;
        self.term(text)
    }
}
