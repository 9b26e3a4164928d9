//! Makes a program smaller that still comes to the same.

use crate::campaign::reason;
use crate::comparison::{Outcome, Verdict, judge, run};
use crate::oracle::Oracle;
use crate::program::Program;

/// As many programs are tried on the way.
const MOST: usize = 20_000;

/// Leaves out what can be left out, greedily.
pub(crate) fn minimize(
    program: &Program,
    outcome: &Outcome,
    verdict: Verdict,
    oracle: &mut Oracle,
) -> Program {
    let is_same = |other: &Outcome| match (outcome, other) {
        (Outcome::Failed(error, _), Outcome::Failed(other, _)) => reason(error) == reason(other),
        _ => true,
    };
    let mut smallest = program.clone();
    let mut tried = 0;
    'smaller: loop {
        let size = size(&smallest);
        for candidates in smallest.smaller().chunks(20) {
            tried += candidates.len();
            if tried > MOST {
                return smallest;
            }
            let answers = oracle.ask(candidates);
            for (candidate, answer) in candidates.iter().zip(&answers) {
                let outcome = run(candidate);
                let is_wrong =
                    judge(candidate, &outcome, answer, oracle) == verdict && is_same(&outcome);
                if is_wrong && self::size(candidate) < size {
                    smallest = candidate.clone();
                    continue 'smaller;
                }
            }
        }
        return smallest;
    }
}

fn size(program: &Program) -> usize {
    program.template().len() + program.values().len()
}
