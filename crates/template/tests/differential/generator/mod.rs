//! Makes programs: templates over everything that the dialect has, typed so loosely that most of them run, and
//! values for them.

use std::collections::BTreeSet;

use crate::program::Program;
use crate::random::Random;
use crate::tree::{Node, expression};
use crate::values::{self, Datum};

mod arguments;
mod calls;
mod changes;
mod checks;
mod expressions;
mod filters;
mod formats;
mod lists;
mod literals;
mod methods;
mod orders;
mod scoping;
mod single;
mod spaces;
mod statements;
mod tokens;
mod typing;

/// What an expression probably gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Texts,
    Numbers,
    Records,
    Record,
    Object,
    Any,
}

use Kind::{Any, Boolean, Float, Integer, Numbers, Object, Record, Records, Text, Texts};

const KINDS: [Kind; 10] =
    [Text, Integer, Float, Boolean, Texts, Numbers, Records, Record, Object, Any];

impl Kind {
    /// Returns the names that have values of this kind wherever they are bound.
    fn names(self) -> &'static [&'static str] {
        match self {
            Text => &["s", "t", "a", "b"],
            Integer => &["n", "m", "i", "j"],
            Float => &["f", "g"],
            Boolean => &["y", "k"],
            Texts => &["w", "e"],
            Numbers => &["l", "d"],
            Records => &["p", "r"],
            Record => &["c", "q"],
            Object => &["o", "h"],
            Any => &["x", "z"],
        }
    }

    /// Returns what the items of a list are.
    fn of_items(self) -> Self {
        match self {
            Text | Texts | Object => Text,
            Numbers => Float,
            Records => Record,
            Integer | Float | Boolean | Record | Any => Any,
        }
    }
}

/// A macro that can be called.
#[derive(Debug, Clone)]
struct Callable {
    name: &'static str,
    parameters: Vec<Kind>,
    /// How many arguments there must be.
    required: usize,
    has_caller: bool,
}

pub(crate) struct Generator<'r> {
    random: &'r mut Random,
    /// Names that are probably bound.
    bound: BTreeSet<&'static str>,
    macros: Vec<Callable>,
    /// How deep the expression that is made may still be.
    depth: usize,
    /// Blocks around.
    blocks: usize,
    /// Whether `loop` is there.
    has_loop: bool,
    /// Whether `loop` can be called.
    has_recursion: bool,
    /// Whether `break` and `continue` can stand here.
    can_break: bool,
    has_caller: bool,
}

/// Makes the program with this number.
pub(crate) fn program(seed: u64, number: u64) -> Program {
    let mut random = Random::of_program(seed, number);
    let data = values::values(&mut random);
    let depth = random.one_of(&[1, 1, 2, 2, 3]);
    let mut generator = Generator {
        random: &mut random,
        bound: data
            .iter()
            .filter(|(_, datum)| *datum != Datum::Null)
            .map(|(name, _)| *name)
            .collect(),
        macros: Vec::new(),
        depth,
        blocks: 0,
        has_loop: false,
        has_recursion: false,
        can_break: false,
        has_caller: false,
    };
    let tree = match generator.random.below(20) {
        0 => {
            let tree = generator.tree();
            generator.mix(&tree)
        }
        _ => generator.tree(),
    };
    let data = data.into_iter().map(|(name, datum)| (name.to_owned(), datum)).collect();
    Program { tree, data }
}

impl Generator<'_> {
    fn tree(&mut self) -> Node {
        match self.random.below(20) {
            0..=3 => self.template(),
            4 => self.scoping(),
            5..=6 => self.changing(),
            7 => self.orders(),
            8 => self.spaces(),
            9..=10 => self.formats(),
            11..=12 => self.calls(),
            13 => self.typing(),
            _ => self.single(),
        }
    }

    fn kind(&mut self) -> Kind {
        self.random.one_of(&KINDS)
    }

    /// Reads a name that is bound, nearly always.
    fn variable(&mut self, kind: Kind) -> Option<Node> {
        if self.random.one_in(120) {
            let name = self.random.one_of(&["u", "v", "x", "z"]);
            return Some(expression!(name));
        }
        let names: Vec<&str> =
            kind.names().iter().copied().filter(|name| self.bound.contains(name)).collect();
        if names.is_empty() || self.random.one_in(80) {
            return (!kind.names().is_empty() && self.random.one_in(20)).then(|| {
                let name = self.random.one_of(kind.names());
                expression!(name)
            });
        }
        let name = self.random.one_of(&names);
        Some(expression!(name))
    }

    /// Chooses a name to bind.
    fn new_name(&mut self, kind: Kind) -> &'static str {
        let name = self.random.one_of(kind.names());
        self.bound.insert(name);
        name
    }

    /// Makes what a block holds: the names that it binds are gone after it.
    fn inside<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let bound = self.bound.clone();
        let macros = self.macros.len();
        self.blocks += 1;
        let made = make(self);
        self.blocks -= 1;
        self.macros.truncate(macros);
        self.bound = bound;
        made
    }
}
