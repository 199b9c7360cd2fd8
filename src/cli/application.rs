//! An apply at a terminal: shows the plan, asks whether to apply it, and shows what was done.

use std::io;

use super::output::Output;
use super::question::ask;
use crate::report::format::Format;
use crate::report::tenant::shown;
use crate::report::text;
use crate::report::view::run::{AllowedView, RunView};
use crate::workflow::apply::{Proposal, Stop};
use crate::workflow::failure::{Advised, Stopped};

/// Shows a plan and its findings. The refusals that were allowed are a part of what is applied, so they are on stdout with the plan, before
/// a question, and not among the findings on stderr as well.
///
/// # Errors
///
/// If the plan cannot be printed.
pub(super) fn show_plan(output: &Output, proposal: &Proposal) -> io::Result<()> {
    let (findings, sources, style) = (proposal.findings(), proposal.sources(), output.stdout_style());
    output.findings(findings.iter().filter(|finding| finding.permission.is_none()), sources);
    let allowed = text::plan::allowed(&AllowedView::all(findings, sources), &style);
    output.result(&format!("{}{allowed}", text::plan::plan(proposal.view(), &style)))
}

/// Asks whether to apply a plan that was shown in a format. A request to `stop` ends the question.
///
/// # Errors
///
/// If the question cannot be asked, or the reply is not `yes`.
pub(super) async fn approve(output: &Output, format: Format, proposal: &Proposal, stop: &Stop) -> Result<(), Stopped> {
    let why = match format {
        Format::Text if output.reader_ended() => {
            "the program that reads stdout has ended, so allot cannot show the plan and ask whether to apply"
        }
        Format::Text if output.can_ask() => {
            let tenant = shown(&proposal.view().tenant, proposal.view().provider);
            return ask(output, stop, &format!("\nApply this plan to {tenant}? Only `yes` is accepted: ")).await;
        }
        Format::Text => "this is not a terminal, so allot cannot ask whether to apply",
        _ => "allot asks whether to apply only under `--format text`",
    };
    let help = "`--auto-approve` applies without a question, and so does a plan that was saved";
    Err(Advised::error(why, help).into())
}

/// Asks whether to apply a plan that was shown, and the plans of all later saves. A request to `stop` ends the question.
///
/// # Errors
///
/// If the reply is not `yes`, or the terminal cannot be read.
pub(super) async fn approve_for_good(output: &Output, proposal: &Proposal, stop: &Stop) -> Result<(), Stopped> {
    let tenant = shown(&proposal.view().tenant, proposal.view().provider);
    let question = format!("\nApply this plan, and that of every later save, to {tenant}? Only `yes` is accepted: ");
    ask(output, stop, &question).await
}

/// Shows what was done, before the tenant is read again.
///
/// # Errors
///
/// If the result cannot be printed.
pub(super) fn show_run(output: &Output, view: &RunView) -> io::Result<()> {
    output.result(&format!("\n{}", text::run::run(view, &output.stdout_style())))
}
