//! The steps of a task, listed before the first one starts. A first run takes minutes, and the list
//! shows why.

use std::time::Instant;

use anyhow::Context as _;

/// One step of a task.
pub(crate) struct Step {
    /// A description of the step.
    what: String,
    /// The duration in seconds on two cores, if nothing has been compiled yet.
    seconds: u64,
    action: Box<dyn FnOnce() -> anyhow::Result<()>>,
}

impl Step {
    pub(crate) fn new(
        what: impl Into<String>,
        seconds: u64,
        action: impl FnOnce() -> anyhow::Result<()> + 'static,
    ) -> Self {
        Self { what: what.into(), seconds, action: Box::new(action) }
    }
}

/// Lists the steps of a task, and runs them.
pub(crate) fn run(task: &str, steps: Vec<Step>) -> anyhow::Result<()> {
    let minutes = steps.iter().map(|step| step.seconds).sum::<u64>().div_ceil(60);
    eprintln!(
        "`cargo xtask {task}` takes some {minutes} minutes on two cores when nothing has been compiled yet:"
    );
    let width = steps.iter().map(|step| step.what.len()).max().unwrap_or_default();
    for (number, Step { what, seconds, .. }) in (1..).zip(&steps) {
        match seconds {
            0 => eprintln!("{number:>4}. {what}"),
            _ => eprintln!("{number:>4}. {what:width$}  {seconds:>4} s"),
        }
    }
    let count = steps.len();
    for (number, Step { what, action, .. }) in (1..).zip(steps) {
        eprintln!("\nStep {number} of {count}: {what}");
        let started = Instant::now();
        action().with_context(|| format!("cannot {what}"))?;
        eprintln!("Step {number} took {} s", started.elapsed().as_secs());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn steps_are_done_in_order_until_one_fails() {
        let done = Rc::new(RefCell::new(Vec::new()));
        let step = |name: &'static str, works: bool| {
            let done = Rc::clone(&done);
            Step::new(name, 1, move || {
                done.borrow_mut().push(name);
                anyhow::ensure!(works, "it does not work");
                Ok(())
            })
        };
        let steps = vec![step("compile", true), step("pack", false), step("serve", true)];
        let error = run("demo", steps).unwrap_err();
        assert_eq!(format!("{error:#}"), "cannot pack: it does not work");
        assert_eq!(*done.borrow(), ["compile", "pack"]);
    }
}
