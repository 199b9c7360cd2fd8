//! Finds out how the tenant is reached, what this caller can read there, and how to get access to the rest.

use std::collections::BTreeMap;

use futures::join;

use super::configuration::Configuration;
use super::failure::{Causes, Stopped};
use super::ports::{Opened, Ports, TenantOptions};
use crate::files::shown::slashed;
use crate::model::catalog::AddOn;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::observed::{Caller, Listing, ObservedTotal, Reading};
use crate::model::roles::WhoCanAllocate;
use crate::provider::port::{Documents, Environments, ProviderError};
use crate::report::answer::{Answer, Content};
use crate::report::number::count;
use crate::report::view::doctor::{CheckUp, DoctorView, Fact, Health};

/// Tries each read separately, and reports how each went.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be opened.
pub async fn doctor(ports: &Ports, options: &TenantOptions) -> Result<Answer, Stopped> {
    let configuration = Configuration::read(ports)?;
    let opened = ports.open(options, &configuration.loaded, &configuration.desired)?;
    ports.show(opened.notes());
    let is_declared = configuration.desired.tenant.who_can_allocate.is_some();
    let view = DoctorView::new(facts(&configuration, &opened), checks(&opened, is_declared).await);
    let ending = if view.verdict == Health::Failed { Ending::Failed } else { Ending::Fine };
    let content = Content::Doctor(Box::new(view));
    Ok(Answer {
        command: CommandName::Doctor,
        content,
        findings: Vec::new(),
        sources: configuration.into_sources(),
        ending,
    })
}

fn facts(configuration: &Configuration, opened: &Opened) -> Vec<Fact> {
    let declared = &configuration.desired.tenant;
    let mut facts = vec![Fact { subject: "tenant", value: declared.name.value.clone() }];
    match opened {
        Opened::Local(tenant) => {
            facts.push(Fact { subject: "provider", value: "local, the built-in tenant".to_owned() });
            facts.push(Fact { subject: "file", value: slashed(tenant.file()) });
        }
        Opened::PowerPlatform { tenant, credential } => {
            let endpoints = tenant.endpoints();
            let directory = declared.id.as_ref().map_or("the directory of the credential", |id| id.value.as_str());
            let none = || "none: the service is on this machine and needs no credential".to_owned();
            facts.extend([
                Fact { subject: "provider", value: "power-platform".to_owned() },
                Fact { subject: "directory", value: directory.to_owned() },
                Fact { subject: "credential", value: credential.clone().unwrap_or_else(none) },
                Fact { subject: "service", value: endpoints.api.to_string() },
                Fact { subject: "settings", value: endpoints.administration.to_string() },
                Fact { subject: "sign-in", value: endpoints.login.to_string() },
            ]);
        }
    }
    facts
}

async fn checks(opened: &Opened, is_declared: bool) -> Vec<CheckUp> {
    let mut checks = Vec::new();
    if let Opened::PowerPlatform { tenant, credential: Some(_) } = opened {
        match tenant.sign_in().await {
            Ok(()) => checks.push(ok("sign-in", "the directory gives a token".to_owned())),
            Err(error) => {
                checks.push(failed("sign-in", error));
                checks.push(unknown("everything else", "not tried, because the sign-in failed".to_owned(), None));
                return checks;
            }
        }
        // The settings are at another host. If the sign-in for it fails, the checks of the licensing host go on.
        if let Err(error) = tenant.sign_in_for_settings().await {
            checks.push(failed("sign-in for settings", error));
        }
    }
    let reader = opened.reader();
    // Each read is separate, so that one refusal does not hide another. No write is tried.
    let (totals, environments, documents, who_can_allocate, caller) =
        join!(reader.totals(), reader.environments(), reader.documents(), reader.who_can_allocate(), reader.caller());
    checks.extend([
        purchases(totals),
        listing(environments),
        allocations(documents),
        setting(who_can_allocate, is_declared),
        writing(caller),
    ]);
    checks
}

fn purchases(totals: Result<BTreeMap<AddOn, ObservedTotal>, ProviderError>) -> CheckUp {
    match totals.map(|totals| totals.len()) {
        Ok(0) => warning("purchases", "the tenant reports no add-on".to_owned(), "check that this is the right tenant"),
        Ok(add_ons) => ok("purchases", count(add_ons as u64, "add-on", "add-ons")),
        Err(error) => failed("purchases", error),
    }
}

fn listing(environments: Result<Environments, ProviderError>) -> CheckUp {
    match environments.map(|listed| (listed.environments.len(), listed.listing)) {
        Ok((0, _)) => {
            let help = "give the caller the role Reader on the tenant, or register the application";
            warning("environments", "none can be seen".to_owned(), help)
        }
        Ok((listed, Listing::Complete)) => ok("environments", environments_of(listed)),
        Ok((listed, Listing::Incomplete(why))) => {
            let detail = format!("{}, but not all: {why}", environments_of(listed));
            warning("environments", detail, "run again later, or with more rights")
        }
        Err(error) => failed("environments", error),
    }
}

fn allocations(documents: Result<Documents, ProviderError>) -> CheckUp {
    let unknown = |documents: &Documents| documents.rows.values().filter(|document| document.is_err()).count();
    match documents.map(|documents| (documents.rows.len(), unknown(&documents))) {
        Ok((0, 0)) => ok("allocations", "no environment holds anything yet".to_owned()),
        Ok((all, 0)) => ok("allocations", format!("read of {}", environments_of(all))),
        Ok((all, unknown)) => {
            let detail = format!("read of {}, and not of {}", all - unknown, environments_of(unknown));
            warning("allocations", detail, "their allocations stay unknown, and plans skip them")
        }
        Err(error) => failed("allocations", error),
    }
}

fn setting(who_can_allocate: Result<Reading<WhoCanAllocate>, ProviderError>, is_declared: bool) -> CheckUp {
    match who_can_allocate {
        Ok(Reading::Known { value: WhoCanAllocate::OnlySpecificAdmins, .. }) => {
            ok("who can allocate", "only specific admins".to_owned())
        }
        Ok(Reading::Known { value: WhoCanAllocate::EnvironmentAdmins, .. }) => {
            let help = if is_declared {
                "`allot plan` shows whether the configuration wants this"
            } else {
                "set `whoCanAllocate: only-specific-admins` under `tenant:` to stop that"
            };
            warning(
                "who can allocate",
                "environment admins too, and each can allocate to every environment".to_owned(),
                help,
            )
        }
        Ok(Reading::Absent) => unknown("who can allocate", "the tenant reports no value".to_owned(), None),
        Ok(Reading::Unknown { why }) => unknown("who can allocate", why.to_string(), None),
        Err(error) => failed("who can allocate", error),
    }
}

fn writing(caller: Result<Caller, ProviderError>) -> CheckUp {
    let caller = match caller {
        Ok(caller) => caller,
        Err(error) => return failed("writing", error),
    };
    match caller.may_allocate {
        Reading::Known { value: true, .. } => ok("writing", "this caller may allocate".to_owned()),
        Reading::Known { value: false, .. } => {
            let help = "ask a global, Dynamics 365 or Power Platform administrator to apply";
            warning("writing", "this caller may not allocate".to_owned(), help)
        }
        Reading::Absent => unknown("writing", "the tenant reports no value".to_owned(), None),
        Reading::Unknown { why } => {
            let help = "only a Dynamics 365 or Power Platform administrator may allocate, or an application that is registered or has the role Contributor";
            let role_is_unknown = caller.role.known().is_none();
            unknown("writing", why.to_string(), role_is_unknown.then_some(help))
        }
    }
}

fn environments_of(number: usize) -> String {
    count(number as u64, "environment", "environments")
}

fn ok(subject: &'static str, detail: String) -> CheckUp {
    CheckUp { subject, health: Health::Ok, detail, help: None }
}

fn unknown(subject: &'static str, detail: String, help: Option<&str>) -> CheckUp {
    CheckUp { subject, health: Health::Unknown, detail, help: help.map(str::to_owned) }
}

fn warning(subject: &'static str, detail: String, help: &str) -> CheckUp {
    CheckUp { subject, health: Health::Warning, detail, help: Some(help.to_owned()) }
}

fn failed(subject: &'static str, error: ProviderError) -> CheckUp {
    let causes = Causes::of(&error.into());
    let help = (!causes.help.is_empty()).then(|| causes.help.join("; "));
    CheckUp { subject, health: Health::Failed, detail: causes.messages.join(": "), help }
}
