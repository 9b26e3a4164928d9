//! Arguments of filters, tests, methods and functions: by position or by name.

use std::ops::Range;
use std::rc::Rc;

use super::program;
use super::value::Value;
use crate::error::{Error, ErrorKind};

/// Arguments as they were passed.
#[derive(Default, Clone)]
pub(crate) struct Arguments {
    pub(super) positional: Vec<Value>,
    pub(super) named: Vec<(Rc<str>, Value)>,
}

/// Whether Jinja2 passes arguments of this name itself.
pub(super) fn is_internal_argument(name: &str) -> bool {
    matches!(name, "_loop_vars" | "_block_vars" | "_Context__self" | "_Context__obj")
}

impl Arguments {
    /// Returns the values of all arguments.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

/// What can be called takes these arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parameters {
    /// Names, of which the first `required` must be passed.
    Named { names: &'static [&'static str], required: usize },
    /// Methods of Python take these by position alone.
    Positional { most: usize, required: usize },
    /// Anything: what is called looks at it.
    Any,
}

impl Parameters {
    pub(super) const NONE: Self = Self::Named { names: &[], required: 0 };

    /// Says what is wrong with a number of arguments and their names, whatever their values.
    fn check(
        self,
        called: &str,
        positional: usize,
        named: &[&str],
        range: &Range<usize>,
    ) -> Result<(), Error> {
        let refuse = |message: String, help: Option<String>| {
            let error = Error::new(ErrorKind::Value, range.clone(), message);
            Err(match help {
                Some(help) => error.help(help),
                None => error,
            })
        };
        let (most, required) = match self {
            Self::Any => return Ok(()),
            Self::Named { names, required } => (names.len(), required),
            Self::Positional { most, required } => (most, required),
        };
        if positional > most {
            let count = match most {
                0 => "no arguments".to_owned(),
                1 => "1 argument".to_owned(),
                most => format!("{most} arguments"),
            };
            return refuse(format!("`{called}` takes {count}, not {positional}"), None);
        }
        let names: &[&str] = if let Self::Named { names, .. } = self { names } else { &[] };
        for name in named {
            match names.iter().position(|known| known == name) {
                None => {
                    let help =
                        crate::suggest::did_you_mean(name, names.iter().copied()).or_else(|| {
                            (!names.is_empty())
                                .then(|| format!("use one of the arguments {}", names.join(", ")))
                        });
                    return refuse(format!("`{called}` has no argument `{name}`"), help);
                }
                Some(position) if position < positional => {
                    return refuse(format!("duplicate argument `{name}` of `{called}`"), None);
                }
                Some(_) => {}
            }
        }
        if let Some(missing) = (positional..required)
            .find(|at| names.get(*at).is_none_or(|name| !named.contains(name)))
        {
            let missing = match names.get(missing) {
                Some(name) => format!("`{called}` requires `{name}`"),
                None => format!("`{called}` requires {required} arguments"),
            };
            return refuse(missing, None);
        }
        Ok(())
    }

    /// Says what is wrong with a call as it is written, where that does not depend on values.
    pub(super) fn check_written(
        self,
        called: &str,
        arguments: &program::Arguments,
        range: &Range<usize>,
    ) -> Result<(), Error> {
        if arguments.more_positional.is_some() || arguments.more_named.is_some() {
            return Ok(());
        }
        let named: Vec<&str> = arguments.named.iter().map(|(name, _)| &**name).collect();
        self.check(called, arguments.positional.len(), &named, range)
    }

    /// Sorts arguments by the parameters that they are for.
    pub(super) fn bind(
        self,
        called: &str,
        arguments: Arguments,
        range: &Range<usize>,
    ) -> Result<Vec<Option<Value>>, Error> {
        let named: Vec<&str> = arguments.named.iter().map(|(name, _)| &**name).collect();
        self.check(called, arguments.positional.len(), &named, range)?;
        let names: &[&str] = if let Self::Named { names, .. } = self { names } else { &[] };
        let mut bound: Vec<Option<Value>> = arguments.positional.into_iter().map(Some).collect();
        let most = if let Self::Positional { most, .. } = self { most } else { names.len() };
        bound.resize(most.max(bound.len()), None);
        for (name, value) in arguments.named {
            if let Some(position) = names.iter().position(|known| **known == *name)
                && let Some(place) = bound.get_mut(position)
            {
                *place = Some(value);
            }
        }
        Ok(bound)
    }
}
