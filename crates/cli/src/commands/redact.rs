//! `promptdex redact`: a version's text is withdrawn, with everything that includes it.

use std::collections::BTreeSet;
use std::path::Path;

use promptdex_ops::change::plan::{Effect, Proposal};
use promptdex_ops::change::pointer_move::Registry;
use promptdex_ops::change::version_state;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::text::plural;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::PromptVersion;
use promptdex_wire::catalog::State;

use super::change;
use crate::cli::RedactArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RedactArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, selector) = selector::parse(&args.version)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let version = version_state::named(&registry, &name, selector)?;
    let first = PromptVersion { name, version };
    let mut withdrawn: Vec<PromptVersion> = vec![first.clone()];
    let mut seen: BTreeSet<PromptVersion> = [first.clone()].into();
    let mut next = 0;
    while let Some(own) = withdrawn.get(next) {
        for includer in registry.included_by(&own.name, &own.version) {
            if seen.insert(includer.version.clone()) {
                withdrawn.push(includer.version);
            }
        }
        next += 1;
    }
    let mut proposal = Proposal {
        command: "redact",
        subject: format!("Redact {} {}", first.name, first.version),
        reason: Some(args.reason.clone()),
        effects: Vec::new(),
        notes: Vec::new(),
        flawed: Vec::new(),
        files: Overlay::new(),
    };
    for own in &withdrawn {
        let (files, prompt) = registry.prompt(&own.name)?;
        let reason = if *own == first {
            args.reason.clone()
        } else {
            format!("includes {first}: {}", args.reason)
        };
        let known = prompt.states.get(&own.version).filter(|known| known.state == State::Redacted);
        if known.is_none_or(|known| *own == first && known.reason != reason) {
            let wanted = Some((State::Redacted, reason.as_str()));
            let change = version_state::set(
                &registry,
                &own.name,
                &own.version,
                wanted,
                &mut proposal.files,
            )?;
            proposal.effects.push(Effect::State(change));
        }
        if *own == first && !args.keep_files {
            remove(&tree, files, own, &mut proposal);
        }
    }
    let includers = withdrawn.len() - 1;
    if includers > 0 {
        let includers = plural(includers, "version");
        proposal.notes.push(format!("{includers} that include it are withdrawn with it"));
    }
    proposal.notes.push(
        "the next `promptdex build --previous` replaces what is published, and prints the addresses to purge; caches, clones and the history of Git keep the text: revoke what leaked".to_owned(),
    );
    change::carry_out(ui, &loader, &proposal, &args.change)
}

/// Removes the files of a version, with its cases and results, which repeat what it says.
fn remove(
    tree: &Tree,
    files: &promptdex_core::tree::PromptFiles,
    own: &PromptVersion,
    proposal: &mut Proposal,
) {
    let version = &own.version;
    let sources = files.versions.get(version).into_iter().flat_map(|files| files.keys());
    let mut paths: Vec<String> = sources.map(|file| files.version_file(version, file)).collect();
    if files.in_place.is_some() {
        // What a commit has stays there, and what is edited now may be the next version.
        paths.clear();
        proposal.notes.push(format!(
            "{} is edited in place: remove the text there, and give it the next number",
            own.name
        ));
    }
    paths.push(files.cases_file(version));
    let results = files.results.iter().filter(|(of, _)| of == version);
    paths.extend(results.map(|(of, test)| files.results_file(of, test)));
    for path in paths.into_iter().filter(|path| tree.has(path)) {
        proposal.files.insert(path, None);
    }
}
