//! Which of two reports a pull request keeps: the commit and the run decide, and no clock does.

use crate::hosts::{ALL, Host, Kind, TOKEN};
use crate::posting::{comment, told};
use crate::support::Folder;

const CONFIGURATION: &str = "version: 1\ntenant: { name: contoso, provider: local, whoCanAllocate: environment-admins }\n\
    purchased: { app-passes: 50 }\nenvironments:\n  \
    hr:\n    id: \"d54a33bc-880a-e348-b341-3a0581585c02\"\n    allocations: { app-passes: 10 }\n";

/// The clock of a machine that is a month ahead.
const FAST: &str = "2026-12-24T09:30:00Z";
const RIGHT: &str = "2026-11-24T09:30:00Z";

/// A run of a job of pull request 12: what the host says about it, and the clock of its machine.
#[derive(Clone, Copy)]
struct Run {
    head: &'static str,
    /// The number of the run, and the attempt.
    number: (u32, u32),
    clock: &'static str,
}

impl Run {
    /// Plans with so many units, posts the plan, and returns what `allot comment` said.
    fn posts(self, folder: &Folder, host: &Host, units: u32) -> String {
        folder.write("allotment.yaml", CONFIGURATION.replace("app-passes: 10", &format!("app-passes: {units}")));
        let variables = self.variables(folder, host);
        let mut plan = folder.allot(&["plan", "--report=markdown=plan.md", "--quiet"]);
        plan.envs(host.variables(TOKEN)).envs(variables.clone()).env("ALLOT_CLOCK", self.clock);
        told(plan.output().expect("the binary runs"), 0);
        told(comment(folder, host, TOKEN, "plan.md").envs(variables).output().expect("the binary runs"), 0)
    }

    fn variables(self, folder: &Folder, host: &Host) -> Vec<(&'static str, String)> {
        let Run { head, number: (run, attempt), .. } = self;
        match host.kind {
            Kind::GitHub => {
                let event = format!(r#"{{ "pull_request": {{ "number": 12, "head": {{ "sha": "{head}" }} }} }}"#);
                folder.write("event.json", event);
                let event = folder.path("event.json").to_string_lossy().into_owned();
                let numbers = [("GITHUB_RUN_ID", run.to_string()), ("GITHUB_RUN_ATTEMPT", attempt.to_string())];
                [&numbers[..], &[("GITHUB_EVENT_PATH", event)]].concat()
            }
            Kind::GitLab => vec![
                ("CI_PIPELINE_ID", run.to_string()),
                ("CI_JOB_ID", (run * 10 + attempt).to_string()),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", head.to_owned()),
            ],
            Kind::Azure => vec![
                ("BUILD_BUILDID", run.to_string()),
                ("SYSTEM_JOBATTEMPT", attempt.to_string()),
                ("SYSTEM_STAGEATTEMPT", "1".to_owned()),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", head.to_owned()),
            ],
        }
    }
}

/// A run whose pull request had this last commit.
fn run(head: &'static str, number: (u32, u32), clock: &'static str) -> Run {
    Run { head, number, clock }
}

#[test]
fn the_comment_of_an_older_commit_never_stays_and_the_head_has_a_status() {
    for host in ALL.map(Host::start) {
        let folder = Folder::with(&[]);
        // It was the last commit when its run posted, on a machine whose clock is ahead.
        host.with(|state| state.head = "older");
        run("older", (78, 1), FAST).posts(&folder, &host, 11);
        host.with(|state| state.head = "head");
        let told = run("head", (77, 1), RIGHT).posts(&folder, &host, 12);
        assert!(told.starts_with("updated the comment on "), "{:?}: {told}", host.kind);
        let shown = host.shown();
        assert!(shown.len() == 1 && shown[0].contains("| **12** |"), "{shown:?}");
        host.with(|state| assert_eq!(state.statuses.last().expect("a status")[0], "head"));
        // The older commit's run is repeated.
        let statuses = host.with(|state| state.statuses.len());
        let told = run("older", (79, 1), FAST).posts(&folder, &host, 13);
        assert!(told.ends_with("the branch has a newer commit\n"), "{told}");
        assert_eq!((host.shown(), host.with(|state| state.statuses.len())), (shown, statuses));
    }
}

#[test]
fn of_two_runs_of_one_commit_the_later_one_counts_whatever_the_clocks_say() {
    for host in ALL.map(Host::start) {
        let folder = Folder::with(&[]);
        run("head", (78, 2), RIGHT).posts(&folder, &host, 12);
        for (number, units) in [((78, 1), 13), ((77, 9), 14)] {
            let told = run("head", number, FAST).posts(&folder, &host, units);
            assert!(told.starts_with("kept the comment on ") && told.contains("a later run wrote it"), "{told}");
        }
        assert!(host.shown()[0].contains("| **12** |"));
        let told = run("head", (78, 3), "2020-01-01T00:00:00Z").posts(&folder, &host, 15);
        assert!(told.starts_with("updated the comment on "), "{told}");
        assert!(host.shown()[0].contains("| **15** |"));
        host.with(|state| assert_eq!(state.statuses.len(), 2, "a run that is not shown sets no status"));
    }
}
