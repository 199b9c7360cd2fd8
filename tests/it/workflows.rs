//! The use cases without a command line: options in, one answer out. What a library, a service or a dashboard would call.

use std::sync::Arc;

use allotment::ci::event::Event;
use allotment::ci::host::Host as ForgeHost;
use allotment::ci::job::Job;
use allotment::model::command::CommandName;
use allotment::model::ending::Ending;
use allotment::model::surroundings::Surroundings;
use allotment::report::answer::{Answer, Content};
use allotment::report::format::Format;
use allotment::report::markdown::BUDGET;
use allotment::report::origin::Origin;
use allotment::report::render::render;
use allotment::workflow::apply::{ApplyEvent, ApplyOptions, Guarded, Proposal, Stop, propose};
use allotment::workflow::comment::{CommentOptions, Commented, comment};
use allotment::workflow::destination::NamedPullRequest;
use allotment::workflow::drift::drift;
use allotment::workflow::plan::{PlanOptions, plan};
use allotment::workflow::planned::Scope;
use allotment::workflow::ports::{Ports, Search, TenantOptions, over_http};
use allotment::workflow::pull_request_comment::CommentOutcome;
use jiff::Timestamp;

use crate::hosts::{Host, TOKEN};
use crate::steps::{Seen, in_steps};
use crate::support::Folder;

const CONFIGURATION: &str = "version: 1\ntenant: { name: contoso }\npurchased: { app-passes: 50 }\nenvironments:\n  \
    hr:\n    id: \"d54a33bc-880a-e348-b341-3a0581585c02\"\n    allocations: { app-passes: 10 }\n";

pub(crate) fn ports(folder: &Folder, variables: Vec<(String, String)>) -> Ports {
    let now: Timestamp = "2026-11-24T09:30:00Z".parse().expect("a timestamp");
    Ports {
        clock: Arc::new(move || now),
        working_folder: folder.path("").to_owned(),
        start: folder.path("").to_owned(),
        search: Search::Here,
        surroundings: Surroundings::default(),
        variables: Box::new(move |name| {
            variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        }),
        connect: over_http(Arc::new(|_| ())),
        notice: Arc::new(|_| ()),
        jitter_seed: 0,
        note: Box::new(|_| ()),
    }
}

fn tenant() -> TenantOptions {
    TenantOptions { role: None, seed: None, endpoint: None }
}

fn plan_options() -> PlanOptions {
    PlanOptions {
        command: CommandName::Plan,
        scope: Scope::default(),
        at: None,
        save_to: None,
        ends_with_changes: true,
        base: None,
        with: Vec::new(),
        tenant: tenant(),
    }
}

async fn applied(folder: &Folder) -> (Answer, Vec<&'static str>) {
    let options = ApplyOptions { auto_approve: false, checks_afterwards: true, ..unattended() };
    let mut steps = Vec::new();
    let decide = async |proposal: &Proposal| {
        assert_eq!(proposal.view().changes.is_empty(), proposal.is_decided());
        Ok(())
    };
    let see = |seen: Seen<'_>| match seen {
        Seen::Event(ApplyEvent::Settled { .. }) => steps.push("settled"),
        Seen::Event(_) => {}
        Seen::Run => steps.push("done"),
    };
    let answer = in_steps(&ports(folder, Vec::new()), &options, &Stop::default(), decide, see).await;
    (answer.expect("an applied plan"), steps)
}

fn unattended() -> ApplyOptions {
    ApplyOptions::unattended(Scope::default(), tenant())
}

fn differs(answer: &Answer) -> bool {
    match (&answer.content, answer.ending) {
        (Content::Plan(plan), ending) => {
            assert_eq!(plan.view.changes.is_empty(), ending == Ending::Fine);
            !plan.draft.is_empty()
        }
        (Content::Drift(view), ending) => {
            assert_eq!(view.cells.is_empty(), ending == Ending::Fine);
            !view.cells.is_empty()
        }
        other => panic!("neither a plan nor drift: {other:?}"),
    }
}

#[tokio::test]
async fn plan_drift_and_apply_agree_without_a_command_line() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let ports = ports(&folder, Vec::new());
    for expected in [true, false] {
        assert_eq!(differs(&plan(&ports, &plan_options()).await.expect("a plan")), expected);
        assert_eq!(differs(&drift(&ports, &tenant()).await.expect("drift")), expected);
        let (answer, steps) = applied(&folder).await;
        let Content::Run(run) = &answer.content else { panic!("no run: {:?}", answer.content) };
        assert_eq!((run.view.applied, run.view.total), if expected { (1, 1) } else { (0, 0) });
        assert_eq!(answer.ending, Ending::Fine);
        assert_eq!(run.view.pools.len(), 1, "the pools afterwards are part of the answer");
        assert_eq!(steps, if expected { &["settled", "done"][..] } else { &[] });
    }
}

#[tokio::test]
async fn a_plan_that_is_not_executed_changes_nothing() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let ports = ports(&folder, Vec::new());
    assert!(matches!(propose(&ports, &unattended(), &Stop::default()).await, Ok(Guarded::Approved(_))));
    assert!(differs(&plan(&ports, &plan_options()).await.expect("a plan")));
}

#[tokio::test]
async fn an_invalid_configuration_is_an_answer_too() {
    let folder = Folder::with(&[("allotment.yaml", &CONFIGURATION.replace("app-passes: 10", "app-pases: 10"))]);
    let stopped = plan(&ports(&folder, Vec::new()), &plan_options()).await.expect_err("an invalid configuration");
    let answer = stopped.answer(CommandName::Plan).expect("something to report");
    assert_eq!(answer.ending, Ending::Refused);
    assert!(matches!(&answer.content, Content::Invalid(view) if view.findings.len() == 1));
    assert_eq!(answer.findings.len(), 1);
}

#[test]
fn a_comment_is_posted_without_a_command_line() {
    let host = Host::start(crate::hosts::ALL[0]);
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION)]);
    let variables: Vec<(String, String)> =
        host.variables(TOKEN).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let ports = ports(&folder, variables);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let posted = runtime.block_on(async {
        let answer = plan(&ports, &plan_options()).await.expect("a plan");
        let job = Job::of(&ports.variables, &Event::default());
        assert_eq!(job.host, Some(ForgeHost::GitHub));
        let origin = Origin {
            root: ".".to_owned(),
            root_file: "allotment.yaml".to_owned(),
            commit: job.commit,
            head: job.head,
            run: job.run.and_then(|run| run.parse().ok()),
            page: job.page,
            actor: job.actor,
            pull_request: job.pull_request,
            links: None,
            host: job.host,
            started_at: (ports.clock)(),
            made_at: (ports.clock)(),
        };
        folder.write("plan.md", render(&answer, Format::Markdown, BUDGET, &origin).expect("Markdown").for_file());
        let options =
            CommentOptions { file: "plan.md".into(), pull_request: NamedPullRequest::default(), with_status: true };
        comment(&ports, &options).await.expect("a report").commented.expect("a comment")
    });
    assert!(
        matches!(posted, Commented::Posted { posted, host: "GitHub" } if posted.outcome == CommentOutcome::Created)
    );
}
