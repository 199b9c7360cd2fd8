//! The root file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::amounts::{share_of_one, whole_percent};
use super::cells::{Cells, owned};
use super::environments::EnvironmentEntry;
use super::fields::Fields;
use super::keys::{self, Keys};
use super::reader::Reader;
use super::wrong::{MAPPING, amount};
use crate::manifest::shortened::shortened;
use crate::manifest::tree::{Node, NodeKind};
use crate::model::allow::AllowEntry;
use crate::model::budget::{Budget, Limit, LimitPart};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{Cloud, DesiredTenant, Provider, Purchase, Purchases, Reserve};
use crate::model::finding::Finding;
use crate::model::roles::WhoCanAllocate;
use crate::model::rules::Rules;
use crate::model::source::{Located, Span};
use crate::model::terms::{BudgetKey, EnvironmentClass, EnvironmentId, EnvironmentKey, Interval, Percent, Units};

/// The floors of one environment, by add-on.
pub(in crate::manifest) type Floor = (Located<EnvironmentKey>, BTreeMap<AddOn, Located<Units>>);

/// The root file, as far as it could be read.
#[derive(Debug, Default)]
pub(in crate::manifest) struct RootFile {
    /// `None` if the tenant could not be read.
    pub(in crate::manifest) tenant: Option<DesiredTenant>,
    pub(in crate::manifest) purchased: BTreeMap<AddOn, Purchases>,
    /// The reserves, by the add-on that the file names and not by pool.
    pub(in crate::manifest) reserve: Vec<(Located<AddOn>, Located<Reserve>)>,
    /// The debts, by the add-on that the file names and not by pool.
    pub(in crate::manifest) debts: Vec<(Located<AddOn>, Located<Units>)>,
    pub(in crate::manifest) budgets: BTreeMap<BudgetKey, Budget>,
    /// All keys of `budgets`, including malformed ones; `None` if `budgets` could not be read.
    pub(in crate::manifest) budget_names: Option<BTreeSet<Arc<str>>>,
    pub(in crate::manifest) defaults: BTreeMap<EnvironmentClass, Cells>,
    pub(in crate::manifest) rules: Rules,
    pub(in crate::manifest) floors: Vec<Floor>,
    /// The exceptions, each at the place of its scope.
    pub(in crate::manifest) allow: Vec<Located<AllowEntry>>,
    /// The environments of the root file itself; `None` if they could not be read.
    pub(in crate::manifest) environments: Option<Vec<EnvironmentEntry>>,
}

impl Reader<'_> {
    pub(super) fn root_file(&mut self, node: &Node<'_>) -> RootFile {
        let mut file = RootFile::default();
        let Some(fields) = self.fields(node, &keys::ROOT) else { return file };
        if let Some(node) = self.required_with(&fields, "version", || "write `version: 1`".to_owned()) {
            self.version(node);
        }
        let tenant = self.required_with(&fields, "tenant", || match fields.has("environments") {
            true => {
                "write `tenant: { name: contoso }`, for example; if this is a file of environments, `-C` names the folder above it"
                    .to_owned()
            }
            false => "write `tenant: { name: contoso }`, for example".to_owned(),
        });
        let key = fields.entry("tenant").map_or(fields.span, |(key, _)| key.span);
        file.tenant = tenant.and_then(|node| self.tenant(key, node));
        if let Some(node) = fields.get("include") {
            for item in self.items(node, "`include`").unwrap_or_default() {
                self.text(item, "an include");
            }
        }
        self.pools(&fields, &mut file);
        file.budget_names = Some(BTreeSet::new());
        if let Some(node) = fields.get("budgets") {
            self.budgets(node, &mut file);
        }
        if let Some(node) = fields.get("defaults") {
            self.defaults(node, &mut file);
        }
        file.rules = fields.get("rules").map(|node| self.rules(node)).unwrap_or_default();
        if let Some(node) = fields.get("floors") {
            self.floors(node, &mut file);
        }
        file.allow = fields.get("allow").map(|node| self.allow(node)).unwrap_or_default();
        file.environments = match fields.get("environments") {
            Some(node) => self.environment_entries(node),
            None => Some(Vec::new()),
        };
        file
    }

    /// The keys about pools: `purchased`, `reserve` and `debts`.
    fn pools(&mut self, fields: &Fields<'_>, file: &mut RootFile) {
        for (add_on, value) in
            fields.get("purchased").and_then(|node| self.by_add_on(node, "`purchased`")).unwrap_or_default()
        {
            let parts = self.dated(&keys::PURCHASE, &add_on.value, value);
            file.purchased.insert(add_on.value, Purchases { span: add_on.span, parts });
        }
        for (add_on, value) in
            fields.get("reserve").and_then(|node| self.by_add_on(node, "`reserve`")).unwrap_or_default()
        {
            if let Some(reserve) = self.reserve(value) {
                file.reserve.push((add_on, reserve));
            }
        }
        for (add_on, value) in fields.get("debts").and_then(|node| self.by_add_on(node, "`debts`")).unwrap_or_default()
        {
            if let Some(units) = self.units(value, "a debt", Units::MAX_PURCHASE) {
                file.debts.push((add_on, units));
            }
        }
    }

    fn tenant(&mut self, key: Span, node: &Node<'_>) -> Option<DesiredTenant> {
        let fields = self.fields(node, &keys::TENANT)?;
        let name = self.required(&fields, "name", "contoso").and_then(|node| self.text(node, "`name`"));
        let provider = fields.get("provider").map(|node| self.choice(node, "`provider`", &Provider::WORDS));
        let id = fields.get("id").and_then(|node| self.tenant_id(node));
        let cloud = fields.get("cloud").and_then(|node| self.choice(node, "`cloud`", &Cloud::WORDS));
        let time_zone = fields.get("timeZone").and_then(|node| self.time_zone(node));
        let who_can_allocate = fields.get("whoCanAllocate");
        let who_can_allocate =
            who_can_allocate.and_then(|node| self.choice(node, "`whoCanAllocate`", &WhoCanAllocate::WORDS));
        Some(DesiredTenant {
            span: key,
            name: name?.map(str::to_owned),
            // A malformed provider does not count as an absent one.
            provider: match provider {
                None => None,
                Some(written) => Some(written?),
            },
            id,
            cloud,
            time_zone: time_zone.unwrap_or(TimeZone::UTC),
            who_can_allocate,
        })
    }

    fn tenant_id(&mut self, node: &Node<'_>) -> Option<Located<String>> {
        let text = self.text(node, "`id`")?;
        // A tenant id is a GUID. An environment id may have a prefix before it.
        let id: Option<EnvironmentId> = text.value.parse().ok().filter(|_| text.value.len() == 36);
        let guid = id.filter(|id| id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'));
        if guid.is_none() {
            let message = format!("`{}` is not a tenant id such as 8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10", text.value);
            let finding = Finding::error(Code::A119, message).at(text.span, "malformed");
            self.report(finding.help("the Microsoft Entra admin center shows it under Overview, as the tenant ID"));
        }
        guid.map(|id| Located::new(id.as_str().to_owned(), text.span))
    }

    fn time_zone(&mut self, node: &Node<'_>) -> Option<TimeZone> {
        let text = self.text(node, "`timeZone`")?;
        let zone = TimeZone::get(text.value).ok();
        if zone.is_none() {
            let finding =
                Finding::error(Code::A114, format!("no time zone is called `{}`", text.value)).at(text.span, "unknown");
            self.report(finding.help(match zone_meant(text.value) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "write a name of the IANA database, such as Europe/Berlin or UTC".to_owned(),
            }));
        }
        zone
    }

    /// Units, one dated amount, or a list of dated amounts.
    fn dated(&mut self, kind: &'static Keys, add_on: &AddOn, node: &Node<'_>) -> Vec<Purchase> {
        match &node.kind {
            NodeKind::Sequence(items) if items.is_empty() => {
                let noun = kind.what.trim_start_matches("a ");
                let finding = Finding::error(Code::A105, format!("`{}` lists no {noun}", add_on.slug()));
                self.report(finding.at(node.span, "an empty list").help("write 0, or delete the line"));
                Vec::new()
            }
            NodeKind::Sequence(items) => items.iter().filter_map(|item| self.dated_part(kind, add_on, item)).collect(),
            NodeKind::Mapping(_) => self.dated_part(kind, add_on, node).into_iter().collect(),
            _ => {
                let units = self.units(node, format_args!("`{}`", add_on.slug()), Units::MAX_PURCHASE);
                let part = |units: Located<Units>| Purchase {
                    units: units.value,
                    interval: Interval::ALWAYS,
                    agreement: None,
                    span: units.span,
                };
                units.map(part).into_iter().collect()
            }
        }
    }

    fn dated_part(&mut self, kind: &'static Keys, add_on: &AddOn, node: &Node<'_>) -> Option<Purchase> {
        let fields = self.fields(node, kind)?;
        if !fields.has("packs") {
            self.required(&fields, "units", "500");
        }
        let units = self.units_or_packs(&fields, add_on, Units::MAX_PURCHASE);
        let interval = self.interval(&fields);
        let agreement = self.optional_text(&fields, "agreement").map(owned);
        Some(Purchase { units: units?.value, interval: interval?, agreement, span: node.span })
    }

    fn reserve(&mut self, node: &Node<'_>) -> Option<Located<Reserve>> {
        if let NodeKind::Text { value, .. } = &node.kind
            && let Some(digits) = value.strip_suffix('%')
        {
            let plain = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
            let percent = if plain { digits.parse().ok().and_then(Percent::new) } else { None };
            if percent.is_none() {
                let whole = whole_percent(value, "%");
                let finding = Finding::error(Code::A107, format!("`{value}` is not a percentage from 0% to 100%"));
                self.report(
                    finding
                        .at(node.span, "out of range")
                        .help(whole.unwrap_or_else(|| "write a whole number, such as 3%".to_owned())),
                );
            }
            return percent.map(|percent| Located::new(Reserve::Share(percent), node.span));
        }
        if let NodeKind::Text { value, .. } = &node.kind
            && let Some(percent) = share_of_one(value)
        {
            let finding = Finding::error(Code::A106, format!("`{value}` is not a plain integer"));
            let finding = finding.at(node.span, "expected an amount or a percentage");
            self.report(finding.help(format!("write {percent}%, if a share of what was purchased is meant")));
            return None;
        }
        let units = self.units(node, "a reserve", Units::MAX_PURCHASE)?;
        Some(units.map(Reserve::Units))
    }

    fn budgets(&mut self, node: &Node<'_>, file: &mut RootFile) {
        let entries = self.entries(node, "`budgets`");
        file.budget_names = entries.as_ref().map(|entries| entries.iter().map(|(key, _)| key.value.into()).collect());
        for (key, node) in entries.unwrap_or_default() {
            let name = self.term::<BudgetKey>(key);
            let Some(fields) = self.fields(node, &keys::BUDGET) else { continue };
            let cost_center = self.optional_text(&fields, "costCenter").map(owned);
            let limits = fields.get("limits").map(|node| self.limits(node)).unwrap_or_default();
            if let Some(name) = name {
                file.budgets.insert(name.value, Budget { span: key.span, cost_center, limits });
            }
        }
    }

    fn limits(&mut self, node: &Node<'_>) -> BTreeMap<AddOn, Limit> {
        let mut limits = BTreeMap::new();
        for (add_on, value) in self.by_add_on(node, "`limits`").unwrap_or_default() {
            let parts = self.dated(&keys::LIMIT, &add_on.value, value).into_iter();
            let parts = parts.map(|Purchase { units, interval, span, .. }| LimitPart { units, interval, span });
            limits.insert(add_on.value, Limit { span: add_on.span, parts: parts.collect() });
        }
        limits
    }

    fn defaults(&mut self, node: &Node<'_>, file: &mut RootFile) {
        let Some(fields) = self.fields(node, &keys::DEFAULTS) else { return };
        for class in EnvironmentClass::ALL {
            if let Some(node) = fields.get(class.as_str()) {
                let cells = self.cells(node, format_args!("`defaults` of {class}"));
                file.defaults.insert(class, cells);
            }
        }
    }

    fn floors(&mut self, node: &Node<'_>, file: &mut RootFile) {
        for (key, node) in self.entries(node, "`floors`").unwrap_or_default() {
            if let NodeKind::Integer(number) = node.kind {
                self.wrong_with::<()>(node, "a floor", MAPPING, Some(scalar_floor(&shortened(key.value), number)));
                continue;
            }
            let amounts = self.amounts(node, "a floor", Units::MAX_ALLOCATION, true);
            if let Some(key) = self.term::<EnvironmentKey>(key) {
                file.floors.push((key, amounts));
            }
        }
    }
}

/// The help for a number in the place of the floors of an environment.
fn scalar_floor(key: &str, number: u64) -> String {
    let (key, number) = (shortened(key), amount(number));
    match AddOn::from_slug(&key) {
        Some(_) => format!(
            "name the environment before the add-on: `floors: {{ hr-prod: {{ {key}: {number} }} }}`, for example"
        ),
        None => format!("name the add-on as well: `floors: {{ {key}: {{ app-passes: {number} }} }}`, for example"),
    }
}

/// The zone of the IANA database that is meant by a name of Windows, or by a city.
fn zone_meant(name: &str) -> Option<String> {
    const OF_WINDOWS: [(&str, &str); 9] = [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Central Europe Standard Time", "Europe/Budapest"),
        ("Central European Standard Time", "Europe/Warsaw"),
        ("Romance Standard Time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Eastern Standard Time", "America/New_York"),
        ("Central Standard Time", "America/Chicago"),
        ("Mountain Standard Time", "America/Denver"),
        ("Pacific Standard Time", "America/Los_Angeles"),
    ];
    if let Some((_, zone)) = OF_WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)) {
        return Some((*zone).to_owned());
    }
    let city = name.replace(' ', "_");
    let is_city = |zone: &&jiff::tz::TimeZoneName<'_>| {
        zone.as_str().rsplit_once('/').is_some_and(|(_, last)| last.eq_ignore_ascii_case(&city))
    };
    jiff::tz::db().available().find(|zone| is_city(&zone)).map(|zone| zone.as_str().to_owned())
}
