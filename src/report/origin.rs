//! The origin of a report: the folder of the configuration, the CI job that made the report, and the tenant.

use jiff::Timestamp;

use super::counts::Counts;
use super::links::Links;
use crate::ci::host::Host;
use crate::ci::who::PullRequest;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::marker::JobRun;
use crate::model::source::Place;

/// The origin of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The folder of the configuration in its repository. Each folder has its own comment on a pull request.
    pub root: String,
    /// The path of the root file in the repository.
    pub root_file: String,
    /// The commit of the configuration.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch when the CI job began.
    pub head: Option<String>,
    /// The run of the CI job.
    pub run: Option<JobRun>,
    /// The address of the page of the CI job.
    pub page: Option<String>,
    /// Who started the CI job.
    pub actor: Option<String>,
    /// The pull request that the CI job is about.
    pub pull_request: Option<PullRequest>,
    /// Makes addresses of places in files.
    pub links: Option<Links>,
    /// The host that runs the CI job.
    pub host: Option<Host>,
    /// When the command started.
    pub started_at: Timestamp,
    /// When the report was made, after everything that it reports.
    pub made_at: Timestamp,
}

/// Facts about a report of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The command that made the report.
    pub command: CommandName,
    /// The tenant's name in the configuration; `None` for a validation, a refusal and a failure.
    pub tenant: Option<&'a str>,
    /// The built-in tenant, or the service; `None` if the content of the answer does not name it.
    pub provider: Option<Provider>,
    /// When the tenant was read.
    pub read_at: Option<Timestamp>,
    /// The origin of the report.
    pub origin: &'a Origin,
    /// The length limit in characters, for formats that have one.
    pub budget: usize,
    /// The number of findings that the command made and the content of its answer does not list.
    pub more: Counts,
}

impl Frame<'_> {
    /// The address of a place, if it is known.
    pub(super) fn address(&self, place: &Place) -> Option<String> {
        self.origin.links.as_ref()?.to(place)
    }

    /// The address at which a person edits a place of the pull request's branch; outside a pull request, the address of the place. `None`
    /// if the branch is not known, because the base of a pull request is not where to edit.
    pub(super) fn editor(&self, place: &Place) -> Option<String> {
        let links = self.origin.links.as_ref()?;
        let here = || links.to(place).filter(|_| self.origin.pull_request.is_none());
        links.editor(place).or_else(here)
    }

    /// When the command started and ended, in words, to the minute.
    pub(super) fn times(&self) -> String {
        let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
        let minute = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
        let (from, to) = (self.origin.started_at, self.origin.made_at);
        match (minute(from), minute(to)) {
            (start, end) if start == end => format!("at {start} UTC"),
            (start, _) if day(from) == day(to) => format!("from {start} to {} UTC", to.strftime("%H:%M")),
            (start, end) => format!("from {start} to {end} UTC"),
        }
    }

    /// When the tenant was read, in words.
    pub(super) fn read(&self) -> Option<String> {
        self.read_at.map(|at| format!("read {} UTC", at.strftime("%Y-%m-%d %H:%M")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Frame, Origin};
    use crate::model::command::CommandName;

    #[test]
    fn a_short_run_has_one_time_and_a_long_one_two() {
        for (start, end, words) in [
            ("2026-11-24T09:30:01Z", "2026-11-24T09:30:59Z", "at 2026-11-24 09:30 UTC"),
            ("2026-11-24T09:30:59Z", "2026-11-24T09:31:00Z", "from 2026-11-24 09:30 to 09:31 UTC"),
            ("2026-11-24T23:59:00Z", "2026-11-25T00:10:00Z", "from 2026-11-24 23:59 to 2026-11-25 00:10 UTC"),
        ] {
            let origin = Origin {
                root: ".".to_owned(),
                root_file: String::new(),
                commit: None,
                head: None,
                run: None,
                page: None,
                actor: None,
                pull_request: None,
                links: None,
                host: None,
                started_at: start.parse().unwrap(),
                made_at: end.parse().unwrap(),
            };
            let command = CommandName::Apply;
            let more = Counts::default();
            let frame =
                Frame { command, tenant: None, provider: None, read_at: None, origin: &origin, budget: 0, more };
            assert_eq!(frame.times(), words);
        }
    }
}
