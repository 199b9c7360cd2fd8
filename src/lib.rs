//! Capacity add-ons of Microsoft Power Platform as code: declare in YAML what every environment holds, check it against
//! what was purchased, compare it with the tenant, plan, and apply without ever holding more than is owned.
//!
//! The modules lie on floors; each imports only from below. ARCHITECTURE.md has the map.

pub mod model;
pub mod ci;
pub mod net;
pub mod files;
pub mod git;
pub mod manifest;
pub mod planning;
pub mod report;
pub mod provider;
pub mod forge;

pub mod load;
pub mod apply;
pub mod watch;
pub mod emulator;
pub mod workflow;
pub mod cli;
