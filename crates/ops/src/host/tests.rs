use proptest::prelude::*;
use regex::Regex;

use promptdex_wire::{Environment, PromptName, RegistryPath, Version};

use super::template::{ENVIRONMENT, FILE, PROMPT, VERSION, fill};
use super::*;

fn hosted(folder: &str, url: Option<&str>) -> Result<HostedRegistry, HostError> {
    let settings = promptdex_core::model::Settings {
        url: url.map(str::to_owned),
        ..promptdex_core::read::read_settings(None, None).0
    };
    HostedRegistry::of(&settings, folder.parse()?, PlaceOptions::default())
}

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).unwrap()
}

#[test]
fn the_url_of_a_registry_says_where_it_is_served() {
    for (url, name, base) in [
        (None, None, "/"),
        (Some("https://prompts.example.com/"), Some("prompts.example.com"), "/"),
        (Some("https://Example.com:8443/a.b/c/"), Some("example.com"), "/a.b/c/"),
        (Some("http://localhost/"), Some("localhost"), "/"),
        (Some("http://127.0.0.1:80/"), Some("127.0.0.1"), "/"),
    ] {
        let hosted = hosted("/srv/prompts/", url).unwrap();
        let found = (hosted.name.as_ref().map(HostName::as_str), hosted.base.as_str());
        assert_eq!(found, (name, base), "{url:?}");
        assert_eq!(hosted.folder.as_str(), "/srv/prompts");
    }
}

#[test]
fn what_means_something_in_a_configuration_is_refused() {
    for folder in
        ["srv", "", "./srv", "/srv/$host", "/srv/{path}", "/a\"b", "/a\\b", "/a;b", "/a\nb"]
    {
        assert!(folder.parse::<RegistryFolder>().is_err(), "{folder:?}");
    }
    for name in ["", "a b", "a;b", "*.example.com", "a..b", "-a", "a_b", "{host}", "[::1]", "é.fr"]
    {
        assert!(name.parse::<HostName>().is_err(), "{name:?}");
    }
    for base in ["/a b/", "/a/../b/", "/a//b/", "/{x}/", "/a%20b/", "/a;b/", "/é/", "/$x/"] {
        assert!(base.parse::<BasePath>().is_err(), "{base:?}");
    }
    for listen in ["", "0", "65536", "80;", "a:80", "[::1]", "::1:80", "127.0.0.1", "127.0.0.1:0"] {
        assert!(listen.parse::<Listen>().is_err(), "{listen:?}");
    }
    for url in
        ["https://user:word@example.com/", "https://[::1]/", "https://a.b/%20/", "https://é.fr/"]
    {
        assert!(matches!(hosted("/srv", Some(url)), Err(HostError::Url { .. })), "{url}");
    }
}

#[test]
fn every_place_in_a_configuration_is_filled() {
    let name = Regex::new("%[A-Z_]+%").unwrap();
    for url in [None, Some("https://example.com/"), Some("http://example.com/a/b/")] {
        for program in [HostProgram::Nginx, HostProgram::Caddy] {
            let text = configuration(&hosted("/srv/prompts", url).unwrap(), program);
            assert_eq!(name.find(&text).map(|found| found.as_str()), None, "{program:?}");
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{program:?}");
        }
    }
    assert_eq!(
        fill("a %A%b%\n  %B%\n100%\n", |name| match name {
            "A" => Some("%B%"),
            "B" => Some("x\n%A%"),
            _ => None,
        }),
        "a %B%b%\n  x\n  %A%\n100%\n"
    );
}

proptest! {
    /// The patterns are what the types of the wire format accept, so that no name is left out.
    #[test]
    fn patterns_have_the_grammar_of_names(
        name in "[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?(/[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?){0,3}",
        environment in "[a-z][a-z0-9-]{0,30}[a-z0-9]",
        version in "(0|[1-9][0-9]{0,5})(\\.(0|[1-9][0-9]{0,5})){2}(-[a-z0-9-]{1,5}(\\.[a-z0-9-]{1,5}){0,2})?",
        other in "[a-zA-Z0-9_./%-]{0,12}",
    ) {
        for text in [&name, &other] {
            if text.parse::<PromptName>().is_ok() {
                prop_assert!(whole(PROMPT).is_match(text), "{text}");
            }
        }
        for text in [&environment, &other] {
            if text.parse::<Environment>().is_ok() {
                prop_assert!(whole(ENVIRONMENT).is_match(text), "{text}");
            }
        }
        for text in [&version, &other] {
            if text.parse::<Version>().is_ok() {
                prop_assert!(whole(VERSION).is_match(text), "{text}");
            }
        }
    }

    /// No published path has a segment that is not served.
    #[test]
    fn every_published_path_is_served(
        path in "api/(prompts/[a-m]{1,3}/(versions|history)|environments/[a-m]{2}(/releases/[1-9])?|search/(6[1-9]){1,9}|history/20[0-9]{2}-1[0-2]|catalog)\\.json",
    ) {
        prop_assert!(RegistryPath::parse(&path).is_some());
        let file = whole(FILE);
        prop_assert!(path.split('/').all(|segment| file.is_match(segment)), "{path}");
    }
}
