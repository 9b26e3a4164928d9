//! Loops while they run: where their items come from, and what `loop` tells of them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::program::For;
use super::value::{Cursor, Value};

/// What `loop` offers.
pub(crate) const ATTRIBUTES: [&str; 13] = [
    "index",
    "index0",
    "revindex",
    "revindex0",
    "first",
    "last",
    "length",
    "cycle",
    "changed",
    "previtem",
    "nextitem",
    "depth",
    "depth0",
];

/// A loop that runs. Items are taken one by one, as in Python: the body may change what the loop goes
/// through, and what its condition looks at.
pub(crate) struct LoopState {
    pub(super) declaration: Rc<For>,
    /// The function call that the loop runs in.
    pub(super) activation: usize,
    pub(super) source: RefCell<Cursor>,
    /// Items that were taken to see whether there are any.
    pub(super) ahead: RefCell<VecDeque<Value>>,
    /// What the loop goes through, if it has a length.
    pub(super) sized: Option<Value>,
    pub(super) length: Cell<Option<u64>>,
    pub(super) index0: Cell<u64>,
    pub(super) current: RefCell<Option<Value>>,
    pub(super) previous: RefCell<Option<Value>>,
    /// What `changed` was last called with.
    pub(super) last_seen: RefCell<Option<Vec<Value>>>,
    pub(super) depth0: i64,
    /// Whether the block of the condition has been entered.
    pub(super) is_test_open: Cell<bool>,
}
