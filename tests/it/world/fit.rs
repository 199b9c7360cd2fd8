//! Makes most worlds fit: what is held fits the live purchases, and what is desired fits what is owned.

use super::shape::{Amount, Environment, Holding, Purchase, World};
use super::tenant::{ADD_ONS, POOLS};

impl World {
    /// Makes most amounts fit. The held amounts fit the live purchase. The desired amounts, together with those that
    /// no file manages, fit what is owned on every date. One world in twelve keeps its first pool as drawn.
    pub(super) fn clip(&mut self) {
        let free = self
            .environments
            .iter()
            .map(|environment| environment.holds.len() + usize::from(environment.is_listed))
            .sum::<usize>()
            + usize::from(self.latency);
        // Only Copilot Credits have switches.
        for amount in self.environments.iter_mut().filter_map(|environment| environment.declared.as_mut()) {
            amount.amounts.iter_mut().take(3).flatten().for_each(|amount| amount.switches = [None; 4]);
        }
        // In the pool of two add-ons, the purchases of both are declared, or of none: it is open what one of them alone
        // would mean for the pool.
        self.purchases[2].declared = match (self.purchases[1].declared, self.purchases[2].declared) {
            (None, _) => None,
            (Some(first), own) => own.or(Some(first)),
        };
        for pool in 0..POOLS.len() {
            if free % 12 == 0 && pool == 0 {
                continue;
            }
            self.clip_held(pool);
            if self.is_full {
                self.fill(pool);
            }
            self.clip_desired(pool);
        }
        if self.is_move {
            self.exchange();
        }
    }

    /// Makes every declared environment want what the next one holds of the first add-on.
    fn exchange(&mut self) {
        self.purchases[0] = Purchase { live: Some(100), declared: None, reserve: 0, ..self.purchases[0].clone() };
        let held = |one: &Environment| one.holds[0].as_ref().map_or(0, |holding| holding.units);
        let mut all: Vec<u32> = self.environments.iter().filter(|one| one.declared.is_some()).map(held).collect();
        if let Some(first) = all.first_mut() {
            *first += 100u32.saturating_sub(self.environments.iter().map(held).sum());
        }
        let mut rotated = all.iter().cycle().skip(1);
        let mut given = all.iter();
        for one in self.environments.iter_mut().filter(|one| one.declared.is_some()) {
            if let Some(units) = given.next().filter(|units| **units > 0) {
                let old =
                    one.holds[0].take().unwrap_or(Holding { units: 0, rules: [None; 4], auto: None, strange: false });
                one.holds[0] = Some(Holding { units: *units, ..old });
            }
            if let (Some(declared), Some(units)) = (&mut one.declared, rotated.next()) {
                declared.amounts[0] = Some(Amount { units: *units, grant: None, switches: [None; 4] });
                declared.floors[0] = declared.floors[0].map(|floor| floor.min(*units));
            }
        }
    }

    fn members(pool: usize) -> impl Iterator<Item = usize> {
        (0..ADD_ONS.len()).filter(move |add_on| ADD_ONS[*add_on].2 == pool)
    }

    fn clip_held(&mut self, pool: usize) {
        let mut left: u32 = World::members(pool).filter_map(|add_on| self.purchases[add_on].live).sum();
        for environment in &mut self.environments {
            for add_on in World::members(pool) {
                if let Some(holding) = &mut environment.holds[add_on] {
                    holding.units = holding.units.min(left);
                    left -= holding.units;
                }
            }
        }
    }

    /// Gives the units that are left to the last environment that holds some.
    fn fill(&mut self, pool: usize) {
        let live: u32 = World::members(pool).filter_map(|add_on| self.purchases[add_on].live).sum();
        let holdings = || World::members(pool);
        let held: u32 = self
            .environments
            .iter()
            .flat_map(|one| holdings().filter_map(|add_on| one.holds[add_on].as_ref()))
            .map(|holding| holding.units)
            .sum();
        let last = self.environments.iter_mut().rev().find_map(|one| {
            let add_on = holdings().find(|add_on| one.holds[*add_on].is_some())?;
            one.holds[add_on].as_mut()
        });
        if let Some(holding) = last {
            holding.units += live.saturating_sub(held);
        }
    }

    fn clip_desired(&mut self, pool: usize) {
        let owned = |next: bool| -> u32 {
            let declared: u32 = World::members(pool).map(|add_on| self.declared(add_on, next)).sum();
            let live: u32 = World::members(pool).filter_map(|add_on| self.purchases[add_on].live).sum();
            declared.min(live)
        };
        let reserve: u32 = World::members(pool).map(|add_on| self.purchases[add_on].reserve).sum();
        let mut left = owned(false).min(owned(true)).saturating_sub(reserve);
        for (at, environment) in self.environments.iter().enumerate() {
            for add_on in World::members(pool) {
                let held = || environment.holds[add_on].as_ref().map_or(0, |holding| holding.units);
                let has_own = environment.declared.as_ref().is_some_and(|declared| declared.amounts[add_on].is_some());
                if !has_own {
                    left = left.saturating_sub(self.base(at, add_on).map_or_else(held, |(default, _)| default));
                }
            }
        }
        // To fill a pool, three times as much is wanted, and then clipped.
        let factor = if self.is_full { 3 } else { 1 };
        for declared in self.environments.iter_mut().filter_map(|environment| environment.declared.as_mut()) {
            for add_on in World::members(pool) {
                if let Some(amount) = &mut declared.amounts[add_on] {
                    amount.grant = amount.grant.filter(|(units, _)| *units <= left);
                    let grant = amount.grant.map_or(0, |(units, _)| units);
                    amount.units = (amount.units * factor).min(left.saturating_sub(grant));
                    left = left.saturating_sub(amount.units + grant);
                }
                if let (Some(floor), Some(amount)) = (&mut declared.floors[add_on], &declared.amounts[add_on]) {
                    *floor = (*floor).min(amount.units);
                }
            }
        }
    }

    /// The declared units of an add-on; the live units if none are declared.
    fn declared(&self, add_on: usize, next: bool) -> u32 {
        let purchase = &self.purchases[add_on];
        match purchase.declared {
            Some((_, Some(later))) if next => later,
            Some((now, _)) => now,
            None => purchase.live.unwrap_or(0),
        }
    }
}
