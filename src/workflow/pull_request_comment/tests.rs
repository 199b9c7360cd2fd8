mod memory;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use self::memory::{Memory, Rival};
use super::{CommentOutcome, NotPosted, Obstacle, Posted, Posting, post};
use crate::forge::port::{Closed, ForgeErrorKind, PullRequestNumber, StatusState};
use crate::model::command::CommandName;
use crate::model::marker::{CommentVerdict, Marker};

/// The marker of a run. The clock of every later run is further behind.
fn marker(command: CommandName, run: u8) -> Marker {
    Marker {
        command,
        root: "prod".into(),
        tenant: Some("contoso".into()),
        commit: None,
        head: Some("abc".into()).filter(|_| command != CommandName::Apply),
        run: Some(format!("github/{run}/1").parse().unwrap()),
        digest: None,
        applied: None,
        verdict: CommentVerdict::Passed,
        made_at: format!("2026-11-24T09:{:02}:00Z", 59 - run).parse().unwrap(),
    }
}

fn comment(marker: &Marker, words: &str) -> String {
    format!("{marker}\n### 🟢 Ready: `{words}`\n\nApplying it changes 1 value.\n\n| a |\n|---|\n")
}

async fn posted(forge: &Memory, marker: &Marker, body: &str) -> Result<Posted, NotPosted> {
    let posting = Posting {
        body,
        marker,
        number: Some(PullRequestNumber(7)),
        commit: None,
        head: marker.head.as_deref(),
        with_status: true,
        target: Some("https://ci.example/1"),
        seed: 1,
    };
    post(forge, &posting).await
}

#[track_caller]
fn check(posted: Result<Posted, NotPosted>, outcome: CommentOutcome, hidden: usize) {
    let posted = posted.unwrap();
    assert_eq!((posted.outcome, posted.hidden), (outcome, hidden));
}

#[tokio::test(start_paused = true)]
async fn there_is_one_comment_however_often_it_is_posted() {
    let forge = Memory::new();
    forge.add("what a person wrote");
    let (first, second) = (marker(CommandName::Plan, 1), marker(CommandName::Plan, 2));
    check(posted(&forge, &first, &comment(&first, "one")).await, CommentOutcome::Created, 0);
    check(posted(&forge, &first, &comment(&first, "one")).await, CommentOutcome::Unchanged, 0);
    check(posted(&forge, &second, &comment(&second, "two")).await, CommentOutcome::Updated, 0);
    assert_eq!(forge.bodies(), ["what a person wrote".to_owned(), comment(&second, "two")]);
    let status = forge.statuses.lock().unwrap().last().cloned().unwrap();
    assert_eq!((status.name.as_str(), status.description.as_str()), ("allot/plan (prod)", "🟢 Ready: two"));
    assert_eq!((status.state, status.target.as_deref()), (StatusState::Success, Some("https://ci.example/1")));
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_at_once_the_later_text_goes_into_the_older_comment() {
    for run in [1, 2] {
        let forge = Memory::new();
        let (ours, theirs) = (marker(CommandName::Plan, 2), marker(CommandName::Plan, run));
        *forge.rival.lock().unwrap() = Some(Rival::Before(comment(&theirs, "theirs")));
        check(posted(&forge, &ours, &comment(&ours, "ours")).await, CommentOutcome::Updated, 1);
        assert_eq!(forge.bodies(), [comment(&ours, "ours")]);
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_at_once_the_earlier_text_is_removed() {
    let (ours, theirs) = (marker(CommandName::Plan, 2), marker(CommandName::Plan, 3));
    let (text, later_text) = (comment(&ours, "ours"), comment(&theirs, "theirs"));
    // The later run read and wrote before our comment was there, so only this run can hide its own comment.
    let forge = Memory::new();
    *forge.rival.lock().unwrap() = Some(Rival::Before(later_text.clone()));
    check(posted(&forge, &ours, &text).await, CommentOutcome::Superseded, 0);
    assert_eq!(forge.bodies(), std::slice::from_ref(&later_text));
    // The later run will read when our comment is there already, and will keep the older comment.
    let forge = Memory::new();
    *forge.rival.lock().unwrap() = Some(Rival::After(later_text.clone()));
    check(posted(&forge, &ours, &text).await, CommentOutcome::Superseded, 0);
    assert_eq!(forge.bodies(), [text, later_text.clone()]);
    // Our status was set after theirs, so our run set it again, to the words of the comment that stays.
    let descriptions: Vec<String> =
        forge.statuses.lock().unwrap().iter().map(|status| status.description.clone()).collect();
    assert_eq!(descriptions, ["🟢 Ready: ours", "🟢 Ready: theirs"]);
    check(posted(&forge, &theirs, &later_text).await, CommentOutcome::Updated, 1);
    assert_eq!(forge.bodies(), [later_text]);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_replaces_the_plan_and_is_not_replaced() {
    let forge = Memory::new();
    let (plan, receipt, late) =
        (marker(CommandName::Plan, 1), marker(CommandName::Apply, 2), marker(CommandName::Plan, 3));
    check(posted(&forge, &plan, &comment(&plan, "plan")).await, CommentOutcome::Created, 0);
    check(posted(&forge, &receipt, &comment(&receipt, "receipt")).await, CommentOutcome::Updated, 0);
    check(posted(&forge, &late, &comment(&late, "late")).await, CommentOutcome::Created, 0);
    assert_eq!(forge.bodies(), [comment(&receipt, "receipt"), comment(&late, "late")]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_causes_no_second_comment() {
    for took_effect in [true, false] {
        let forge = Memory::new();
        forge.fail_comment(ForgeErrorKind::Unavailable, took_effect);
        let plan = marker(CommandName::Plan, 1);
        let expected = if took_effect { CommentOutcome::Unchanged } else { CommentOutcome::Created };
        check(posted(&forge, &plan, &comment(&plan, "one")).await, expected, 0);
        assert_eq!(forge.bodies().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_as_long_as_the_host_asks() {
    for (asked, succeeds) in [(40, true), (600, false)] {
        let forge = Memory::new();
        let throttled = ForgeErrorKind::Throttled(Some(Duration::from_secs(asked)));
        forge.fail_comment(throttled, false);
        let plan = marker(CommandName::Plan, 1);
        let begun = tokio::time::Instant::now();
        let posted = posted(&forge, &plan, &comment(&plan, "one")).await;
        assert_eq!(posted.is_ok(), succeeds);
        assert_eq!(begun.elapsed() >= Duration::from_secs(asked), succeeds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_that_is_too_long_is_shortened() {
    // The host states its limit before, or refuses the comment only when it is posted.
    for (longest, fault) in [(300, None), (65_536, Some(ForgeErrorKind::TooLong))] {
        let forge = Memory { longest, ..Memory::new() };
        fault.into_iter().for_each(|fault| forge.fail_comment(fault, false));
        let plan = marker(CommandName::Plan, 1);
        let posted = posted(&forge, &plan, &(comment(&plan, "one") + &"| x |\n".repeat(100))).await.unwrap();
        assert!(posted.is_shortened);
        let bodies = forge.bodies();
        assert!(bodies[0].starts_with(&plan.to_string()) && bodies[0].contains("🟢 Ready"), "{}", bodies[0]);
        assert!(
            bodies[0].contains("[The run](https://ci.example/1) shows the complete report")
                && !bodies[0].contains("| x |")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_on_a_fork_shows_nothing_of_a_tenant() {
    let forge = Memory { is_fork: true, ..Memory::new() };
    let (plan, validation) = (marker(CommandName::Plan, 1), marker(CommandName::Validate, 1));
    let refused = posted(&forge, &plan, &comment(&plan, "one")).await;
    assert!(matches!(refused.unwrap_err().why, Obstacle::Fork(PullRequestNumber(7))));
    assert!(forge.calls.lock().unwrap().is_empty());
    check(posted(&forge, &validation, &comment(&validation, "one")).await, CommentOutcome::Created, 0);
    forge.faults.lock().unwrap().extend([Some((ForgeErrorKind::Denied, false)); 2]);
    let reads =
        posted(&forge, &marker(CommandName::Validate, 2), &comment(&marker(CommandName::Validate, 2), "two")).await;
    assert!(matches!(reads.unwrap_err().why, Obstacle::ReadOnly(PullRequestNumber(7))));
}

#[tokio::test(start_paused = true)]
async fn the_pull_request_of_a_commit_is_found_or_there_is_none() {
    let forge = Memory::new();
    let receipt = marker(CommandName::Apply, 1);
    let body = comment(&receipt, "receipt");
    for (commit, found) in [
        (Some("merged"), "7"),
        (Some("pushed"), "pushed came from no pull request"),
        (None, "neither an option nor the CI job names the pull request"),
    ] {
        let posting = Posting {
            body: &body,
            marker: &receipt,
            number: None,
            commit,
            head: None,
            with_status: false,
            target: None,
            seed: 1,
        };
        let posted = match post(&forge, &posting).await {
            Ok(posted) => posted.number.0.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(posted, found);
    }
    assert!(forge.statuses.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_posted_if_the_branch_has_a_newer_commit() {
    let forge = Memory::new();
    for (command, outcome) in
        [(CommandName::Plan, CommentOutcome::BranchMoved), (CommandName::Apply, CommentOutcome::Created)]
    {
        let marker = marker(command, 1);
        let body = comment(&marker, "one");
        let posting = Posting {
            body: &body,
            marker: &marker,
            number: Some(PullRequestNumber(7)),
            commit: None,
            head: Some("before"),
            with_status: true,
            target: None,
            seed: 1,
        };
        check(post(&forge, &posting).await, outcome, 0);
    }
    assert_eq!(forge.statuses.lock().unwrap().len(), 1, "a plan of an older commit sets no status");
}

#[tokio::test(start_paused = true)]
async fn a_comment_is_posted_even_if_its_status_is_refused() {
    let forge = Memory::new();
    let plan = marker(CommandName::Plan, 1);
    check(posted(&forge, &plan, &comment(&plan, "one")).await, CommentOutcome::Created, 0);
    // GitHub says `Not Found` to some tokens that may not set it.
    for refusal in [ForgeErrorKind::Denied, ForgeErrorKind::NotFound] {
        forge.faults.lock().unwrap().push(Some((refusal, false)));
        let again = posted(&forge, &plan, &comment(&plan, "one")).await.unwrap();
        assert_eq!((again.outcome, again.failed.unwrap().kind), (CommentOutcome::Unchanged, refusal));
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_without_a_tenant_replaces_no_comment_of_two_tenants() {
    let forge = Memory::new();
    for tenant in ["contoso", "fabrikam"] {
        let marker = Marker { tenant: Some(tenant.into()), ..marker(CommandName::Plan, 1) };
        check(posted(&forge, &marker, &comment(&marker, tenant)).await, CommentOutcome::Created, 0);
    }
    let unnamed = Marker { tenant: None, ..marker(CommandName::Plan, 2) };
    check(posted(&forge, &unnamed, &comment(&unnamed, "failed")).await, CommentOutcome::Created, 0);
    assert_eq!(forge.bodies().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_comment_of_an_older_commit_is_replaced_whatever_its_clock_and_run_say() {
    for theirs in [
        Marker { head: Some("older".into()), ..marker(CommandName::Plan, 50) },
        Marker { made_at: "9999-01-01T00:00:00Z".parse().unwrap(), ..marker(CommandName::Plan, 1) },
        Marker { run: None, made_at: "9999-01-01T00:00:00Z".parse().unwrap(), ..marker(CommandName::Plan, 1) },
    ] {
        let forge = Memory::new();
        forge.add(&comment(&theirs, "theirs"));
        let ours = marker(CommandName::Plan, 2);
        check(posted(&forge, &ours, &comment(&ours, "ours")).await, CommentOutcome::Updated, 0);
        assert_eq!(forge.bodies(), [comment(&ours, "ours")]);
        assert_eq!(forge.statuses.lock().unwrap().len(), 1, "the head has a status");
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_run_writes_neither_comment_nor_status() {
    let forge = Memory::new();
    let (earlier, later) = (marker(CommandName::Plan, 1), marker(CommandName::Plan, 2));
    check(posted(&forge, &later, &comment(&later, "later")).await, CommentOutcome::Created, 0);
    check(posted(&forge, &earlier, &comment(&earlier, "earlier")).await, CommentOutcome::Superseded, 0);
    assert_eq!((forge.bodies(), forge.statuses.lock().unwrap().len()), (vec![comment(&later, "later")], 1));
}

#[tokio::test(start_paused = true)]
async fn the_status_is_set_before_the_comment_and_also_without_it() {
    let plan = marker(CommandName::Plan, 1);
    let forge = Memory::new();
    check(posted(&forge, &plan, &comment(&plan, "one")).await, CommentOutcome::Created, 0);
    assert_eq!(*forge.calls.lock().unwrap(), ["status", "create"]);
    let refusals = [
        (Memory { closed: Some(Closed::Locked), ..Memory::new() }, "the conversation on pull request 7 is locked"),
        (Memory { closed: Some(Closed::Archived), ..Memory::new() }, "the repository of pull request 7 is archived"),
        (Memory { only_first: Some(10_000), ..Memory::new() }, "pull request 7 has more than 10,000 comments"),
    ];
    for (forge, words) in refusals {
        let refused = posted(&forge, &plan, &comment(&plan, "one")).await.unwrap_err();
        assert!(refused.status_is_set && refused.to_string().starts_with(words), "{refused}");
        assert!(refused.to_string().ends_with("so no comment was posted; the status was set"), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_that_is_found_is_updated_however_many_there_are() {
    let forge = Memory { only_first: Some(10_000), ..Memory::new() };
    let (old, new) = (marker(CommandName::Plan, 1), marker(CommandName::Plan, 2));
    forge.add(&comment(&old, "old"));
    check(posted(&forge, &new, &comment(&new, "new")).await, CommentOutcome::Updated, 0);
}

#[tokio::test(start_paused = true)]
async fn a_comment_that_a_person_deletes_meanwhile_is_written_again() {
    let forge = Memory { deletes_first: AtomicBool::new(true), ..Memory::new() };
    let (old, new) = (marker(CommandName::Plan, 1), marker(CommandName::Plan, 2));
    forge.add(&comment(&old, "old"));
    check(posted(&forge, &new, &comment(&new, "new")).await, CommentOutcome::Created, 0);
    assert_eq!(forge.bodies(), [comment(&new, "new")]);
}
