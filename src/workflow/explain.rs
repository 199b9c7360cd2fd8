//! Explains a code, an add-on, or why a cell has its value.

use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::{Advised, Stopped};
use super::ports::Ports;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::DesiredEnvironment;
use crate::model::near::{closest, did_you_mean};
use crate::report::explain;

/// Explains a subject, or lists the subjects if there is none. A cell is explained for a day; `None` is today.
///
/// # Errors
///
/// If the subject is unknown.
pub fn explain(ports: &Ports, subject: Option<&str>, at: Option<Date>) -> Result<String, Stopped> {
    let Some(subject) = subject else { return Ok(explain::index()) };
    if let Ok(code) = subject.parse::<Code>() {
        Ok(explain::code(code))
    } else if let Some(add_on) = named(subject) {
        Ok(explain::add_on(&add_on))
    } else if let Some((key, add_on)) = subject.split_once('/') {
        cell(ports, at, key, add_on)
    } else {
        Err(unknown(ports, subject).into())
    }
}

fn named(name: &str) -> Option<AddOn> {
    AddOn::from_slug(name).or_else(|| AddOn::from_other_name(name))
}

/// The page of a cell.
fn cell(ports: &Ports, at: Option<Date>, key: &str, name: &str) -> Result<String, Stopped> {
    let configuration = Configuration::read(ports)?;
    let desired = &configuration.desired;
    let environment = desired.environments.values().find(|environment| environment.key.value.as_str() == key);
    let Some(environment) = environment else {
        let keys = desired.environments.keys().map(|key| key.as_str());
        let help = did_you_mean(key, keys).unwrap_or_else(|| "name a key under `environments:`".to_owned());
        return Err(Advised::error(format!("no environment is called `{key}`"), help).into());
    };
    let uncatalogued = || environment.cells.iter().map(|(add_on, _)| add_on).find(|add_on| add_on.api_value() == name);
    let Some(add_on) = named(name).or_else(|| uncatalogued().cloned()) else {
        let help = AddOn::did_you_mean(name).unwrap_or_else(|| "`allot explain` lists them".to_owned());
        return Err(Advised::error(format!("no add-on is called `{name}`"), help).into());
    };
    let date = ports.date(desired, at);
    Ok(explain::cell::cell(desired, environment, &add_on, date, configuration.sources()))
}

/// The error for an unknown subject, with the nearest known one.
fn unknown(ports: &Ports, subject: &str) -> anyhow::Error {
    // If there is a valid configuration, the nearest name can also be that of an environment.
    let configuration = Configuration::read(ports).ok();
    let environments: Vec<&DesiredEnvironment> = configuration
        .iter()
        .flat_map(|configuration| configuration.desired.environments.values().map(AsRef::as_ref))
        .collect();
    let named = |name: &str| environments.iter().find(|environment| environment.key.value.as_str() == name);
    if let Some(environment) = named(subject) {
        let message = format!("`{subject}` is an environment; name one of its add-ons too");
        return Advised::error(message, format!("run `allot explain {}`, for example", example(environment)));
    }
    // A letter that looks like a digit: several codes are as near to `A2O1`.
    let digits = subject.to_uppercase().replace('O', "0").replace(['I', 'L'], "1");
    if let Ok(code) = digits.parse::<Code>() {
        return Advised::error(format!("nothing is called `{subject}`"), format!("did you mean `{code}`?"));
    }
    let keys = environments.iter().map(|environment| environment.key.value.as_str());
    let help = match closest(subject, Code::ALL.iter().map(|code| code.as_str()).chain(keys)) {
        Some(meant) => format!("did you mean `{}`?", named(meant).map_or(meant.to_owned(), |found| example(found))),
        None => AddOn::did_you_mean(subject)
            .unwrap_or_else(|| "`allot explain` lists codes and add-ons; a cell is ENVIRONMENT/ADD-ON".to_owned()),
    };
    Advised::error(format!("nothing is called `{subject}`"), help)
}

/// A cell of an environment, as an example: the first one, or app passes if the environment has none.
fn example(environment: &DesiredEnvironment) -> String {
    let first = environment.cells.first().map_or("app-passes", |(add_on, _)| add_on.slug());
    format!("{}/{first}", environment.key.value)
}
