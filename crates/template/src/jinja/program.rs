//! A template as it is run: names are resolved to slots, chains of operators are flat, and everything
//! that the dialect does not have is left out. It is data alone, and knows nothing of values.

use std::ops::Range;
use std::rc::Rc;

/// Bytes of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    start: u32,
    end: u32,
}

impl Place {
    pub(crate) fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Returns the rest of the place from a byte on.
    pub(crate) fn from(self, start: usize) -> Self {
        Self { start: u32::try_from(start).unwrap_or(self.start), ..self }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A template, or a text that is included.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) root: Frame,
    pub(crate) body: Vec<Statement>,
    /// The slots of everything outside macros.
    pub(crate) slot_count: u16,
    /// Whether it adds items to lists.
    pub(crate) grows_lists: bool,
}

/// The names that a block binds, and what they are when it is entered.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) loads: Vec<(u16, Load)>,
}

/// What a name is when its block is entered.
#[derive(Debug, Clone)]
pub(crate) enum Load {
    /// The caller's variable or a function, else undefined.
    Variable(Rc<str>),
    /// What the same name is outside.
    Outer(Slot),
    /// Undefined until it is set.
    Undefined(Rc<str>),
}

/// Where the value of a name is: so many functions out, and there at this index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) hops: u16,
    pub(crate) index: u16,
}

#[derive(Debug)]
pub(crate) enum Statement {
    Text(Rc<str>, Place),
    Print(Expression),
    If(Box<If>),
    For(Rc<For>),
    With(Box<With>),
    Set(Box<(Target, Expression)>),
    SetBlock(Box<SetBlock>),
    FilterBlock(Box<FilterBlock>),
    Macro { slot: Slot, declaration: Rc<Macro>, place: Place },
    CallBlock(Box<CallBlock>),
    Include(Rc<str>, Place),
    Do(Expression),
    Break,
    Continue,
}

#[derive(Debug)]
pub(crate) struct If {
    /// Conditions with their bodies, and the places of the conditions' tags.
    pub(crate) branches: Vec<(Expression, Vec<Statement>, Place)>,
    pub(crate) otherwise: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) struct For {
    pub(crate) target: Target,
    pub(crate) items: Expression,
    pub(crate) test: Option<LoopTest>,
    pub(crate) frame: Frame,
    /// Where `loop` is, if the body uses it.
    pub(crate) state: Option<Slot>,
    pub(crate) body: Vec<Statement>,
    pub(crate) else_frame: Frame,
    pub(crate) otherwise: Vec<Statement>,
    /// A recursive loop is a function of its own, with so many slots.
    pub(crate) recursive: Option<u16>,
    pub(crate) place: Place,
}

/// The condition of a loop: which items it takes.
#[derive(Debug)]
pub(crate) struct LoopTest {
    pub(crate) frame: Frame,
    pub(crate) target: Target,
    pub(crate) condition: Expression,
}

#[derive(Debug)]
pub(crate) struct With {
    pub(crate) frame: Frame,
    pub(crate) assignments: Vec<(Target, Expression)>,
    pub(crate) body: Vec<Statement>,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) struct SetBlock {
    pub(crate) target: Target,
    pub(crate) filters: Vec<Link>,
    pub(crate) frame: Frame,
    pub(crate) body: Vec<Statement>,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) struct FilterBlock {
    pub(crate) filters: Vec<Link>,
    pub(crate) frame: Frame,
    pub(crate) body: Vec<Statement>,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) struct CallBlock {
    pub(crate) call: Expression,
    pub(crate) caller: Rc<Macro>,
    pub(crate) place: Place,
}

/// A macro, or the body of a call block: a function of its own.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Rc<str>,
    pub(crate) parameters: Vec<Parameter>,
    /// Where `caller`, `varargs` and `kwargs` are, if the body uses them.
    pub(crate) caller: Option<u16>,
    /// Where the parameter `caller` is, if there is one and the body uses it.
    pub(crate) caller_parameter: Option<usize>,
    pub(crate) varargs: Option<u16>,
    pub(crate) kwargs: Option<u16>,
    pub(crate) frame: Frame,
    pub(crate) slot_count: u16,
    pub(crate) body: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Rc<str>,
    pub(crate) index: u16,
    pub(crate) default: Option<Expression>,
}

/// The left side of an assignment.
#[derive(Debug)]
pub(crate) enum Target {
    Name(Slot),
    /// An attribute of a namespace.
    Attribute {
        namespace: Slot,
        name: Rc<str>,
        attribute: Rc<str>,
        place: Place,
    },
    Several(Vec<Self>, Place),
}

/// A value and what is done with it, from left to right.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) base: Operand,
    pub(crate) links: Vec<Link>,
    pub(crate) place: Place,
}

/// Where an expression begins.
#[derive(Debug)]
pub(crate) enum Operand {
    Constant(Constant),
    Variable { slot: Slot },
    List(Vec<Expression>),
    Tuple(Vec<Expression>),
    Object(Vec<(Expression, Expression)>),
    Conditional(Box<Conditional>),
}

/// A value that is written in the template.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    None,
    Boolean(bool),
    Integer(i64),
    /// Finite.
    Float(f64),
    Text(Rc<str>),
    Function(Function),
}

/// A function of the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Range,
    Dict,
    Namespace,
    Cycler,
    Joiner,
    RaiseException,
}

#[derive(Debug)]
pub(crate) struct Conditional {
    pub(crate) condition: Expression,
    pub(crate) value: Expression,
    pub(crate) otherwise: Option<Expression>,
}

/// One step of a chain. `place` is the whole of the chain up to and with it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) step: Step,
    pub(crate) place: Place,
    /// The place of the value that it is applied to.
    pub(crate) left: Place,
}

#[derive(Debug)]
pub(crate) enum Step {
    And(Expression),
    Or(Expression),
    Binary(Operator, Expression),
    /// `~`, with all operands but the first.
    Concatenate(Vec<Expression>),
    Compare(Vec<(Comparison, Expression)>),
    Attribute(Rc<str>),
    Item(Expression),
    Slice(Box<[Option<Expression>; 3]>),
    Filter(FilterCall),
    Test(TestCall),
    Call(Arguments),
    Method(Rc<str>, Arguments),
    Negate,
    /// `+a`: the number itself.
    Posit,
    Not,
}

/// A filter of the dialect: where it stands in the table of filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filter(pub(super) u8);

/// A test of the dialect: where it stands in the table of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Test(pub(super) u8);

#[derive(Debug)]
pub(crate) struct FilterCall {
    pub(crate) filter: Filter,
    pub(crate) arguments: Arguments,
}

#[derive(Debug)]
pub(crate) struct TestCall {
    pub(crate) test: Test,
    pub(crate) arguments: Arguments,
}

#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) positional: Vec<Expression>,
    pub(crate) named: Vec<(Rc<str>, Expression)>,
    /// `*list` and `**object`.
    pub(crate) more_positional: Option<Box<Expression>>,
    pub(crate) more_named: Option<Box<Expression>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

impl Operator {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Remainder => "%",
            Self::Power => "**",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}
