//! The routes. A test calls the router without a socket.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{self, from_fn_with_state};
use axum::routing::{MethodRouter, get, post, put};

use super::errors::{Answer, Refusal};
use super::faults::Surface;
use super::names::Names;
use super::state::Emulator;
use super::{allocations, control, entitlements, environments, guard, login, random_faults, reports, settings};

/// All routes, behind a guard that only answers to these names.
pub fn router(emulator: &Arc<Emulator>, names: Names) -> Router {
    let state = || Arc::clone(emulator);
    let service = licensing(emulator)
        .route("/licensing/tenantCapacity/currencyReports", get(reports::currency_reports))
        .route("/environmentmanagement/environments", get(environments::list))
        .route("/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments", get(environments::list_for_admins))
        .route("/providers/Microsoft.BusinessAppPlatform/scopes/admin/updateTenantSettings", post(settings::update))
        .route("/providers/Microsoft.BusinessAppPlatform/{operation}", post(settings::operation))
        .fallback(not_found)
        .layer(from_fn_with_state(state(), login::demand_token))
        .layer(from_fn_with_state(state(), random_faults::pass))
        .layer(from_fn_with_state(state(), random_faults::count));
    let login = Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(login::token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(login::openid_configuration))
        .layer(from_fn_with_state(state(), random_faults::count));
    let control = Router::new()
        .route("/emulator/faults", get(control::faults).put(control::set_faults))
        .route("/emulator/requests", get(control::requests).delete(control::forget_requests));
    let guard = from_fn_with_state(Arc::new(names), guard::pass);
    service.merge(login).merge(control).layer(guard).with_state(state())
}

/// The routes of the three surfaces. `faults` can remove each of them.
fn licensing(emulator: &Arc<Emulator>) -> Router<Arc<Emulator>> {
    let on = |surface: Surface, methods: MethodRouter<Arc<Emulator>>| {
        let state = Arc::clone(emulator);
        methods.layer(middleware::from_fn(move |request: axum::extract::Request, next: middleware::Next| {
            let is_there = state.faults().has(surface);
            async move { if is_there { Ok(next.run(request).await) } else { Err(Refusal::route_not_found()) } }
        }))
    };
    Router::new()
        .route("/licensing/environments/{id}/entitlements", on(Surface::New, get(entitlements::of_environment)))
        .route(
            "/licensing/environments/{id}/allocations",
            on(Surface::Old, get(allocations::read_old).patch(allocations::write_old)),
        )
        .route(
            "/licensing/allocationsByEnvironment",
            on(Surface::New, get(allocations::list).patch(allocations::write)),
        )
        .route("/licensing/allocationsByEnvironment/{id}", on(Surface::New, get(allocations::read)))
        .route("/licensing/allocationsV2", on(Surface::V2, put(entitlements::put)))
        .route("/licensing/allocationsV2/availability", on(Surface::V2, get(entitlements::availability)))
        .route("/licensing/allocationsV2/entitlements/reserved", on(Surface::V2, get(entitlements::reserved)))
}

async fn not_found() -> Answer {
    Err(Refusal::route_not_found())
}
