//! Merges decoded files into the desired state: applies class defaults, resolves names, and finds conflicts between
//! files.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ahash::RandomState;

use super::decode::{Cells, EnvironmentEntry, EnvironmentsFile, RootFile};
use crate::model::code::Code;
use crate::model::desired::{ConfigurationDigests, DesiredEnvironment, DesiredState, DesiredTenant};
use crate::model::finding::Finding;
use crate::model::near::did_you_mean;
use crate::model::source::Located;
use crate::model::terms::{BudgetKey, EnvironmentClass, EnvironmentId, EnvironmentKey};

mod allow;
mod layers;

pub(super) struct Resolved {
    /// `None` if the root lacks its tenant.
    pub(super) desired: Option<DesiredState>,
    /// Conflicts between layers and between files.
    pub(super) findings: Vec<Finding>,
}

/// A file with class defaults applied: the part of merging that needs no other environment file.
#[derive(Default)]
pub(super) struct FileWithDefaults {
    budget: Option<Located<BudgetKey>>,
    /// `None` if the mapping could not be read. Any name may be declared then.
    environments: Option<Vec<EnvironmentWithDefaults>>,
    findings: Vec<Finding>,
}

struct EnvironmentWithDefaults {
    written: Located<Arc<str>>,
    id: Option<Located<EnvironmentId>>,
    /// The environment's own budget, not that of the file.
    budget: Option<Located<BudgetKey>>,
    /// `None` if the key or the id is missing or malformed.
    desired: Option<Box<DesiredEnvironment>>,
}

pub(super) fn with_defaults(file: EnvironmentsFile, defaults: &BTreeMap<EnvironmentClass, Cells>) -> FileWithDefaults {
    let EnvironmentsFile { budget, owner, environments } = file;
    let mut reports = layers::Reports::default();
    let environment = |entry: EnvironmentEntry| {
        let class = entry.class.as_ref().and_then(|class| defaults.get(&class.value));
        let cells = layers::cells(entry.cells, class, &mut reports);
        let desired = entry.key.zip(entry.id.clone()).map(|(key, id)| {
            Box::new(DesiredEnvironment {
                key,
                id,
                name: entry.name,
                class: entry.class,
                protect: entry.protect,
                budget: entry.budget.clone().or_else(|| budget.clone()),
                owner: entry.owner.or_else(|| owner.clone()),
                cells,
            })
        });
        EnvironmentWithDefaults { written: entry.written, id: entry.id, budget: entry.budget, desired }
    };
    let environments = environments.map(|entries| entries.into_iter().map(environment).collect());
    FileWithDefaults { budget, environments, findings: reports.findings }
}

/// Merges the files. Floors and the scopes of `allow:` are checked only if `complete`, because an unreadable file may declare the
/// environments that they name.
pub(super) fn resolve(
    root: RootFile,
    files: Vec<FileWithDefaults>,
    mut complete: bool,
    digests: ConfigurationDigests,
) -> Resolved {
    let RootFile {
        tenant,
        purchased,
        reserve,
        debts,
        budgets,
        budget_names,
        defaults,
        rules,
        floors,
        allow,
        environments,
    } = root;
    let own = with_defaults(EnvironmentsFile { environments, ..EnvironmentsFile::default() }, &defaults);
    let files: Vec<FileWithDefaults> = std::iter::once(own).chain(files).collect();
    let mut resolver = Resolver::of(&files);
    let mut is_unique = Vec::with_capacity(resolver.keys.capacity());
    for file in &files {
        resolver.findings.extend(file.findings.iter().cloned());
        resolver.budget(file.budget.as_ref(), budget_names.as_ref());
        complete &= file.environments.is_some();
        for entry in file.environments.iter().flatten() {
            resolver.budget(entry.budget.as_ref(), budget_names.as_ref());
            is_unique.push(resolver.unique(entry));
        }
    }
    let reserve = layers::by_pool(reserve, "reserve", &mut resolver.findings);
    let debts = layers::by_pool(debts, "debt", &mut resolver.findings);
    if complete {
        resolver.floors(&floors);
        resolver.allow(&allow);
    }
    let findings = resolver.findings;
    let placed = files.into_iter().filter_map(|file| file.environments).flatten();
    let unique = placed.zip(is_unique).filter_map(|(entry, is_unique)| entry.desired.filter(|_| is_unique));
    let environments = unique.map(|desired| (desired.key.value.clone(), desired)).collect();
    let floors = floors.into_iter().flat_map(|(key, amounts)| {
        amounts.into_iter().map(move |(add_on, units)| ((key.value.clone(), add_on), units))
    });
    let floors = floors.collect();
    let defaults = defaults.iter().map(|(class, cells)| (*class, layers::defaults(cells))).collect();
    let desired = tenant.map(|tenant: DesiredTenant| DesiredState {
        tenant,
        purchased,
        reserve,
        debts,
        budgets,
        rules,
        floors,
        allow: allow.into_iter().map(|entry| entry.value).collect(),
        defaults,
        environments,
        digests,
    });
    Resolved { desired, findings }
}

/// The most comparisons of names for suggestions. Hostile files can have very many names, and very many references to none of them.
const MOST_COMPARISONS: usize = 1_000_000;

/// Finds duplicate keys and ids, and references to unknown names. Maps each key and id to the first environment that has it.
struct Resolver<'a> {
    findings: Vec<Finding>,
    /// How many comparisons of names are left.
    comparisons: usize,
    keys: HashMap<&'a str, &'a EnvironmentWithDefaults, RandomState>,
    ids: HashMap<&'a EnvironmentId, &'a EnvironmentWithDefaults, RandomState>,
}

impl<'a> Resolver<'a> {
    fn of(files: &[FileWithDefaults]) -> Resolver<'a> {
        let environments = files.iter().filter_map(|file| file.environments.as_ref()).map(Vec::len).sum();
        Resolver {
            findings: Vec::new(),
            comparisons: MOST_COMPARISONS,
            keys: HashMap::with_capacity_and_hasher(environments, RandomState::new()),
            ids: HashMap::with_capacity_and_hasher(environments, RandomState::new()),
        }
    }

    /// Whether no earlier environment has the key or the id; reports a duplicate.
    fn unique(&mut self, entry: &'a EnvironmentWithDefaults) -> bool {
        let written = &entry.written;
        let first_of_key = match self.keys.entry(&*written.value) {
            Entry::Occupied(first) => {
                let finding = Finding::error(Code::A116, format!("two environments are called `{}`", written.value))
                    .at(written.span, "the second one")
                    .see(first.get().written.span, "the first one");
                self.findings.push(finding.help("give one of them another key, or delete it"));
                false
            }
            Entry::Vacant(free) => {
                free.insert(entry);
                true
            }
        };
        let Some(id) = &entry.id else { return first_of_key };
        match self.ids.entry(&id.value) {
            Entry::Occupied(first) if first_of_key => {
                let first = first.get();
                let message =
                    format!("`{}` and `{}` have the same id, {}", written.value, first.written.value, id.value);
                let finding = Finding::error(Code::A115, message).at(id.span, "the id again");
                let finding = finding.see(first.id.as_ref().map_or(first.written.span, |id| id.span), "the id first");
                self.findings.push(finding.help("copy the id from the admin center, or delete one of the two"));
                false
            }
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(entry);
                first_of_key
            }
        }
    }

    fn budget(&mut self, budget: Option<&Located<BudgetKey>>, declared: Option<&BTreeSet<Arc<str>>>) {
        let (Some(budget), Some(declared)) = (budget, declared) else { return };
        if declared.contains(budget.value.as_str()) {
            return;
        }
        let finding = Finding::error(Code::A114, format!("no budget is called `{}`", budget.value))
            .at(budget.span, "declared nowhere");
        let meant = self.may_compare(declared.len()).then(|| {
            let declared = declared.iter().map(AsRef::as_ref);
            did_you_mean(budget.value.as_str(), declared)
        });
        self.findings.push(match meant.flatten() {
            Some(meant) => finding.help(meant),
            None => finding.help("declare it under `budgets` of allotment.yaml"),
        });
    }

    /// Whether a name may be compared with so many others.
    fn may_compare(&mut self, others: usize) -> bool {
        let left = self.comparisons.checked_sub(others);
        self.comparisons = left.unwrap_or(0);
        left.is_some()
    }

    /// The key that was probably meant.
    fn similar_key(&mut self, written: &str) -> Option<String> {
        // Sorted, so that the suggestion does not depend on the order of the map.
        self.may_compare(self.keys.len())
            .then(|| did_you_mean(written, self.keys.keys().copied().collect::<BTreeSet<_>>()))
            .flatten()
    }

    fn floors<T>(&mut self, floors: &[(Located<EnvironmentKey>, T)]) {
        for (key, _) in floors {
            if self.keys.contains_key(key.value.as_str()) {
                continue;
            }
            let finding = Finding::error(Code::A114, format!("no environment is called `{}`", key.value))
                .at(key.span, "declared nowhere");
            let meant = self.similar_key(key.value.as_str());
            self.findings.push(match meant {
                Some(meant) => finding.help(meant),
                None => finding.help("a floor names the key of an environment that some file declares"),
            });
        }
    }
}
