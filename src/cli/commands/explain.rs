//! `allot explain`: what a code means, what an add-on is, why a cell has its value.

use crate::cli::args::ExplainArgs;
use crate::cli::configuration::Configuration;
use crate::cli::context::Context;
use crate::cli::door::Stopped;
use crate::cli::exit::{Advised, Exit};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{DesiredCell, Origin};
use crate::report::explain;
use crate::report::number::number;

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
            } else if let Some(add_on) = AddOn::from_slug(subject).or_else(|| AddOn::from_other_name(subject)) {
                explain::add_on(&add_on)
            } else if let Some((key, slug)) = subject.split_once('/') {
                cell(context, args, key, slug)?
            } else {
                return Err(Advised::error(
                    format!("nothing is called `{subject}`"),
                    "`allot explain` lists codes and add-ons; a cell is ENVIRONMENT/ADD-ON",
                )
                .into());
            }
        }
    };
    context.output.result(&text)?;
    Ok(Exit::Fine)
}

/// The value of a cell, layer by layer.
fn cell(context: &Context, args: &ExplainArgs, key: &str, slug: &str) -> Result<String, Stopped> {
    let configuration = Configuration::read(context)?;
    let desired = &configuration.desired;
    let date = context.date(desired, args.at);
    let environment = desired.environments.values().find(|environment| environment.key.value.as_str() == key);
    let environment = environment.ok_or_else(|| {
        Advised::error(format!("no environment is called `{key}`"), "name a key under `environments:`")
    })?;
    let add_on = AddOn::from_slug(slug)
        .ok_or_else(|| Advised::error(format!("no add-on is called `{slug}`"), "`allot explain` lists them"))?;
    let place = |span| configuration.sources().place(span);
    let mut text = format!("{key}/{slug} on {date}\n\n");
    match environment.cell(&add_on) {
        None => text.push_str("  not declared: left alone, and reported where the tenant holds some\n"),
        Some(DesiredCell::Unmanaged(span)) => {
            text.push_str(&format!("  unmanaged: left alone and not reported ({})\n", place(*span)))
        }
        Some(DesiredCell::Managed(managed)) => {
            let origin = match managed.origin {
                Origin::Environment => "the environment's own amount",
                Origin::ClassDefault => "the default of its class",
            };
            match managed.units {
                Some(units) => {
                    text.push_str(&format!("  {:>13}  {origin} ({})\n", number(units.value), place(units.span)))
                }
                None => text.push_str("  the amount is not managed\n"),
            }
            for grant in managed.grants() {
                let state = if grant.interval.contains(date) { "active" } else { "not active" };
                text.push_str(&format!(
                    "  {:>13}  a grant, {state} ({})\n",
                    format!("+{}", number(grant.add.value)),
                    place(grant.span)
                ));
            }
            for (switch, value) in managed.switches() {
                let word = if value.value { "on" } else { "off" };
                text.push_str(&format!("  {:>13}  {} ({})\n", word, switch.label(), place(value.span)));
            }
            if let Some(effective) = managed.effective(date) {
                text.push_str(&format!("  {:>13}  on {date}\n", format!("= {}", number(effective))));
            }
        }
    }
    if let Some(floor) = desired.floors.get(&(environment.key.value.clone(), add_on)) {
        text.push_str(&format!("  {:>13}  the floor ({})\n", number(floor.value), place(floor.span)));
    }
    Ok(text)
}
