//! Environments and environment files.

use std::sync::Arc;

use super::cells::Cells;
use super::keys;
use super::reader::{KeyedNode, Reader};
use super::wrong::{MAPPING, amount};
use crate::manifest::mistakes;
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind};
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

/// Where the id of an environment is to be found.
const ID_HELP: &str = "the id is in the address of the environment's page in the admin center: …/environments/ID/hub";

impl Reader<'_> {
    pub(super) fn environments_file(&mut self, node: &Node<'_>) -> EnvironmentsFile {
        let Some(fields) = self.fields(node, &keys::FILE) else {
            return EnvironmentsFile::default();
        };
        if let Some(node) = self.required_with(&fields, "version", || "write `version: 1`".to_owned()) {
            self.version(node);
        }
        let budget = self.budget_name(fields.get("budget"));
        let owner = self.optional_text(&fields, "owner").map(|owner| Arc::from(owner.value));
        let environments = self.required_with(&fields, "environments", || match fields.first_unknown() {
            Some(key) => format!("write `environments:` above `{key}`, and indent `{key}` and what is below it"),
            None => "write `environments: {}`".to_owned(),
        });
        let environments = environments.and_then(|node| self.environment_entries(node));
        EnvironmentsFile { budget, owner, environments }
    }

    /// Refuses every version of the language but 1.
    pub(super) fn version(&mut self, node: &Node<'_>) {
        if let NodeKind::Text { value, quoted } = &node.kind {
            let kind = if *quoted { "the text " } else { "" };
            let message = format!("`version` must be the number 1, and this is {kind}`{}`", shortened(value));
            let finding = Finding::error(Code::A106, message).at(node.span, "expected digits only");
            self.report(finding.help("write `version: 1`"));
            return;
        }
        let Some(version) = self.number(node, "`version`", u64::MAX) else { return };
        if version.value != 1 {
            let finding = Finding::error(Code::A120, format!("version {} of the language is unknown", version.value))
                .at(version.span, "only 1 is known");
            self.report(finding.help("write `version: 1`, or run a newer allot"));
        }
    }

    pub(super) fn environment_entries(&mut self, node: &Node<'_>) -> Option<Vec<EnvironmentEntry>> {
        let mut entries = self.entries(node, "`environments`")?;
        if let Some(at) = self.not_indented(&entries) {
            // The environment and its keys are incomplete, so any name may be declared.
            entries.truncate(at);
            entries.into_iter().for_each(|(key, node)| drop(self.environment(key, node)));
            return None;
        }
        Some(entries.into_iter().map(|(key, node)| self.environment(key, node)).collect())
    }

    /// Reports an environment whose keys are not indented below it: its value is empty, and `id` follows as a key beside it. Returns the
    /// position of the environment.
    fn not_indented(&mut self, entries: &[KeyedNode<'_>]) -> Option<usize> {
        let pairs = entries.iter().zip(entries.iter().skip(1)).enumerate();
        let is_key = |key: &str| keys::ENVIRONMENT.keys.contains(&key);
        let (at, (environment, key)) = pairs.into_iter().find(|(_, ((_, value), (key, below)))| {
            let is_value = !matches!(below.kind, NodeKind::Mapping(_)) || key.value == "allocations";
            matches!(value.kind, NodeKind::Null) && is_key(key.value) && is_value
        })?;
        let name = shortened(environment.0.value);
        let message = format!("`{}` is not indented below `{name}`", key.0.value);
        let finding = Finding::error(Code::A104, message)
            .at(key.0.span, "beside the environment")
            .see(environment.0.span, "the environment");
        self.report(
            finding.help(format!("indent `{}` and the other keys of `{name}` by two more spaces", key.0.value)),
        );
        Some(at)
    }

    fn environment(&mut self, written: Located<&str>, node: &Node<'_>) -> EnvironmentEntry {
        let is_long = self.is_long(written.span);
        let mut entry = EnvironmentEntry {
            key: self
                .term_with(written, || Some(if is_long { NAME_HELP.to_owned() } else { key_meant(written.value) })),
            written: written.map(Arc::from),
            id: None,
            name: None,
            class: None,
            protect: None,
            budget: None,
            owner: None,
            cells: Vec::new(),
        };
        if let Some(help) = scalar_environment(written.value, node).filter(|_| !is_long) {
            self.wrong_with::<()>(node, keys::ENVIRONMENT.what, MAPPING, Some(help));
            return entry;
        }
        let Some(mut fields) = self.fields(node, &keys::ENVIRONMENT) else { return entry };
        // A missing key is reported at the key of the environment.
        fields.span = written.span;
        let id_help = || match mistakes::id_within(written.value) {
            Some(id) => format!("the key is an id: write a key such as `hr-prod`, and `id: \"{id}\"` below it"),
            None => ID_HELP.to_owned(),
        };
        if let Some(node) = self.required_with(&fields, "id", id_help) {
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

/// The help for a number or an id in the place of an environment.
fn scalar_environment(key: &str, node: &Node<'_>) -> Option<String> {
    let key = shortened(key);
    match &node.kind {
        NodeKind::Integer(number) => Some(format!(
            "an environment has an id, and amounts by add-on: `{key}: {{ id: …, allocations: {{ app-passes: {} }} }}`, for example",
            amount(*number)
        )),
        NodeKind::Text { value, .. } => {
            let id = mistakes::id_within(value)?;
            Some(format!("write `{key}: {{ id: \"{id}\" }}`"))
        }
        _ => None,
    }
}

const NAME_HELP: &str = "write a key such as `hr-prod`, and the name under `name`";

/// The help for a name in the place of a key.
fn key_meant(name: &str) -> String {
    /// The longest name that becomes a key.
    const LONGEST: usize = 60;
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let key = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if key.is_empty() || name.len() > LONGEST || !name.is_ascii() {
        return NAME_HELP.to_owned();
    }
    format!("write a key such as `{key}:`, and the name below it: `name: {}`", mistakes::quoted(name))
}
