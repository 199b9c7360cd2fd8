use super::*;
use crate::model::code::Code;
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::Finding;
use crate::model::forecast::{Holder, PoolForecast, PoolOutlook, ShortPeriod};
use crate::model::plan::draft::Draft;
use crate::model::roles::WhoCanAllocate;
use crate::model::run::Outcome;
use crate::model::source::Sources;
use crate::model::terms::Units;
use crate::report::fixture::{
    TODAY, check_golden, draft, error, find, future, gauges, id, ninety, plan, read_at, run, sources, warning,
};
use crate::report::view::basics::FindingView;
use crate::report::view::failure::{ErrorView, FailureView};
use crate::report::view::forecast::ForecastView;
use crate::report::view::plan::{PlanVerdict, PlanView};
use crate::report::view::run::{Afterwards, RunVerdict, RunView};
use crate::report::view::status::{GaugeView, StatusVerdict, StatusView};
use crate::report::view::validate::{DriftView, ValidateView};

fn plan_view(findings: &[Finding]) -> PlanView {
    let (plan, sources) = (plan(), sources());
    PlanView::new(plan.draft(), Some((&id(), plan.steps())), findings, &sources, ninety())
}

#[test]
fn a_plan() {
    check_golden("plan.json", &document(Some(CommandName::Plan), &plan_view(&[warning(&sources())])));
}

#[test]
fn the_verdict_follows_the_worst_finding() {
    let hint = Finding::hint(Code::A118, "AppPass is the service's name for app-passes");
    assert_eq!(plan_view(&[]).verdict, PlanVerdict::Ready);
    assert_eq!(plan_view(&[hint]).verdict, PlanVerdict::Ready);
    assert_eq!(plan_view(&[warning(&sources())]).verdict, PlanVerdict::ReadyWithWarnings);
    assert_eq!(plan_view(&[warning(&sources()), error()]).verdict, PlanVerdict::Refused);
}

#[test]
fn a_run_counts_its_changes() {
    let refused = Outcome::Refused { code: Code::A504, why: "the tenant has 9 free".into() };
    for (outcomes, setting, interrupted, expected) in [
        (vec![Outcome::Applied; 6], Outcome::Applied, false, (7, RunVerdict::Applied)),
        (vec![Outcome::Applied; 6], Outcome::Applied, true, (7, RunVerdict::Applied)),
        (vec![Outcome::Applied; 6], refused.clone(), false, (6, RunVerdict::AppliedInPart)),
        (vec![Outcome::Applied; 2], refused.clone(), true, (2, RunVerdict::Interrupted)),
        (vec![refused.clone(); 6], refused.clone(), false, (0, RunVerdict::NotApplied)),
        (vec![], refused, false, (0, RunVerdict::NotApplied)),
    ] {
        let run = run(outcomes, setting, interrupted);
        let view = RunView::new(&run, (&id(), &[]), &Afterwards::default(), &sources(), ninety());
        assert_eq!((view.applied, view.verdict), expected);
        assert_eq!((view.total, view.changes.len()), (7, 6), "no change is left without an outcome");
    }
}

fn outlook(draft: &Draft, sources: &Sources) -> PoolOutlook {
    let holder = Holder {
        environment: "supplier-portal".parse().unwrap(),
        units: Units::new(250_000),
        consumed: None,
        per_month: None,
        can_give_back: None,
        span: Some(find(sources, "300000")),
    };
    let forecast = PoolForecast {
        pool: draft.pools[2].pool.clone(),
        points: vec![future(TODAY, 500_000, 0, 320_000), draft.pools[2].future[0].clone()],
    };
    PoolOutlook {
        forecast,
        holders: vec![holder],
        shortages: vec![ShortPeriod {
            from: draft.pools[2].future[0].from,
            until: None,
            short: Units::new(20_000),
            of_reserve: false,
            can_give_back: Units::ZERO,
            unknown_holders: 1,
            missing: Units::new(20_000),
            packs: Some(1),
            buy_by: TODAY,
        }],
        events: Vec::new(),
        month: None,
    }
}

#[test]
fn every_view_is_valid_json_with_version_and_verdict() {
    let sources = sources();
    let findings = [warning(&sources)];
    let draft = draft();
    let outlook = outlook(&draft, &sources);
    let status = StatusView {
        verdict: StatusVerdict::of(&findings),
        tenant: "contoso".to_owned(),
        provider: Provider::Local,
        date: TODAY,
        read_at: read_at(),
        environments: 212,
        who_can_allocate: Some(WhoCanAllocate::EnvironmentAdmins),
        breakdown: None,
        gauges: gauges().iter().map(|gauge| GaugeView::new(gauge, ninety())).collect(),
        findings: FindingView::all(&findings, &sources),
    };
    for (text, verdict) in [
        (
            document(
                None,
                &ForecastView::new(
                    "contoso",
                    Provider::PowerPlatform,
                    (TODAY, read_at()),
                    &[outlook],
                    &sources,
                    ninety(),
                ),
            ),
            "short",
        ),
        (document(None, &status), "needs-attention"),
        (document(None, &ValidateView::new(&findings, &sources, Some(38), &draft.not_checked)), "valid-with-warnings"),
        (document(None, &DriftView::new(&draft, &findings, &sources)), "drifted"),
        (
            document(
                None,
                &ErrorView::new(FailureView {
                    message: "the tenant cannot be reached".to_owned(),
                    causes: vec!["timed out".to_owned()],
                    help: None,
                }),
            ),
            "failed",
        ),
    ] {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["formatVersion"], "1.0");
        assert_eq!(value["verdict"], verdict, "{text}");
        assert!(text.ends_with("}\n"));
    }
}
