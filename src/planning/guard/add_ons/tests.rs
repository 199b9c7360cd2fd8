//! Add-ons that the catalog does not have: a finding proposes only what a file can say, and a name that is known nowhere is reported.

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::finding::Finding;
use crate::model::observed::{ObservedState, ObservedTotal, Reading};
use crate::model::terms::Units;
use crate::planning::fixture::{Retouch, configuration, known, tenant};
use crate::planning::guard::tenant_findings;

/// A tenant that reports an add-on, of which `a` holds one unit.
fn holding(add_on: &AddOn) -> ObservedState {
    let entries = [(add_on.clone(), Entry::of(Units::new(1)))].into_iter().collect();
    let mut observed =
        tenant(&[], &[('a', &[])]).with('a', |seen| seen.document = known(EnvironmentDocument { entries }));
    let total =
        ObservedTotal { purchased: known(Units::new(1)), allocated: known(Units::new(1)), consumed: Reading::Absent };
    observed.totals.insert(add_on.clone(), total);
    observed
}

fn found(allocations: &str, observed: &ObservedState) -> Vec<Finding> {
    let configuration = configuration(&format!("environments: {{ a: {{ id(a), allocations: {{ {allocations} }} }} }}"));
    let mut found = tenant_findings(&configuration.desired, observed, &configuration.draft(observed));
    found.retain(|finding| [Code::A113, Code::A310, Code::A408].contains(&finding.code));
    found
}

fn codes(allocations: &str, observed: &ObservedState) -> Vec<Code> {
    found(allocations, observed).iter().map(|finding| finding.code).collect()
}

/// Every add-on of the catalog, and some that it does not have.
#[test]
fn a_line_that_a_finding_proposes_is_valid_and_ends_the_finding() {
    let unknown = ["BrandNew", "brandNew", "X9", "brand-new", "AppPas", "APPPASSES", "Brand New", "brandnew", ""];
    let mut proposed = 0;
    for add_on in AddOn::all().chain(unknown.map(AddOn::from_api_value)) {
        let observed = holding(&add_on);
        let findings = found("", &observed);
        let finding = findings.iter().find(|finding| finding.code == Code::A310).unwrap();
        let help = finding.help.join(" ");
        let line = help.split('`').find(|part| part.ends_with(": unmanaged"));
        assert_eq!(line.is_some(), !help.contains("no file can name"), "{help}");
        if let Some(line) = line {
            // `configuration` panics if the line is refused.
            assert_eq!(codes(line, &observed), [], "{line}");
            proposed += 1;
        }
    }
    let named = AddOn::all().filter(AddOn::is_allocatable).count() + 3;
    assert_eq!(proposed, named, "each that can be allocated, BrandNew, brandNew and X9");
}

#[test]
fn a_name_that_the_tenant_does_not_have_is_reported() {
    let observed = holding(&AddOn::from_api_value("BrandNew"));
    assert_eq!(codes("", &observed), [Code::A310, Code::A408]);
    let findings = found("BrandNw: unmanaged", &observed);
    let warning = findings.iter().find(|finding| finding.code == Code::A113).unwrap();
    assert_eq!(warning.message, "neither this version nor the tenant knows an add-on called `BrandNw`");
    assert_eq!(warning.help, ["did you mean `BrandNew`?"]);
    assert!(!warning.is_error() && warning.primary.is_some());
    assert_eq!(codes("BrandNew: unmanaged, Quite9Another: unmanaged", &observed), [Code::A113]);
}
