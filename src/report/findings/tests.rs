use super::*;
use crate::model::code::Code;
use crate::model::source::Span;

const ROOT: &str = "version: 1
tenant: { name: contoso }
purchased:
  app-passes: 1200
  portal-page-views:
    - { units: 500000, until: 2026-12-31 }
    - { units: 300000, from: 2027-01-01, until: 2027-12-31 }
floors:
  hr-prod: { app-passes: 100 }
";

const HR: &str = "version: 1
environments:
  hr-prod:
    id: \"3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55\"
    name: HR (Prod)
    allocations:
      app-passes: 80
";

fn sources() -> (Sources, SourceId, SourceId) {
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", ROOT);
    let hr = sources.add("environments/hr.yaml", HR);
    (sources, root, hr)
}

fn find(sources: &Sources, source: SourceId, needle: &str) -> Span {
    let text = &sources.get(source).unwrap().text;
    let start = text.find(needle).unwrap();
    Span { source, start: u32::try_from(start).unwrap(), end: u32::try_from(start + needle.len()).unwrap() }
}

#[track_caller]
fn check(finding: &Finding, sources: &Sources, expected: &str) {
    let shown = render(std::slice::from_ref(finding), sources, &Style::PLAIN);
    assert_eq!(shown.trim_end(), expected.trim());
}

#[test]
fn places_in_two_files_with_note_help_and_flag() {
    let (sources, root, hr) = sources();
    let finding = Finding::error(Code::A303, "App passes of hr-prod would go to 80, below their floor of 100")
        .at(find(&sources, hr, "80"), "20 below the floor")
        .see(find(&sources, root, "{ app-passes: 100 }"), "the floor is here")
        .note("HR (Prod) holds 120 App passes now, and 97 of them are in use according to the tenant's report of 22 November 2026")
        .help("raise the amount to 100, or ask the owner of the floor to lower it")
        .allowable("hr-prod/app-passes");
    check(
        &finding,
        &sources,
        r#"
error[A303]: App passes of hr-prod would go to 80, below their floor of 100
 --> environments/hr.yaml:7:19
  |
7 |       app-passes: 80
  |                   ^^ 20 below the floor
  |
 ::: allotment.yaml:9:12
  |
9 |   hr-prod: { app-passes: 100 }
  |            ------------------- the floor is here
  |
  = note: HR (Prod) holds 120 App passes now, and 97 of them are in use
          according to the tenant's report of 22 November 2026
  = help: raise the amount to 100, or ask the owner of the floor to lower it
  = help: if this is intended: `--allow A303:hr-prod/app-passes` allows only
          this
"#,
    );
}

#[test]
fn far_and_near_places_of_one_file() {
    let mut text = String::from("purchased: { app-passes: 10 }\n");
    text.push_str(&"# filler\n".repeat(3000));
    text.push_str("a: 1\nb: 2\nc: { add: 5, from: 2026-12-01,\n     until: 2027-01-31 }\n");
    let mut sources = Sources::new();
    let id = sources.add("allotment.yaml", text);
    let finding = Finding::warning(Code::A202, "App passes are short by 5 from 1 January 2027 on")
        .at(find(&sources, id, "c: { add: 5, from: 2026-12-01,\n     until: 2027-01-31 }"), "this loan")
        .see(find(&sources, id, "10"), "purchased here")
        .see(find(&sources, id, "a: 1"), "holds 1");
    check(
        &finding,
        &sources,
        r#"
warning[A202]: App passes are short by 5 from 1 January 2027 on
    --> allotment.yaml:3004:1
     |
3002 | a: 1
     | ---- holds 1
3003 |
3004 | c: { add: 5, from: 2026-12-01,
     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this loan
     |
    ::: allotment.yaml:1:26
     |
   1 | purchased: { app-passes: 10 }
     |                          -- purchased here
"#,
    );
}

#[test]
fn hostile_and_endless_text() {
    let mut sources = Sources::new();
    let long = format!(
        "{{ \"a\u{1b}[31m\": {}, bad: \u{202e}12x, more: {} }}",
        "1234567890, ".repeat(500_000),
        "x".repeat(1_000_000)
    );
    let id = sources.add("evil\u{1b}[2J\u{202e}.yaml", long);
    let finding = Finding::hint(Code::A118, "`\u{1b}[31mAppPass` is\nan API value")
        .at(find(&sources, id, "\u{202e}12x"), "here\u{200b} it is")
        .see(find(&sources, id, "a\u{1b}[31m"), "the key")
        .note("line one\nline two \u{1b}]0;title\u{7}")
        .help("write `app-passes`");
    check(
        &finding,
        &sources,
        r#"
hint[A118]: `␛[31mAppPass` is…
 --> evil␛[2J\u{202e}.yaml:1:6000020
  |
 :::
1 | ...90, 1234567890, , bad: �12x, more: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
  |                           ^^^^ here\u{200b} it is
  |
 ::: evil␛[2J\u{202e}.yaml:1:4
  |
1 | { "a�[31m": 1234567890, 1234567890, 1234567890, 1234567890, 1234567890, 1...
  |    ------ the key
  |
  = note: line one
          line two ␛]0;title␇
  = help: write `app-passes`
"#,
    );
}

#[test]
fn no_place() {
    let (sources, ..) = sources();
    check(
        &Finding::warning(Code::A406, "environment admins may allocate too")
            .help("set `whoCanAllocate: only-specific-admins` under `tenant:`"),
        &sources,
        r#"
warning[A406]: environment admins may allocate too
 = help: set `whoCanAllocate: only-specific-admins` under `tenant:`
"#,
    );
}

#[test]
fn places_at_the_edges_of_files_do_no_harm() {
    let mut sources = Sources::new();
    let empty = sources.add("empty.yaml", "");
    let wide = sources.add("wide.yaml", "name: \"部門 ü\"\r\nlast: é");
    let end = u32::try_from(sources.get(wide).unwrap().text.len()).unwrap();
    for (source, start, end) in [
        (empty, 0, 0),
        (empty, 5, 9),
        (wide, 0, u32::MAX),
        (wide, end, end),
        (wide, end - 1, end),
        (wide, 8, 9),
        (wide, 16, 18),
        (wide, 9, 3),
    ] {
        let finding = Finding::error(Code::A101, "the file is not valid YAML").at(Span { source, start, end }, "here");
        let shown = render(&[finding], &sources, &Style::PLAIN);
        assert!(shown.starts_with("error[A101]: the file is not valid YAML\n"), "{shown}");
        assert!(shown.contains("here"), "{shown}");
    }
}

#[test]
fn a_place_of_other_sources_is_left_out() {
    let (sources, _, hr) = sources();
    let finding = Finding::error(Code::A101, "gone").at(find(&sources, hr, "80"), "here");
    check(&finding, &Sources::new(), "error[A101]: gone");
}

#[test]
fn only_colour_asks_for_escape_sequences() {
    let (sources, _, hr) = sources();
    let finding = Finding::error(Code::A303, "below the floor").at(find(&sources, hr, "80"), "");
    let plain = render(std::slice::from_ref(&finding), &sources, &Style::PLAIN);
    let coloured = render(&[finding], &sources, &Style { color: true, width: 80 });
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains("\u{1b}[1m\u{1b}[91merror[A303]\u{1b}[0m"), "{coloured:?}");
}

#[test]
fn many_related_places_are_counted() {
    let (sources, _, hr) = sources();
    let span = find(&sources, hr, "80");
    let finding = (0..20).fold(Finding::error(Code::A201, "short"), |finding, _| finding.see(span, "holds"));
    let shown = render(&[finding], &sources, &Style::PLAIN);
    assert_eq!(shown.matches("holds").count(), MOST_RELATED);
    assert!(shown.contains("= note: and 12 more places that are not shown here"), "{shown}");
}

#[test]
fn many_findings_in_a_large_file_are_quick() {
    let line = "  hr-prod: { app-passes: 100 }\n";
    let mut sources = Sources::new();
    let id = sources.add("allotment.yaml", line.repeat(50_000));
    let findings: Vec<Finding> = (0..5_000u32)
        .map(|number| number * 10 * 31 + 12)
        .map(|start| Finding::error(Code::A303, "below").at(Span { source: id, start, end: start + 3 }, "here"))
        .collect();
    let started = std::time::Instant::now();
    let shown = render(&findings, &sources, &Style::PLAIN);
    assert!(shown.contains("--> allotment.yaml:49991:13"), "lines are counted on");
    // The limit is generous: counting lines again for each finding would take minutes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn findings_are_counted() {
    let error = Finding::error(Code::A201, "");
    let warning = Finding::warning(Code::A202, "");
    let hint = Finding::hint(Code::A118, "");
    for (findings, expected) in [
        (vec![], None),
        (vec![error.clone()], Some("1 error")),
        (vec![error.clone(), warning.clone(), error.clone(), error.clone()], Some("3 errors, 1 warning")),
        (vec![warning.clone(), warning, hint.clone()], Some("2 warnings, 1 hint")),
        (vec![hint], Some("1 hint")),
        (vec![error; 1_200], Some("1,200 errors")),
    ] {
        assert_eq!(summary(&findings).as_deref(), expected);
    }
}
