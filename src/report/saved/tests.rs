use super::*;
use crate::report::fixture::{id, plan};

fn saved() -> String {
    saved_plan_json(&plan(), &id())
}

#[test]
fn what_is_saved_reads_back_exactly() {
    let text = saved();
    let read = read_saved_plan(&text).unwrap();
    assert_eq!(read.plan, plan());
    assert_eq!(read.id, id());
    assert_eq!(read.plan.draft().allowances, ["A301:ai-builder-credits".parse().unwrap()]);
    assert_eq!(saved_plan_json(&read.plan, &read.id), text);
    assert!(text.starts_with("{\n  \"formatVersion\": \"1.0\",\n  \"document\": \"allotment-plan\",\n"), "{text}");
    assert!(text.ends_with("}\n"));
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = read_saved_plan(text).unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn every_truncated_plan_is_recognized() {
    let text = saved();
    let whole = text.trim_end().len();
    for end in (2..whole).step_by(7) {
        check(&text[..end], "the file is incomplete: it ends in the middle of the plan, at line ");
    }
    assert!(read_saved_plan(&text[..whole]).is_ok());
}

#[test]
fn what_is_no_plan_says_what_is_wrong() {
    check("", "the file is not a saved plan: it is empty");
    check("version: 1\n", "the file is not a saved plan: expected value at line 1 column 1");
    check("[]", "the file is not a saved plan: ");
    check("{}", "the file is not a saved plan: `document` is not \"allotment-plan\"; a plan to apply is saved with");
    check(&saved().replace("\"1.0\"", "\"2.0\""), "the plan was saved in format 2.0, and this version reads 1.0 only");
    check(&saved().replace("  \"formatVersion\": \"1.0\",\n", ""), "the file is not a saved plan: it has no `formatV");
}

#[test]
fn what_was_edited_by_hand_contradicts_itself() {
    let edits = [
        ("\"kind\": \"assign\"", "\"kind\": \"increase\""),
        ("\"kind\": \"assign\"", "\"kind\": \"give\""),
        ("\"addOn\": \"app-passes\"", "\"addOn\": \"app-pass\""),
        ("\"allocatedBefore\": 1104", "\"allocatedBefore\": 1195"),
        ("\"allocatedBefore\": 1104", "\"allocatedBefore\": -4"),
        ("\"tenant\": \"contoso\"", "\"tenant\": \"contoso\", \"note\": \"mine\""),
        ("\"A301:ai-builder-credits\"", "\"A201:ai-builder-credits\""),
    ];
    for (before, after) in edits {
        let text = saved();
        assert!(text.contains(before), "{before} is not in {text}");
        check(&text.replace(before, after), "the plan was changed after it was saved: ");
    }
}
