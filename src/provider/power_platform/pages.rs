//! Listings in pages. A listing that breaks off or leads back to a page is incomplete: an environment that it lacks may still
//! exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::client::{Call, ServiceClient};
use super::refusal::ServiceResponse;
use super::wire::environments::ListingPage;
use crate::model::observed::Listing;
use crate::net::patience::watched;
use crate::provider::port::ProviderError;

/// The most pages of a listing; a longer one is taken for endless. 35,000 environments in pages of 50 are 700 pages.
const MOST_PAGES: usize = 5_000;

/// The result of a listing.
pub(super) enum ListedRows {
    /// The rows, and whether the listing is complete.
    Rows(Vec<Value>, Listing),
    /// The service refuses the first page.
    Refused(ServiceResponse),
}

/// Reads all pages.
///
/// # Errors
///
/// If the first page cannot be read. A later one that cannot be read makes the listing incomplete.
pub(super) async fn read_all(client: &ServiceClient, first: &Call) -> Result<ListedRows, ProviderError> {
    watched(&client.notice, "reading the listing of environments", read_pages(client, first)).await
}

async fn read_pages(client: &ServiceClient, first: &Call) -> Result<ListedRows, ProviderError> {
    let answer = client.ask(first).await?;
    if !answer.status.is_success() {
        return Ok(ListedRows::Refused(answer));
    }
    let mut page: ListingPage = answer.value(first.effect)?;
    let mut rows = Vec::new();
    let mut visited = BTreeSet::from([first.url.to_string()]);
    loop {
        rows.append(&mut page.value);
        let Some(next) = page.next.take().filter(|next| !next.is_empty()) else {
            return Ok(ListedRows::Rows(rows, Listing::Complete));
        };
        let read = match follow(&first.url, &next) {
            Err(why) => Err(why),
            Ok(url) if !visited.insert(url.to_string()) => {
                Err("the listing repeats a page that was read already".to_owned())
            }
            Ok(_) if visited.len() > MOST_PAGES => Err(format!("the listing has more than {MOST_PAGES} pages")),
            Ok(url) => client
                .read::<ListingPage>(&Call { url, ..first.clone() })
                .await
                .map_err(|error| format!("the listing breaks off after {} rows: {error}", rows.len())),
        };
        match read {
            // A page that comes twice does no harm: its rows agree. The third time, the listing is taken for endless.
            Ok(read) if !read.value.is_empty() && rows.ends_with(&[&*read.value, &*read.value].concat()) => {
                let why = "the listing repeats a page that was read already";
                return Ok(ListedRows::Rows(rows, Listing::Incomplete(why.into())));
            }
            Ok(read) => page = read,
            Err(why) => return Ok(ListedRows::Rows(rows, Listing::Incomplete(Arc::from(why.as_str())))),
        }
    }
}

/// The address of the next page. It must be at the same host: a listing must not be able to send a token elsewhere.
fn follow(first: &Url, next: &str) -> Result<Url, String> {
    let url = first
        .join(next)
        .map_err(|_| format!("the next page of the listing is at `{next}`, which is not an address"))?;
    if url.origin() == first.origin() {
        Ok(url)
    } else {
        Err(format!(
            "the next page of the listing is at {}, not at the host of the first page",
            url.origin().ascii_serialization()
        ))
    }
}
