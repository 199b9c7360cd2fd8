//! `allot explain`: what a code means, what an add-on is, why a cell has its value.

use crate::cli::args::ExplainArgs;
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit};
use crate::cli::stopped::Stopped;
use crate::manifest::near::{closest, did_you_mean};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::DesiredEnvironment;
use crate::report::explain;

/// Explains one subject, or lists what can be explained.
///
/// # Errors
///
/// Where nobody knows the subject.
pub fn run(context: &Context, args: &ExplainArgs) -> Result<Exit, Stopped> {
    let text = match args.subject.as_deref() {
        None => explain::index(),
        Some(subject) => {
            if let Ok(code) = subject.parse::<Code>() {
                explain::code(code)
            } else if let Some(add_on) = named(subject) {
                explain::add_on(&add_on)
            } else if let Some((key, add_on)) = subject.split_once('/') {
                cell(context, args, key, add_on)?
            } else {
                return Err(unknown(context, subject).into());
            }
        }
    };
    context.output.result(&text)?;
    Ok(Exit::Fine)
}

fn named(name: &str) -> Option<AddOn> {
    AddOn::from_slug(name).or_else(|| AddOn::from_other_name(name))
}

/// Every word for an add-on that this command understands.
fn add_on_words() -> impl Iterator<Item = &'static str> {
    let entries = AddOn::all().filter_map(|add_on| add_on.entry());
    entries.flat_map(|entry| [entry.slug, entry.display_name])
}

/// The page of a cell.
fn cell(context: &Context, args: &ExplainArgs, key: &str, name: &str) -> Result<String, Stopped> {
    let configuration = Configuration::read(context)?;
    let desired = &configuration.desired;
    let environment = desired.environments.values().find(|environment| environment.key.value.as_str() == key);
    let Some(environment) = environment else {
        let keys = desired.environments.keys().map(|key| key.as_str());
        let help = did_you_mean(key, keys).unwrap_or_else(|| "name a key under `environments:`".to_owned());
        return Err(Advised::error(format!("no environment is called `{key}`"), help).into());
    };
    let Some(add_on) = named(name) else {
        let help = did_you_mean(name, add_on_words()).unwrap_or_else(|| "`allot explain` lists them".to_owned());
        return Err(Advised::error(format!("no add-on is called `{name}`"), help).into());
    };
    let date = context.date(desired, args.at);
    Ok(explain::cell::cell(desired, environment, &add_on, date, configuration.sources()))
}

/// What to say of a subject that is nothing: what it may have been meant to be.
fn unknown(context: &Context, subject: &str) -> anyhow::Error {
    // Environments can be near as well; where there is no valid configuration, there are none.
    let configuration = Configuration::read(context).ok();
    let environments: Vec<&DesiredEnvironment> = configuration
        .iter()
        .flat_map(|configuration| configuration.desired.environments.values().map(AsRef::as_ref))
        .collect();
    let named = |name: &str| environments.iter().find(|environment| environment.key.value.as_str() == name);
    if let Some(environment) = named(subject) {
        let message = format!("`{subject}` is an environment; its add-ons are explained one by one");
        return Advised::error(message, format!("name one, such as `allot explain {}`", example(environment)));
    }
    let mut words: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).chain(add_on_words()).collect();
    words.extend(environments.iter().map(|environment| environment.key.value.as_str()));
    let help = match closest(subject, words) {
        Some(meant) => format!("did you mean `{}`?", named(meant).map_or(meant.to_owned(), |found| example(found))),
        None => "`allot explain` lists codes and add-ons; a cell is ENVIRONMENT/ADD-ON".to_owned(),
    };
    Advised::error(format!("nothing is called `{subject}`"), help)
}

/// A cell of an environment: its first one, if it has any.
fn example(environment: &DesiredEnvironment) -> String {
    let first = environment.cells.first().map_or("app-passes", |(add_on, _)| add_on.slug());
    format!("{}/{first}", environment.key.value)
}
