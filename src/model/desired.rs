//! The validated configuration, with the place of each value in the source. Grants and dated purchases are kept as declared, so one
//! [`DesiredState`] is valid for every date.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::allow::AllowEntry;
use super::budget::Budget;
use super::catalog::{AddOn, Pool};
use super::document::Switch;
use super::roles::WhoCanAllocate;
use super::rules::Rules;
use super::source::{Located, Span};
use super::terms::{BudgetKey, EnvironmentClass, EnvironmentId, EnvironmentKey, Interval, Percent, Units};
use super::words::words;

words! {
    /// The kind of a tenant.
    pub enum Provider {
        /// The built-in tenant.
        Local = "local",
        /// Microsoft's licensing service.
        PowerPlatform = "power-platform",
    }
}

words! {
    /// One of Microsoft's clouds.
    pub enum Cloud {
        /// The worldwide cloud.
        Public = "public",
        /// US Government Community Cloud.
        Gcc = "gcc",
        /// US Government Community Cloud High.
        GccHigh = "gcc-high",
        /// US Department of Defense.
        Dod = "dod",
        /// The cloud in China, which 21Vianet operates.
        China = "china",
    }
}

/// The tenant as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredTenant {
    /// The place of the key `tenant`.
    pub span: Span,
    /// The name for people.
    pub name: Located<String>,
    /// The kind of tenant, if a file declares one; [`DesiredTenant::provider`] applies the default.
    pub provider: Option<Located<Provider>>,
    /// The directory id, a GUID.
    pub id: Option<Located<String>>,
    /// The cloud. If it is absent, a variable may name one; the default is public.
    pub cloud: Option<Located<Cloud>>,
    /// The zone in which days begin and end.
    pub time_zone: TimeZone,
    /// Who may allocate; `None` if the setting is unmanaged.
    pub who_can_allocate: Option<Located<WhoCanAllocate>>,
}

impl DesiredTenant {
    /// The kind of tenant, by default the built-in one.
    pub fn provider(&self) -> Provider {
        self.provider.map_or(Provider::Local, |provider| provider.value)
    }

    /// The date in the tenant's time zone.
    pub fn date_at(&self, now: Timestamp) -> Date {
        self.time_zone.to_datetime(now).date()
    }
}

/// One purchase: units for an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The units, packs already multiplied.
    pub units: Units,
    /// The days on which they are owned.
    pub interval: Interval,
    /// The purchase agreement.
    pub agreement: Option<String>,
    /// The place in the source.
    pub span: Span,
}

/// The declared purchases of one add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchases {
    /// The place of the key.
    pub span: Span,
    /// The purchases.
    pub parts: Vec<Purchase>,
}

impl Purchases {
    /// The units owned on a date.
    pub fn effective(&self, date: Date) -> Units {
        self.parts.iter().filter(|part| part.interval.contains(date)).map(|part| part.units).sum()
    }
}

/// The units of a pool that no plan may allocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// A number of units.
    Units(Units),
    /// A share of the purchased units, rounded up.
    Share(Percent),
}

impl Reserve {
    /// The units that no plan may allocate if this many units are purchased.
    pub fn of(self, purchased: Units) -> Units {
        match self {
            Reserve::Units(units) => units,
            Reserve::Share(percent) => percent.of(purchased),
        }
    }
}

/// A grant: additional units for an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The additional units.
    pub add: Located<Units>,
    /// The days of the grant.
    pub interval: Interval,
    /// The ticket that requests the grant.
    pub ticket: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// The place in the source.
    pub span: Span,
}

/// The layer that a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmountOrigin {
    /// The environment's own entry.
    Environment,
    /// The default of its class.
    ClassDefault,
}

/// The desired entry of one environment and one add-on. Most entries are a bare amount, so the optional parts are boxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedCell {
    /// The key of the entry.
    pub span: Span,
    /// The units without grants; `None` if only switches are managed.
    pub units: Option<Located<Units>>,
    /// The layer that the value comes from.
    pub origin: AmountOrigin,
    details: Option<Box<Details>>,
}

/// The optional parts of an entry, beside its amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The grants.
    pub grants: Vec<Grant>,
    /// The managed switches.
    pub switches: BTreeMap<Switch, Located<bool>>,
    /// The ticket that requests the amount.
    pub ticket: Option<String>,
    /// The reason for the amount.
    pub reason: Option<String>,
}

impl Details {
    const NONE: &'static Details =
        &Details { grants: Vec::new(), switches: BTreeMap::new(), ticket: None, reason: None };
}

impl ManagedCell {
    /// Makes a cell.
    pub fn new(span: Span, units: Option<Located<Units>>, details: Details, origin: AmountOrigin) -> ManagedCell {
        let details = (details != *Details::NONE).then(|| Box::new(details));
        ManagedCell { span, units, origin, details }
    }

    /// The optional parts of the entry.
    pub fn details(&self) -> &Details {
        self.details.as_deref().unwrap_or(Details::NONE)
    }

    /// The grants.
    pub fn grants(&self) -> &[Grant] {
        &self.details().grants
    }

    /// The managed switches.
    pub fn switches(&self) -> &BTreeMap<Switch, Located<bool>> {
        &self.details().switches
    }

    /// The units on a date, with the active grants; `None` if the amount is unmanaged. The sum saturates at `u64::MAX`, which no
    /// pool covers.
    pub fn effective(&self, date: Date) -> Option<Units> {
        let base = self.units?.value;
        let granted = self.active_grants(date).map(|grant| grant.add.value);
        Some(std::iter::once(base).chain(granted).sum())
    }

    /// The grants active on a date.
    pub fn active_grants(&self, date: Date) -> impl Iterator<Item = &Grant> {
        self.grants().iter().filter(move |grant| grant.interval.contains(date))
    }

    /// The span of the amount, or of the entry if the amount is unmanaged.
    pub fn amount_span(&self) -> Span {
        self.units.map_or(self.span, |units| units.span)
    }
}

/// One cell of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesiredCell {
    /// Declared as `unmanaged`: skipped without a report.
    Unmanaged(Span),
    /// Declared with an amount or switches.
    Managed(ManagedCell),
}

impl DesiredCell {
    /// The place of the cell.
    pub fn span(&self) -> Span {
        match self {
            DesiredCell::Unmanaged(span) => *span,
            DesiredCell::Managed(cell) => cell.span,
        }
    }
}

/// One environment as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredEnvironment {
    /// The place of the key.
    pub key: Located<EnvironmentKey>,
    /// The id.
    pub id: Located<EnvironmentId>,
    /// The expected name in the tenant.
    pub name: Option<Located<String>>,
    /// The class.
    pub class: Option<Located<EnvironmentClass>>,
    /// The place of `protect: true`: every decrease then needs its own allowance. `None` if the environment is not
    /// protected.
    pub protect: Option<Span>,
    /// The budget that the environment names, else the budget of its file.
    pub budget: Option<Located<BudgetKey>>,
    /// The owner that the environment names, else the owner of its file.
    pub owner: Option<Arc<str>>,
    /// The environment's own cells, merged with the defaults of its class, in catalog order. An add-on without a cell is unmanaged.
    pub cells: Vec<(AddOn, DesiredCell)>,
}

impl DesiredEnvironment {
    /// The cell of an add-on, if it is declared.
    pub fn cell(&self, add_on: &AddOn) -> Option<&DesiredCell> {
        self.cells.iter().find(|(name, _)| name == add_on).map(|(_, cell)| cell)
    }

    /// The managed cells.
    pub fn managed(&self) -> impl Iterator<Item = (&AddOn, &ManagedCell)> {
        self.cells.iter().filter_map(|(add_on, cell)| match cell {
            DesiredCell::Managed(cell) => Some((add_on, cell)),
            DesiredCell::Unmanaged(_) => None,
        })
    }
}

/// SHA-256 digests of the configuration, as lower-case hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationDigests {
    /// The digest of all files.
    pub files: String,
    /// The digest of the root file without `environments` and `include`. It ignores layout and comments.
    pub rules: String,
}

/// A valid configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredState {
    /// The tenant.
    pub tenant: DesiredTenant,
    /// The declared purchases. For an add-on without an entry, the tenant's own figure applies.
    pub purchased: BTreeMap<AddOn, Purchases>,
    /// The reserves, by the pool of the declared add-on.
    pub reserve: BTreeMap<Pool, Located<Reserve>>,
    /// The debts: the units that a pool may hold above the owned units, by the pool of the declared add-on.
    pub debts: BTreeMap<Pool, Located<Units>>,
    /// The budgets.
    pub budgets: BTreeMap<BudgetKey, Budget>,
    /// The rules.
    pub rules: Rules,
    /// The amounts below which no plan may go.
    pub floors: BTreeMap<(EnvironmentKey, AddOn), Located<Units>>,
    /// The exceptions of the root file, in its order.
    pub allow: Vec<AllowEntry>,
    /// The defaults of each class. [`DesiredEnvironment::cells`] contains them already; this copy shows what an own entry overrides.
    pub defaults: BTreeMap<EnvironmentClass, Vec<(AddOn, DesiredCell)>>,
    /// The environments, boxed because they are large.
    pub environments: BTreeMap<EnvironmentKey, Box<DesiredEnvironment>>,
    /// The digests of the configuration.
    pub digests: ConfigurationDigests,
}

impl DesiredState {
    /// The declared units of all members of a pool on a date; `None` if no member is declared.
    pub fn purchased_on(&self, pool: &Pool, date: Date) -> Option<Units> {
        let mut declared = pool.members().into_iter().filter_map(|member| self.purchased.get(&member)).peekable();
        declared.peek()?;
        Some(declared.map(|purchases| purchases.effective(date)).sum())
    }

    /// The declared debt of a pool; zero if none is declared.
    pub fn debt(&self, pool: &Pool) -> Units {
        self.debts.get(pool).map_or(Units::ZERO, |debt| debt.value)
    }

    /// The default of an environment's class for an add-on, even if it is overridden.
    pub fn class_default(&self, environment: &DesiredEnvironment, add_on: &AddOn) -> Option<&DesiredCell> {
        let cells = self.defaults.get(&environment.class?.value)?;
        cells.iter().find(|(name, _)| name == add_on).map(|(_, cell)| cell)
    }

    /// The add-ons that files name and the catalog does not have, each with the first place of its name.
    pub fn uncatalogued(&self) -> BTreeMap<&AddOn, Span> {
        let own = self.environments.values().flat_map(|environment| &environment.cells);
        let named = own.chain(self.defaults.values().flatten()).filter(|(add_on, _)| add_on.entry().is_none());
        let mut places: BTreeMap<&AddOn, Span> = BTreeMap::new();
        for (add_on, cell) in named {
            let span = cell.span();
            places.entry(add_on).and_modify(|first| *first = span.min(*first)).or_insert(span);
        }
        places
    }

    /// The days on which a pool or a budget can change without a plan: the first day of each purchase, limit and grant, and the day
    /// after its last day.
    pub fn edges(&self) -> BTreeSet<Date> {
        let purchases = self.purchased.values().flat_map(|all| &all.parts).map(|part| part.interval);
        let grants = self
            .environments
            .values()
            .flat_map(|environment| environment.managed())
            .flat_map(|(_, cell)| cell.grants())
            .map(|grant| grant.interval);
        let limits = self.budgets.values().flat_map(|budget| budget.limits.values()).flat_map(|limit| &limit.parts);
        purchases.chain(grants).chain(limits.map(|part| part.interval)).flat_map(Interval::edges).collect()
    }
}
