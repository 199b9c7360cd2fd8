//! Random cases: a tenant, a configuration and faults. A case renders the texts that the product reads, and computes the expected
//! amounts independently of the product.

use std::fmt::{self, Write as _};

use proptest::prelude::*;

/// The last two share one pool.
pub(super) const SLUGS: [&str; 6] =
    ["app-passes", "ai-builder-credits", "portal-logins", "copilot-credits", "process", "unattended-rpa"];
/// The pools, by the positions of their members.
pub(super) const POOLS: [&[usize]; 5] = [&[0], &[1], &[2], &[3], &[4, 5]];
const SWITCHES: [&str; 4] = ["drawFromTenant", "payAsYouGo", "alert", "deny"];
const CLASSES: [&str; 2] = ["production", "sandbox"];
const SETTINGS: [&str; 2] = ["only-specific-admins", "environment-admins"];
const KINDS: [&str; 6] = ["denied", "locked", "throttled", "unavailable", "unknownBefore", "unknownAfter"];
/// The maximum units of one add-on in one environment.
const MOST: u64 = 2_147_483_647;
/// A value of the service that the catalog does not know.
pub(super) const RAW: &str = "FutureThing";

pub(super) type Switches = [Option<bool>; 4];

/// The declaration of a cell in one layer.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Absent,
    Unmanaged,
    Managed {
        units: Option<u64>,
        switches: Switches,
        /// Units, and whether they are lent today.
        grants: Vec<(u64, bool)>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Environment {
    /// What it holds of each add-on.
    held: Vec<Option<(u64, Switches)>>,
    /// The units of an add-on that the catalog does not know.
    raw: Option<u64>,
    consumed: Vec<Option<u64>>,
    /// The declaration in its file; `None` if no file names the environment.
    declared: Option<Vec<Wanted>>,
    class: Option<usize>,
}

/// How much is owned of a pool.
#[derive(Clone, Copy, Debug)]
enum Purchase {
    /// The units at the end plus this many, which may be less than at the start.
    AtEnd(u64),
    /// The larger of the units at the start and at the end, plus this many.
    Ample(u64),
    /// The units at the end minus this many.
    Short(u64),
    /// The tenant does not report the add-on.
    Unheard,
}

#[derive(Clone)]
pub(super) struct Case {
    used: Vec<bool>,
    scale: u64,
    environments: Vec<Environment>,
    defaults: Vec<Vec<Wanted>>,
    purchases: Vec<Purchase>,
    /// The declared purchases minus those of the tenant; `None` if nothing is declared.
    declared: Vec<Option<i64>>,
    reserve: Vec<Option<u64>>,
    /// The declared debts, by pool.
    debts: Vec<Option<u64>>,
    setting: (usize, Option<usize>),
    /// Writes that fail: the environment, how, and how often.
    pub(super) faults: Vec<(usize, usize, u32)>,
    pub(super) parallelism: usize,
    /// Whether the tenant refuses over-allocation. A correct plan does not depend on this.
    refuses: bool,
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 5 => 1..12_u64, 1 => 12..60_u64]
}

fn switches() -> impl Strategy<Value = Switches> {
    let switch = || prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)];
    prop_oneof![2 => Just([None; 4]), 1 => [switch(), switch(), switch(), switch()]]
}

fn wanted(absent: u32) -> impl Strategy<Value = Wanted> {
    let grants = prop::collection::vec((amount(), any::<bool>()), 0..3);
    let with_units = (amount(), switches(), grants).prop_map(|(units, switches, grants)| Wanted::Managed {
        units: Some(units),
        switches,
        grants,
    });
    let bare = amount().prop_map(|units| Wanted::Managed { units: Some(units), switches: [None; 4], grants: vec![] });
    let only_switches = (switches(), any::<bool>()).prop_map(|(mut switches, value)| {
        switches[2] = Some(value);
        Wanted::Managed { units: None, switches, grants: vec![] }
    });
    prop_oneof![
        absent => Just(Wanted::Absent), 1 => Just(Wanted::Unmanaged), 1 => only_switches, 5 => bare, 3 => with_units
    ]
}

fn environment() -> impl Strategy<Value = Environment> {
    let held = prop_oneof![2 => Just(None), 5 => (amount(), switches()).prop_map(Some)];
    let rarely = |strategy: BoxedStrategy<u64>| prop_oneof![5 => Just(None), 1 => strategy.prop_map(Some)];
    let cells = prop::collection::vec(wanted(2), SLUGS.len());
    (
        prop::collection::vec(held, SLUGS.len()),
        rarely((1..9_u64).boxed()),
        prop::collection::vec(rarely(amount().boxed()), SLUGS.len()),
        prop_oneof![1 => Just(None), 5 => cells.prop_map(Some)],
        prop_oneof![Just(None), Just(Some(0)), Just(Some(1))],
    )
        .prop_map(|(held, raw, consumed, declared, class)| Environment { held, raw, consumed, declared, class })
}

fn used() -> impl Strategy<Value = Vec<bool>> {
    let few = prop::sample::subsequence((0..4).collect::<Vec<usize>>(), 0..=3);
    let with_shared_pool = few.prop_map(|few| few.into_iter().chain([4, 5]).collect());
    let any = prop::sample::subsequence((0..SLUGS.len()).collect::<Vec<usize>>(), 1..=5);
    prop_oneof![2 => with_shared_pool, 1 => any]
        .prop_map(|used: Vec<usize>| (0..SLUGS.len()).map(|add_on| used.contains(&add_on)).collect())
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let purchase = prop_oneof![
        6 => (0..4_u64).prop_map(Purchase::AtEnd),
        6 => (0..9_u64).prop_map(Purchase::Ample),
        1 => (1..9_u64).prop_map(Purchase::Short),
        1 => Just(Purchase::Unheard),
    ];
    let declared = prop_oneof![3 => Just(None), 2 => Just(Some(0)), 1 => (-3..6_i64).prop_map(Some)];
    let reserve = prop_oneof![6 => Just(None), 1 => (0..6_u64).prop_map(Some)];
    let debt = prop_oneof![1 => Just(None), 1 => (0..9_u64).prop_map(Some)];
    let fault = (0..25_usize, 0..KINDS.len(), 1..8_u32);
    let tenant = (
        used(),
        prop_oneof![7 => Just(1), 1 => Just(35_000_000_u64)],
        prop::collection::vec(environment(), 3..=25),
        prop::collection::vec(prop::collection::vec(wanted(20), SLUGS.len()), CLASSES.len()),
    );
    (
        tenant,
        prop::collection::vec(purchase, POOLS.len()),
        prop::collection::vec(declared, POOLS.len()),
        prop::collection::vec((reserve, debt), POOLS.len()),
        (0..2_usize, prop_oneof![Just(None), (0..2_usize).prop_map(Some)]),
        prop_oneof![1 => Just(vec![]), 1 => prop::collection::vec(fault, 1..5)],
        1..9_usize,
        any::<bool>(),
    )
        .prop_map(|(tenant, purchases, declared, owing, setting, faults, parallelism, refuses)| {
            let (used, scale, environments, defaults) = tenant;
            let (reserve, debts) = owing.into_iter().unzip();
            let mut case = Case {
                used,
                scale,
                environments,
                defaults,
                purchases,
                declared,
                reserve,
                debts,
                setting,
                faults,
                parallelism,
                refuses,
            };
            case.settle();
            case
        })
}

impl Case {
    /// Scales the amounts, and removes impossible parts: a second fault of an environment, and units of add-ons that the tenant does
    /// not report.
    fn settle(&mut self) {
        let scale = self.scale;
        let grow = |wanted: &mut Wanted| {
            if let Wanted::Managed { units, grants, .. } = wanted {
                units.iter_mut().for_each(|units| *units *= scale);
                grants.iter_mut().for_each(|(units, _)| *units *= scale);
            }
        };
        self.defaults.iter_mut().flatten().for_each(grow);
        for environment in &mut self.environments {
            environment.held.iter_mut().flatten().for_each(|(units, _)| *units *= scale);
            environment.declared.iter_mut().flatten().for_each(grow);
        }
        let unheard: Vec<usize> = (0..POOLS.len()).filter(|pool| self.is_unheard(*pool)).collect();
        for add_on in unheard.into_iter().flat_map(|pool| POOLS[pool]) {
            for environment in &mut self.environments {
                (environment.held[*add_on], environment.consumed[*add_on]) = (None, None);
            }
        }
        self.reserve.iter_mut().chain(&mut self.debts).flatten().for_each(|units| *units *= scale);
        let count = self.environments.len();
        self.faults.iter_mut().for_each(|(environment, ..)| *environment %= count);
        self.faults.sort_unstable();
        self.faults.dedup_by_key(|(environment, ..)| *environment);
    }

    pub(super) fn id(number: usize) -> String {
        format!("00000000-0000-4000-8000-{number:012x}")
    }

    pub(super) fn environments(&self) -> std::ops::Range<usize> {
        0..self.environments.len()
    }

    fn members(&self, pool: usize) -> impl Iterator<Item = usize> {
        POOLS[pool].iter().copied().filter(|add_on| self.used[*add_on])
    }

    /// Pools of which at least one add-on is used.
    pub(super) fn pools(&self) -> impl Iterator<Item = usize> {
        (0..POOLS.len()).filter(|pool| self.members(*pool).next().is_some())
    }

    /// What a cell holds at the start; `None` where there is no entry.
    pub(super) fn held(&self, environment: usize, add_on: usize) -> Option<(u64, Switches)> {
        self.environments[environment].held[add_on].filter(|_| self.used[add_on])
    }

    /// The units with the grants of today or of later days, and the switches; `None` if the cell is not managed.
    fn managed(&self, environment: usize, add_on: usize, is_today: bool) -> Option<(Option<u64>, Switches)> {
        let Environment { declared, class, .. } = &self.environments[environment];
        let own = declared.as_ref().filter(|_| self.used[add_on])?;
        let on_the_day = |wanted: &Wanted| match wanted {
            Wanted::Managed { units, switches, grants } => {
                let lent: u64 =
                    grants.iter().filter(|(_, lent_today)| *lent_today == is_today).map(|(units, _)| units).sum();
                Some((units.map(|units| units + lent), *switches))
            }
            Wanted::Absent | Wanted::Unmanaged => None,
        };
        let default = class.and_then(|class| on_the_day(&self.defaults[class][add_on]));
        match (&own[add_on], default) {
            (Wanted::Unmanaged, _) => None,
            (Wanted::Absent, default) => default,
            (own @ Wanted::Managed { .. }, default) => {
                let (units, switches) = on_the_day(own)?;
                let (default_units, default_switches) = default.unwrap_or((None, [None; 4]));
                let merged: Vec<_> =
                    switches.iter().zip(default_switches).map(|(own, default)| own.or(default)).collect();
                Some((units.or(default_units), merged.try_into().ok()?))
            }
        }
    }

    /// The target of a cell.
    pub(super) fn after(&self, environment: usize, add_on: usize) -> Option<(u64, Switches)> {
        let before = self.held(environment, add_on);
        let Some((units, switches)) = self.managed(environment, add_on, true) else { return before };
        let (held, held_switches) = before.unwrap_or((0, [None; 4]));
        let merged: Vec<_> = switches.iter().zip(held_switches).map(|(wanted, held)| wanted.or(held)).collect();
        let after = (units.unwrap_or(held), merged.try_into().expect("four switches"));
        // A target of zero is not written if there is no entry.
        if before.is_none() && after == (0, [None; 4]) { None } else { Some(after) }
    }

    fn sum(&self, pool: usize, cell: impl Fn(usize, usize) -> Option<(u64, Switches)>) -> u64 {
        let cells =
            self.environments().flat_map(|environment| self.members(pool).map(move |add_on| (environment, add_on)));
        cells.filter_map(|(environment, add_on)| cell(environment, add_on)).map(|(units, _)| units).sum()
    }

    /// What all environments hold of a pool at the start.
    pub(super) fn pool_before(&self, pool: usize) -> u64 {
        self.sum(pool, |environment, add_on| self.held(environment, add_on))
    }

    /// What they are to hold of it in the end.
    pub(super) fn pool_after(&self, pool: usize) -> u64 {
        self.sum(pool, |environment, add_on| self.after(environment, add_on))
    }

    /// What the tenant says is owned of each member of a pool.
    fn live(&self, pool: usize) -> Vec<(usize, u64)> {
        let after = self.pool_after(pool);
        let total = match self.purchases[pool] {
            Purchase::AtEnd(more) => after + more * self.scale,
            Purchase::Ample(more) => after.max(self.pool_before(pool)) + more * self.scale,
            Purchase::Short(less) => after.saturating_sub(less * self.scale),
            Purchase::Unheard => 0,
        };
        self.divided(pool, total)
    }

    fn divided(&self, pool: usize, total: u64) -> Vec<(usize, u64)> {
        let members: Vec<usize> = self.members(pool).collect();
        match members.as_slice() {
            [one, other] => vec![(*one, total / 3), (*other, total - total / 3)],
            members => members.iter().map(|member| (*member, total)).collect(),
        }
    }

    fn is_unheard(&self, pool: usize) -> bool {
        matches!(self.purchases[pool], Purchase::Unheard)
    }

    /// What is declared of each member of a pool.
    fn declared(&self, pool: usize) -> Option<Vec<(usize, u64)>> {
        let differs = self.declared[pool]?;
        let mut members =
            if self.is_unheard(pool) { self.divided(pool, self.pool_after(pool)) } else { self.live(pool) };
        let (_, first) = members.first_mut()?;
        *first = first.saturating_add_signed(differs);
        Some(members)
    }

    /// What is owned of a pool: the lower of what is declared and what the tenant says.
    pub(super) fn owned(&self, pool: usize) -> u64 {
        let total = |members: Vec<(usize, u64)>| members.iter().map(|(_, units)| units).sum::<u64>();
        let live = total(self.live(pool));
        self.declared(pool).map_or(live, |declared| total(declared).min(live))
    }

    fn takes(&self, environment: usize, pool: usize) -> bool {
        let units = |cell: Option<(u64, Switches)>| cell.map_or(0, |(units, _)| units);
        let before: u64 = self.members(pool).map(|add_on| units(self.held(environment, add_on))).sum();
        let after: u64 = self.members(pool).map(|add_on| units(self.after(environment, add_on))).sum();
        after > before
    }

    /// What a pool may hold: what is owned, and the declared debt.
    pub(super) fn limit(&self, pool: usize) -> u64 {
        self.owned(pool) + self.debts[pool].unwrap_or(0)
    }

    /// Whether the configuration over-allocates a pool further. Existing over-allocation may stay, but not grow.
    pub(super) fn is_promised_too_much(&self, pool: usize) -> bool {
        let (before, after, owned) = (self.pool_before(pool), self.pool_after(pool), self.owned(pool));
        after > owned && after > before
    }

    /// Whether a pool stays over-allocated and units move within it. If such a plan fails in part, the rest may look like growth.
    pub(super) fn moves_within_debt(&self, pool: usize) -> bool {
        self.pool_after(pool) > self.owned(pool) && self.environments().any(|environment| self.takes(environment, pool))
    }

    /// Whether units move within a pool that ends above what it may hold.
    pub(super) fn moves_beyond_debt(&self, pool: usize) -> bool {
        self.moves_within_debt(pool) && self.pool_after(pool) > self.limit(pool)
    }

    /// Whether the tenant refuses a planned write, because units move within an over-allocated pool that ends above what it may hold.
    /// The tenant counts its own purchases only, which may be higher than those declared.
    pub(super) fn may_be_refused_by_the_tenant(&self) -> bool {
        self.refuses && self.pools().any(|pool| self.moves_beyond_debt(pool))
    }

    /// Whether more of a pool ends in its reserve than was there before.
    pub(super) fn breaks_reserve(&self, pool: usize) -> bool {
        let after = self.pool_after(pool);
        self.ends_in_reserve(pool) && after > self.pool_before(pool)
    }

    /// Whether a pool ends in its reserve.
    pub(super) fn ends_in_reserve(&self, pool: usize) -> bool {
        self.reserve[pool].is_some_and(|reserve| self.pool_after(pool) + reserve > self.owned(pool))
    }

    /// Whether a cell is to hold more than one environment can.
    pub(super) fn is_too_much_for_one(&self) -> bool {
        let cells =
            self.environments().flat_map(|environment| (0..SLUGS.len()).map(move |add_on| (environment, add_on)));
        let days = |(environment, add_on)| [true, false].map(|today| self.managed(environment, add_on, today));
        cells.flat_map(days).flatten().any(|(units, _)| units > Some(MOST))
    }

    pub(super) fn raw(&self, environment: usize) -> Option<u64> {
        self.environments[environment].raw
    }

    /// Who may allocate in the end.
    pub(super) fn setting_after(&self) -> &'static str {
        SETTINGS[self.setting.1.unwrap_or(self.setting.0)]
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, file, seed) = (self.root(), self.file(), self.seed());
        write!(formatter, "{root}--- environments\n{file}--- tenant, {} writes at a time\n{seed}", self.parallelism)
    }
}

/// The texts.
impl Case {
    /// The tenant as a seed.
    pub(super) fn seed(&self) -> String {
        let mut text =
            format!("tenant: laws\nsettings: {{ whoCanAllocate: {} }}\npurchased:\n", SETTINGS[self.setting.0]);
        let heard = self.pools().filter(|pool| !self.is_unheard(*pool));
        for (add_on, units) in heard.flat_map(|pool| self.live(pool)) {
            let _ = writeln!(text, "  {}: {units}", SLUGS[add_on]);
        }
        text.push_str("environments:\n");
        for number in self.environments() {
            let _ = writeln!(text, "  - id: \"{}\"\n    name: E{number}", Case::id(number));
            let cells = (0..SLUGS.len()).filter_map(|add_on| Some((SLUGS[add_on], self.held(number, add_on)?)));
            let raw = self.raw(number).map(|units| (RAW, (units, [None; 4])));
            let cells: Vec<String> = cells
                .chain(raw)
                .map(|(name, (units, switches))| format!("{name}: {}", entry(units, &switches)))
                .collect();
            let _ = writeln!(text, "    allocations: {{ {} }}", cells.join(", "));
            let consumed = (0..SLUGS.len()).filter(|add_on| self.used[*add_on]);
            let consumed = consumed.filter_map(|add_on| Some((add_on, self.environments[number].consumed[add_on]?)));
            let consumed: Vec<String> = consumed.map(|(add_on, units)| format!("{}: {units}", SLUGS[add_on])).collect();
            let _ = writeln!(text, "    consumption: {{ {} }}", consumed.join(", "));
        }
        let over_allocation = if self.refuses { "refuse" } else { "accept" };
        let _ = write!(text, "behaviour:\n  overAllocation: {over_allocation}\n  failWrites:\n");
        for (environment, kind, times) in &self.faults {
            let (id, kind) = (Case::id(*environment), KINDS[*kind]);
            let _ = writeln!(text, "    - {{ environment: \"{id}\", kind: {kind}, times: {times} }}");
        }
        if self.faults.is_empty() {
            text = text.replace("  failWrites:\n", "");
        }
        text
    }

    /// The root file.
    pub(super) fn root(&self) -> String {
        let setting =
            self.setting.1.map_or_else(String::new, |setting| format!(", whoCanAllocate: {}", SETTINGS[setting]));
        let mut text = format!("version: 1\ntenant: {{ name: laws{setting} }}\n");
        let purchased: Vec<String> = self
            .pools()
            .filter_map(|pool| self.declared(pool))
            .flatten()
            .map(|(add_on, units)| format!("{}: {units}", SLUGS[add_on]))
            .collect();
        let _ = writeln!(text, "purchased: {{ {} }}", purchased.join(", "));
        let reserve = self.pools().filter_map(|pool| Some((self.members(pool).next()?, self.reserve[pool]?)));
        let reserve: Vec<String> = reserve.map(|(add_on, units)| format!("{}: {units}", SLUGS[add_on])).collect();
        let _ = writeln!(text, "reserve: {{ {} }}", reserve.join(", "));
        let debts = self.pools().filter_map(|pool| Some((self.members(pool).next()?, self.debts[pool]?)));
        let debts: Vec<String> = debts.map(|(add_on, units)| format!("{}: {units}", SLUGS[add_on])).collect();
        let _ = writeln!(text, "debts: {{ {} }}", debts.join(", "));
        text.push_str("rules: { maxDecrease: { percent: 100 }, neverBelowConsumption: false }\ndefaults:\n");
        for (class, cells) in CLASSES.iter().zip(&self.defaults) {
            let _ = writeln!(text, "  {class}: {{ {} }}", self.cells(cells));
        }
        let _ = writeln!(text, "environments:{}", self.entries(0));
        text
    }

    /// An environment file.
    pub(super) fn file(&self) -> String {
        format!("version: 1\nenvironments:{}\n", self.entries(1))
    }

    /// Every other environment that is declared.
    fn entries(&self, rest: usize) -> String {
        let mut text = String::new();
        for number in self.environments().filter(|number| number % 2 == rest) {
            let Environment { declared: Some(cells), class, .. } = &self.environments[number] else { continue };
            let class = class.map_or_else(String::new, |class| format!(", class: {}", CLASSES[class]));
            let (id, cells) = (Case::id(number), self.cells(cells));
            let _ = write!(text, "\n  e{number}: {{ id: \"{id}\"{class}, allocations: {{ {cells} }} }}");
        }
        if text.is_empty() { " {}".to_owned() } else { text }
    }

    fn cells(&self, cells: &[Wanted]) -> String {
        let said = |(add_on, wanted): (usize, &Wanted)| {
            let said = match wanted {
                Wanted::Absent => return None,
                Wanted::Unmanaged => "unmanaged".to_owned(),
                Wanted::Managed { units: Some(units), switches, grants } if grants.is_empty() => {
                    entry(*units, switches)
                }
                Wanted::Managed { units, switches, grants } => {
                    let lent = |(units, today): &(u64, bool)| {
                        let days = if *today { "from: 2026-11-01, until: 2026-11-24" } else { "from: 2026-11-25" };
                        format!("{{ add: {units}, {days} }}")
                    };
                    let grants: Vec<String> = grants.iter().map(lent).collect();
                    let units = units.map(|units| format!("units: {units}, grants: [{}], ", grants.join(", ")));
                    format!("{{ {}whenExhausted: {} }}", units.unwrap_or_default(), stated(switches))
                }
            };
            Some(format!("{}: {said}", SLUGS[add_on]))
        };
        let cells = (0..).zip(cells).filter(|(add_on, _)| self.used[*add_on]);
        cells.filter_map(said).collect::<Vec<_>>().join(", ")
    }
}

fn entry(units: u64, switches: &Switches) -> String {
    if *switches == [None; 4] {
        return units.to_string();
    }
    format!("{{ units: {units}, whenExhausted: {} }}", stated(switches))
}

fn stated(switches: &Switches) -> String {
    let stated = SWITCHES.iter().zip(switches).filter_map(|(switch, value)| Some(format!("{switch}: {}", (*value)?)));
    format!("{{ {} }}", stated.collect::<Vec<_>>().join(", "))
}
