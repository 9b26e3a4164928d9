//! Tests that a chain can be kept for ever in few files: older releases are packed, nothing that happened is lost, and what
//! is kept can be read as before.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use promptdex_core::published_registry::ServedAsOf;
use promptdex_core::tree::Contents;
use promptdex_ops::build::output::Output;
use promptdex_ops::error::Result;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Chain, Digest, Environment, PackRange, RegistryPath, ReleasePack, json};

use crate::compiled::{Files, compile_with};

/// Publishes a tree in which production serves a share of a new version, in hundredths of a percent. Each number up to
/// 9,999 serves something else.
fn publish(number: u64, registry: Option<&Files>, is_packed: bool) -> Files {
    try_publish(number, registry, is_packed).unwrap()
}

fn try_publish(number: u64, registry: Option<&Files>, is_packed: bool) -> Result<Files> {
    let (old, new) = (10_000 - number, number);
    let percent = |share: u64| format!("{}.{:02}", share / 100, share % 100);
    let rollout = format!(
        "rollout: {{arms: [{{key: old, version: 1.0.0, weight: {}}}, {{key: new, version: 1.1.0, weight: {}}}]}}\n",
        percent(old),
        percent(new)
    );
    let tree = [
        ("registry.yaml", "environments: [production]\n".to_owned()),
        ("a/v1.0.0/system_prompt.txt", "Hello.\n".to_owned()),
        ("a/v1.1.0/system_prompt.txt", "Hello!\n".to_owned()),
        ("a/environments/production.yaml", rollout),
        // A state that comes and goes gives the catalog its releases, and its lists of versions.
        ("a/prompt.yaml", format!("deprecated: {{1.0.0: reason {number}}}\n")),
    ];
    let tree: Contents =
        tree.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect();
    let output = Output { is_packed, ..Output::default() };
    Ok(compile_with(&Tree::in_memory(tree), registry, &output)?.files)
}

fn previous(files: &Files) -> PreviousRegistry {
    let files = files.iter();
    let files = files.map(|(path, bytes)| (RegistryPath::parse(path).unwrap(), bytes.clone()));
    PreviousRegistry::in_memory(files.collect::<BTreeMap<_, _>>()).unwrap()
}

/// The numbers of the releases of a chain that have a file, from the first to the last, and the packs.
fn releases(files: &Files, chain: &str) -> (Option<(u64, u64)>, Vec<String>) {
    let (mut numbers, mut packs) = (Vec::new(), Vec::new());
    for path in files.keys().filter_map(|path| RegistryPath::parse(path)) {
        match path {
            RegistryPath::Release(own, number) if own.to_string() == chain => numbers.push(number),
            RegistryPath::ReleasePack(own, range) if own.to_string() == chain => {
                packs.push(format!("{}-{}", range.first(), range.last()));
            }
            _ => {}
        }
    }
    numbers.sort_unstable();
    let bounds = numbers.first().copied().zip(numbers.last().copied());
    assert!(bounds.is_none_or(|(first, last)| (first..=last).eq(numbers)));
    (bounds, packs)
}

/// The events of a registry, by prompt.
fn events(files: &Files) -> String {
    let previous = previous(files);
    let read = |path: &RegistryPath| previous.read(path);
    format!("{:?}", previous.published.read_history(read).unwrap().prompts)
}

/// The digest of what production served as of a release.
fn served(files: &Files, number: u64) -> Option<String> {
    let previous = previous(files);
    let environment: Environment = "production".parse().unwrap();
    let read = |path: &RegistryPath| previous.read(path);
    match previous.published.served_as_of(&environment, number, read).unwrap() {
        ServedAsOf::Served(served) => Some(format!("{served:?}")),
        ServedAsOf::NoSnapshot => None,
        ServedAsOf::NoRelease => Some("no release".to_owned()),
    }
}

/// Returns a registry whose chains have 200 releases each.
fn two_hundred() -> Files {
    static REGISTRY: OnceLock<Files> = OnceLock::new();
    let publish_all = || {
        let first = publish(1, None, false);
        (2..=200).fold(first, |registry, number| publish(number, Some(&registry), false))
    };
    REGISTRY.get_or_init(publish_all).clone()
}

#[test]
fn a_long_chain_is_packed_and_says_what_it_said() {
    let registry = two_hundred();
    let mut originals = BTreeMap::new();
    let release = |number| format!("api/environments/production/releases/{number}.json");
    for number in 1..=200 {
        originals.insert(number, registry[&release(number)].clone());
    }
    let snapshots =
        |files: &Files| files.keys().filter(|path| path.starts_with("api/snapshots/")).count();
    let (before, count) = (events(&registry), snapshots(&registry));

    // 200 releases: the newest 100 stay. The same tree makes no release.
    let packed = publish(200, Some(&registry), true);
    for chain in ["production", "catalog"] {
        assert_eq!(releases(&packed, chain), (Some((101, 200)), vec!["1-100".to_owned()]));
    }
    let chain = Chain::Environment("production".parse().unwrap());
    let path = RegistryPath::ReleasePack(chain.clone(), PackRange::holding(1).unwrap()).to_string();
    let pack: ReleasePack = json::read(&packed[&path]).unwrap();
    for (number, text) in (1..).zip(&pack.documents) {
        assert_eq!(text.as_bytes(), originals[&number]);
    }
    assert_eq!(previous(&packed).release(&chain, 17).unwrap().as_ref(), originals.get(&17));
    assert_eq!(previous(&packed).release(&chain, 117).unwrap().as_ref(), originals.get(&117));
    assert_eq!(previous(&packed).release(&chain, 201).unwrap(), None);
    assert_eq!(events(&packed), before, "nothing that happened is lost");
    // Of each packed release went a snapshot of production, one of the catalog, and a list of versions.
    assert_eq!(snapshots(&packed), count - 300);
    assert_eq!(served(&packed, 100), None);
    assert_eq!(served(&packed, 101), served(&registry, 101));
    assert_eq!(served(&packed, 201).as_deref(), Some("no release"));
    // Everything else is as it was.
    for (path, bytes) in &packed {
        assert!(path.contains("/releases/") || registry.get(path) == Some(bytes), "{path}");
    }

    // Packing again changes nothing, and a build without it leaves packs alone.
    assert!(publish(200, Some(&packed), true) == packed);
    assert!(publish(200, Some(&packed), false) == packed);
    // What a packed release served is served again: its snapshot is written anew.
    let again = publish(50, Some(&packed), true);
    assert_eq!(releases(&again, "production").0, Some((101, 201)));
    assert_eq!(served(&again, 201), served(&registry, 50));
    assert_eq!(served(&again, 50), served(&registry, 50));

    // A pack never changes: the next one is a file of its own.
    let mut longer = again;
    for number in 202..=300 {
        longer = publish(number, Some(&longer), false);
    }
    let longer = publish(300, Some(&longer), true);
    let packs = vec!["1-100".to_owned(), "101-200".to_owned()];
    assert_eq!(releases(&longer, "production"), (Some((201, 300)), packs));
    assert_eq!(longer[&path], packed[&path]);
    assert_eq!(served(&longer, 201), served(&registry, 50));
    assert_eq!(previous(&longer).release(&chain, 117).unwrap().as_ref(), originals.get(&117));
    assert!(events(&longer).len() > before.len());
}

#[test]
fn a_pack_that_is_damaged_is_named() {
    let registry = two_hundred();
    let packed = publish(200, Some(&registry), true);
    let path = "api/environments/production/releases/1-100.json";
    let problem = |files: &Files| {
        let previous = previous(files);
        let read = |path: &RegistryPath| previous.read(path);
        previous.published.read_history(read).unwrap_err().to_string()
    };
    let edit = |change: &dyn Fn(&mut ReleasePack)| {
        let mut files = packed.clone();
        let mut pack: ReleasePack = json::read(&files[path]).unwrap();
        change(&mut pack);
        files.insert(path.to_owned(), json::write(&pack));
        problem(&files)
    };
    assert_eq!(
        edit(&|pack| pack.documents[7] = pack.documents[8].clone()),
        format!("`{path}` has a different release 8 than the published one")
    );
    assert_eq!(
        edit(&|pack| drop(pack.documents.pop())),
        format!("`{path}` has 99 releases, not 100")
    );
    let replace = |bytes: Option<Vec<u8>>| {
        let mut files = packed.clone();
        match bytes {
            Some(bytes) => drop(files.insert(path.to_owned(), bytes)),
            None => drop(files.remove(path)),
        }
        problem(&files)
    };
    let half = packed[path][..packed[path].len() / 2].to_vec();
    let told = replace(Some(half));
    assert!(told.starts_with(&format!("`{path}` cannot be read: ")), "{told}");
    let of_catalog = packed["api/environments/catalog/releases/1-100.json"].clone();
    assert_eq!(
        replace(Some(of_catalog)),
        format!("`{path}` has a different release 100 than the published one")
    );
    let release = "api/environments/production/releases/100.json";
    assert_eq!(replace(None), format!("`{release}` is missing, and so is its pack `{path}`"));
    // A release that is in both is read from its own file.
    let mut files = packed.clone();
    files.insert(release.to_owned(), registry[release].clone());
    assert_eq!(events(&files), events(&packed));
    assert!(publish(200, Some(&files), true) == packed);
    files.insert(release.to_owned(), b"{}".to_vec());
    assert_eq!(problem(&files), format!("`{release}` does not match its digest"));
    // Without pointer and pack, the chain does not begin again.
    let mut files = packed.clone();
    files.remove(path);
    files.remove("api/environments/production.json");
    let files = files.iter();
    let files = files.map(|(path, bytes)| (RegistryPath::parse(path).unwrap(), bytes.clone()));
    let told = PreviousRegistry::in_memory(files.collect::<BTreeMap<_, _>>()).unwrap_err();
    assert_eq!(
        told.to_string(),
        "`api/environments/production.json` is missing, but its releases exist"
    );

    // A snapshot of a kept release that is gone is damage.
    let mut files = registry;
    let release: serde_json::Value =
        serde_json::from_slice(&files["api/environments/production/releases/150.json"]).unwrap();
    let digest: Digest = release["snapshot"]["digest"].as_str().unwrap().parse().unwrap();
    files.remove(&RegistryPath::Snapshot(digest).to_string());
    let previous = previous(&files);
    let environment: Environment = "production".parse().unwrap();
    let read = |path: &RegistryPath| previous.read(path);
    let missing = previous.published.served_as_of(&environment, 150, read).unwrap_err();
    assert!(missing.to_string().ends_with("is missing"), "{missing}");
}

/// Returns a registry with some releases, in which one release of production is another one; those after it follow it.
fn with_other_release(number: u64, count: u64, edit: &dyn Fn(&Files, String) -> String) -> Files {
    let first = publish(1, None, false);
    let mut files = (2..=count).fold(first, |files, number| publish(number, Some(&files), false));
    let path = |number: u64| format!("api/environments/production/releases/{number}.json");
    let mut text = String::from_utf8(files[&path(number)].clone()).unwrap();
    let mut other = edit(&files, text.clone());
    for next in number..=count {
        files.insert(path(next), other.clone().into_bytes());
        let digests = [&text, &other].map(|text| Digest::of(text.as_bytes()).to_string());
        if let Some(bytes) = files.get(&path(next + 1)) {
            text = String::from_utf8(bytes.clone()).unwrap();
            other = text.replace(&digests[0], &digests[1]);
        }
    }
    files.insert("api/environments/production.json".to_owned(), other.into_bytes());
    files
}

#[test]
fn a_chain_leads_back_to_its_own_first_release() {
    let problem = |number: u64, edit: &dyn Fn(&Files, String) -> String| {
        let files = with_other_release(number, 4, edit);
        let previous = previous(&files);
        let read = |path: &RegistryPath| previous.read(path);
        previous
            .published
            .read_history(read)
            .map_or_else(|error| error.to_string(), |_| String::new())
    };
    let release = |number: u64| format!("`api/environments/production/releases/{number}.json`");
    assert_eq!(problem(2, &|_, text| text), "");
    // The digests fit, but a chain does not begin in its middle, nor before its beginning.
    let cut = |_: &Files, text: String| {
        let (start, rest) = text.split_once(r#""previous":"#).unwrap();
        let (_, end) = rest.split_once(',').unwrap();
        format!("{start}{end}")
    };
    assert_eq!(
        problem(3, &cut),
        format!("{} does not have a link to the release before 3 (`previous`)", release(3))
    );
    let before = Digest::of(b"").to_string();
    assert_eq!(
        problem(1, &|_, text| {
            text.replacen(r#""changes":"#, &format!(r#""previous":"{before}","changes":"#), 1)
        }),
        format!("{} has a link to the release before 1 (`previous`)", release(1))
    );
    // Releases of another chain, of another number, of another registry.
    assert_eq!(
        problem(2, &|files, _| {
            String::from_utf8(files["api/environments/catalog/releases/2.json"].clone()).unwrap()
        }),
        format!("{} belongs to the environment `catalog`", release(2))
    );
    for (from, to, told) in [
        (r#""sequence":2"#, r#""sequence":1"#, "release 1 of `prompts`"),
        (r#""registry":"prompts""#, r#""registry":"acme""#, "release 2 of `acme`"),
    ] {
        assert_eq!(
            problem(2, &|_, text| text.replacen(from, to, 1)),
            format!("{} has {told} instead of release 2 of `prompts`", release(2))
        );
    }
}

#[test]
fn what_is_not_whole_is_not_packed() {
    // A pack that has what its files had, and a part of which somebody changed: the files that are there are right.
    let registry = two_hundred();
    let packed = publish(200, Some(&registry), true);
    let path = "api/environments/production/releases/1-100.json";
    let release = |number| format!("api/environments/production/releases/{number}.json");
    let mut files = packed.clone();
    let mut pack: ReleasePack = json::read(&files[path]).unwrap();
    for number in 51..=100 {
        files.insert(release(number), registry[&release(number)].clone());
        "damaged".clone_into(&mut pack.documents[usize::try_from(number).unwrap() - 1]);
    }
    files.insert(path.to_owned(), json::write(&pack));
    assert!(publish(200, Some(&files), true) == packed, "it is whole again");
    // What neither has cannot be packed, and nothing is lost.
    "damaged".clone_into(&mut pack.documents[49]);
    files.insert(path.to_owned(), json::write(&pack));
    let told = try_publish(200, Some(&files), true).unwrap_err().to_string();
    assert_eq!(told, format!("`{path}` has a different release 50 than the published one"));
}

/// Publishes a tree whose chain of production was lost, and begins anew with a number.
fn restarted(number: u64) -> Files {
    let mut files = publish(1, None, false);
    for chain in ["production", "catalog"] {
        let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
        let pointer = format!("api/environments/{chain}.json");
        let release = text(&pointer)
            .replacen(r#""sequence":1"#, &format!(r#""sequence":{number}"#), 1)
            .replacen(r#""operation":"publish""#, r#""operation":"restart""#, 1)
            .into_bytes();
        files.remove(&format!("api/environments/{chain}/releases/1.json"));
        files.insert(format!("api/environments/{chain}/releases/{number}.json"), release.clone());
        files.insert(pointer, release);
    }
    files
}

#[test]
fn a_lost_chain_begins_anew_and_its_first_hundred_has_no_pack() {
    let first = restarted(251);
    let long = (2..=160).fold(first, |registry, number| publish(number, Some(&registry), false));
    assert_eq!(releases(&long, "production"), (Some((251, 410)), Vec::new()));
    // 301 to 310 and more are within the newest 100, and of 201 to 300 only the half is there.
    let packed = publish(160, Some(&long), true);
    assert_eq!(releases(&packed, "production"), (Some((251, 410)), Vec::new()));
    let longer =
        (161..=260).fold(packed, |registry, number| publish(number, Some(&registry), false));
    let packed = publish(260, Some(&longer), true);
    let numbers: Vec<u64> = packed
        .keys()
        .filter_map(|path| match RegistryPath::parse(path)? {
            RegistryPath::Release(chain, number) if chain.to_string() == "production" => {
                Some(number)
            }
            _ => None,
        })
        .collect();
    let expected = (251..=300).chain(401..=510);
    let mut sorted = numbers;
    sorted.sort_unstable();
    assert!(expected.eq(sorted.iter().copied()), "{sorted:?}");
    assert!(packed.contains_key("api/environments/production/releases/301-400.json"));
    assert_eq!(events(&packed), events(&longer));
    assert_eq!(served(&packed, 251), served(&longer, 251));
    assert_eq!(served(&packed, 250), Some("no release".to_owned()));
}

#[test]
fn a_release_that_does_not_say_that_its_chain_begins_anew_is_damage() {
    let mut files = restarted(251);
    for path in
        ["api/environments/production.json", "api/environments/production/releases/251.json"]
    {
        let release = String::from_utf8(files[path].clone()).unwrap();
        files.insert(path.to_owned(), release.replace(r#""restart""#, r#""publish""#).into_bytes());
    }
    let error = try_publish(2, Some(&files), false).unwrap_err().to_string();
    assert!(error.contains("does not have a link to the release before 251"), "{error}");
}
