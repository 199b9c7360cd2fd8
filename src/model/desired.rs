//! The validated configuration. Every value keeps its place in the source.
//!
//! Grants and dated purchases are kept as written, so that one `DesiredState` answers for every date.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::catalog::{AddOn, Pool};
use super::document::Switch;
use super::roles::WhoCanAllocate;
use super::rules::Rules;
use super::source::{Located, Span};
use super::terms::{BudgetKey, EnvironmentClass, EnvironmentId, EnvironmentKey, Interval, Percent, Units};

/// Which kind of tenant the configuration describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// The embedded tenant.
    Local,
    /// Microsoft's licensing service.
    PowerPlatform,
}

/// Which of Microsoft's clouds the tenant lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud.
    Public,
    /// US Government Community Cloud.
    Gcc,
    /// US Government Community Cloud High.
    GccHigh,
    /// US Department of Defense.
    Dod,
    /// Operated by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Cloud; 5] = [Cloud::Public, Cloud::Gcc, Cloud::GccHigh, Cloud::Dod, Cloud::China];

    /// The word in YAML.
    pub const fn as_str(self) -> &'static str {
        match self {
            Cloud::Public => "public",
            Cloud::Gcc => "gcc",
            Cloud::GccHigh => "gcc-high",
            Cloud::Dod => "dod",
            Cloud::China => "china",
        }
    }
}

/// The tenant as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredTenant {
    /// The key `tenant`.
    pub span: Span,
    /// What people call it.
    pub name: Located<String>,
    /// The kind of tenant, if a file declares one; [`DesiredTenant::provider`] applies the default.
    pub provider: Option<Located<Provider>>,
    /// Its directory id, a GUID.
    pub id: Option<Located<String>>,
    /// Its cloud. Absent is not the same as public: then a variable may name it.
    pub cloud: Option<Located<Cloud>>,
    /// The zone in which days begin and end.
    pub time_zone: TimeZone,
    /// Who may allocate; `None` leaves the setting alone.
    pub who_can_allocate: Option<Located<WhoCanAllocate>>,
}

impl DesiredTenant {
    /// The kind of tenant: the built-in one unless the configuration names another.
    pub fn provider(&self) -> Provider {
        self.provider.map_or(Provider::Local, |provider| provider.value)
    }

    /// The day it is in the tenant's time zone.
    pub fn date_at(&self, now: Timestamp) -> Date {
        self.time_zone.to_datetime(now).date()
    }
}

/// One purchase: units for an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The units, packs already multiplied.
    pub units: Units,
    /// When they are owned.
    pub interval: Interval,
    /// The agreement they were bought under.
    pub agreement: Option<String>,
    /// The place in the source.
    pub span: Span,
}

/// Everything declared as purchased of one add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchases {
    /// The key.
    pub span: Span,
    /// One part for each line of an agreement.
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
    /// So many units.
    Units(Units),
    /// A share of what is purchased, rounded up.
    Share(Percent),
}

impl Reserve {
    /// The units kept back of a purchase.
    pub fn of(self, purchased: Units) -> Units {
        match self {
            Reserve::Units(units) => units,
            Reserve::Share(percent) => percent.of(purchased),
        }
    }
}

/// A business unit's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The key.
    pub span: Span,
    /// The cost centre that pays.
    pub cost_center: Option<String>,
    /// The most that its environments may hold together.
    pub limits: BTreeMap<AddOn, Located<Units>>,
}

/// Units on top for an interval: a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The units added.
    pub add: Located<Units>,
    /// When.
    pub interval: Interval,
    /// The ticket that asked for it.
    pub ticket: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The place in the source.
    pub span: Span,
}

/// Which layer a cell's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmountOrigin {
    /// The environment's own entry.
    Environment,
    /// The default of its class.
    ClassDefault,
}

/// What one environment is to hold of one add-on. Most are a bare amount, and there are many, so the rest is kept apart.
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
    /// Units on top, for a time.
    pub grants: Vec<Grant>,
    /// The switches that are managed, few or none.
    pub switches: BTreeMap<Switch, Located<bool>>,
    /// The ticket that asked for the amount.
    pub ticket: Option<String>,
    /// Why the amount is what it is.
    pub reason: Option<String>,
}

impl Details {
    /// Nothing but the amount.
    const NONE: &'static Details =
        &Details { grants: Vec::new(), switches: BTreeMap::new(), ticket: None, reason: None };
}

impl ManagedCell {
    /// A cell of an entry.
    pub fn new(span: Span, units: Option<Located<Units>>, details: Details, origin: AmountOrigin) -> ManagedCell {
        let details = (details != *Details::NONE).then(|| Box::new(details));
        ManagedCell { span, units, origin, details }
    }

    /// The optional parts of the entry.
    pub fn details(&self) -> &Details {
        self.details.as_deref().unwrap_or(Details::NONE)
    }

    /// Units on top, for a time.
    pub fn grants(&self) -> &[Grant] {
        &self.details().grants
    }

    /// The switches that are managed.
    pub fn switches(&self) -> &BTreeMap<Switch, Located<bool>> {
        &self.details().switches
    }

    /// The units on a date: the amount and the grants active on it. `None` if the amount is unmanaged.
    ///
    /// A sum past what an amount can be counts as the largest one, which no pool covers.
    pub fn effective(&self, date: Date) -> Option<Units> {
        let base = self.units?.value;
        let granted = self.active_grants(date).map(|grant| grant.add.value);
        Some(std::iter::once(base).chain(granted).sum())
    }

    /// The grants active on a date.
    pub fn active_grants(&self, date: Date) -> impl Iterator<Item = &Grant> {
        self.grants().iter().filter(move |grant| grant.interval.contains(date))
    }

    /// The span that best shows the amount.
    pub fn amount_span(&self) -> Span {
        self.units.map_or(self.span, |units| units.span)
    }
}

/// One cell of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesiredCell {
    /// Declared as `unmanaged`: skipped and not reported.
    Unmanaged(Span),
    /// Declared with an amount, switches, or both.
    Managed(ManagedCell),
}

/// One environment as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredEnvironment {
    /// The key.
    pub key: Located<EnvironmentKey>,
    /// The id.
    pub id: Located<EnvironmentId>,
    /// The name that the tenant should show.
    pub name: Option<Located<String>>,
    /// The class.
    pub class: Option<Located<EnvironmentClass>>,
    /// The place of `protect`: decreases must be allowed by name. `None` if the environment is not protected.
    pub protect: Option<Span>,
    /// The budget that its file belongs to.
    pub budget: Option<Located<BudgetKey>>,
    /// Who to ask.
    pub owner: Option<Arc<str>>,
    /// Its cells, own and from class defaults, in catalog order. An add-on without a cell is unmanaged.
    pub cells: Vec<(AddOn, DesiredCell)>,
}

impl DesiredEnvironment {
    /// The cell of an add-on; `None` if it is not declared.
    pub fn cell(&self, add_on: &AddOn) -> Option<&DesiredCell> {
        self.cells.iter().find(|(name, _)| name == add_on).map(|(_, cell)| cell)
    }

    /// The cells that are managed.
    pub fn managed(&self) -> impl Iterator<Item = (&AddOn, &ManagedCell)> {
        self.cells.iter().filter_map(|(add_on, cell)| match cell {
            DesiredCell::Managed(cell) => Some((add_on, cell)),
            DesiredCell::Unmanaged(_) => None,
        })
    }
}

/// Digests of what was read, as lower-case hexadecimal SHA-256.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationDigests {
    /// Of every file.
    pub files: String,
    /// Of everything but the environments: purchases, reserve, budgets, rules, floors.
    pub rules: String,
}

/// The whole configuration, valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredState {
    /// The tenant.
    pub tenant: DesiredTenant,
    /// The declared purchases. The tenant's own figure applies to an add-on without an entry.
    pub purchased: BTreeMap<AddOn, Purchases>,
    /// The reserves, by the pool that the add-on named belongs to.
    pub reserve: BTreeMap<Pool, Located<Reserve>>,
    /// The business units.
    pub budgets: BTreeMap<BudgetKey, Budget>,
    /// The rules.
    pub rules: Rules,
    /// Amounts below which no plan goes.
    pub floors: BTreeMap<(EnvironmentKey, AddOn), Located<Units>>,
    /// What each class says, once for all its environments. Their cells have it in them already where they do not say
    /// otherwise; it is kept to show what an own entry overrides.
    pub defaults: BTreeMap<EnvironmentClass, Vec<(AddOn, DesiredCell)>>,
    /// The environments by key. There are many, and they are large: each is kept where it was made.
    pub environments: BTreeMap<EnvironmentKey, Box<DesiredEnvironment>>,
    /// What was read.
    pub digests: ConfigurationDigests,
}

impl DesiredState {
    /// The declared purchase of a pool on a date: all members together. `None` if no member is declared.
    pub fn purchased_on(&self, pool: &Pool, date: Date) -> Option<Units> {
        let mut declared = pool.members().into_iter().filter_map(|member| self.purchased.get(&member)).peekable();
        declared.peek()?;
        Some(declared.map(|purchases| purchases.effective(date)).sum())
    }

    /// The default of an environment's class for an add-on, overridden or not.
    pub fn class_default(&self, environment: &DesiredEnvironment, add_on: &AddOn) -> Option<&DesiredCell> {
        let cells = self.defaults.get(&environment.class?.value)?;
        cells.iter().find(|(name, _)| name == add_on).map(|(_, cell)| cell)
    }

    /// Every day on which a purchase or a grant begins, or has ended: the days on which a pool can change by itself.
    pub fn edges(&self) -> BTreeSet<Date> {
        let purchases = self.purchased.values().flat_map(|all| &all.parts).map(|part| part.interval);
        let grants = self
            .environments
            .values()
            .flat_map(|environment| environment.managed())
            .flat_map(|(_, cell)| cell.grants())
            .map(|grant| grant.interval);
        purchases.chain(grants).flat_map(Interval::edges).collect()
    }
}
