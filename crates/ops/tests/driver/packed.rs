//! Tests that a chain can be kept for ever in few files: older releases are packed, nothing that happened is lost, and what
//! is kept can be read as before.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use promptdex_core::published_registry::ServedAsOf;
use promptdex_core::tree::Contents;
use promptdex_ops::build::output::Output;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Chain, Digest, Environment, PackRange, RegistryPath, ReleasePack, json};

use crate::compiled::{Files, compile_with};

/// Publishes a tree in which production serves a share of a new version, in hundredths of a percent. Each number up to
/// 9,999 serves something else.
fn publish(number: u64, registry: Option<&Files>, is_packed: bool) -> Files {
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
    compile_with(&Tree::in_memory(tree), registry, &output).unwrap().files
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
        "`api/environments/production/releases/8.json` is not what its digest says"
    );
    assert_eq!(
        edit(&|pack| drop(pack.documents.pop())),
        "`api/environments/production/releases/1-100.json` has 99 releases, not 100"
    );
    let mut files = packed.clone();
    files.remove(path);
    assert_eq!(problem(&files), "`api/environments/production/releases/100.json` is missing");

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
