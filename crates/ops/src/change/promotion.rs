//! Promotions: a version, or everything that the previous environment serves, goes live in an
//! environment.

use promptdex_compare::promotion::{
    PromotionMode, PromotionTarget, find_promotion_target, target_with,
};
use promptdex_core::history::PromptHistory;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};

use super::plan::{ChangePlan, PlannedEffect};
use super::pointer_move::PointerMove;
use super::prompt_graph::PromptGraph;
use crate::error::{PlanError, Result, UpstreamProblem};
use crate::history::events;
use crate::prompts::prompt_handle::LoadError;
use crate::prompts::selector;
use crate::review::environment_distance::find_distance;
use crate::text::plural;

/// A promotion to an environment.
#[derive(Debug, Clone, Copy)]
pub struct Promotion<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The reason, for the commit.
    pub reason: &'a str,
}

impl Promotion<'_> {
    /// Plans the promotion of one prompt: the version that `selector` names, or the version that
    /// the previous environment serves.
    pub fn of_prompt(
        &self,
        graph: &PromptGraph<'_>,
        name: &PromptName,
        selector: Option<&str>,
        mode: PromotionMode,
    ) -> Result<ChangePlan, LoadError> {
        let environment = self.environment;
        let (_, prompt) = graph.prompt(name)?;
        let served = graph.readable_target_in(name, environment)?;
        let (version, origin) = match selector {
            Some(selector) => {
                if let Some(from) = graph.settings().environment(selector) {
                    graph.readable_target_in(name, from)?;
                }
                let selected = selector::select(prompt, graph.settings(), Some(selector))?;
                (selected.version, selected.environment)
            }
            None => {
                let (version, from) =
                    self.highest_upstream_version(graph, name, served.as_ref())?;
                (version, Some(from))
            }
        };
        let to = target_with(served.as_ref(), &version, mode, environment)?;
        let share = to.shares().into_iter().find(|share| *share.version == version);
        let share = share.and_then(|share| share.arm);
        let share = share.map_or_else(String::new, |arm| format!("{}% of ", arm.weight));
        let mut plan = ChangePlan::new("promote", Some(self.reason));
        plan.subject = format!("Promote {name} {version} to {share}{environment}");
        let origin = origin.map(|from| format!("live in {from}"));
        let moved = graph.plan_move(name, environment, Some(to), origin, &mut plan)?;
        if moved.is_none() {
            plan.notes.push(format!("{environment} already serves {name} {version}"));
        }
        plan.add_move(moved);
        self.add_distances(graph, &mut plan);
        Ok(plan)
    }

    /// Plans the promotion of everything that the previous environment serves.
    pub fn of_all(&self, graph: &PromptGraph<'_>) -> Result<ChangePlan, LoadError> {
        let environment = self.environment;
        let upstream = self.upstream_environment(graph, None)?;
        let mut plan = ChangePlan::new("promote", Some(self.reason));
        for name in graph.prompts.keys() {
            let served = graph.target_in(name, environment);
            let Some(target) = graph.target_in(name, upstream) else { continue };
            let to =
                match find_promotion_target((upstream, &target), (environment, served.as_ref())) {
                    PromotionTarget::Same => continue,
                    PromotionTarget::Left(why) => {
                        plan.notes.push(format!("{name} skipped: {why}"));
                        continue;
                    }
                    PromotionTarget::To(to) => to,
                };
            let origin = Some(format!("live in {upstream}"));
            let moved = graph.plan_move(name, environment, Some(to), origin, &mut plan)?;
            plan.add_move(moved);
        }
        if plan.effects.is_empty() {
            plan.notes.push(format!("no prompt in {environment} differs from {upstream}"));
        }
        plan.subject = format!("Promote {} to {environment}", plural(plan.effects.len(), "prompt"));
        self.add_distances(graph, &mut plan);
        Ok(plan)
    }

    /// Adds to each move how far the environment is from the previous one before it.
    fn add_distances(&self, graph: &PromptGraph<'_>, plan: &mut ChangePlan) {
        let (tree, settings) = (graph.loader.tree(), graph.settings());
        let find = |name: &PromptName, history: Option<&PromptHistory>| {
            let prompt = &graph.prompts.get(name)?.prompt;
            find_distance(prompt, settings, self.environment, history)
        };
        let mut moves: Vec<&mut PointerMove> = Vec::new();
        for effect in &mut plan.effects {
            let PlannedEffect::Moved(moved) = effect else { continue };
            if find(&moved.name, None).is_some() {
                moves.push(moved);
            }
        }
        if moves.is_empty() {
            return;
        }
        let names = moves.iter().map(|moved| moved.name.clone()).collect();
        // Without a history, the distance has no age.
        let history = events::read_histories(tree, settings, &names).ok().flatten();
        let history = history.as_ref().map(|history| &history.prompts);
        for moved in moves {
            let own = history.and_then(|history| history.get(&moved.name));
            moved.distance = find(&moved.name, own);
        }
    }

    /// Returns the previous environment on the promotion path.
    fn upstream_environment<'g>(
        &self,
        graph: &'g PromptGraph<'_>,
        name: Option<&PromptName>,
    ) -> Result<&'g Environment> {
        let settings = graph.settings();
        let path = &settings.environments;
        let position = path.iter().position(|known| known == self.environment);
        let upstream = position.and_then(|position| path.get(position.checked_sub(1)?));
        Ok(upstream.ok_or_else(|| PlanError::FirstEnvironment {
            environment: self.environment.clone(),
            name: name.cloned(),
            path: selector::environments(settings),
        })?)
    }

    /// Returns the version that the previous environment serves, and that environment.
    fn highest_upstream_version(
        &self,
        graph: &PromptGraph<'_>,
        name: &PromptName,
        served: Option<&Target>,
    ) -> Result<(Version, Environment)> {
        let upstream = self.upstream_environment(graph, Some(name))?;
        let problem = match graph.readable_target_in(name, upstream)? {
            None => UpstreamProblem::NotServed,
            Some(Target::Version(version)) => return Ok((version, upstream.clone())),
            Some(Target::Rollout(_)) => UpstreamProblem::Rollout,
            Some(target @ Target::Tracks(_)) if !target.rollouts().is_empty() => {
                UpstreamProblem::Rollout
            }
            Some(target @ Target::Tracks(_)) => {
                // The version is clear if a single track differs. Beside an environment that has no tracks, it is the
                // one of the main track.
                let known = served.map(Target::versions).unwrap_or_default();
                let new: Vec<&Version> =
                    target.versions().into_iter().filter(|own| !known.contains(own)).collect();
                let main = target.main().filter(|main| new.contains(main));
                let has_tracks = matches!(served, Some(Target::Tracks(_)));
                match (new.as_slice(), main) {
                    ([version], _) => return Ok(((*version).clone(), upstream.clone())),
                    ([], _) => UpstreamProblem::SameTracks,
                    (_, Some(main)) if !has_tracks => return Ok((main.clone(), upstream.clone())),
                    _ => UpstreamProblem::SeveralTracks,
                }
            }
        };
        let (environment, upstream) = (self.environment.clone(), upstream.clone());
        Err(PlanError::UnclearVersion { name: name.clone(), environment, upstream, problem }.into())
    }
}
