//! Which names statements set.

use super::super::program::{Slot, Statement, Target};

/// The names of a function that statements set, but for those that a block begins with.
pub(super) fn assigned(statements: &[Statement], depth: u16, found: &mut Vec<u16>) {
    let mut slot = |slot: Slot| {
        if slot.hops == depth {
            found.push(slot.index);
        }
    };
    for statement in statements {
        match statement {
            Statement::Set(set) => targets(&set.0, &mut slot),
            Statement::SetBlock(set) => targets(&set.target, &mut slot),
            Statement::Macro { slot: own, .. } => slot(*own),
            _ => {}
        }
    }
    for statement in statements {
        match statement {
            Statement::If(condition) => {
                for (_, body, _) in &condition.branches {
                    assigned(body, depth, found);
                }
                assigned(&condition.otherwise, depth, found);
            }
            Statement::For(declaration) => {
                let depth = depth + u16::from(declaration.recursive.is_some());
                assigned(&declaration.body, depth, found);
                assigned(&declaration.otherwise, depth, found);
            }
            Statement::With(with) => assigned(&with.body, depth, found),
            Statement::SetBlock(set) => assigned(&set.body, depth, found),
            Statement::FilterBlock(block) => assigned(&block.body, depth, found),
            Statement::Macro { declaration, .. } => assigned(&declaration.body, depth + 1, found),
            Statement::CallBlock(block) => assigned(&block.caller.body, depth + 1, found),
            _ => {}
        }
    }
}

fn targets(target: &Target, slot: &mut dyn FnMut(Slot)) {
    match target {
        Target::Name(own) => slot(*own),
        Target::Attribute { .. } => {}
        Target::Several(several, _) => {
            several.iter().for_each(|target| targets(target, slot));
        }
    }
}
