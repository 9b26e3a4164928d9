//! `incompatible-arms`: a caller does not know its arm, so every arm must accept what the others do.

use promptdex_wire::event::Target;

use super::contract::OwnedContract;
use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::rules;

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    for pointer in prompt.pointers.values() {
        let Target::Rollout(rollout) = &pointer.target else { continue };
        let arms: Vec<_> = rollout
            .arms
            .iter()
            .zip(&pointer.places)
            .filter_map(|(arm, place)| Some((arm, place, prompt.versions.get(&arm.version)?)))
            .filter(|(_, _, source)| source.is_complete)
            .collect();
        let Some(((main, _, main_source), others)) = arms.split_first() else { continue };
        let main_contract = OwnedContract::of(main_source);
        for (arm, place, source) in others {
            let contract = OwnedContract::of(source);
            // What only one of them knows, clients leave out for the other.
            let broken = main_contract.broken(&contract, true);
            if let Some(effect) = broken.or_else(|| contract.broken(&main_contract, true)) {
                let message = format!(
                    "{} and {} are not compatible: {}",
                    main.version, arm.version, effect.message
                );
                findings.push(
                    Diagnostic::at(
                        &rules::INCOMPATIBLE_ARMS,
                        &pointer.source,
                        (*place).clone(),
                        message,
                    )
                    .help("roll out versions with the same contract, or use `tracks`"),
                );
            }
        }
    }
}
