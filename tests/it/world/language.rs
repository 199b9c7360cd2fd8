//! The rest of the language: a budget, defaults of a class, tickets, a cap on environments, packs, `unmanaged`, and `--strict`.

use std::fmt::Write as _;

use proptest::option::weighted;
use proptest::prelude::*;

use super::files::block;
use super::shape::{Each, World};
use super::tenant::ADD_ONS;
use super::weather::{Act, What};

/// The size of a pack of Copilot Credits.
const PACK: u32 = 25_000;

/// A hundred units of a world are one pack.
const UNITS_OF_PACKED: u32 = PACK / 100;

/// Copilot Credits among the add-ons.
const PACKED: usize = 3;

/// What the root file says beside purchases and environments.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Language {
    /// What the budget `hr` may hold above what is desired for it. `None` for no limit.
    pub(super) slack: Each<Option<i8>>,
    /// The limits of the budget `hr`.
    pub(super) limits: Each<Option<u32>>,
    /// The default of production environments.
    pub(super) defaults: Each<Option<u32>>,
    /// Whether a change of the add-on needs a ticket.
    pub(super) needs_ticket: Each<bool>,
    pub(super) most_changed: Option<u8>,
    /// Whether the run is strict: warnings refuse.
    pub(super) is_strict: bool,
    /// Whether Copilot Credits come in packs, and all their numbers are larger.
    pub(super) is_packed: bool,
}

/// What an environment says beside its amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Marks {
    /// Whether it is of the class with the defaults.
    pub(super) has_class: bool,
    pub(super) is_in_budget: bool,
    /// Whether its amounts have a ticket.
    pub(super) has_ticket: bool,
    /// Add-ons without an amount that the file declares as `unmanaged`.
    pub(super) unmanaged: Each<bool>,
}

impl Language {
    /// A language with nothing of all this.
    pub(super) fn plain() -> Language {
        Language {
            slack: [None; 4],
            limits: [None; 4],
            defaults: [None; 4],
            needs_ticket: [false; 4],
            most_changed: None,
            is_strict: false,
            is_packed: false,
        }
    }
}

pub(super) fn languages() -> impl Strategy<Value = Language> {
    let slack = || weighted(0.3, prop_oneof![6 => 0i8..20, 1 => -10i8..0]);
    let default = || weighted(0.25, 0u32..9);
    let ticket = || prop::bool::weighted(0.1);
    let rare = (
        weighted(0.08, 1u8..4),
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.2),
        [ticket(), ticket(), ticket(), ticket()],
    );
    let drawn = ([slack(), slack(), slack(), slack()], [default(), default(), default(), default()], rare);
    let all = drawn.prop_map(|(slack, defaults, rare)| Language {
        slack,
        limits: [None; 4],
        defaults,
        needs_ticket: rare.3,
        most_changed: rare.0,
        is_strict: rare.1,
        is_packed: rare.2,
    });
    prop_oneof![1 => Just(Language::plain()), 1 => all]
}

pub(super) fn marks() -> impl Strategy<Value = Marks> {
    let unmanaged = || prop::bool::weighted(0.1);
    let all =
        (any::<bool>(), any::<bool>(), prop::bool::weighted(0.7), [unmanaged(), unmanaged(), unmanaged(), unmanaged()]);
    all.prop_map(|(has_class, is_in_budget, has_ticket, unmanaged)| Marks {
        has_class,
        is_in_budget,
        has_ticket,
        unmanaged,
    })
}

impl World {
    /// The configured units of a cell, without grants, and whether the environment itself names them. If not, they are
    /// the default of its class.
    pub(super) fn base(&self, place: usize, add_on: usize) -> Option<(u32, bool)> {
        let declared = self.environments[place].declared.as_ref()?;
        let own = declared.amounts[add_on].as_ref();
        let is_left_alone = own.is_none() && declared.marks.unmanaged[add_on];
        let applies = declared.marks.has_class && !self.is_default(place) && !is_left_alone;
        let default = || Some((self.language.defaults[add_on].filter(|_| applies)?, false));
        own.filter(|own| own.names_units()).map(|own| (own.units, true)).or_else(default)
    }

    /// The units of a grant that is active, this year or the next.
    pub(super) fn granted(&self, place: usize, add_on: usize, next: bool) -> u64 {
        let own = self.environments[place].declared.as_ref().and_then(|declared| declared.amounts[add_on].as_ref());
        let grant = own.and_then(|own| own.grant).filter(|(_, of_next)| *of_next == next);
        grant.map_or(0, |(units, _)| u64::from(units))
    }

    /// What is desired for a cell, this year or the next.
    pub(super) fn desired(&self, place: usize, add_on: usize, next: bool) -> Option<u64> {
        let (units, _) = self.base(place, add_on)?;
        Some(u64::from(units) + self.granted(place, add_on, next))
    }

    /// The environments of the budget.
    pub(super) fn in_budget(&self) -> impl Iterator<Item = usize> {
        let is_in = |at: &usize| self.environments[*at].declared.as_ref().is_some_and(|one| one.marks.is_in_budget);
        (0..self.environments.len()).filter(is_in)
    }

    /// Gives the budget its limits, and Copilot Credits their size.
    pub(super) fn finish(&mut self) {
        for add_on in 0..ADD_ONS.len() {
            let desired =
                |next: bool| -> u64 { self.in_budget().filter_map(|at| self.desired(at, add_on, next)).sum() };
            let most = u32::try_from(desired(false).max(desired(true))).unwrap_or(0);
            self.language.limits[add_on] =
                self.language.slack[add_on].map(|slack| most.saturating_add_signed(slack.into()));
        }
        if self.language.is_packed {
            self.scale();
        }
    }

    fn scale(&mut self) {
        let scaled = |units: &mut u32| *units *= UNITS_OF_PACKED;
        let purchase = &mut self.purchases[PACKED];
        purchase.live.iter_mut().for_each(scaled);
        if let Some((now, next)) = &mut purchase.declared {
            scaled(now);
            next.iter_mut().for_each(scaled);
        }
        purchase.most_decrease.iter_mut().for_each(scaled);
        scaled(&mut purchase.reserve);
        scaled(&mut purchase.debt);
        for environment in &mut self.environments {
            environment.holds[PACKED].iter_mut().for_each(|holding| scaled(&mut holding.units));
            environment.consumed[PACKED].iter_mut().for_each(scaled);
            let Some(declared) = &mut environment.declared else { continue };
            declared.floors[PACKED].iter_mut().for_each(scaled);
            for amount in declared.amounts[PACKED].iter_mut() {
                scaled(&mut amount.units);
                amount.grant.iter_mut().for_each(|(units, _)| scaled(units));
            }
        }
        self.language.limits[PACKED].iter_mut().for_each(scaled);
        self.language.defaults[PACKED].iter_mut().for_each(scaled);
        for fault in &mut self.faults {
            match &mut fault.what {
                What::Outside { act: Act::Sets(_, add_on, units) | Act::Purchase(add_on, units), .. }
                    if usize::from(*add_on) % ADD_ONS.len() == PACKED =>
                {
                    scaled(units);
                }
                _ => {}
            }
        }
    }

    /// A number of purchased units in YAML.
    pub(super) fn purchased(&self, add_on: usize, units: u32) -> String {
        let is_packs = self.language.is_packed && add_on == PACKED && units > 0 && units.is_multiple_of(PACK);
        if is_packs { format!("packs: {}", units / PACK) } else { format!("units: {units}") }
    }

    /// The blocks of the root file.
    pub(super) fn language_blocks(&self, text: &mut String) {
        if self.in_budget().next().is_some() {
            text.push_str("budgets:\n  hr:\n    costCenter: CC-1\n");
            block(text, "    limits", |add_on| self.language.limits[add_on].map(|units| units.to_string()));
        }
        if self.language.defaults.iter().any(Option::is_some) {
            text.push_str("defaults:\n");
            block(text, "  production", |add_on| self.language.defaults[add_on].map(|units| units.to_string()));
        }
    }

    /// The lines of the root file below `rules`.
    pub(super) fn language_rules(&self, text: &mut String) {
        let named =
            ADD_ONS.iter().zip(self.language.needs_ticket).filter(|(_, needs)| *needs).map(|((_, slug, _), _)| *slug);
        let named: Vec<&str> = named.collect();
        if !named.is_empty() {
            let _ = writeln!(text, "  requireTicket: [{}]", named.join(", "));
        }
        if let Some(most) = self.language.most_changed {
            let _ = writeln!(text, "  maxEnvironmentsChanged: {most}");
        }
    }

    /// The lines of an environment before its allocations.
    pub(super) fn marks(&self, at: usize, text: &mut String) {
        let marks = self.environments[at].declared.as_ref().map(|declared| declared.marks).unwrap_or_default();
        if marks.has_class && !self.is_default(at) {
            text.push_str("    class: production\n");
        }
        if marks.is_in_budget {
            text.push_str("    budget: hr\n");
        }
    }
}
