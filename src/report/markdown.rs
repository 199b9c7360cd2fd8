//! A plan as a comment on a pull request: the verdict first, then what blocks, headroom before changes, and nothing that was not
//! checked left unsaid. It fits a host's limit by leaving out what matters least.

mod cut;
mod escape;
mod receipt;
mod tables;

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;

pub use self::receipt::receipt;

use self::cut::{Shown, fit};
use self::escape::{code, sentence as said};
use super::links::Links;
use super::number::{count, number};
use super::view::basics::{FindingView, LabelView, NotCheckedView};
use super::view::failure::FailureView;
use super::view::plan::{PlanVerdict, PlanView};
use super::view::validate::{ValidateVerdict, ValidateView};
use crate::model::finding::Severity;
use crate::model::marker::{Marker, Standing};

/// What a comment holds where nobody says otherwise: GitHub takes 65,536 characters.
pub const BUDGET: usize = 60_000;

/// What the summary of a CI step holds: GitHub takes 1 MiB, and a character has four bytes at the most.
pub const SUMMARY_BUDGET: usize = 1024 * 1024 / 4;

/// The longest sentence of a finding.
const LONGEST_SENTENCE: usize = 400;

/// What a comment says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The command that made it.
    pub command: &'a str,
    /// The tenant, as the configuration calls it; `None` where it could not be read.
    pub tenant: Option<&'a str>,
    /// The folder of the configuration in its repository: two of them have two comments.
    pub root: &'a str,
    /// The commit that it is about.
    pub commit: Option<&'a str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the tenant was read.
    pub read_at: Option<Timestamp>,
    /// How places become addresses.
    pub links: Option<&'a Links>,
    /// Where the whole report is.
    pub report: Option<&'a str>,
    /// The most characters.
    pub budget: usize,
}

impl Frame<'_> {
    /// The first line, which nobody sees: by it the comment is found again.
    fn marker(&self, standing: Standing, digest: Option<&str>) -> String {
        let marker = Marker {
            command: self.command.to_owned(),
            root: self.root.to_owned(),
            tenant: self.tenant.map(str::to_owned),
            commit: self.commit.map(str::to_owned),
            digest: digest.map(str::to_owned),
            standing,
            made_at: self.made_at,
        };
        format!("{marker}\n")
    }

    fn tenant(&self) -> String {
        self.tenant.map_or_else(String::new, |tenant| format!(" · tenant {}", code(tenant)))
    }

    fn place(&self, label: &LabelView) -> String {
        let shown = code(&format!("{}:{}", label.place.file, label.place.line));
        match self.links.and_then(|links| links.to(&label.place)) {
            Some(address) => format!("[{shown}]({address})"),
            None => shown,
        }
    }
}

/// The comment of a plan.
pub fn plan(view: &PlanView, frame: &Frame<'_>) -> String {
    let standing = if view.verdict == PlanVerdict::Refused { Standing::Blocked } else { Standing::Passed };
    fit(frame.budget, |shown| {
        let sections = [
            tables::pools(&view.pools, shown),
            tables::changes(view, frame, shown),
            warnings(&view.findings, shown),
            findings(&view.findings, frame, shown),
            if shown.writes { tables::writes(view) } else { String::new() },
            not_checked(&view.not_checked),
        ];
        let good_until = |id: &String| format!("plan {}, good until the tenant or the files change", code(id));
        let good_until = view.plan_id.as_ref().map(good_until);
        let mut text = frame.marker(standing, view.plan_id.as_deref());
        let _ = write!(text, "### {}\n\n{}\n", headline(view, frame), sentence(view));
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        let _ = write!(text, "\n{}", footer(view.date, good_until, frame));
        text
    })
}

/// The comment of a validation: what can be said without a tenant, as for a pull request from a fork.
pub fn validated(view: &ValidateView, frame: &Frame<'_>) -> String {
    let (icon, word) = match view.verdict {
        ValidateVerdict::Valid => ("✅", "Valid".to_owned()),
        ValidateVerdict::ValidWithWarnings => ("🟡", "Valid, with warnings".to_owned()),
        ValidateVerdict::Invalid => ("⛔", format!("Blocked: {}", problems(&view.findings))),
    };
    let standing = if view.verdict == ValidateVerdict::Invalid { Standing::Blocked } else { Standing::Passed };
    let files = count(view.files, "file", "files");
    let environments = view.environments.map(|all| format!(", {}", count(all, "environment", "environments")));
    let sentence = match view.verdict {
        ValidateVerdict::Invalid => blocking(&view.findings),
        _ => format!("Checked without a tenant: {files}{}.", environments.unwrap_or_default()),
    };
    fit(frame.budget, |shown| {
        let sections =
            [warnings(&view.findings, shown), findings(&view.findings, frame, shown), not_checked(&view.not_checked)];
        let mut text = frame.marker(standing, None);
        let _ = write!(text, "### {icon} {word}{}\n\n{sentence}\n", frame.tenant());
        for section in sections.iter().filter(|section| !section.is_empty()) {
            let _ = write!(text, "\n{section}");
        }
        text
    })
}

/// The comment where there is no plan, because the configuration is not in order or the plan is stale.
pub fn refused(found: &[FindingView], frame: &Frame<'_>) -> String {
    fit(frame.budget, |shown| {
        let problems = problems(found);
        let mut text = frame.marker(Standing::Blocked, None);
        let _ = write!(text, "### ⛔ Blocked: {problems}{}\n\n{}\n", frame.tenant(), blocking(found));
        let _ = write!(text, "\n{}", findings(found, frame, shown));
        text.push_str("\n**Not checked**: the tenant, because there is no plan before this is mended.\n");
        text
    })
}

/// The comment where the command failed.
pub fn failed(failure: &FailureView, frame: &Frame<'_>) -> String {
    fit(frame.budget, |shown| {
        let mut text = frame.marker(Standing::Failed, None);
        let message = said(&failure.message, LONGEST_SENTENCE);
        let _ = write!(text, "### ❌ Failed to {}{}\n\n**Failed:** {message}.\n", frame.command, frame.tenant());
        if shown.explanations {
            text.extend(failure.causes.iter().map(|cause| format!("\n- because: {}", said(cause, LONGEST_SENTENCE))));
            if !failure.causes.is_empty() {
                text.push('\n');
            }
            text.extend(failure.help.iter().map(|help| format!("\nWhat to do: {}.\n", said(help, LONGEST_SENTENCE))));
        }
        text.push_str("\n**Not checked**: everything. This says nothing about whether the change is right.\n");
        text
    })
}

fn headline(view: &PlanView, frame: &Frame<'_>) -> String {
    let environments: std::collections::BTreeSet<_> =
        view.changes.iter().map(|change| &change.environment.id).collect();
    let mut changes = count(view.summary.total(), "change", "changes");
    if !environments.is_empty() {
        let _ = write!(changes, " in {}", count(environments.len() as u64, "environment", "environments"));
    }
    let tenant = frame.tenant();
    match view.verdict {
        PlanVerdict::NoChanges if number_of(&view.findings, Severity::Warning) > 0 => {
            format!("🟡 No changes, with warnings{tenant}")
        }
        PlanVerdict::NoChanges => format!("✅ No changes{tenant}"),
        PlanVerdict::Ready => format!("🟢 Ready: {changes}{tenant}"),
        PlanVerdict::ReadyWithWarnings => format!("🟡 Ready, with warnings: {changes}{tenant}"),
        PlanVerdict::Refused => format!("⛔ Blocked: {} · {changes}{tenant}", problems(&view.findings)),
    }
}

fn number_of(found: &[FindingView], severity: Severity) -> u64 {
    super::view::basics::number_of(found, severity)
}

fn problems(found: &[FindingView]) -> String {
    count(number_of(found, Severity::Error), "problem", "problems")
}

/// What it comes to, for whoever reads nothing else.
fn sentence(view: &PlanView) -> String {
    let writes = count(view.steps.len() as u64, "write", "writes");
    let total = view.summary.total();
    match view.verdict {
        PlanVerdict::NoChanges if view.is_partial() => {
            "What could be read of the tenant is what the configuration says. **Not all of it could be read.**"
                .to_owned()
        }
        PlanVerdict::NoChanges => "The tenant holds what the configuration says.".to_owned(),
        PlanVerdict::Refused => blocking(&view.findings),
        // A setting alone is no write to an environment.
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings if view.steps.is_empty() => {
            format!("Applying it changes {}.", count(total, "value", "values"))
        }
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings => {
            format!("Applying it changes {} in {writes}.", count(total, "value", "values"))
        }
    }
}

fn blocking(found: &[FindingView]) -> String {
    let mut errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    let Some(first) = errors.next() else { return "**Blocked.**".to_owned() };
    let more = match errors.count() {
        0 => String::new(),
        1 => " One more problem stands below.".to_owned(),
        more => format!(" {} more problems stand below.", number(more)),
    };
    format!("**Blocked:** {}.{more}", said(&first.message, LONGEST_SENTENCE))
}

/// What to know first, where it does not block.
fn warnings(found: &[FindingView], shown: &Shown) -> String {
    const MOST: usize = 10;
    let warnings: Vec<&FindingView> = found.iter().filter(|finding| finding.severity == Severity::Warning).collect();
    if warnings.is_empty() {
        return String::new();
    }
    let most = shown.warnings.min(MOST);
    let mut text = "> [!WARNING]\n".to_owned();
    for warning in warnings.iter().take(most) {
        let _ = writeln!(text, "> - {} ({})", said(&warning.message, LONGEST_SENTENCE), warning.code);
    }
    match (warnings.len(), warnings.len().saturating_sub(most)) {
        (_, 0) => {}
        (all, more) if all == more => {
            let _ = writeln!(text, "> {}", count(all as u64, "warning", "warnings"));
        }
        (_, more) => {
            let _ = writeln!(text, "> - and {} more", number(more));
        }
    }
    text
}

/// Every finding with its place, folded; what blocks stands open.
fn findings(found: &[FindingView], frame: &Frame<'_>, shown: &Shown) -> String {
    let errors: Vec<&FindingView> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let others: Vec<&FindingView> = found.iter().filter(|finding| finding.severity != Severity::Error).collect();
    let mut text = String::new();
    for error in errors.iter().take(shown.errors) {
        text.push_str(&one(error, frame, shown));
    }
    if errors.len() > shown.errors {
        let more = count((errors.len() - shown.errors) as u64, "more problem", "more problems");
        let _ = writeln!(text, "- and {more}");
    }
    if !others.is_empty() && shown.findings > 0 {
        let mut rows: String = others.iter().take(shown.findings).map(|finding| one(finding, frame, shown)).collect();
        if others.len() > shown.findings {
            let _ = writeln!(rows, "- and {} more", number(others.len() - shown.findings));
        }
        let summary = format!("{}, with file and line", count(others.len() as u64, "finding", "findings"));
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&fold(&summary, &rows));
    }
    text
}

fn one(finding: &FindingView, frame: &Frame<'_>, shown: &Shown) -> String {
    let icon = match finding.severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Hint => "·",
    };
    let mut text = format!("- {icon} **{}** {}", finding.code, said(&finding.message, LONGEST_SENTENCE));
    if let Some(primary) = &finding.primary {
        let _ = write!(text, " at {}", frame.place(primary));
    }
    text.push('\n');
    if shown.explanations {
        let explained =
            finding.notes.iter().map(|note| ("note", note)).chain(finding.help.iter().map(|help| ("help", help)));
        for (kind, sentence) in explained {
            let _ = writeln!(text, "  - {kind}: {}", said(sentence, LONGEST_SENTENCE));
        }
    }
    text
}

/// Something that is shown to whoever opens it. Without the blank lines hosts would not read what is in it.
fn fold(summary: &str, inside: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{inside}\n</details>\n")
}

fn not_checked(left_out: &[NotCheckedView]) -> String {
    if left_out.is_empty() {
        return "**Not checked**: nothing was left out.\n".to_owned();
    }
    let row = |not: &NotCheckedView| {
        format!("- {}: {}\n", said(&not.subject, LONGEST_SENTENCE), said(&not.reason, LONGEST_SENTENCE))
    };
    format!("**Not checked**\n\n{}", left_out.iter().map(row).collect::<String>())
}

/// When it was read, what it is called, and how to read it.
fn footer(date: Date, plan: Option<String>, frame: &Frame<'_>) -> String {
    let mut parts = vec![format!("For {date}")];
    parts.extend(frame.read_at.map(|at| format!("read {} UTC", at.strftime("%Y-%m-%d %H:%M"))));
    parts.extend(plan);
    parts.extend(frame.report.map(|at| format!("[whole report]({at})")));
    parts.push("free = owned − reserve − allocated".to_owned());
    format!("<sub>{}</sub>\n", parts.join(" · "))
}
