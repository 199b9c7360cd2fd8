use std::collections::BTreeSet;

use super::{AddOn, CATALOG};

#[test]
fn slugs_and_api_values_are_unique() {
    let slugs: BTreeSet<&str> = CATALOG.iter().map(|entry| entry.slug).collect();
    let api_values: BTreeSet<&str> = CATALOG.iter().map(|entry| entry.api_value).collect();
    assert_eq!((slugs.len(), api_values.len()), (CATALOG.len(), CATALOG.len()));
}

/// A misspelled leader would give the add-on a pool of its own, and the units would count twice.
#[test]
fn rows_refer_to_rows() {
    for entry in CATALOG {
        for slug in [entry.pooled_with, entry.replaced_by].into_iter().flatten() {
            assert!(AddOn::from_slug(slug).is_some(), "{} refers to {slug}, which is not a slug", entry.slug);
        }
    }
}

#[test]
fn the_leader_of_a_pool_shares_no_other_pool() {
    for add_on in AddOn::all() {
        let pool = add_on.pool();
        assert_eq!(pool.leader().pool(), pool, "{add_on}");
    }
}
