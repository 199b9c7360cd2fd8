use std::time::Duration;

use super::observe;
use crate::model::observed::{Listing, ObservedState, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::Units;
use crate::provider::fake::{Fake, add_on, clock, id};
use crate::provider::port::{ProviderError, ProviderErrorKind};

async fn observed(fake: &Fake) -> Result<ObservedState, ProviderError> {
    observe(fake, &clock(), [id(1), id(2)].iter()).await
}

#[tokio::test(start_paused = true)]
async fn everything_comes_together_with_one_listing() {
    let fake = Fake::new(&[(1, &[("app-passes", 30)]), (2, &[])]);
    fake.set_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins);
    let before = tokio::time::Instant::now();
    let state = observed(&fake).await.unwrap();
    assert_eq!(state.tenant.as_ref(), "contoso");
    assert_eq!(state.listing, Listing::Complete);
    assert_eq!(state.who_can_allocate.known(), Some(&WhoCanAllocate::OnlySpecificAdmins));
    assert_eq!(
        state.environments[&id(1)].cell(&add_on("app-passes")).known().map(|entry| entry.units),
        Some(Units::new(30))
    );
    assert_eq!(state.environments[&id(2)].cell(&add_on("app-passes")), Reading::Absent);
    assert_eq!(before.elapsed(), Duration::from_millis(40), "the parts are read at the same time");
    assert_eq!(state.captured_at.to_string(), "2026-11-24T09:00:00.04Z", "the reading is dated by its end");
}

#[tokio::test(start_paused = true)]
async fn a_failed_listing_of_documents_fails_the_pass() {
    let mut fake = Fake::new(&[(1, &[("app-passes", 30)])]);
    fake.read_faults.insert(0, ProviderErrorKind::Unavailable);
    assert_eq!(observed(&fake).await.unwrap_err().kind, ProviderErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn single_values_that_cannot_be_read_are_unknown() {
    let mut fake = Fake::new(&[(1, &[("app-passes", 30)]), (2, &[("app-passes", 5)])]);
    fake.other_fault = Some(ProviderErrorKind::Denied);
    fake.cannot_read(id(2));
    let state = observed(&fake).await.unwrap();
    let denied = "this caller may not read that";
    assert_eq!(state.who_can_allocate.unknown().map(AsRef::as_ref), Some(denied));
    assert_eq!(state.caller.may_allocate.unknown().map(AsRef::as_ref), Some(denied));
    let cell = state.environments[&id(2)].cell(&add_on("app-passes"));
    assert_eq!(cell.unknown().map(AsRef::as_ref), Some("the tenant answered with half a document"));
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_is_not_listed_still_counts_what_it_holds() {
    let mut fake = Fake::new(&[(1, &[("app-passes", 30)]), (2, &[("app-passes", 5)])]);
    fake.hidden.push(id(2));
    let state = observed(&fake).await.unwrap();
    let hidden = state.environments.get(&id(2)).unwrap();
    assert_eq!(hidden.document.known().map(|document| document.units(&add_on("app-passes"))), Some(Units::new(5)));
    assert!(hidden.name.unknown().is_some() && hidden.class.unknown().is_some() && hidden.state.unknown().is_some());
}
