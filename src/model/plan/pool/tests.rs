//! The ceiling of a pool: owned units, debts, and units that move.

use proptest::prelude::*;

use super::{Owned, PlannedPool};
use crate::model::catalog::AddOn;
use crate::model::terms::Units;

fn pool(owned: u64, debt: Option<u64>, before: u64, after: u64) -> PlannedPool {
    PlannedPool {
        pool: AddOn::from_slug("app-passes").unwrap().pool(),
        owned: Owned::Known { units: Units::new(owned), declared: None, live: None },
        reserve: Units::ZERO,
        debt: debt.map(Units::new),
        allocated_before: Units::new(before),
        allocated_after: Units::new(after),
        unknown_environments: 0,
        unseen: Some(Units::ZERO),
        future: Vec::new(),
    }
}

#[test]
fn a_pool_is_raised_above_owned_only_within_its_debt() {
    for (owned, debt, before, after, ceiling) in [
        (100, None, 110, 105, 110),
        (100, Some(4), 110, 105, 110),
        (100, Some(5), 110, 105, 105),
        (100, Some(8), 110, 105, 108),
        (100, Some(50), 110, 105, 110),
        (100, None, 90, 105, 100),
        (100, Some(5), 90, 105, 105),
        (100, Some(3), 90, 105, 103),
        (100, Some(50), 90, 100, 100),
        (100, Some(50), 110, 100, 100),
    ] {
        let pool = pool(owned, debt, before, after);
        assert_eq!(pool.ceiling(), Units::new(ceiling), "{pool:?}");
    }
}

#[test]
fn a_saved_pool_without_debts_reads_back() {
    for debt in [None, Some(5)] {
        let pool = pool(100, debt, 90, 105);
        let text = serde_json::to_string(&pool).unwrap();
        assert_eq!(text.contains("debt"), debt.is_some());
        assert_eq!(serde_json::from_str::<PlannedPool>(&text).unwrap(), pool);
    }
}

proptest! {
    #[test]
    fn no_ceiling_exceeds_owned_and_debt_unless_the_pool_does_already(
        (owned, debt, before, after) in (0..50_u64, prop::option::of(0..20_u64), 0..80_u64, 0..80_u64)
    ) {
        let ceiling = pool(owned, debt, before, after).ceiling().get();
        prop_assert!(ceiling <= (owned + debt.unwrap_or(0)).max(before));
        prop_assert!(after <= owned || after > before || ceiling <= owned.max(before), "moves never add units");
    }
}
