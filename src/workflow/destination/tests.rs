use secrecy::ExposeSecret;

use super::{Address, Destination, Event, Host, NamedPullRequest};

fn args() -> NamedPullRequest {
    NamedPullRequest::default()
}

fn destination(args: &NamedPullRequest, set: &[(&str, &str)]) -> anyhow::Result<Destination> {
    let variables = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Destination::of(args, &variables, &Event::default())
}

const GITHUB: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_REPOSITORY", "contoso/capacity"),
    ("GITHUB_REF", "refs/pull/12/merge"),
    ("GITHUB_SHA", "4f2c9d1"),
    ("GITHUB_TOKEN", "a-token\n"),
];

const GITLAB: &[(&str, &str)] = &[
    ("GITLAB_CI", "true"),
    ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
    ("CI_PROJECT_ID", "78"),
    ("CI_MERGE_REQUEST_PROJECT_ID", "77"),
    ("CI_MERGE_REQUEST_IID", "12"),
    ("CI_COMMIT_SHA", "4f2c9d1"),
    ("GITLAB_TOKEN", "a-token"),
];

const AZURE: &[(&str, &str)] = &[
    ("TF_BUILD", "True"),
    ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
    ("SYSTEM_TEAMPROJECT", "Power Platform"),
    ("BUILD_REPOSITORY_ID", "0c1"),
    ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
    ("BUILD_SOURCEVERSION", "4f2c9d1"),
    ("SYSTEM_ACCESSTOKEN", "a-token"),
];

#[test]
fn each_host_says_where_its_pull_request_is() {
    for (set, place) in [
        (GITHUB, "https://api.github.com/ https://api.github.com/graphql contoso/capacity"),
        (GITLAB, "https://gitlab.example/api/v4 77"),
        (AZURE, "https://dev.azure.com/contoso/ Power Platform 0c1"),
    ] {
        let found = destination(&args(), set).unwrap();
        let place_found = match &found.address {
            Address::GitHub(at) => format!("{} {} {}/{}", at.api, at.graphql, at.owner, at.name),
            Address::GitLab(at) => format!("{} {}", at.api, at.id),
            Address::AzureDevOps(at) => format!("{} {} {}", at.collection, at.project, at.repository),
        };
        assert_eq!(place_found, place);
        assert_eq!((found.number, found.commit.as_deref()), (Some(12), Some("4f2c9d1")));
        assert_eq!(found.token.expose_secret(), "a-token");
    }
}

#[test]
fn azure_pipelines_can_build_a_repository_of_github() {
    let set = [
        ("TF_BUILD", "True"),
        ("BUILD_REPOSITORY_PROVIDER", "GitHub"),
        ("BUILD_REPOSITORY_NAME", "contoso/capacity"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "9"),
        ("GH_TOKEN", "t"),
    ];
    let found = destination(&args(), &set).unwrap();
    assert!(matches!(found.address, Address::GitHub(at) if at.name == "capacity"));
    assert_eq!(found.number, Some(9));
}

#[test]
fn arguments_override_variables() {
    for (number, commit, expected) in
        [(Some(3), Some("abc"), (Some(3), Some("abc"))), (None, Some("abc"), (None, Some("abc")))]
    {
        let typed = NamedPullRequest { number, commit: commit.map(str::to_owned), ..args() };
        let found = destination(&typed, GITHUB).unwrap();
        assert_eq!((found.number, found.commit.as_deref()), expected);
    }
    let elsewhere = NamedPullRequest { host: Some(Host::GitLab), ..args() };
    assert!(destination(&elsewhere, GITHUB).unwrap_err().to_string().contains("CI_API_V4_URL is not set"));
}

#[test]
fn a_missing_variable_is_named() {
    let without = |set: &[(&'static str, &'static str)], name: &str| {
        let kept: Vec<_> = set.iter().copied().filter(|(key, _)| *key != name).collect();
        destination(&args(), &kept).map(|_| ()).unwrap_err().to_string()
    };
    for (set, name) in [
        (GITHUB, "GITHUB_REPOSITORY"),
        (GITHUB, "GITHUB_TOKEN"),
        (GITLAB, "CI_API_V4_URL"),
        (GITLAB, "GITLAB_TOKEN"),
        (AZURE, "SYSTEM_COLLECTIONURI"),
        (AZURE, "SYSTEM_ACCESSTOKEN"),
    ] {
        let message = without(set, name);
        assert!(message.contains(name), "{name}: {message}");
    }
    assert!(destination(&args(), &[]).unwrap_err().to_string().contains("a known CI host"));
}

#[test]
fn a_token_is_sent_over_tls_or_to_this_machine() {
    for (address, wrong) in [
        ("http://api.example.com", "would send the token"),
        ("ftp://api.example.com", "not an HTTP address"),
        ("here", "not an address"),
    ] {
        let set: Vec<_> = GITHUB.iter().copied().chain([("GITHUB_API_URL", address)]).collect();
        let message = destination(&args(), &set).unwrap_err().to_string();
        assert!(message.contains(wrong), "{message}");
    }
    let local: Vec<_> = GITHUB.iter().copied().chain([("GITHUB_API_URL", "http://127.0.0.1:9")]).collect();
    destination(&args(), &local).unwrap();
}

#[test]
fn no_password_of_an_address_is_shown_or_sent() {
    for address in ["http://user:sesame@ghe.example/api/v3", "ftp://user:sesame@x", "user:sesame@ghe.example"] {
        let set: Vec<_> = GITHUB.iter().copied().chain([("GITHUB_API_URL", address)]).collect();
        let message = format!("{:#}", destination(&args(), &set).unwrap_err());
        assert!(message.contains("GITHUB_API_URL is a value that may be a secret") && !message.contains("sesame"));
    }
    let set: Vec<_> =
        GITHUB.iter().copied().chain([("GITHUB_API_URL", "https://user:sesame@ghe.example/api/v3")]).collect();
    let Address::GitHub(at) = destination(&args(), &set).unwrap().address else { panic!("it is GitHub's") };
    assert_eq!(at.api.as_str(), "https://ghe.example/api/v3");
    assert_eq!(at.graphql.as_str(), "https://ghe.example/api/graphql");
}

#[test]
fn the_pull_request_comes_from_the_event_if_the_reference_names_none() {
    let event = r#"{ "action": "opened", "pull_request": { "number": 41, "head": { "sha": "abc", "ref": "x" } } }"#;
    let event: Event = serde_json::from_str(event).unwrap();
    let variables = |name: &str| match name {
        "GITHUB_REF" => Some("refs/heads/main".to_owned()),
        _ => GITHUB.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
    };
    let found = Destination::of(&args(), &variables, &event).unwrap();
    assert_eq!((found.number, found.head.as_deref()), (Some(41), Some("abc")));
    assert_eq!(serde_json::from_str::<Event>(r#"{ "ref": "refs/heads/main" }"#).unwrap(), Event::default());
}

#[test]
fn an_enterprise_token_goes_to_its_own_github() {
    let set = [
        ("TF_BUILD", "True"),
        ("BUILD_REPOSITORY_PROVIDER", "GitHubEnterprise"),
        ("BUILD_REPOSITORY_NAME", "contoso/capacity"),
        ("GITHUB_TOKEN", "t"),
    ];
    assert!(destination(&args(), &set).unwrap_err().to_string().contains("BUILD_REPOSITORY_URI is not set"));
    for more in [
        ("BUILD_REPOSITORY_URI", "https://ghe.contoso.com/contoso/capacity"),
        ("GITHUB_API_URL", "https://ghe.contoso.com/api/v3"),
    ] {
        let set: Vec<_> = set.into_iter().chain([more]).collect();
        let Address::GitHub(at) = destination(&args(), &set).unwrap().address else { panic!("it is GitHub's") };
        assert_eq!(at.api.as_str(), "https://ghe.contoso.com/api/v3");
        assert_eq!(at.graphql.as_str(), "https://ghe.contoso.com/api/graphql");
    }
}

#[test]
fn a_status_belongs_to_the_pipeline_of_the_branch() {
    for (more, pipeline, head) in [
        (&[("CI_PIPELINE_ID", "9")][..], Some(9), "4f2c9d1"),
        (&[("CI_PIPELINE_ID", "9"), ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "4f2c9d1")], Some(9), "4f2c9d1"),
        (&[("CI_PIPELINE_ID", "9"), ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "abc")], None, "abc"),
    ] {
        let set: Vec<_> = GITLAB.iter().copied().chain(more.iter().copied()).collect();
        let found = destination(&args(), &set).unwrap();
        let Address::GitLab(at) = found.address else { panic!("it is GitLab's") };
        assert_eq!((at.pipeline, found.head.as_deref()), (pipeline, Some(head)));
    }
}
