//! What the whole tool does, mostly through the real binary: on systems that have signals, terminals, links and bash.

#![cfg(unix)]

mod afterwards;
mod base;
mod columns;
mod comment;
mod conformance;
mod credentials;
mod damaged;
mod dates;
mod debt;
mod debian;
mod documents;
mod editors;
mod emulate;
mod explain;
mod faces;
mod foreign_client;
mod golden;
mod hosts;
mod html;
mod independent_schema;
mod json;
mod loader_laws;
mod loading;
mod nasty;
mod node;
mod pipelines;
mod posting;
mod provider;
mod python;
mod rebinding;
mod recovery;
mod refusals;
mod requests;
mod scheduler_laws;
mod service;
mod sessions;
mod storm;
mod strangers;
mod support;
mod swap;
mod tenant_laws;
mod terminal;
mod tidy;
mod watch;
